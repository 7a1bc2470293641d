"""Intrinsic functions: ``States.Format('{}', $.name)`` (SFN:intrinsic-functions)."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glueprint.statemachine.faults import INTRINSIC_FAILURE, StateFault
from glueprint.statemachine.paths import InvalidPath, Path, parse_path

_CALL = re.compile(r"\s*(States\.[A-Za-z0-9]+)\s*\(")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
MAX_RANGE = 1000
MAX_BASE64 = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments: literals, paths and calls."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant argument."""

    value: Any


def is_intrinsic(text: str) -> bool:
    """Whether the text of a template's field is a call, and not a path."""
    return text.lstrip().startswith("States.")


@lru_cache(maxsize=1024)
def parse_intrinsic(text: str) -> Call:
    """Return a call.

    Raises:
        InvalidPath: it cannot be read, or the function does not exist.
    """
    call, position = _call(text, 0)
    if text[position:].strip():
        raise InvalidPath(f"{text!r} cannot be read at character {position + 1}")
    return call


def evaluate(call: Call, find: Callable[[Path], Any], chance: random.Random) -> Any:
    """Return the value of a call.

    Args:
        find: returns what a path selects.
        chance: the source of States.MathRandom and States.UUID.

    Raises:
        StateFault: States.IntrinsicFailure, or what ``find`` raises.
    """
    values = [_value(one, find, chance) for one in call.arguments]
    function, counts = _FUNCTIONS[call.name]
    if len(values) not in counts:
        raise _failure(call.name, f"takes {' or '.join(map(str, counts))} arguments and has {len(values)}")
    try:
        return function(values, chance)
    except StateFault:
        raise
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise _failure(call.name, str(error)) from error


def _value(argument: Any, find: Callable[[Path], Any], chance: random.Random) -> Any:
    match argument:
        case Literal():
            return argument.value
        case Path():
            return find(argument)
        case _:
            return evaluate(argument, find, chance)


def _call(text: str, position: int) -> tuple[Call, int]:
    found = _CALL.match(text, position)
    if found is None:
        raise InvalidPath(f"{text!r} is not a call of an intrinsic function")
    if found[1] not in _FUNCTIONS:
        raise InvalidPath(f"{text!r}: there is no intrinsic function {found[1]}")
    position = found.end()
    arguments: list[Any] = []
    while True:
        position = _skip(text, position)
        if text.startswith(")", position) and not arguments:
            break
        argument, position = _argument(text, position)
        arguments.append(argument)
        position = _skip(text, position)
        if text.startswith(",", position):
            position += 1
            continue
        if text.startswith(")", position):
            break
        raise InvalidPath(f"{text!r} has no ) at character {position + 1}")
    return Call(found[1], tuple(arguments)), position + 1


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _argument(text: str, position: int) -> tuple[Any, int]:
    if text.startswith("States.", position):
        return _call(text, position)
    literal = _LITERAL.match(text, position)
    if literal is not None:
        return Literal(re.sub(r"\\(.)", r"\1", literal[1])), literal.end()
    if text.startswith("$", position):
        end = _end_of_path(text, position)
        return parse_path(text[position:end].strip()), end
    number = _NUMBER.match(text, position)
    if number is not None:
        return Literal(json.loads(number[0])), number.end()
    for word, value in _WORDS.items():
        if text.startswith(word, position):
            return Literal(value), position + len(word)
    raise InvalidPath(f"{text!r} cannot be read at character {position + 1}")


def _end_of_path(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        quoted = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"").match(text, position)
        if quoted is not None and depth:
            position = quoted.end()
            continue
        depth += {"[": 1, "]": -1}.get(text[position], 0)
        if depth == 0 and text[position] in ",)":
            return position
        position += 1
    return position


def _failure(name: str, reason: str) -> StateFault:
    return StateFault(INTRINSIC_FAILURE, f"{name}: {reason}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _format(values: list[Any], chance: random.Random) -> str:
    template, rest = values[0], values[1:]
    if template.count("{}") != len(rest):
        raise ValueError(f"{template!r} has {template.count('{}')} places for {len(rest)} arguments")
    pieces = template.split("{}")
    head: str = pieces[0]
    return head + "".join(_text(value) + piece for value, piece in zip(rest, pieces[1:], strict=True))


def _partition(values: list[Any], chance: random.Random) -> list[Any]:
    array, size = values
    if not isinstance(size, int) or size < 1:
        raise ValueError("the size must be a positive integer")
    return [array[start : start + size] for start in range(0, len(array), size)]


def _range(values: list[Any], chance: random.Random) -> list[int]:
    first, last, step = (int(value) for value in values)
    found = list(range(first, last + (1 if step > 0 else -1), step))
    if len(found) > MAX_RANGE:
        raise ValueError(f"more than {MAX_RANGE} elements")
    return found


def _merge(values: list[Any], chance: random.Random) -> dict[str, Any]:
    first, second, deep = values
    if deep:
        raise ValueError("only the shallow merging mode is supported: the third argument must be false")
    return {**first, **second}


def _hash(values: list[Any], chance: random.Random) -> str:
    data, algorithm = values
    names = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
    return hashlib.new(names[algorithm], _text(data).encode(), usedforsecurity=False).hexdigest()


def _unique(values: list[Any], chance: random.Random) -> list[Any]:
    found: dict[str, Any] = {}
    for value in values[0]:
        found.setdefault(json.dumps(value, sort_keys=True), value)
    return list(found.values())


def _contains(values: list[Any], chance: random.Random) -> bool:
    return any(json.dumps(one, sort_keys=True) == json.dumps(values[1], sort_keys=True) for one in values[0])


def _item(values: list[Any], chance: random.Random) -> Any:
    array, index = values
    if not isinstance(array, list) or index < 0:
        raise ValueError("needs an array and an index from 0")
    return array[index]


def _split(values: list[Any], chance: random.Random) -> list[str]:
    text, separators = values
    return [piece for piece in re.split(f"[{re.escape(separators)}]", text) if piece]


def _random(values: list[Any], chance: random.Random) -> int:
    source = random.Random(values[2]) if len(values) == 3 else chance
    return source.randrange(int(values[0]), int(values[1]))


def _encode(values: list[Any], chance: random.Random) -> str:
    if len(values[0]) > MAX_BASE64:
        raise ValueError(f"more than {MAX_BASE64} characters")
    return base64.b64encode(values[0].encode()).decode()


def _decode(values: list[Any], chance: random.Random) -> str:
    return base64.b64decode(values[0], validate=True).decode()


_Function = Callable[[list[Any], random.Random], Any]
_FUNCTIONS: Mapping[str, tuple[_Function, range]] = {
    "States.Array": (lambda values, chance: values, range(1000)),
    "States.ArrayContains": (_contains, range(2, 3)),
    "States.ArrayGetItem": (_item, range(2, 3)),
    "States.ArrayLength": (lambda values, chance: len(values[0]), range(1, 2)),
    "States.ArrayPartition": (_partition, range(2, 3)),
    "States.ArrayRange": (_range, range(3, 4)),
    "States.ArrayUnique": (_unique, range(1, 2)),
    "States.Base64Decode": (_decode, range(1, 2)),
    "States.Base64Encode": (_encode, range(1, 2)),
    "States.Format": (_format, range(1, 1000)),
    "States.Hash": (_hash, range(2, 3)),
    "States.JsonMerge": (_merge, range(3, 4)),
    "States.JsonToString": (
        lambda values, chance: json.dumps(values[0], separators=(",", ":"), ensure_ascii=False),
        range(1, 2),
    ),
    "States.MathAdd": (lambda values, chance: int(values[0]) + int(values[1]), range(2, 3)),
    "States.MathRandom": (_random, range(2, 4)),
    "States.StringSplit": (_split, range(2, 3)),
    "States.StringToJson": (lambda values, chance: json.loads(values[0]), range(1, 2)),
    "States.UUID": (
        lambda values, chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        range(1),
    ),
}
"""What each function does, and with how many arguments."""
