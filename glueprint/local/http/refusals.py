"""The front's errors, each with the text and in the form of the service that the request is for.

Codes and statuses: "Common errors" pages of the S3, IAM and CloudWatch Logs API references.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from xml.sax.saxutils import escape

from glueprint.local.http.wire import WireRequest


class Dialect(Enum):
    """The form of a service's errors."""

    S3 = "s3"
    """REST with XML errors, HTTP 403 for what a signature lacks."""
    QUERY = "query"
    """``Action=...`` forms with XML errors: IAM, STS, SNS, ..."""
    JSON = "json"
    """``X-Amz-Target``: errors are HTTP 400."""
    EC2 = "ec2"
    """``Action=...`` forms with XML errors of another form: EC2."""
    REST_JSON = "rest-json"
    """Paths and JSON errors, HTTP 403: Lambda, ..."""
    CBOR = "rpc-v2-cbor"
    """Smithy RPC v2 with CBOR, which newer clients use for CloudWatch."""


class Reason(StrEnum):
    """Why the front refuses a request."""

    MISSING = "no signature"
    INCOMPLETE = "a signature that lacks parts"
    UNSUPPORTED = "another kind of signature"
    UNKNOWN_KEY = "an access key that was never issued"
    MISMATCH = "a signature that does not match"
    UNSIGNED_HEADER = "an x-amz header that was not signed"
    SKEWED = "a clock too far away"
    EXPIRED = "a presigned URL past its time"
    WRONG_SCOPE = "a signature for another service"
    PAYLOAD = "a body that is not the signed one"
    TOO_LARGE = "a body over the limit"
    TOO_SLOW = "a body that does not arrive"
    CONTENT_TYPE = "a JSON call of another content type"
    BROKEN = "a fault of this server's own"
    NOT_ALLOWED = "a caller whose policies do not allow the call (serve --enforce-iam)"
    NOT_SERVED = "an operation that is not served, or that moto failed to carry out"


class Refused(Exception):
    """A request that the front does not hand on."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """A ready HTTP error."""

    status: int
    content_type: str
    body: bytes
    error_type: str


_S3 = {
    Reason.MISSING: (403, "AccessDenied"),
    Reason.INCOMPLETE: (400, "AuthorizationHeaderMalformed"),
    Reason.UNSUPPORTED: (400, "InvalidRequest"),
    Reason.UNKNOWN_KEY: (403, "InvalidAccessKeyId"),
    Reason.MISMATCH: (403, "SignatureDoesNotMatch"),
    Reason.UNSIGNED_HEADER: (403, "AccessDenied"),
    Reason.SKEWED: (403, "RequestTimeTooSkewed"),
    Reason.EXPIRED: (403, "AccessDenied"),
    Reason.WRONG_SCOPE: (400, "AuthorizationHeaderMalformed"),
    Reason.PAYLOAD: (400, "XAmzContentSHA256Mismatch"),
    Reason.TOO_LARGE: (400, "EntityTooLarge"),
    Reason.TOO_SLOW: (400, "RequestTimeout"),
    Reason.CONTENT_TYPE: (400, "InvalidRequest"),
    Reason.BROKEN: (500, "InternalError"),
    Reason.NOT_ALLOWED: (403, "AccessDenied"),
    Reason.NOT_SERVED: (400, "NotImplemented"),
}
_JSON = {
    Reason.MISSING: (400, "MissingAuthenticationTokenException"),
    Reason.INCOMPLETE: (400, "IncompleteSignatureException"),
    Reason.UNSUPPORTED: (400, "IncompleteSignatureException"),
    Reason.UNKNOWN_KEY: (400, "UnrecognizedClientException"),
    Reason.MISMATCH: (400, "InvalidSignatureException"),
    Reason.UNSIGNED_HEADER: (400, "InvalidSignatureException"),
    Reason.SKEWED: (400, "InvalidSignatureException"),
    Reason.EXPIRED: (400, "InvalidSignatureException"),
    Reason.WRONG_SCOPE: (400, "InvalidSignatureException"),
    Reason.PAYLOAD: (400, "InvalidSignatureException"),
    Reason.TOO_LARGE: (413, "RequestEntityTooLargeException"),
    Reason.TOO_SLOW: (408, "RequestTimeoutException"),
    Reason.CONTENT_TYPE: (415, "UnknownOperationException"),
    Reason.BROKEN: (500, "InternalFailure"),
    Reason.NOT_ALLOWED: (400, "AccessDeniedException"),
    Reason.NOT_SERVED: (400, "UnsupportedOperationException"),
}
_QUERY = {
    Reason.MISSING: (403, "MissingAuthenticationToken"),
    Reason.INCOMPLETE: (400, "IncompleteSignature"),
    Reason.UNSUPPORTED: (400, "IncompleteSignature"),
    Reason.UNKNOWN_KEY: (403, "InvalidClientTokenId"),
    Reason.MISMATCH: (403, "SignatureDoesNotMatch"),
    Reason.UNSIGNED_HEADER: (403, "SignatureDoesNotMatch"),
    Reason.SKEWED: (403, "SignatureDoesNotMatch"),
    Reason.EXPIRED: (403, "SignatureDoesNotMatch"),
    Reason.WRONG_SCOPE: (403, "SignatureDoesNotMatch"),
    Reason.PAYLOAD: (403, "SignatureDoesNotMatch"),
    Reason.TOO_LARGE: (413, "RequestEntityTooLarge"),
    Reason.TOO_SLOW: (408, "RequestTimeout"),
    Reason.CONTENT_TYPE: (415, "InvalidAction"),
    Reason.BROKEN: (500, "InternalFailure"),
    Reason.NOT_ALLOWED: (403, "AccessDenied"),
    Reason.NOT_SERVED: (400, "UnsupportedOperation"),
}


def dialect_of(request: WireRequest, *, is_s3: bool) -> Dialect:
    """How the service that ``request`` means writes its errors."""
    if is_s3:
        return Dialect.S3
    if request.header("x-amz-target") is not None:
        return Dialect.JSON
    content_type = request.header("content-type") or ""
    if content_type.startswith("application/x-www-form-urlencoded") or request.parameter("Action") is not None:
        return Dialect.QUERY
    return Dialect.REST_JSON


def render(refused: Refused, dialect: Dialect) -> ErrorAnswer:
    """The answer to a refused request."""
    request_id = str(uuid.uuid4())
    if dialect is Dialect.S3:
        status, code = _S3[refused.reason]
        text = (
            f"<Error><Code>{code}</Code><Message>{escape(refused.message)}</Message>"
            f"<RequestId>{request_id}</RequestId><HostId>glueprint</HostId></Error>"
        )
        return _xml(status, code, text)
    if dialect is Dialect.EC2:
        status, code = _QUERY[refused.reason]
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(refused.message)}</Message></Error>"
            f"</Errors><RequestID>{request_id}</RequestID></Response>"
        )
        return _xml(status, code, text)
    if dialect is Dialect.QUERY:
        status, code = _QUERY[refused.reason]
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{escape(refused.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return _xml(status, code, text)
    status, code = _JSON[refused.reason]
    if dialect is Dialect.CBOR:
        body = _cbor_map({"__type": code, "message": refused.message})
        return ErrorAnswer(status, "application/cbor", body, code)
    if dialect is Dialect.REST_JSON and status == 400 and refused.reason is not Reason.NOT_SERVED:
        status = 403
    content = {"__type": code, "message": refused.message, "Message": refused.message}
    return ErrorAnswer(status, "application/x-amz-json-1.1", json.dumps(content).encode("utf-8"), code)


def _xml(status: int, code: str, text: str) -> ErrorAnswer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return ErrorAnswer(status, "application/xml", body, code)


def _cbor_map(content: Mapping[str, str]) -> bytes:
    """Return a map of fewer than 24 texts as CBOR (RFC 8949)."""
    texts = (text.encode("utf-8") for pair in content.items() for text in pair)
    return bytes([0xA0 | len(content)]) + b"".join(b"\x7a" + len(text).to_bytes(4) + text for text in texts)
