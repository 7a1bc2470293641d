"""S3's protocol (rest-xml), driven by botocore's service model: request to operation and members, and back.

Nothing of S3's shapes is written by hand except the names of root elements, which the model does not know. Why not
moto's protocol layer: docs/decisions/s3-protocol.md.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from botocore.loaders import Loader
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from glueprint.local.s3.errors import S3Error, invalid_argument, malformed_xml

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

INTEGER_LIMIT = 2**31 - 1
"""The largest number in an argument of type integer."""

_OTHER_ENDPOINTS = frozenset({"ListDirectoryBuckets", "WriteGetObjectResponse"})
"""Operations with the path of another one, which S3 serves under other host names."""

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
}

_AS_SENT = "Expires"
"""A date that S3 keeps and returns as the client wrote it, even where it is none."""

_SPECIAL = re.compile(r"[<>&\"\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What may not stand bare in XML. Control characters leave as references: a parser turns a bare CR into LF."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What may not stand in the value of a header (RFC 9110)."""

_BECOMES_HEADER = "response-"
"""Begins the parameters of GetObject that replace headers of its answer."""

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a request addresses; empty for what it does not name."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer without its stream."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Route:
    model: OperationModel
    query: Mapping[str, str | None]
    headers: frozenset[str]

    def accepts(self, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if not query.keys() >= self.query.keys():
            return False
        if any(value is not None and query[name] != value for name, value in self.query.items()):
            return False
        # Presigned requests may carry what would be a header in the query.
        return all(name in headers or name in query for name in self.headers)

    @property
    def weight(self) -> tuple[int, bool]:
        return len(self.query) + len(self.headers), not self.model.deprecated


class Codec:
    """Reads S3 requests and writes S3 answers."""

    @cached_property
    def service(self) -> ServiceModel:
        """botocore's model of S3."""
        return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")

    @cached_property
    def _routes(self) -> dict[tuple[str, str], list[_Route]]:
        routes: dict[tuple[str, str], list[_Route]] = {}
        for name in self.service.operation_names:
            if name in _OTHER_ENDPOINTS:
                continue
            model = self.service.operation_model(name)
            path, _, query = model.http["requestUri"].partition("?")
            routes.setdefault((model.http["method"], _level(path)), []).append(_route(model, query))
        for candidates in routes.values():
            candidates.sort(key=lambda route: route.weight, reverse=True)
        return routes

    def find(
        self, method: str, target: Target, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> OperationModel:
        """Return the operation that a request means.

        Raises:
            S3Error: MethodNotAllowed.
        """
        level = "object" if target.key else "bucket" if target.bucket else "service"
        for route in self._routes.get((method, level), ()):
            if route.accepts(query, headers):
                return route.model
        raise S3Error(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            405,
            {"Method": method, "ResourceType": level.upper()},
        )

    def decode(
        self,
        model: OperationModel,
        target: Target,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> dict[str, Any]:
        """Return the members of the operation's input; a streamed payload is left out.

        Raises:
            S3Error: InvalidArgument, MalformedXML.
        """
        shape = model.input_shape
        if shape is None:
            return {}
        members: dict[str, Any] = {}
        for name, member in shape.members.items():
            location = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if location == "uri":
                members[name] = target.bucket if wire == "Bucket" else target.key
            elif location == "headers":
                members[name] = _prefixed(wire, headers, query)
            elif location == "querystring" and wire in query:
                if wire.startswith(_BECOMES_HEADER):
                    _check_header(wire, query[wire])
                members[name] = _scalar(member, wire, query[wire])
            elif location == "header":
                value = headers.get(wire.lower(), query.get(wire) if wire.startswith("x-amz-") else None)
                if value is not None:
                    _check_header(wire, value)
                    members[name] = value if wire == _AS_SENT else _header_value(member, wire, value)
        payload = shape.serialization.get("payload")
        if payload and body and isinstance(shape.members[payload], StructureShape):
            members[payload] = _read_structure(shape.members[payload], _parse(body))
        return members

    def encode(self, model: OperationModel, members: Mapping[str, Any], status: int = 200) -> Encoded:
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


def parse_query(query: str) -> dict[str, str]:
    """Return a query string's values by name, the first of each; ``+`` is a space.

    Raises:
        S3Error: InvalidURI for what is not UTF-8.
    """
    values: dict[str, str] = {}
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            values.setdefault(
                decode_percent(name.replace("+", " ")), decode_percent(value.replace("+", " "))
            )
    return values


def decode_percent(text: str) -> str:
    """Undo percent-encoding.

    Raises:
        S3Error: InvalidURI for what is not UTF-8.
    """
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.", 400) from None


def _level(path: str) -> str:
    if "{Key+}" in path:
        return "object"
    return "bucket" if "{Bucket}" in path else "service"


def _route(model: OperationModel, literal: str) -> _Route:
    query: dict[str, str | None] = {}
    for item in literal.split("&") if literal else []:
        name, equals, value = item.partition("=")
        query[name] = value if equals else None
    headers: set[str] = set()
    shape = model.input_shape
    for name in shape.required_members if shape is not None else []:
        member = shape.members[name]
        wire = member.serialization.get("name", name)
        if member.serialization.get("location") == "querystring":
            query.setdefault(wire, None)
        elif member.serialization.get("location") == "header":
            headers.add(wire.lower())
    if model.name == "GetObjectAttributes":
        headers.clear()  # the sub-resource says it all; the missing header has an error of its own
    return _Route(model, query, frozenset(headers))


def _prefixed(prefix: str, headers: Mapping[str, str], query: Mapping[str, str]) -> dict[str, str]:
    both = {**{name.lower(): value for name, value in query.items()}, **headers}
    found = {name: value for name, value in both.items() if name.startswith(prefix.lower())}
    for name, value in found.items():
        _check_header(name, name + value)
    return {name[len(prefix) :]: value for name, value in found.items()}


def _check_header(wire: str, value: str) -> None:
    """What is sent back in a header must be able to stand in one: a query may hold line ends, a header not."""
    if _CONTROL.search(value):
        raise invalid_argument(wire, value, f"{wire} holds a character that no header can hold")


def _header_value(shape: Shape, wire: str, value: str) -> Any:
    if isinstance(shape, ListShape):
        return [item.strip() for item in value.split(",")]
    return _scalar(shape, wire, value)


def _scalar(shape: Shape, wire: str, text: str) -> Any:
    match shape.type_name:
        case "integer" | "long":
            return _integer(shape, wire, text)
        case "boolean":
            return text.lower() == "true"
        case "timestamp":
            return _timestamp(text)
        case _:
            return text


def _integer(shape: Shape, wire: str, text: str) -> int:
    number: int | None = None
    with contextlib.suppress(ValueError):
        number = int(text)
    if number is None or (shape.type_name == "integer" and abs(number) > INTEGER_LIMIT):
        raise invalid_argument(wire, text, f"Provided {wire} not an integer or within integer range")
    return number


def _timestamp(text: str) -> datetime | None:
    try:
        moment: datetime = parse_timestamp(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, RuntimeError):  # the last is how botocore tells of times like 1e999
        return None  # RFC 9110: a recipient ignores a date that it cannot parse


def _parse(body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body, ElementTree.XMLParser(target=_PlainXml()))
    except ElementTree.ParseError:
        raise malformed_xml() from None


class _PlainXml(ElementTree.TreeBuilder):
    """Refuses document types, whatever the encoding: S3's documents have none, and entities could grow."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise malformed_xml()


def _read_structure(shape: Shape, node: ElementTree.Element) -> dict[str, Any]:
    children: dict[str, list[ElementTree.Element]] = {}
    for child in node:
        children.setdefault(child.tag.rpartition("}")[2], []).append(child)
    values: dict[str, Any] = {}
    for name, member in shape.members.items():
        if isinstance(member, ListShape):
            flat = member.serialization.get("flattened")
            wire = member.serialization.get("name") or (flat and member.member.serialization.get("name"))
            found = children.get(wire or name)
            if found is not None:
                items: Sequence[ElementTree.Element] = found if flat else list(found[0])
                values[name] = [_read(member.member, item) for item in items]
        else:
            found = children.get(member.serialization.get("name", name))
            if found is not None:
                values[name] = _read(member, found[0])
    return values


def _read(shape: Shape, node: ElementTree.Element) -> Any:
    if isinstance(shape, StructureShape):
        return _read_structure(shape, node)
    try:
        return _scalar(shape, node.tag, node.text or "")
    except S3Error:
        raise malformed_xml() from None


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
        elif member.type_name == "timestamp" and wire != _AS_SENT:
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
