"""Event patterns: the events that a rule selects, as pure functions.

Source: EventBridge guide, "Event pattern syntax" and "Comparison operators for use in event patterns". Fields are
joined by *and*, the values of a field by *or*; lists in an event are looked through, but two fields never match in
different elements of one list (aws/event-ruler, "JSON Array Matching").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

from glueprint.blueprint.json_text import JsonFault, kind_of, read_object
from glueprint.local.events.value_tests import (
    Absent,
    AnythingBut,
    Equals,
    EqualsIgnoringCase,
    Prefix,
    Present,
    Scalar,
    Suffix,
    ValueTest,
    is_number,
    network,
    numeric,
    wildcard,
)

MAX_DEPTH = 100
"""Levels of objects in a pattern. EventBridge limits only the size; more would exhaust Python's stack."""
MAX_COMBINATIONS = 1000
"""Rule combinations that the lists of ``$or`` can make ("OR matching" in the guide)."""

_OR = "$or"
_OPERATORS = frozenset(
    ("prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "cidr", "wildcard")
)


class InvalidPattern(ValueError):
    """A text is not an event pattern.

    Attributes:
        faults: everything that is wrong with it, each with the path of the field.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field with the values that it may have."""

    path: Path
    tests: tuple[ValueTest, ...]

    @property
    def may_be_absent(self) -> bool:
        """Whether ``exists: false`` is among the tests."""
        return any(isinstance(test, Absent) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Group:
    """An object of the pattern: all its fields must match, and of each ``$or`` one branch."""

    fields: tuple[tuple[str, Leaf | Group], ...]
    choices: tuple[tuple[Group, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """An event pattern that can be matched."""

    root: Group

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether the pattern selects an event, given as its JSON object."""
        return _holds(self.root, event, event)


@lru_cache(maxsize=1024)
def parse_pattern(text: str) -> Pattern:
    """Read an event pattern.

    Raises:
        InvalidPattern: all its faults.
    """
    try:
        document = read_object(text)
    except JsonFault as error:
        raise InvalidPattern([str(error)]) from error
    faults: list[str] = []
    root = _group(document, (), faults)
    if not faults:
        faults += [f"Path `{'.'.join(path)}` cannot be allowed multiple times" for path in _repeated(root)]
    if not faults and (count := _combinations(root)) > MAX_COMBINATIONS:
        faults.append(f"$or makes {count} rule combinations, which is more than {MAX_COMBINATIONS}")
    if faults:
        raise InvalidPattern(faults)
    return Pattern(root)


# Matching


def _holds(group: Group, node: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    for name, field in group.fields:
        if isinstance(field, Leaf):
            if not _leaf_holds(field, node.get(name, ()), event):
                return False
        elif not any(_holds(field, child, event) for child in _objects(node.get(name))):
            return False
    return all(any(_holds(branch, node, event) for branch in branches) for branches in group.choices)


def _leaf_holds(leaf: Leaf, value: Any, event: Mapping[str, Any]) -> bool:
    if any(test.passes(scalar) for scalar in _scalars(value) for test in leaf.tests):
        return True
    return leaf.may_be_absent and not _is_anywhere(leaf.path, event)


def _is_anywhere(path: Path, event: Mapping[str, Any]) -> bool:
    """Whether the event has a value at ``path``: absence concerns the complete event, not an element of a list."""
    nodes: list[Mapping[str, Any]] = [event]
    for name in path[:-1]:
        nodes = [child for node in nodes for child in _objects(node.get(name))]
    return any(True for node in nodes for _ in _scalars(node.get(path[-1], ())))


def _scalars(value: Any) -> Iterator[Scalar]:
    """Return the values of a field: itself, or the items of its lists; objects are not values."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, (list, tuple)):
            pending += one
        elif not isinstance(one, Mapping):
            yield one


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects at a field, also those in its lists; without any, an empty one: its fields are absent."""
    found: list[Mapping[str, Any]] = []
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, (list, tuple)):
            pending += one
        elif isinstance(one, Mapping):
            found.append(one)
    return found or [{}]


# Reading


def _group(document: Mapping[str, Any], path: Path, faults: list[str], *, in_or: bool = False) -> Group:
    if not document:
        faults.append(f"Empty objects are not allowed{_at(path)}")
    if len(path) > MAX_DEPTH:
        faults.append(f"Objects are nested deeper than {MAX_DEPTH} levels{_at(path[:3])}")
        return Group(())
    fields: list[tuple[str, Leaf | Group]] = []
    choices: list[tuple[Group, ...]] = []
    for name, value in document.items():
        here = (*path, name)
        if name == _OR:
            choices.append(_choice(value, path, faults))
        elif in_or and name in _OPERATORS:
            faults.append(f"{name} is a reserved field name which cannot be used inside $or{_at(path)}")
        elif isinstance(value, dict):
            fields.append((name, _group(value, here, faults, in_or=in_or)))
        elif isinstance(value, list):
            fields.append((name, _leaf(value, here, faults)))
        else:
            faults.append(f'"{name}" must be an object or an array{_at(path)}')
    return Group(tuple(fields), tuple(choices))


def _choice(value: Any, path: Path, faults: list[str]) -> tuple[Group, ...]:
    here = (*path, _OR)
    if not isinstance(value, list):
        faults.append(f"It must be an Array followed with $or{_at(here)}")
        return ()
    if not all(isinstance(branch, dict) for branch in value):
        faults.append(f"Only JSON object is allowed in array of $or relationship{_at(here)}")
        return ()
    if len(value) < 2:
        faults.append(f"There must have at least 2 Objects in $or relationship{_at(here)}")
    return tuple(_group(branch, path, faults, in_or=True) for branch in value)


def _leaf(values: Sequence[Any], path: Path, faults: list[str]) -> Leaf:
    if not values:
        faults.append(f"Empty arrays are not allowed{_at(path)}")
    tests: list[ValueTest] = []
    for value in values:
        try:
            tests.append(_test(value))
        except ValueError as error:
            faults.append(f"{error}{_at(path)}")
    return Leaf(path, tuple(tests))


def _test(value: Any) -> ValueTest:
    """One value of a field's list. Every fault is a ValueError."""
    if isinstance(value, list):
        raise ValueError("Match value must be String, number, true, false, or null")
    if not isinstance(value, dict):
        return Equals(value)
    name, operand = _only_member(value, "Match expression name not found")
    match name:
        case "prefix" | "suffix":
            return _affix(name, operand)
        case "equals-ignore-case":
            return EqualsIgnoringCase(_text(operand, name))
        case "wildcard":
            return wildcard(_text(operand, name))
        case "cidr":
            return network(_text(operand, name))
        case "numeric":
            if not isinstance(operand, list):
                raise ValueError("Value of numeric must be an array.")
            return numeric(operand)
        case "exists":
            if not isinstance(operand, bool):
                raise ValueError("exists match pattern must be either true or false.")
            return Present() if operand else Absent()
        case "anything-but":
            return AnythingBut(_unwanted(operand))
        case _:
            raise ValueError(f"Unrecognized match type {name}")


def _affix(name: str, operand: Any) -> Prefix | Suffix:
    kind = Prefix if name == "prefix" else Suffix
    if not isinstance(operand, dict):
        return kind(_text(operand, name))
    inner, text = _only_member(operand, f"{name.capitalize()} expression name not found")
    if inner != "equals-ignore-case":
        raise ValueError(f"Unsupported {name} pattern: {inner}")
    return kind(_text(text, inner), ignore_case=True)


def _unwanted(operand: Any) -> tuple[ValueTest, ...]:
    if isinstance(operand, dict):
        name, inner = _only_member(operand, "Anything-But expression name not found")
        texts = inner if isinstance(inner, list) else [inner]
        if not texts:
            raise ValueError("Empty arrays are not allowed")
        return tuple(_unwanted_text(name, _text(text, name)) for text in texts)
    if not isinstance(operand, list):
        if not is_number(operand) and not isinstance(operand, str):
            raise ValueError("Value of anything-but must be an array or single string/number value.")
        return (Equals(operand),)
    strings = sum(isinstance(value, str) for value in operand)
    numbers = sum(is_number(value) for value in operand)
    if strings + numbers < len(operand):
        raise ValueError("Inside anything but list, start|null|boolean is not supported.")
    if not operand or (strings and numbers):
        raise ValueError(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    return tuple(Equals(value) for value in operand)


def _unwanted_text(name: str, text: str) -> ValueTest:
    match name:
        case "prefix" | "suffix":
            if not text:
                raise ValueError("Null prefix/suffix not allowed")
            return Prefix(text) if name == "prefix" else Suffix(text)
        case "equals-ignore-case":
            return EqualsIgnoringCase(text)
        case "wildcard":
            return wildcard(text)
        case _:
            raise ValueError(f"Unsupported anything-but pattern: {name}")


def _only_member(expression: Mapping[str, Any], nothing: str) -> tuple[str, Any]:
    if not expression:
        raise ValueError(nothing)
    if len(expression) > 1:
        raise ValueError("Only one key allowed in match expression")
    return next(iter(expression.items()))


def _text(operand: Any, name: str) -> str:
    if not isinstance(operand, str):
        raise ValueError(f"{name} match pattern must be a string, not {kind_of(operand)}")
    return operand


def _at(path: Path) -> str:
    return f" at {'.'.join(path)}" if path else ""


# Rules that concern several fields


def _repeated(group: Group) -> list[Path]:
    """Return the paths that an event must satisfy twice: a field next to a ``$or`` with the same field."""
    seen: set[Path] = set()
    found: list[Path] = []
    for paths in _parts(group):
        found += sorted(paths & seen)
        seen |= paths
    inner = [field for _, field in group.fields if isinstance(field, Group)]
    for child in [*inner, *(branch for branches in group.choices for branch in branches)]:
        found += _repeated(child)
    return list(dict.fromkeys(found))


def _parts(group: Group) -> Iterator[set[Path]]:
    for _, field in group.fields:
        yield {field.path} if isinstance(field, Leaf) else _paths(field)
    for branches in group.choices:
        yield {path for branch in branches for path in _paths(branch)}


def _paths(group: Group) -> set[Path]:
    return {path for paths in _parts(group) for path in paths}


def _combinations(group: Group) -> int:
    fields = prod(_combinations(field) for _, field in group.fields if isinstance(field, Group))
    return fields * prod(sum(_combinations(branch) for branch in branches) for branches in group.choices)
