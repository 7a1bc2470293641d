"""The actions and resources of S3's operations, whose names differ from those of the operations.

Source: S3 API reference, "Required permissions for Amazon S3 API operations"; Service Authorization Reference,
"Actions, resources, and condition keys for Amazon S3".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request

_OBJECT_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "AbortMultipartUpload": ("AbortMultipartUpload",),
    "CompleteMultipartUpload": ("PutObject",),
    "CopyObject": ("PutObject",),
    "CreateMultipartUpload": ("PutObject",),
    "DeleteObject": ("DeleteObject",),
    "DeleteObjectTagging": ("DeleteObjectTagging",),
    "GetObject": ("GetObject",),
    "GetObjectAcl": ("GetObjectAcl",),
    "GetObjectAttributes": ("GetObject", "GetObjectAttributes"),
    "GetObjectTagging": ("GetObjectTagging",),
    "HeadObject": ("GetObject",),
    "ListParts": ("ListMultipartUploadParts",),
    "PutObject": ("PutObject",),
    "PutObjectAcl": ("PutObjectAcl",),
    "PutObjectTagging": ("PutObjectTagging",),
    "SelectObjectContent": ("GetObject",),
    "UploadPart": ("PutObject",),
    "UploadPartCopy": ("PutObject",),
}
_BUCKET_ACTIONS: Mapping[str, str] = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_LISTINGS = frozenset({"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"})
_HEADERS = {
    "ACL": "s3:x-amz-acl",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
}


def actions(operation: str) -> tuple[str, ...]:
    """Return the actions of an operation, with the prefix ``s3:``."""
    if operation == "ListBuckets":
        return ("s3:ListAllMyBuckets",)
    if operation == "DeleteObjects":
        return ("s3:DeleteObject",)
    found = _OBJECT_ACTIONS.get(operation) or (_BUCKET_ACTIONS.get(operation, operation),)
    return tuple(f"s3:{name}" for name in found)


def concerns_objects(operation: str) -> bool:
    """Whether the operation is checked on objects, and not on the bucket."""
    return operation in _OBJECT_ACTIONS or operation == "DeleteObjects"


def authorizations(
    operation: str, parameters: Mapping[str, Any], location: Location, context: dict[str, tuple[str, ...]]
) -> Iterator[Request]:
    """Yield what an operation of S3 requires; see :func:`glueprint.iam.calls.authorizations`."""
    if operation == "ListBuckets":
        yield Request("s3:ListAllMyBuckets", "*", context)
        return
    bucket = _text(parameters.get("Bucket"))
    for member, key in _HEADERS.items():
        if isinstance(parameters.get(member), str):
            context[key] = (parameters[member],)
    if operation in ("CopyObject", "UploadPartCopy"):
        source_bucket, source_key = copy_source(parameters.get("CopySource"))
        yield Request("s3:GetObject", location.bucket(source_bucket, source_key), {})
        context["s3:x-amz-copy-source"] = (f"{source_bucket}/{source_key}",)
    if operation in _LISTINGS:
        context["s3:prefix"] = (str(parameters.get("Prefix") or ""),)
        for member, key in (("Delimiter", "s3:delimiter"), ("MaxKeys", "s3:max-keys")):
            if parameters.get(member) is not None:
                context[key] = (str(parameters[member]),)
    if not concerns_objects(operation):
        yield Request(actions(operation)[0], location.bucket(bucket), context)
        return
    for key in _keys(operation, parameters):
        for action in actions(operation):
            yield Request(action, location.bucket(bucket, key), context)
    if operation in ("PutObject", "CopyObject", "CreateMultipartUpload") and parameters.get("Tagging"):
        yield Request("s3:PutObjectTagging", location.bucket(bucket, _text(parameters.get("Key"))), context)


def copy_source(value: object) -> tuple[str, str]:
    """Return bucket and key of a CopySource, which is a text or a structure."""
    if isinstance(value, Mapping):
        return _text(value.get("Bucket")), _text(value.get("Key"))
    if not isinstance(value, str):
        return "*", "*"
    bucket, _, key = unquote(value.partition("?versionId=")[0]).lstrip("/").partition("/")
    return bucket or "*", key or "*"


def _keys(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    if operation != "DeleteObjects":
        return [_text(parameters.get("Key"))]
    objects = (parameters.get("Delete") or {}).get("Objects") or []
    return [_text(one.get("Key")) for one in objects] or ["*"]


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "*"
