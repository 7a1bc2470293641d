"""Validation of a request against the service model: what botocore's clients check, and what they do not.

botocore's own clients check required members, types and minimum lengths, but not maximum lengths, enums or
patterns (docs/facts/protocol.md#validation); other clients check nothing. The wording is that of AWS's services:
``2 validation errors detected: Value 'x' at 'name' failed to satisfy constraint: ...``.

Each shape of the model is turned into a rule once. That is several times faster than walking the shapes for each
request: they have far more members than a request.
"""

from __future__ import annotations

import datetime
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Optional

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

_Path = Optional[tuple[Any, str]]
"""Place of a value: its parent's path and its own step. It becomes text only if there is a problem."""


def problems(shape: Shape, value: Any) -> list[str]:
    """Return every rule of ``shape`` that ``value`` (decoded JSON) breaks, each in AWS's wording."""
    found: list[str] = []
    _rule_of(shape).check(value, None, found)
    return found


def known_members(shape: Shape | None, value: Any) -> Any:
    """Return ``value`` without members that ``shape`` does not have, or that are null: AWS ignores both."""
    return {} if shape is None else _rule_of(shape).known(value)


def unknown_members(shape: Shape | None, value: Any) -> list[str]:
    """Return where ``value`` has members that ``shape`` does not have, e.g. ``actions.1.member.jobname``."""
    found: list[str] = []
    if shape is not None:
        _rule_of(shape).unknown(value, None, found)
    return found


def message(found: list[str]) -> str:
    """Return one message for all the problems."""
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: " + "; ".join(found)


class _Rule(ABC):
    """The constraints of one shape of the model."""

    @abstractmethod
    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        """Add every constraint that ``value`` breaks to ``found``."""

    def known(self, value: Any) -> Any:
        """Return the members of a valid value that the model has."""
        return value


    def unknown(self, value: Any, path: _Path, found: list[str]) -> None:
        """Add the place of each member of a valid value that the model does not have."""
        return


class _Anything(_Rule):
    """A document: any JSON."""

    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        """Accept everything."""


class _Structure(_Rule):
    def __init__(self, shape: StructureShape) -> None:
        self._required = tuple(shape.required_members)
        self._members: Mapping[str, Shape] = shape.members
        self._is_union = bool(getattr(shape, "is_tagged_union", False))

    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        if not isinstance(value, (dict, Mapping)):  # isinstance of dict is faster
            found.append(_failed(value, path, "Member must be an object"))
            return
        missing = [name for name in self._required if value.get(name) is None]
        found += [_failed(None, (path, _in_message(name)), "Member must not be null") for name in missing]
        for name, item in value.items():
            if item is not None and (member := self._members.get(name)) is not None:
                _rule_of(member).check(item, (path, _in_message(name)), found)
        if self._is_union and sum(item is not None for item in value.values()) != 1:
            found.append(_failed(sorted(value), path, f"Exactly one of {', '.join(self._members)} must be given"))

    def known(self, value: Any) -> Any:
        return {
            name: _rule_of(member).known(item)
            for name, item in value.items()
            if item is not None and (member := self._members.get(name)) is not None
        }

    def unknown(self, value: Any, path: _Path, found: list[str]) -> None:
        for name, item in value.items():
            member = self._members.get(name)
            if item is None:
                continue
            if member is None:
                found.append(_text((path, str(name))))
            else:
                _rule_of(member).unknown(item, (path, _in_message(name)), found)


class _List(_Rule):
    def __init__(self, shape: ListShape) -> None:
        self._length = _Length(shape)
        self._member: Shape = shape.member

    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        if not isinstance(value, list):
            found.append(_failed(value, path, "Member must be a list"))
            return
        self._length.check(value, path, found)
        rule = _rule_of(self._member)
        for number, item in enumerate(value, start=1):
            here = (path, f"{number}.member")
            if item is None:
                found.append(_failed(None, here, "Member must not be null"))
            else:
                rule.check(item, here, found)

    def known(self, value: Any) -> Any:
        known = _rule_of(self._member).known
        return [known(item) for item in value]

    def unknown(self, value: Any, path: _Path, found: list[str]) -> None:
        rule = _rule_of(self._member)
        for number, item in enumerate(value, start=1):
            rule.unknown(item, (path, f"{number}.member"), found)


class _Map(_Rule):
    def __init__(self, shape: MapShape) -> None:
        self._length = _Length(shape)
        self._key: Shape = shape.key
        self._value: Shape = shape.value

    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        if not isinstance(value, (dict, Mapping)):  # isinstance of dict is faster
            found.append(_failed(value, path, "Member must be a map"))
            return
        self._length.check(value, path, found)
        key_rule, value_rule = _rule_of(self._key), _rule_of(self._value)
        for key, item in value.items():
            key_rule.check(key, (path, "key"), found)
            if item is not None:
                value_rule.check(item, (path, f"{key}.member"), found)

    def known(self, value: Any) -> Any:
        known = _rule_of(self._value).known
        return {key: known(item) for key, item in value.items() if item is not None}

    def unknown(self, value: Any, path: _Path, found: list[str]) -> None:
        rule = _rule_of(self._value)
        for key, item in value.items():
            if item is not None:
                rule.unknown(item, (path, f"{key}.member"), found)


class _Scalar(_Rule):
    """A value of which the model has only the type: boolean, timestamp, blob."""

    def __init__(self, shape: Shape) -> None:
        self._kind: str = shape.type_name
        self._types = _SCALARS[self._kind]

    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        if self._has_type(value):
            self._check_value(value, path, found)
        else:
            found.append(_failed(value, path, f"Member must be of type {self._kind}"))

    def _has_type(self, value: Any) -> bool:
        """Whether it is of the type; JSON's true and false are not numbers."""
        return isinstance(value, self._types) and (self._kind == "boolean" or not isinstance(value, bool))

    def _check_value(self, value: Any, path: _Path, found: list[str]) -> None:
        """Check what the model requires beyond the type."""


class _String(_Scalar):
    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._length = _Length(shape)
        self._enum: tuple[str, ...] = tuple(shape.enum or ())
        self._pattern: str | None = shape.metadata.get("pattern")
        self._compiled = _compile(self._pattern) if self._pattern else None

    def _check_value(self, value: Any, path: _Path, found: list[str]) -> None:
        self._length.check(value, path, found)
        if self._enum and value not in self._enum:
            rule = f"Member must satisfy enum value set: [{', '.join(self._enum)}]"
            found.append(_failed(value, path, rule))
        if self._compiled is not None and self._compiled.fullmatch(value) is None:
            rule = f"Member must satisfy regular expression pattern: {self._pattern}"
            found.append(_failed(value, path, rule))


class _Number(_Scalar):
    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._minimum, self._maximum = shape.metadata.get("min"), shape.metadata.get("max")
        self._bound = _INTEGER_BOUNDS.get(self._kind)

    def _has_type(self, value: Any) -> bool:
        return super()._has_type(value) and (self._bound is not None or _is_finite(value))

    def _check_value(self, value: Any, path: _Path, found: list[str]) -> None:
        if self._minimum is not None and value < self._minimum:
            rule = f"Member must have value greater than or equal to {self._minimum}"
            found.append(_failed(value, path, rule))
        if self._maximum is not None and value > self._maximum:
            rule = f"Member must have value less than or equal to {self._maximum}"
            found.append(_failed(value, path, rule))
        if self._bound is not None and not -self._bound <= value < self._bound:
            rule = f"Member must be a {self._bound.bit_length()}-bit {self._kind}"
            found.append(_failed(value, path, rule))


class _Length:
    """The length limits of a string, list or map."""

    def __init__(self, shape: Shape) -> None:
        self._minimum, self._maximum = shape.metadata.get("min"), shape.metadata.get("max")

    def check(self, value: Any, path: _Path, found: list[str]) -> None:
        length = len(value)
        if self._minimum is not None and length < self._minimum:
            rule = f"Member must have length greater than or equal to {self._minimum}"
            found.append(_failed(value, path, rule))
        if self._maximum is not None and length > self._maximum:
            rule = f"Member must have length less than or equal to {self._maximum}"
            found.append(_failed(value, path, rule))


@cache
def _rule_of(shape: Shape) -> _Rule:
    """Return the rule of a shape; the cache holds one for each shape in use."""
    if isinstance(shape, StructureShape):
        return _Anything() if getattr(shape, "is_document_type", False) else _Structure(shape)
    if isinstance(shape, ListShape):
        return _List(shape)
    if isinstance(shape, MapShape):
        return _Map(shape)
    if shape.type_name == "string":
        return _String(shape)
    if shape.type_name in ("integer", "long", "float", "double"):
        return _Number(shape)
    if shape.type_name in _SCALARS:
        return _Scalar(shape)
    return _Anything()


def _is_finite(number: float) -> bool:
    """Whether clients can read the number, too: JSON does not limit digits (``1e999`` is read as infinite)."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _failed(value: Any, path: _Path, rule: str) -> str:
    shown = "null" if value is None else str(value)
    if len(shown) > 200:
        shown = shown[:200] + "..."
    return f"Value '{shown}' at '{_text(path)}' failed to satisfy constraint: {rule}"


def _text(path: _Path) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return ".".join(reversed(steps))


@lru_cache(maxsize=4096)
def _in_message(name: str) -> str:
    """Return a member's name as AWS writes it in messages: with a lower-case first letter."""
    return name[0].lower() + name[1:]


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str] | None:
    r"""Return a pattern of the model, which is written for Java, as a Python pattern.

    The model writes supplementary characters as surrogate pairs (``\uD800\uDC00-\uDBFF\uDFFF``); in Python they
    are one character. One pattern of the model (Unicode classes) cannot be compiled by Python: it is not checked.
    """
    translated = re.sub(r"\\uD800\\uDC00-\\uDBFF\\uDFFF", r"\\U00010000-\\U0010FFFF", pattern)
    try:
        return re.compile(translated, re.DOTALL)  # a schema of several lines fits ``.*\S.*``
    except re.error:
        return None
