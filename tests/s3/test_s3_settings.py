"""Settings of buckets: what tools make and read back, in the order of Terraform's AWS provider.

Sources: the pages of the operations in the Amazon S3 API reference, with the error codes of what is absent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from s3_harness import code_of, open_store

READS = {
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_acl": None,
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_versioning": None,
    "get_bucket_accelerate_configuration": None,
    "get_bucket_request_payment": None,
    "get_bucket_logging": None,
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_bucket_encryption": None,
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "get_bucket_location": None,
    "get_bucket_tagging": "NoSuchTagSet",
    "get_public_access_block": None,
    "get_bucket_ownership_controls": None,
    "get_bucket_notification_configuration": None,
}
"""What a client reads of every bucket, and the error of a new one (None: there is a default)."""

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
RULE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
PUTS: dict[str, dict[str, Any]] = {
    "put_bucket_policy": {"Policy": POLICY},
    "put_bucket_cors": {
        "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    },
    "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    "put_bucket_lifecycle_configuration": {"LifecycleConfiguration": {"Rules": [RULE]}},
    "put_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}]
        }
    },
    "put_public_access_block": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
    "put_bucket_ownership_controls": {
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    },
    "put_bucket_acl": {"ACL": "private"},
    "put_bucket_notification_configuration": {"NotificationConfiguration": {"EventBridgeConfiguration": {}}},
    "put_bucket_website": {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "i.html"}}},
    "put_bucket_logging": {"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "b", "TargetPrefix": "l/"}}},
    "put_bucket_request_payment": {"RequestPaymentConfiguration": {"Payer": "Requester"}},
    "put_bucket_accelerate_configuration": {"AccelerateConfiguration": {"Status": "Enabled"}},
    "put_bucket_tagging": {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}},
}


def read(s3: Any, bucket: str) -> dict[str, Any]:
    """Everything that is read of a bucket; errors by their codes."""
    found: dict[str, Any] = {}
    for name in READS:
        try:
            answer = getattr(s3, name)(Bucket=bucket)
            found[name] = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
    return found


def test_a_new_bucket_has_defaults_or_s3s_errors(s3: Any, bucket: str) -> None:
    """What is absent has S3's own code; defaults are those of buckets since April 2023."""
    found = read(s3, bucket)
    assert {name: found[name] for name, code in READS.items() if code} == {
        name: code for name, code in READS.items() if code
    }
    assert set(found["get_public_access_block"]["PublicAccessBlockConfiguration"].values()) == {True}
    ownership = found["get_bucket_ownership_controls"]["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert found["get_bucket_request_payment"] == {"Payer": "BucketOwner"}
    assert found["get_bucket_versioning"] == found["get_bucket_logging"] == {}


def test_what_is_put_is_read_back_and_a_second_reading_is_the_same(s3: Any, bucket: str) -> None:
    """Create, read, read again: two plans of Terraform in a row are empty."""
    for name, members in PUTS.items():
        getattr(s3, name)(Bucket=bucket, **members)
    found = read(s3, bucket)
    assert read(s3, bucket) == found
    assert json.loads(found["get_bucket_policy"]["Policy"]) == json.loads(POLICY)
    assert found["get_bucket_cors"] == PUTS["put_bucket_cors"]["CORSConfiguration"]
    assert found["get_bucket_versioning"] == {"Status": "Enabled"}
    assert found["get_bucket_lifecycle_configuration"] == {
        "Rules": [RULE],
        "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
    }
    assert found["get_bucket_encryption"] == PUTS["put_bucket_encryption"]
    block = found["get_public_access_block"]["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["BlockPublicPolicy"]) == (True, False)
    assert found["get_bucket_ownership_controls"] == PUTS["put_bucket_ownership_controls"]
    assert found["get_bucket_notification_configuration"] == {"EventBridgeConfiguration": {}}
    assert found["get_bucket_website"] == PUTS["put_bucket_website"]["WebsiteConfiguration"]
    assert found["get_bucket_logging"] == PUTS["put_bucket_logging"]["BucketLoggingStatus"]
    assert found["get_bucket_request_payment"] == {"Payer": "Requester"}


def test_what_is_deleted_is_absent(s3: Any, bucket: str) -> None:
    """Encryption goes back to its default (DeleteBucketEncryption); the others have S3's errors."""
    for name, members in PUTS.items():
        getattr(s3, name)(Bucket=bucket, **members)
    deletes = "policy cors lifecycle encryption ownership_controls website tagging"
    for name in deletes.split():
        getattr(s3, f"delete_bucket_{name}")(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    found = read(s3, bucket)
    for name, code in READS.items():
        if code:
            assert found[name] == code
    assert found["get_public_access_block"] == "NoSuchPublicAccessBlockConfiguration"
    assert found["get_bucket_ownership_controls"] == "OwnershipControlsNotFoundError"
    [rule] = found["get_bucket_encryption"]["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("put_bucket_policy", {"Policy": "{"}, "MalformedPolicy"),
        ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": {"Rules": []}}, "MalformedXML"),
        ("put_bucket_acl", {"ACL": "private"}, "AccessControlListNotSupported"),
        ("put_bucket_acl", {"ACL": "public-read"}, "AccessControlListNotSupported"),
        (
            "put_bucket_notification_configuration",
            {"NotificationConfiguration": {"QueueConfigurations": [{"QueueArn": "q", "Events": ["s3:*"]}]}},
            "NotImplemented",
        ),
        (
            "put_bucket_replication",
            {
                "ReplicationConfiguration": {
                    "Role": "r",
                    "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "b"}}],
                }
            },
            "NotImplemented",
        ),
        (
            "put_bucket_inventory_configuration",
            {
                "Id": "daily",
                "InventoryConfiguration": {
                    "Id": "daily",
                    "IsEnabled": True,
                    "IncludedObjectVersions": "Current",
                    "Schedule": {"Frequency": "Daily"},
                    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::b", "Format": "CSV"}},
                },
            },
            "NotImplemented",
        ),
        (
            "put_bucket_analytics_configuration",
            {
                "Id": "all",
                "AnalyticsConfiguration": {
                    "Id": "all",
                    "StorageClassAnalysis": {
                        "DataExport": {
                            "OutputSchemaVersion": "V_1",
                            "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::b", "Format": "CSV"}},
                        }
                    },
                },
            },
            "NotImplemented",
        ),
    ],
)
def test_settings_that_are_refused(s3: Any, bucket: str, operation: str, members: Any, code: str) -> None:
    """S3's refusals, and settings whose promise would not be kept here: nothing is delivered or copied."""
    with pytest.raises(ClientError) as refusal:
        getattr(s3, operation)(Bucket=bucket, **members)
    assert code_of(refusal) == code


LISTED: dict[str, dict[str, Any]] = {
    "metrics": {"MetricsConfiguration": {"Id": "one", "Filter": {"Prefix": "in/"}}},
    "analytics": {"AnalyticsConfiguration": {"Id": "one", "StorageClassAnalysis": {}}},
    "intelligent_tiering": {
        "IntelligentTieringConfiguration": {
            "Id": "one",
            "Status": "Enabled",
            "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
        }
    },
    "inventory": {},
}


@pytest.mark.parametrize("kind", LISTED)
def test_configurations_with_ids_are_listed(s3: Any, bucket: str, kind: str) -> None:
    """A new bucket has none, and an id is NoSuchConfiguration; what is put is read, listed and deleted
    (ListBucketMetricsConfigurations and its siblings)."""

    def call(verb: str, **members: Any) -> dict[str, Any]:
        plural = "s" if verb == "list" else ""
        answer: dict[str, Any] = getattr(s3, f"{verb}_bucket_{kind}_configuration{plural}")(
            Bucket=bucket, **members
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    assert call("list") == {"IsTruncated": False}
    for verb in ("get", "delete"):
        with pytest.raises(ClientError) as refusal:
            call(verb, Id="one")
        assert code_of(refusal) == "NoSuchConfiguration"
    if not LISTED[kind]:
        return
    call("put", Id="one", **LISTED[kind])
    (value,) = LISTED[kind].values()
    assert call("get", Id="one") == LISTED[kind]
    assert [found for found in call("list").values() if isinstance(found, list)] == [[value]]
    with pytest.raises(ClientError) as refusal:
        call("put", Id="other", **LISTED[kind])
    assert code_of(refusal) == "InvalidArgument"
    call("delete", Id="one")
    assert call("list") == {"IsTruncated": False}


def test_configurations_are_listed_in_pages(s3: Any, bucket: str) -> None:
    """100 an answer, with a token for the rest (same pages)."""
    ids = [f"m{number:03}" for number in range(101)]
    for one in ids:
        s3.put_bucket_metrics_configuration(Bucket=bucket, Id=one, MetricsConfiguration={"Id": one})
    first = s3.list_bucket_metrics_configurations(Bucket=bucket)
    token = first["NextContinuationToken"]
    second = s3.list_bucket_metrics_configurations(Bucket=bucket, ContinuationToken=token)
    found = [one["Id"] for page in (first, second) for one in page["MetricsConfigurationList"]]
    assert found == ids
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)


def test_settings_of_a_missing_bucket(s3: Any) -> None:
    """NoSuchBucket, for reading and writing."""
    for name in READS:
        with pytest.raises(ClientError) as refusal:
            getattr(s3, name)(Bucket="not-there-at-all")
        assert code_of(refusal) == "NoSuchBucket"
    for name, members in PUTS.items():
        with pytest.raises(ClientError) as refusal:
            getattr(s3, name)(Bucket="not-there-at-all", **members)
        assert code_of(refusal) == "NoSuchBucket"


def test_settings_survive_a_restart_and_end_with_their_bucket(tmp_path: Path) -> None:
    """They are rows of the store, deleted with the bucket."""
    database, store = open_store(tmp_path)
    store.create_bucket("bucket")
    store.buckets.put_setting("bucket", "Policy", POLICY)
    database.close()
    database, store = open_store(tmp_path)
    assert store.buckets.setting("bucket", "Policy") == POLICY
    store.delete_bucket("bucket")
    store.create_bucket("bucket")
    assert store.buckets.setting("bucket", "Policy") != POLICY
    database.close()
