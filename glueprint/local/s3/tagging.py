"""Tags of objects and buckets: their forms on the wire and S3's rules for them; pure.

Source: "Categorizing your storage using tags" and PutObjectTagging in the Amazon S3 documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from glueprint.local.s3.errors import S3Error

MAX_OBJECT_TAGS = 10
MAX_BUCKET_TAGS = 50

_ALLOWED = re.compile(r"[\w\s+\-=.:/@]*")


def from_header(header: str | None) -> dict[str, str]:
    """Read ``x-amz-tagging``, which is encoded as a URL's query.

    Raises:
        S3Error: InvalidTag, BadRequest.
    """
    if not header:
        return {}
    pairs = parse_qsl(header, keep_blank_values=True)
    if any(key.startswith("aws:") for key, _ in pairs):
        raise S3Error("InvalidTag", "Your TagKey cannot be prefixed with aws:", 400)
    return _checked(pairs, MAX_OBJECT_TAGS)


def from_members(tagging: Mapping[str, Any] | None, limit: int) -> dict[str, str]:
    """Read the ``Tagging`` (or a list-bearing) member of a request.

    Raises:
        S3Error: MalformedXML, InvalidTag, BadRequest.
    """
    if tagging is None or tagging.get("TagSet") is None:
        raise S3Error(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
            400,
        )
    pairs = [(str(tag.get("Key", "")), str(tag.get("Value", ""))) for tag in tagging["TagSet"]]
    return _checked(pairs, limit)


def to_members(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as the ``TagSet`` of an answer."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _checked(pairs: Iterable[tuple[str, str]], limit: int) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value in pairs:
        if key in tags:
            raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key", 400)
        if not 1 <= len(key) <= 128 or not _ALLOWED.fullmatch(key):
            raise S3Error("InvalidTag", "The TagKey you have provided is invalid", 400, {"TagKey": key})
        if len(value) > 256 or not _ALLOWED.fullmatch(value):
            raise S3Error("InvalidTag", "The TagValue you have provided is invalid", 400, {"TagKey": key})
        if key.startswith("aws:"):
            raise S3Error("InvalidTag", "System tags cannot be added/updated by requester", 400)
        tags[key] = value
    if len(tags) > limit:
        what = "Object" if limit == MAX_OBJECT_TAGS else "Bucket"
        raise S3Error("BadRequest", f"{what} tags cannot be greater than {limit}", 400)
    return tags
