"""JSONPath, as far as the Amazon States Language uses it.

Supported: ``$``, ``$$``, ``.name``, ``['name']``, ``[n]``, ``[-n]``, ``[a,b]``, ``[a:b:c]``, ``[*]``, ``.*``,
``..name`` and ``..*``. Filters (``[?(...)]``) and functions are refused by :func:`parse_path`, which names them. A
*reference path* identifies a single node (names and indexes only).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glueprint.statemachine.faults import RESULT_PATH_MATCH_FAILURE, StateFault

_NAME = re.compile(r"[^\s.\[\]()*@,'\"?:]+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?(?::(-?\d+))?")


def json_text(value: Any) -> str:
    """Return data as compact JSON, as Step Functions stores it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class InvalidPath(Exception):
    """A text is not a path that is supported; the message names what is wrong."""


class NoMatch(Exception):
    """A path finds nothing in a document."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``keys`` are names or indexes (one of each kind or several), a slice, or None for all children."""

    keys: tuple[str | int, ...] | slice | None
    descends: bool = False
    """Whether it applies to all descendants (``..``)."""


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path; ``of_context``: it starts at the context object (``$$``)."""

    text: str
    of_context: bool
    steps: tuple[Step, ...]

    @property
    def is_reference(self) -> bool:
        """Whether it identifies a single node."""
        return all(isinstance(one.keys, tuple) and len(one.keys) == 1 and not one.descends for one in self.steps)

    @property
    def canonical(self) -> str:
        """The path as error messages have it: ``$['a'][0]``; one that selects several nodes as it was given."""
        if not self.is_reference:
            return self.text
        keys = (step.keys[0] for step in self.steps if isinstance(step.keys, tuple))
        return "$" + "".join(f"['{key}']" if isinstance(key, str) else f"[{key}]" for key in keys)

    def find(self, document: Any) -> Any:
        """Return what the path selects: the node of a reference path, else the list of all matches.

        Raises:
            NoMatch: a reference path finds nothing. A path that selects several nodes then returns an empty list.
        """
        found = [document]
        for step in self.steps:
            found = [child for node in found for child in _children(node, step)]
        if not self.is_reference:
            return found
        if not found:
            raise NoMatch(self.text)
        return found[0]


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Return a path.

    Raises:
        InvalidPath: it cannot be read, or uses what is not supported.
    """
    if not text.startswith("$"):
        raise InvalidPath(f"{text!r} is not a path: it must start with $")
    of_context = text.startswith("$$")
    position, steps = 2 if of_context else 1, []
    while position < len(text):
        step, position = _step(text, position)
        steps.append(step)
    return Path(text, of_context, tuple(steps))


def reference_path(text: str) -> Path:
    """Return a reference path to the state's data.

    Raises:
        InvalidPath: it can select several nodes, or starts at the context object.
    """
    path = parse_path(text)
    if not path.is_reference or path.of_context:
        raise InvalidPath(f"{text!r} is not a reference path: only names and indexes can follow $")
    return path


def put(document: Any, path: Path, value: Any) -> Any:
    """Return ``document`` with ``value`` at a reference path; missing objects on the way are made (ResultPath).

    Raises:
        StateFault: States.ResultPathMatchFailure.
    """
    keys = [step.keys[0] for step in path.steps if isinstance(step.keys, tuple)]
    return _put(document, keys, value, path)


def _put(document: Any, keys: list[str | int], value: Any, path: Path) -> Any:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(key, str) and isinstance(document, dict):
        return {**document, key: _put(document.get(key, {}), rest, value, path)}
    if isinstance(key, int) and isinstance(document, list) and -len(document) <= key < len(document):
        copy = list(document)
        copy[key] = _put(document[key], rest, value, path)
        return copy
    raise StateFault(
        RESULT_PATH_MATCH_FAILURE, f"Unable to apply ReferencePath {path.text} to input {str(document)[:200]}"
    )


def _step(text: str, position: int) -> tuple[Step, int]:
    if text.startswith("..", position):
        position += 2
        if text.startswith("*", position):
            return Step(None, descends=True), position + 1
        if text.startswith("[", position):
            step, position = _brackets(text, position)
            return Step(step.keys, descends=True), position
        return _named(text, position, descends=True)
    if text.startswith(".*", position):
        return Step(None), position + 2
    if text.startswith(".", position):
        return _named(text, position + 1, descends=False)
    if text.startswith("[", position):
        return _brackets(text, position)
    raise InvalidPath(f"{text!r} cannot be read at character {position + 1}")


def _named(text: str, position: int, *, descends: bool) -> tuple[Step, int]:
    found = _NAME.match(text, position)
    if found is None:
        raise InvalidPath(f"{text!r} has no name at character {position + 1}")
    if text.startswith("(", found.end()):
        raise InvalidPath(f"{text!r}: the function {found[0]}() is not supported in paths")
    return Step((found[0],), descends), found.end()


def _brackets(text: str, position: int) -> tuple[Step, int]:
    position += 1
    if text.startswith("?", position):
        raise InvalidPath(f"{text!r}: filters [?(...)] are not supported")
    if text.startswith("*]", position):
        return Step(None), position + 2
    sliced = _SLICE.match(text, position)
    if sliced is not None and text.startswith("]", sliced.end()):
        bounds = [None if one is None else int(one) for one in sliced.groups()]
        return Step(slice(*bounds)), sliced.end() + 1
    keys: list[str | int] = []
    while True:
        quoted = _QUOTED.match(text, position)
        number = re.compile(r"-?\d+").match(text, position)
        if quoted is not None:
            keys.append(re.sub(r"\\(.)", r"\1", quoted[1] if quoted[1] is not None else quoted[2]))
            position = quoted.end()
        elif number is not None:
            keys.append(int(number[0]))
            position = number.end()
        else:
            raise InvalidPath(f"{text!r} cannot be read at character {position + 1}")
        position += len(text[position:]) - len(text[position:].lstrip())
        if text.startswith(",", position):
            position += 1
            position += len(text[position:]) - len(text[position:].lstrip())
            continue
        if text.startswith("]", position):
            return Step(tuple(keys)), position + 1
        raise InvalidPath(f"{text!r} has no ] at character {position + 1}")


def _children(node: Any, step: Step) -> Iterator[Any]:
    yield from _own(node, step.keys)
    if step.descends:
        for child in _own(node, None):
            yield from _children(child, step)


def _own(node: Any, keys: tuple[str | int, ...] | slice | None) -> Iterator[Any]:
    if keys is None:
        yield from node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    elif isinstance(keys, slice):
        yield from node[keys] if isinstance(node, list) else ()
    else:
        yield from (node[key] for key in keys if _has(node, key))


def _has(node: Any, key: str | int) -> bool:
    if isinstance(key, str):
        return isinstance(node, dict) and key in node
    return isinstance(node, list) and -len(node) <= key < len(node)
