"""Writes S3's answers (rest-xml): the members of an operation's output become headers and XML.

The service model describes all shapes; only the names of root elements, which it does not have, are listed here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from glueprint.local.s3.decoding import KEPT_AS_SENT
from glueprint.local.s3.errors import S3Error

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

_ROOTS = {
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListParts": "ListPartsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "GetBucketTagging": "Tagging",
    "GetBucketAcl": "AccessControlPolicy",
    "GetObjectAcl": "AccessControlPolicy",
    "UploadPartCopy": "CopyPartResult",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
}

_SPECIAL = re.compile(r"[<>&\"\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""Characters that XML requires to be escaped; control characters too, since a parser turns a bare CR into LF."""

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer without its stream: status, headers, and a body that is in memory."""

    status: int
    headers: dict[str, str]
    body: bytes


def encode(model: OperationModel, members: Mapping[str, Any], status: int = 200) -> Encoded:
    """Return an answer with these members of the operation's output; None and absent are left out."""
    shape = model.output_shape
    headers: dict[str, str] = {}
    if shape is None:
        return Encoded(model.http.get("responseCode", status), headers, b"")
    _write_headers(shape, members, headers)
    payload = shape.serialization.get("payload")
    inner: Shape = shape if payload is None else shape.members[payload]
    values: Mapping[str, Any] | None = members if payload is None else members.get(payload)
    if status == 200:
        status = model.http.get("responseCode", status)
    root = _ROOTS.get(model.name) or inner.serialization.get("name") or payload or inner.name
    has_body = any("location" not in member.serialization for member in shape.members.values())
    if not has_body or not isinstance(inner, StructureShape) or values is None or status == 204:
        return Encoded(status, headers, b"")
    out: list[str] = []
    _write_members(out, inner, values)
    return Encoded(status, headers, document(root, "".join(out)))


def document(root: str, inner: str) -> bytes:
    """Return an XML document in S3's namespace."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{inner}</{root}>'
    return text.encode()


def error_document(error: S3Error, resource: str, request_id: str) -> bytes:
    """Return the ``<Error>`` document of a refusal."""
    elements = {
        "Code": error.code,
        "Message": error.message,
        **error.details,
        "Resource": resource,
        "RequestId": request_id,
        "HostId": "glueprint",
    }
    inner = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in elements.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()


def http_date(seconds: float) -> str:
    """Return a time as HTTP headers write it."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC), usegmt=True)


def _write_headers(shape: Shape, members: Mapping[str, Any], headers: dict[str, str]) -> None:
    for name, member in shape.members.items():
        value = members.get(name)
        location = member.serialization.get("location")
        if value is None or location not in ("header", "headers"):
            continue
        wire = member.serialization.get("name", name)
        if location == "headers":
            headers.update({f"{wire}{key}": text for key, text in value.items()})
        elif isinstance(value, bool):
            headers[wire] = "true" if value else "false"
        elif member.type_name == "timestamp" and wire != KEPT_AS_SENT:
            headers[wire] = http_date(value)
        else:
            headers[wire] = str(value)


def _write_members(out: list[str], shape: Shape, values: Mapping[str, Any]) -> None:
    for name, member in shape.members.items():
        value = values.get(name)
        if value is None or "location" in member.serialization or "xmlAttribute" in member.serialization:
            continue
        _write(out, member, member.serialization.get("name", name), value)


def _write(out: list[str], shape: Shape, wire: str, value: Any) -> None:
    if isinstance(shape, ListShape):
        if shape.serialization.get("flattened"):
            for item in value:
                _write(out, shape.member, wire, item)
        else:
            inner = shape.member.serialization.get("name", "member")
            out.append(f"<{wire}>")
            for item in value:
                _write(out, shape.member, inner, item)
            out.append(f"</{wire}>")
    elif isinstance(shape, StructureShape):
        out.append(f"<{wire}{_attributes(shape, value)}>")
        _write_members(out, shape, value)
        out.append(f"</{wire}>")
    else:
        out.append(f"<{wire}>{_plain(shape, value)}</{wire}>")


def _attributes(shape: Shape, value: Mapping[str, Any]) -> str:
    namespace = shape.serialization.get("xmlNamespace")
    if namespace is None:
        return ""
    text = f' xmlns:{namespace["prefix"]}="{namespace["uri"]}"'
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and name in value:
            text += f' {member.serialization["name"]}="{_text(value[name])}"'
    return text


def _plain(shape: Shape, value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if shape.type_name == "timestamp":
        year, month, day, hour, minute, second, *_ = time.gmtime(value)
        return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z"
    return str(value)


def _text(value: str) -> str:
    return _SPECIAL.sub(_escape, value)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _ENTITIES.get(character) or f"&#x{ord(character):x};"
