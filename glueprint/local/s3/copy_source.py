"""What CopyObject and UploadPartCopy share: the source that a request names, and the conditions on it."""

from __future__ import annotations

from urllib.parse import unquote

from glueprint.local.s3.call import Call
from glueprint.local.s3.conditions import Conditions
from glueprint.local.s3.errors import invalid_argument


def copy_conditions(call: Call) -> Conditions:
    """Return the conditions on the source of a copy."""
    return Conditions(
        call["CopySourceIfMatch"],
        call["CopySourceIfNoneMatch"],
        call["CopySourceIfModifiedSince"],
        call["CopySourceIfUnmodifiedSince"],
    )


def copy_source(call: Call) -> tuple[str, str]:
    """Return bucket and key of a copy's source.

    Raises:
        S3Error: InvalidArgument.
    """
    text = str(call["CopySource"])
    path, _, query = text.partition("?")
    version = query.removeprefix("versionId=")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not slash or not key:
        message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise invalid_argument("x-amz-copy-source", text, message)
    if version not in ("", "null"):
        raise invalid_argument("x-amz-copy-source", text, "Invalid version id specified")
    return bucket, key
