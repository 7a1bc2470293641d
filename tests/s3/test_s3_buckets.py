"""Buckets over HTTP, and refusals that name the operation or option."""

from __future__ import annotations

import http.client
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError
from s3_harness import code_of

from glueprint.local.s3 import S3App
from glueprint.local.s3.bucket_settings import NEVER_SET, SETTINGS
from glueprint.local.s3.errors import S3Error
from glueprint.local.s3.listed_settings import LISTED_SETTINGS
from glueprint.local.s3.routes import Routes


def test_a_bucket_lives_and_dies(s3: Any, endpoint: Any) -> None:
    """Create, head, locate, list and delete a bucket (API reference)."""
    s3.create_bucket(Bucket="life-and-death")
    assert s3.head_bucket(Bucket="life-and-death")["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="life-and-death")["LocationConstraint"] is None
    assert "life-and-death" in [item["Name"] for item in s3.list_buckets()["Buckets"]]
    assert (endpoint.root / "life-and-death").is_dir()
    s3.delete_bucket(Bucket="life-and-death")
    assert not (endpoint.root / "life-and-death").exists()
    for call in (s3.delete_bucket, s3.list_objects_v2, s3.get_bucket_location):
        with pytest.raises(ClientError) as refusal:
            call(Bucket="life-and-death")
        assert code_of(refusal) == "NoSuchBucket"
    with pytest.raises(ClientError) as refusal:
        s3.head_bucket(Bucket="life-and-death")
    assert code_of(refusal) == "404"


def test_a_bucket_with_objects_stays(s3: Any, bucket: str) -> None:
    """A bucket with an object is BucketNotEmpty (API reference, DeleteBucket)."""
    s3.put_object(Bucket=bucket, Key="deep/down/k", Body=b"x")
    with pytest.raises(ClientError) as refusal:
        s3.delete_bucket(Bucket=bucket)
    assert code_of(refusal) == "BucketNotEmpty"
    assert s3.get_object(Bucket=bucket, Key="deep/down/k")["Body"].read() == b"x"


def test_regions(s3: Any, endpoint: Any) -> None:
    """Location constraints and the endpoint's region must agree (API reference, CreateBucket, errors)."""
    west = endpoint.client("us-west-2")
    constraint = {"LocationConstraint": "us-west-2"}
    west.create_bucket(Bucket="in-the-west", CreateBucketConfiguration=constraint)
    assert s3.get_bucket_location(Bucket="in-the-west")["LocationConstraint"] == "us-west-2"
    with pytest.raises(ClientError) as refusal:
        west.create_bucket(Bucket="in-the-west", CreateBucketConfiguration=constraint)
    assert code_of(refusal) == "BucketAlreadyOwnedByYou"
    for client, configuration, code in (
        (west, {}, "IllegalLocationConstraintException"),
        (west, {"LocationConstraint": "eu-west-1"}, "IllegalLocationConstraintException"),
        (west, {"LocationConstraint": "us-east-1"}, "IllegalLocationConstraintException"),
        (s3, {"LocationConstraint": "us-east-1"}, "InvalidLocationConstraint"),
        (s3, {"LocationConstraint": "nowhere"}, "InvalidLocationConstraint"),
    ):
        options = {"CreateBucketConfiguration": configuration} if configuration else {}
        with pytest.raises(ClientError) as refusal:
            client.create_bucket(Bucket="never-made", **options)
        assert code_of(refusal) == code
    west.close()


def test_making_a_bucket_again_in_us_east_1_succeeds(s3: Any, bucket: str) -> None:
    """In us-east-1, creating an existing bucket succeeds and keeps its data (API reference, CreateBucket)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.create_bucket(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_plain_directory_is_a_bucket(s3: Any, endpoint: Any) -> None:
    """A directory that Spark or a user made under the root is a bucket (docs/decisions/s3-storage.md)."""
    (endpoint.root / "made-by-hand").mkdir()
    (endpoint.root / "made-by-hand" / "k").write_bytes(b"x")
    (endpoint.root / "Not A Bucket").mkdir()
    names = [item["Name"] for item in s3.list_buckets()["Buckets"]]
    assert "made-by-hand" in names
    assert not [name for name in names if name.startswith(".") or " " in name]
    assert s3.get_object(Bucket="made-by-hand", Key="k")["Body"].read() == b"x"


def test_bucket_tags(s3: Any, bucket: str) -> None:
    """Bucket tags are kept as a set; a bucket without tags is NoSuchTagSet (API reference, GetBucketTagging)."""
    with pytest.raises(ClientError) as refusal:
        s3.get_bucket_tagging(Bucket=bucket)
    assert code_of(refusal) == "NoSuchTagSet"
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "1"}]
    s3.delete_bucket_tagging(Bucket=bucket)
    with pytest.raises(ClientError) as refusal:
        s3.get_bucket_tagging(Bucket=bucket)
    assert code_of(refusal) == "NoSuchTagSet"


def test_buckets_are_listed_in_pages(s3: Any, endpoint: Any) -> None:
    """MaxBuckets and Prefix page through the buckets (API reference, ListBuckets)."""
    for number in range(3):
        s3.create_bucket(Bucket=f"paged-{number}")
    pages = s3.get_paginator("list_buckets").paginate(Prefix="paged-", PaginationConfig={"PageSize": 2})
    assert [[item["Name"] for item in page["Buckets"]] for page in pages] == [["paged-0", "paged-1"], ["paged-2"]]


IMPLEMENTED = {
    *("ListBuckets", "CreateBucket", "HeadBucket", "DeleteBucket", "GetBucketLocation", "GetBucketAcl"),
    *("GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging", "ListObjects", "ListObjectsV2"),
    *("PutObject", "GetObject", "HeadObject", "DeleteObject", "DeleteObjects", "CopyObject", "GetObjectAcl"),
    *("GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "GetObjectAttributes"),
    *("CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload"),
    *("AbortMultipartUpload", "ListParts", "ListMultipartUploads", "ListObjectVersions"),
    *(setting.operation("Put") for setting in SETTINGS),
    *(setting.operation("Get") for setting in SETTINGS),
    *(setting.operation("Delete") for setting in SETTINGS if setting.can_delete),
    *NEVER_SET,
    *(setting.operation(verb) for setting in LISTED_SETTINGS for verb in ("Get", "Delete", "List")),
    *(setting.operation("Put") for setting in LISTED_SETTINGS if setting.can_put),
    "PutBucketAcl",
}


def test_every_operation_is_carried_out_or_refused_by_name(endpoint: Any) -> None:
    """Each operation of the service model is implemented, or NotImplemented with its name."""
    app, service = S3App(endpoint.store, "123456789012", "us-east-1"), Routes().service
    implemented = set()
    for name in service.operation_names:
        model = service.operation_model(name)
        if name in IMPLEMENTED:
            assert callable(app.operation(model))
            implemented.add(name)
        else:
            with pytest.raises(S3Error) as refusal:
                app.operation(model)
            assert (refusal.value.code, refusal.value.details) == ("NotImplemented", {"Operation": name})
    assert implemented == IMPLEMENTED


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("PUT", "?replication", "PutBucketReplication"),
        ("PUT", "?inventory&id=1", "PutBucketInventoryConfiguration"),
        ("PUT", "?object-lock", "PutObjectLockConfiguration"),
        ("GET", "?policyStatus", "GetBucketPolicyStatus"),
        ("GET", "?metadataTable", "GetBucketMetadataTableConfiguration"),
        ("POST", "/k?select&select-type=2", "SelectObjectContent"),
        ("PUT", "/k?acl", "PutObjectAcl"),
        ("POST", "/k?restore", "RestoreObject"),
    ],
)
def test_sub_resources_are_refused_by_name(
    endpoint: Any, bucket: str, method: str, path: str, operation: str
) -> None:
    """A sub-resource that is not served answers NotImplemented with the operation's name."""
    connection = http.client.HTTPConnection(endpoint.url.removeprefix("http://"), timeout=60)
    try:
        connection.request(method, f"/{bucket}{path}", body=b"<x/>" if method in ("PUT", "POST") else None)
        answer = connection.getresponse()
        document = ElementTree.fromstring(answer.read())
    finally:
        connection.close()
    assert (answer.status, document.findtext("Code")) == (501, "NotImplemented")
    assert operation in (document.findtext("Message") or "")


def test_bucket_options_that_would_be_dropped(s3: Any) -> None:
    """A bucket with an unsupported configuration is not created."""
    for options in ({"ObjectLockEnabledForBucket": True}, {"ObjectOwnership": "ObjectWriter"}):
        with pytest.raises(ClientError) as refusal:
            s3.create_bucket(Bucket="half-a-bucket", **options)
        assert code_of(refusal) == "NotImplemented"
    assert "half-a-bucket" not in [item["Name"] for item in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize(
    "unsupported",
    [
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32},
        {"ObjectLockMode": "GOVERNANCE"},
        {"GrantRead": "id=1"},
    ],
)
def test_what_would_be_dropped_is_refused(s3: Any, bucket: str, unsupported: dict[str, str]) -> None:
    """An option that is not supported is refused, never silently ignored."""
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **unsupported)
    assert code_of(refusal) == "NotImplemented"
