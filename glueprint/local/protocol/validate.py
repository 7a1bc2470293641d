"""Checks a request against the service model: what botocore checks on the client, and what it leaves out.

botocore's own clients check required members, types and minimum lengths, but not maximum lengths, enums or
patterns (glue-facts 0.2); other clients check nothing. The wording is that of AWS's services:
``2 validation errors detected: Value 'x' at 'name' failed to satisfy constraint: ...``.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str, datetime.datetime),
    "blob": (str,),
}
_INTEGER_BOUNDS = {"integer": 2**31, "long": 2**63}


def problems(shape: Shape, value: Any) -> list[str]:
    """Every way in which ``value`` (decoded JSON) breaks ``shape``, each as AWS words it."""
    return list(_check(shape, value, ""))


def known_members(shape: Shape | None, value: Any) -> Any:
    """``value`` without members that ``shape`` does not know, or that are null: AWS ignores both."""
    if isinstance(shape, StructureShape) and not getattr(shape, "is_document_type", False):
        return {
            name: known_members(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [known_members(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: known_members(shape.value, item) for key, item in value.items() if item is not None}
    return {} if shape is None else value


def message(found: list[str]) -> str:
    """One message for all the problems."""
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: " + "; ".join(found)


def _check(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _check_structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _check_list(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _check_map(shape, value, path)
    else:
        yield from _check_scalar(shape, value, path)


def _check_structure(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be an object")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _failed(None, _join(path, name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _check(member, value[name], _join(path, name))
    if getattr(shape, "is_tagged_union", False) and sum(v is not None for v in value.values()) != 1:
        yield _failed(sorted(value), path, f"Exactly one of {', '.join(shape.members)} must be given")


def _check_list(shape: ListShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield _failed(value, path, "Member must be a list")
        return
    yield from _check_length(shape, value, path)
    for number, item in enumerate(value, start=1):
        here = f"{path}.{number}.member"
        if item is None:
            yield _failed(None, here, "Member must not be null")
        else:
            yield from _check(shape.member, item, here)


def _check_map(shape: MapShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a map")
        return
    yield from _check_length(shape, value, path)
    for key, item in value.items():
        yield from _check(shape.key, key, f"{path}.key")
        if item is not None:
            yield from _check(shape.value, item, f"{path}.{key}.member")


def _check_scalar(shape: Shape, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    wanted = _SCALARS.get(kind)
    if wanted is None:
        return
    is_wanted = isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))
    if not is_wanted or (kind in ("float", "double") and not _is_finite(value)):
        yield _failed(value, path, f"Member must be of type {kind}")
        return
    if isinstance(value, str) and kind == "string":
        yield from _check_length(shape, value, path)
        if shape.enum and value not in shape.enum:
            yield _failed(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        pattern = shape.metadata.get("pattern")
        if pattern and not _matches(pattern, value):
            yield _failed(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    elif kind in ("integer", "long", "float", "double"):
        yield from _check_range(shape, value, path)


def _is_finite(number: float) -> bool:
    """Whether it is a number for clients too: JSON has no end to its digits (``1e999`` is read as infinite)."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _check_length(shape: Shape, value: Any, path: str) -> Iterator[str]:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and len(value) < minimum:
        yield _failed(value, path, f"Member must have length greater than or equal to {minimum}")
    if maximum is not None and len(value) > maximum:
        yield _failed(value, path, f"Member must have length less than or equal to {maximum}")


def _check_range(shape: Shape, value: Any, path: str) -> Iterator[str]:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and value < minimum:
        yield _failed(value, path, f"Member must have value greater than or equal to {minimum}")
    if maximum is not None and value > maximum:
        yield _failed(value, path, f"Member must have value less than or equal to {maximum}")
    bound = _INTEGER_BOUNDS.get(shape.type_name)
    if bound is not None and not -bound <= value < bound:
        yield _failed(value, path, f"Member must be a {bound.bit_length()}-bit {shape.type_name}")


def _failed(value: Any, path: str, rule: str) -> str:
    shown = "null" if value is None else str(value)
    if len(shown) > 200:
        shown = shown[:200] + "..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {rule}"


def _join(path: str, name: str) -> str:
    """Members are named as AWS names them in messages: first letter small."""
    small = name[0].lower() + name[1:]
    return f"{path}.{small}" if path else small


def _matches(pattern: str, value: str) -> bool:
    compiled = _compile(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str] | None:
    r"""A pattern of the model, written for Java, as Python has it.

    Supplementary characters stand in the model as surrogate pairs (``\uD800\uDC00-\uDBFF\uDFFF``); in Python
    they are one character. The one pattern that Python cannot compile (Unicode classes) checks nothing.
    """
    translated = re.sub(r"\\uD800\\uDC00-\\uDBFF\\uDFFF", r"\\U00010000-\\U0010FFFF", pattern)
    try:
        return re.compile(translated, re.DOTALL)  # a schema of several lines fits ".*\\S.*"
    except re.error:
        return None
