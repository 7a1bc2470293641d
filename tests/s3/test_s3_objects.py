"""Objects over HTTP, with boto3: put, get, head, delete, copy, tags, conditions, checksums."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import urllib.error
import urllib.request
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from s3_harness import code_of

ACCOUNT = "123456789012"


def test_an_object_is_returned_with_all_its_attributes(s3: Any, bucket: str) -> None:
    """GetObject returns the body, system metadata and user metadata of PutObject (API reference, PutObject)."""
    s3.put_object(
        Bucket=bucket,
        Key="dir/a b+c%é",
        Body=b"hello",
        ContentType="text/csv",
        CacheControl="no-store",
        ContentDisposition="attachment",
        ContentEncoding="gzip",
        ContentLanguage="de",
        Expires=datetime(2030, 1, 2, tzinfo=UTC),
        Metadata={"owner": "me"},
    )
    answer = s3.get_object(Bucket=bucket, Key="dir/a b+c%é")
    assert answer["Body"].read() == b"hello"
    kept: dict[str, Any] = {"ContentType": "text/csv", "CacheControl": "no-store", "ContentLength": 5}
    kept |= {"ContentEncoding": "gzip", "ContentLanguage": "de", "ContentDisposition": "attachment"}
    assert {name: answer[name] for name in kept} == kept
    assert answer["ExpiresString"] == "Wed, 02 Jan 2030 00:00:00 GMT"
    assert answer["Metadata"] == {"owner": "me"}
    assert answer["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    head = s3.head_object(Bucket=bucket, Key="dir/a b+c%é")
    assert {name: head[name] for name in (*kept, "ETag", "Metadata", "LastModified")} == {
        name: answer[name] for name in (*kept, "ETag", "Metadata", "LastModified")
    }


def test_the_object_is_the_file(s3: Any, bucket: str, endpoint: Any) -> None:
    """Object and file are the same bytes at <root>/<bucket>/<key>, both ways (docs/decisions/s3-storage.md)."""
    s3.put_object(Bucket=bucket, Key="in/x.txt", Body=b"by api")
    assert (endpoint.root / bucket / "in" / "x.txt").read_bytes() == b"by api"
    (endpoint.root / bucket / "in" / "y.txt").write_bytes(b"by spark")
    answer = s3.get_object(Bucket=bucket, Key="in/y.txt")
    assert answer["Body"].read() == b"by spark"
    assert answer["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize(
    ("header", "body", "content_range"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-500", b"56789", "bytes 5-9/10"),
        ("bytes=-500", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_ranges(s3: Any, bucket: str, header: str, body: bytes, content_range: str) -> None:
    """A range answers 206 with exactly those bytes (RFC 9110, 14.1.2)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert (answer["Body"].read(), answer["ContentRange"]) == (body, content_range)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206


@pytest.mark.parametrize("header", ["bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-", f"bytes=0-{'9' * 5000}"])
def test_invalid_ranges_are_ignored(s3: Any, bucket: str, header: str) -> None:
    """An unparsable or multiple range answers the complete object (API reference, GetObject: one range only)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert s3.get_object(Bucket=bucket, Key="k", Range=header)["Body"].read() == b"0123456789"


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=11-12", "bytes=-0"])
def test_ranges_beyond_the_object_are_refused(s3: Any, bucket: str, header: str) -> None:
    """A range without any byte of the object is InvalidRange, 416 (API reference, error responses)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert code_of(refusal) == "InvalidRange"


def test_missing_objects_are_errors_with_s3s_messages(s3: Any, bucket: str) -> None:
    """Missing keys and buckets are NoSuchKey and NoSuchBucket with S3's messages (API reference, errors)."""
    for call in (s3.get_object, s3.get_object_tagging, s3.get_object_acl):
        with pytest.raises(ClientError) as refusal:
            call(Bucket=bucket, Key="nothing")
        assert code_of(refusal) == "NoSuchKey"
        assert refusal.value.response["Error"]["Message"] == "The specified key does not exist."
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket="no-such-bucket", Key="a")
    assert code_of(refusal) == "NoSuchBucket"
    assert refusal.value.response["Error"]["BucketName"] == "no-such-bucket"
    with pytest.raises(ClientError) as refusal:
        s3.head_object(Bucket=bucket, Key="nothing")
    assert code_of(refusal) == "404"


def test_deleting(s3: Any, bucket: str, endpoint: Any) -> None:
    """Deletes succeed whether or not the object is there, and leave no empty folder (DeleteObject)."""
    s3.put_object(Bucket=bucket, Key="a/b/c", Body=b"")
    s3.delete_object(Bucket=bucket, Key="a/b/c")
    s3.delete_object(Bucket=bucket, Key="a/b/c")
    assert list((endpoint.root / bucket).iterdir()) == []


def test_deleting_many(s3: Any, bucket: str) -> None:
    """DeleteObjects reports each key, or with Quiet only the failures (API reference, DeleteObjects)."""
    for key in ("a", "b", "c<&>"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "nothing"}]})
    assert answer["Deleted"] == [{"Key": "a"}, {"Key": "nothing"}]
    quiet = {"Objects": [{"Key": "b"}, {"Key": "c<&>"}, {"Key": "v", "VersionId": "7"}], "Quiet": True}
    answer = s3.delete_objects(Bucket=bucket, Delete=quiet)
    assert "Deleted" not in answer
    assert [error["Code"] for error in answer["Errors"]] == ["NoSuchVersion"]
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_copies_keep_or_replace_metadata_and_tags(s3: Any, bucket: str) -> None:
    """COPY takes the source's metadata and tags over, REPLACE takes the request's (API reference, CopyObject)."""
    source = {"Bucket": bucket, "Key": "é/from +"}
    s3.put_object(**source, Body=b"data", Metadata={"m": "1"}, ContentType="text/csv", Tagging="t=1")
    s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
    kept = s3.head_object(Bucket=bucket, Key="kept")
    assert (kept["Metadata"], kept["ContentType"], kept["ContentLength"]) == ({"m": "1"}, "text/csv", 4)
    assert s3.get_object_tagging(Bucket=bucket, Key="kept")["TagSet"] == [{"Key": "t", "Value": "1"}]
    s3.copy_object(
        Bucket=bucket,
        Key="new",
        CopySource=source,
        MetadataDirective="REPLACE",
        TaggingDirective="REPLACE",
        Metadata={"n": "2"},
        Tagging="u=2",
    )
    new = s3.head_object(Bucket=bucket, Key="new")
    assert (new["Metadata"], new["ContentType"]) == ({"n": "2"}, "binary/octet-stream")
    assert s3.get_object_tagging(Bucket=bucket, Key="new")["TagSet"] == [{"Key": "u", "Value": "2"}]


def test_a_copy_onto_itself_must_change_something(s3: Any, bucket: str) -> None:
    """Copying an object to itself is illegal unless something changes (API reference, CopyObject)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    source = {"Bucket": bucket, "Key": "k"}
    with pytest.raises(ClientError) as refusal:
        s3.copy_object(Bucket=bucket, Key="k", CopySource=source)
    assert code_of(refusal) == "InvalidRequest"
    s3.copy_object(Bucket=bucket, Key="k", CopySource=source, MetadataDirective="REPLACE", Metadata={"a": "b"})
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"data", {"a": "b"})


def test_conditional_reads(s3: Any, bucket: str) -> None:
    """If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since (RFC 9110, 13; GetObject)."""
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ETag"]
    now = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    hour = timedelta(hours=1)
    for passes in (
        {"IfMatch": etag},
        {"IfMatch": "*"},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": now - hour},
        {"IfUnmodifiedSince": now},
        {"IfMatch": etag, "IfUnmodifiedSince": now - hour},
        {"IfNoneMatch": '"other"', "IfModifiedSince": now + hour},
    ):
        assert s3.get_object(Bucket=bucket, Key="k", **passes)["Body"].read() == b"data"
    for fails, code in (
        ({"IfMatch": '"other"'}, "PreconditionFailed"),
        ({"IfUnmodifiedSince": now - hour}, "PreconditionFailed"),
        ({"IfNoneMatch": etag}, "304"),
        ({"IfModifiedSince": now}, "304"),
    ):
        with pytest.raises(ClientError) as refusal:
            s3.get_object(Bucket=bucket, Key="k", **fails)
        assert code_of(refusal) == code


def test_conditional_writes(s3: Any, bucket: str) -> None:
    """If-None-Match: * creates only, If-Match replaces only that version ("Conditional writes")."""
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"one", IfNoneMatch="*")["ETag"]
    for fails, code in (
        ({"IfNoneMatch": "*"}, "PreconditionFailed"),
        ({"IfMatch": '"other"'}, "PreconditionFailed"),
    ):
        with pytest.raises(ClientError) as refusal:
            s3.put_object(Bucket=bucket, Key="k", Body=b"two", **fails)
        assert code_of(refusal) == code
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="absent", Body=b"two", IfMatch=etag)
    assert code_of(refusal) == "NoSuchKey"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"one"
    s3.put_object(Bucket=bucket, Key="k", Body=b"three", IfMatch=etag)
    with pytest.raises(ClientError) as refusal:
        s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert code_of(refusal) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"three"


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("CRC32", zlib.crc32(b"123456789").to_bytes(4, "big")),
        ("CRC32C", bytes.fromhex("e3069283")),
        ("CRC64NVME", bytes.fromhex("ae8b14860a799888")),
        ("SHA1", hashlib.sha1(b"123456789").digest()),
        ("SHA256", hashlib.sha256(b"123456789").digest()),
    ],
)
def test_checksums_are_verified_and_kept(s3: Any, bucket: str, algorithm: str, value: bytes) -> None:
    """A right checksum is stored and returned, a wrong one is BadDigest ("Checking object integrity"; check
    values of the CRC catalogue for "123456789")."""
    good, name = base64.b64encode(value).decode(), f"Checksum{algorithm}"
    s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", **{name: good})
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (head[name], head["ChecksumType"]) == (good, "FULL_OBJECT")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert listed["ChecksumAlgorithm"] == [algorithm]
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"other", **{name: good})
    assert code_of(refusal) == "BadDigest"
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 9


def test_content_md5(s3: Any, bucket: str) -> None:
    """A Content-MD5 that does not fit is BadDigest, a malformed one is InvalidDigest (API reference, errors)."""
    digest = base64.b64encode(hashlib.md5(b"data").digest()).decode()
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ContentMD5=digest)
    for bad, code in ((base64.b64encode(b"0" * 16).decode(), "BadDigest"), ("nonsense", "InvalidDigest")):
        with pytest.raises(ClientError) as refusal:
            s3.put_object(Bucket=bucket, Key="k", Body=b"data", ContentMD5=bad)
        assert code_of(refusal) == code


def test_a_signed_payload_hash_is_verified(s3: Any, bucket: str, endpoint: Any) -> None:
    """A body that is not the one whose SHA256 was signed is XAmzContentSHA256Mismatch (API reference, errors)."""
    request = urllib.request.Request(
        f"{endpoint.url}/{bucket}/k", b"tampered", {"x-amz-content-sha256": "0" * 64}, method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=60)
    with refusal.value as answer:
        assert b"XAmzContentSHA256Mismatch" in answer.read()


def test_tags(s3: Any, bucket: str) -> None:
    """Tags are replaced as a set, counted on GET, and refused against the rules ("Categorizing your storage")."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&b=two%20words", Metadata={"m": "1"})
    assert s3.get_object(Bucket=bucket, Key="k")["TagCount"] == 2
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(10)]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == tags
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"m": "1"}
    for wrong, code in (
        ([*tags, {"Key": "more", "Value": ""}], "BadRequest"),
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "InvalidTag"),
        ([{"Key": "aws:x", "Value": "1"}], "InvalidTag"),
        ([{"Key": "x" * 129, "Value": "1"}], "InvalidTag"),
    ):
        with pytest.raises(ClientError) as refusal:
            s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": wrong})
        assert code_of(refusal) == code
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_object_attributes(s3: Any, bucket: str) -> None:
    """GetObjectAttributes returns the requested attributes only (API reference)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ChecksumAlgorithm="SHA256")
    answer = s3.get_object_attributes(
        Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize", "Checksum"]
    )
    assert (answer["ETag"], answer["ObjectSize"]) == (hashlib.md5(b"data").hexdigest(), 4)
    assert answer["Checksum"]["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"data").digest()).decode()
    assert "StorageClass" not in answer


def test_response_overrides(s3: Any, bucket: str) -> None:
    """response-* query arguments replace headers of the answer (API reference, GetObject)."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ContentType="text/plain")
    answer = s3.get_object(
        Bucket=bucket, Key="k", ResponseContentType="application/json", ResponseContentDisposition="inline"
    )
    assert (answer["ContentType"], answer["ContentDisposition"]) == ("application/json", "inline")


def test_characters_that_headers_cannot_contain_are_refused(s3: Any, bucket: str, endpoint: Any) -> None:
    """A query can contain line ends, the header that it becomes cannot (RFC 9110): InvalidArgument."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/html\r\nX-Evil: 1")
    assert code_of(refused) == "InvalidArgument"
    with pytest.raises(urllib.error.HTTPError) as stored:
        _sent("PUT", f"{endpoint.url}/{bucket}/other?x-amz-meta-a=b%0d%0aX-Evil:1", b"")
    assert b"InvalidArgument" in stored.value.read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(s3: Any, bucket: str, endpoint: Any, encoding: str) -> None:
    """S3's documents have no document type, and entities could grow: MalformedXML in any encoding."""
    s3.put_object(Bucket=bucket, Key="b", Body=b"data")
    text = '<!DOCTYPE x [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>'
    document = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    with pytest.raises(urllib.error.HTTPError) as refused:
        _sent("POST", f"{endpoint.url}/{bucket}?delete", document)
    assert b"MalformedXML" in refused.value.read()
    assert s3.head_object(Bucket=bucket, Key="b")["ContentLength"] == 4


def _sent(method: str, url: str, body: bytes) -> bytes:
    """The answer to a request as no SDK would send it."""
    with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=10) as answer:
        found: bytes = answer.read()
    return found


def test_every_object_is_reported_as_encrypted_by_s3(s3: Any, bucket: str, endpoint: Any) -> None:
    """Since January 2023 every answer has AES256 unless another one is requested ("Default encryption FAQ")."""
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms")
    (endpoint.root / bucket / "spark").write_bytes(b"by spark")
    copied = s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k")
    head = s3.head_object(Bucket=bucket, Key="spark")
    answers = [answer["ServerSideEncryption"] for answer in (put, copied, head)]
    assert answers == ["aws:kms", "AES256", "AES256"]


def test_presigned_urls(s3: Any, bucket: str) -> None:
    """A presigned URL reads and writes without headers ("Sharing objects with presigned URLs")."""
    parameters = {"Bucket": bucket, "Key": "dir/presigned é.json"}
    url = s3.generate_presigned_url("put_object", Params=parameters)
    data = json.dumps({"a": 1}).encode()
    urllib.request.urlopen(urllib.request.Request(url, data, method="PUT"), timeout=60).close()
    url = s3.generate_presigned_url("get_object", Params={**parameters, "ResponseContentType": "text/x"})
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (data, "text/x")


def test_the_expected_owner_must_own_the_bucket(s3: Any, bucket: str) -> None:
    """ExpectedBucketOwner other than the account is 403 ("Verifying bucket ownership")."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=ACCOUNT)
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="k", ExpectedBucketOwner="999999999999")
    assert code_of(refusal) == "AccessDenied"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_metadata_has_a_limit(s3: Any, bucket: str) -> None:
    """User-defined metadata is limited to 2 KB ("Working with object metadata")."""
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"a": "x" * 2048})
    assert code_of(refusal) == "MetadataTooLarge"


def test_a_refused_body_leaves_nothing(s3: Any, bucket: str, endpoint: Any) -> None:
    """A PUT that fails its checks leaves neither object nor temporary file (no partial state)."""
    wrong = base64.b64encode(b"0" * 16).decode()
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="k", Body=os.urandom(3_000_000), ContentMD5=wrong)
    assert list((endpoint.root / ".incoming").iterdir()) == []
    assert list((endpoint.root / bucket).iterdir()) == []
