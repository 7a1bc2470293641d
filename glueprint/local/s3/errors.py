"""S3's errors: codes, messages and statuses.

Source of codes, messages and statuses: "Error responses" in the Amazon S3 API reference, and the errors that
boto3 users see from the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NO_DETAILS: Mapping[str, str] = MappingProxyType({})


class S3Error(Exception):
    """An answer that is not success.

    Args:
        code: S3's error code, e.g. ``NoSuchKey``.
        message: S3's message; for refusals that S3 does not have, what to do about it.
        status: the HTTP status.
        details: further elements of the ``<Error>`` document, e.g. ``{"Key": "a/b"}``.
    """

    def __init__(self, code: str, message: str, status: int, details: Mapping[str, str] = NO_DETAILS) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.details = details


class NotModified(Exception):
    """A conditional read found no newer version: HTTP 304, without a body.

    Args:
        headers: those that a 200 would have carried and that a cache needs (ETag, Last-Modified).
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("not modified")
        self.headers = headers


def no_such_bucket(bucket: str) -> S3Error:
    """The bucket does not exist."""
    return S3Error("NoSuchBucket", "The specified bucket does not exist", 404, {"BucketName": bucket})


def no_such_key(key: str) -> S3Error:
    """The object does not exist."""
    return S3Error("NoSuchKey", "The specified key does not exist.", 404, {"Key": key})


def no_such_upload(upload_id: str) -> S3Error:
    """The multipart upload is not open (never was, was completed, or was aborted)."""
    return S3Error(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
        "aborted or completed.",
        404,
        {"UploadId": upload_id},
    )


def precondition_failed(condition: str) -> S3Error:
    """A condition of the request (the header's name) is not true."""
    return S3Error(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        {"Condition": condition},
    )


def invalid_argument(name: str, value: str, message: str) -> S3Error:
    """An argument of the request has a value that S3 refuses."""
    return S3Error("InvalidArgument", message, 400, {"ArgumentName": name, "ArgumentValue": value})


def malformed_xml() -> S3Error:
    """The body is not the document that the operation takes."""
    return S3Error(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
        400,
    )


def not_implemented(operation: str) -> S3Error:
    """The operation exists in S3 but not in this server."""
    return S3Error(
        "NotImplemented",
        f"{operation} is not implemented by this local S3. docs/fidelity/s3.md lists what is.",
        501,
        {"Operation": operation},
    )


def key_conflict(key: str, other: str) -> S3Error:
    """``key`` and ``other`` would need the same name to be a file and a directory (S3 allows both)."""
    return S3Error(
        "KeyConflict",
        f"'{key}' cannot be stored next to '{other}': this local S3 keeps objects as plain files, so one name "
        "cannot be both an object and a folder (S3 allows it). Nothing was changed; rename one of the two.",
        409,
        {"Key": key, "ConflictsWith": other},
    )


def bad_digest(algorithm: str) -> S3Error:
    """The body is not the one whose checksum was sent."""
    return S3Error(
        "BadDigest",
        f"The {algorithm} you specified did not match the calculated checksum.",
        400,
    )
