"""Reads S3 requests (rest-xml): path, query, headers and XML become the members of an operation's input.

The service model describes where each member is. Why not moto's protocol layer:
docs/decisions/s3-protocol.md.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from glueprint.local.s3.errors import S3Error, invalid_argument, malformed_xml
from glueprint.local.s3.routes import Target

MAX_INTEGER = 2**31 - 1
"""The largest number in an argument of type integer."""

KEPT_AS_SENT = "Expires"
"""A date that S3 keeps and returns as the client wrote it, even if it is not a date."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""Characters that are not allowed in the value of a header (RFC 9110)."""

_BECOMES_HEADER = "response-"
"""Prefix of the parameters of GetObject that replace headers of its answer."""


def decode(
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
                members[name] = value if wire == KEPT_AS_SENT else _header_value(member, wire, value)
    payload = shape.serialization.get("payload")
    if payload and body and isinstance(shape.members[payload], StructureShape):
        members[payload] = _read_structure(shape.members[payload], _parse(body))
    elif payload and body:
        members[payload] = body.decode("utf-8", "replace")  # a bucket policy
    return members


def parse_query(query: str) -> dict[str, str]:
    """Return a query string's values by name, the first of each; ``+`` is a space.

    Raises:
        S3Error: InvalidURI for text that is not UTF-8.
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
        S3Error: InvalidURI for text that is not UTF-8.
    """
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.", 400) from None


def _prefixed(prefix: str, headers: Mapping[str, str], query: Mapping[str, str]) -> dict[str, str]:
    both = {**{name.lower(): value for name, value in query.items()}, **headers}
    found = {name: value for name, value in both.items() if name.startswith(prefix.lower())}
    for name, value in found.items():
        _check_header(name, name + value)
    return {name[len(prefix) :]: value for name, value in found.items()}


def _check_header(wire: str, value: str) -> None:
    """Check a value that is returned in a header: a query can contain line ends, a header cannot."""
    if _CONTROL.search(value):
        raise invalid_argument(wire, value, f"{wire} contains a character that is not allowed in a header")


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
    if number is None or (shape.type_name == "integer" and abs(number) > MAX_INTEGER):
        raise invalid_argument(wire, text, f"Provided {wire} not an integer or within integer range")
    return number


def _timestamp(text: str) -> datetime | None:
    try:
        moment: datetime = parse_timestamp(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, RuntimeError):  # botocore raises the last for times like 1e999
        return None  # RFC 9110: a recipient ignores a date that it cannot parse


def _parse(body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body, ElementTree.XMLParser(target=_PlainXml()))
    except ElementTree.ParseError:
        raise malformed_xml() from None


class _PlainXml(ElementTree.TreeBuilder):
    """Refuses document types in any encoding: S3's documents have none, and entities could grow."""

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
