"""Event patterns against an evaluator that is written from the definition, without a thought for speed."""

from __future__ import annotations

import itertools
import json
import operator
import re
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from glueprint.local.events.pattern import parse_pattern
from glueprint.local.events.value_tests import wildcard

WORDS = ("", "x", "xy", "Xy", "yx", "y", "10.0.0.1", "10.0.1.1", "*")
SCALARS = (*WORDS, 0, 1, 2, 2.0, 2.5, None, True, False)
OPERATORS: tuple[Any, ...] = (
    {"prefix": "x"},
    {"prefix": {"equals-ignore-case": "X"}},
    {"suffix": "y"},
    {"suffix": {"equals-ignore-case": "Y"}},
    {"equals-ignore-case": "xY"},
    {"wildcard": "x*y"},
    {"wildcard": r"\*"},
    {"numeric": ["<", 2]},
    {"numeric": [">", 0, "<=", 2]},
    {"numeric": ["=", 2]},
    {"exists": True},
    {"exists": False},
    {"cidr": "10.0.0.0/24"},
    {"anything-but": "x"},
    {"anything-but": [0, 1]},
    {"anything-but": {"prefix": "x"}},
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
LEVELS = 3
"""Each level of a pattern has names of its own, and so has each ``$or``: a name given twice would be refused."""


def some_pattern(random: Random, level: int = 0, name: str = "a") -> dict[str, Any]:
    """A pattern: up to two fields, sometimes a choice in addition or instead."""
    fields = {
        f"{name}{level}{number}": some_pattern(random, level + 1)
        if level < LEVELS and random.random() < 0.4
        else random.choices(SCALARS + OPERATORS, k=random.randint(1, 2))
        for number in range(random.randint(1, 2))
    }
    if level < LEVELS and random.random() < 0.3:
        branches = [some_pattern(random, level + 1, "o"), some_pattern(random, level + 1, "o")]
        return {**(fields if random.random() < 0.5 else {}), "$or": branches}
    return fields


def some_event(random: Random, pattern: dict[str, Any]) -> dict[str, Any]:
    """An event that has the pattern's fields, more or less, so that it often matches."""
    event: dict[str, Any] = {}
    for name, value in pattern.items():
        if name == "$or":
            for branch in value:
                event |= some_event(random, branch) if random.random() < 0.6 else {}
        elif random.random() < 0.9:
            event[name] = some_value(random, value)
    return event


def some_value(random: Random, value: Any, depth: int = 0) -> Any:
    """A value for a field: an object or a scalar as the pattern has it, or a list of such, or the other kind."""
    if depth < 2 and random.random() < 0.3:
        return [some_value(random, value, depth + 1) for _ in range(random.randint(0, 3))]
    if isinstance(value, dict):
        return some_event(random, value) if random.random() < 0.9 else random.choice(SCALARS)
    literals = [test for test in value if not isinstance(test, dict)]
    if random.random() < 0.1:
        return {"a00": random.choice(SCALARS)}
    return random.choice(literals) if literals and random.random() < 0.5 else random.choice(SCALARS)


Field = tuple[tuple[str, ...], Any, dict[int, int]]


def fields_of(event: dict[str, Any]) -> list[Field]:
    """Every value of an event: its path, itself, and its place in each list that is around an object around it."""
    found: list[Field] = []
    lists = itertools.count()

    def walk(value: Any, path: tuple[str, ...], places: dict[int, int]) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, (*path, name), places)
        elif isinstance(value, list):
            this = next(lists)
            for number, inner in enumerate(value):
                walk(inner, path, {**places, this: number} if isinstance(inner, (dict, list)) else places)
        else:
            found.append((path, value, places))

    walk(event, (), {})
    return found


def branches_of(pattern: dict[str, Any], path: tuple[str, ...] = ()) -> list[dict[tuple[str, ...], list[Any]]]:
    """The pattern without ``$or`` and nesting: alternatives, each a map from paths to values."""
    found: list[dict[tuple[str, ...], list[Any]]] = [{}]
    for name, value in pattern.items():
        if name == "$or":
            options = [branch for one in value for branch in branches_of(one, path)]
        elif isinstance(value, dict):
            options = branches_of(value, (*path, name))
        else:
            options = [{(*path, name): value}]
        found = [{**one, **other} for one in found for other in options]
    return found


def passes(test: Any, value: Any) -> bool:
    """Whether a value passes one test of a pattern."""
    if not isinstance(test, dict):
        return json.dumps(test) == json.dumps(value) or (_is_number(test) and _is_number(value) and test == value)
    ((kind, operand),) = test.items()
    text = value if isinstance(value, str) else None
    if kind == "exists":
        return bool(operand)
    if kind == "anything-but":
        if isinstance(operand, dict):
            return not passes(operand, value)
        return not any(passes(one, value) for one in (operand if isinstance(operand, list) else [operand]))
    if kind == "numeric":
        pairs = zip(operand[::2], operand[1::2], strict=True)
        return _is_number(value) and all(COMPARE[sign](value, bound) for sign, bound in pairs)
    if text is None:
        return False
    if kind == "cidr":
        return text.startswith("10.0.0.")
    if kind == "wildcard":
        return re.fullmatch(_expression(operand), text, re.DOTALL) is not None
    if kind == "equals-ignore-case":
        return bool(text.lower() == operand.lower())
    if isinstance(operand, dict):
        text, operand = text.lower(), operand["equals-ignore-case"].lower()
    return bool(text.startswith(operand) if kind == "prefix" else text.endswith(operand))


def naive(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Some branch has for each of its paths a value (or its permitted absence), no two in different elements."""
    fields = fields_of(event)
    for branch in branches_of(pattern):
        choices: list[list[dict[int, int]]] = []
        for path, tests in branch.items():
            there = [(value, places) for found, value, places in fields if found == path]
            places = [places for value, places in there if any(passes(test, value) for test in tests)]
            if not there and {"exists": False} in tests:
                places.append({})
            choices.append(places)
        if any(_agree(chosen) for chosen in itertools.product(*choices)):
            return True
    return False


def _agree(chosen: tuple[dict[int, int], ...]) -> bool:
    merged: dict[int, int] = {}
    for places in chosen:
        if any(merged.get(one, number) != number for one, number in places.items()):
            return False
        merged.update(places)
    return True


def _expression(glob: str) -> str:
    return re.sub(r"\\\\\\(.)|\\\*", lambda found: re.escape(found[1]) if found[1] else ".*", re.escape(glob))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@given(st.integers(min_value=0))
def test_patterns_match_what_their_definition_says(seed: int) -> None:
    """Equal to the brute force of the formal definition (aws/event-ruler README, "JSON Array Matching", "$or")."""
    random = Random(seed)
    for _ in range(5):
        pattern = some_pattern(random)
        event = some_event(random, pattern)
        assert parse_pattern(json.dumps(pattern)).matches(event) is naive(pattern, event), (pattern, event)


@given(st.text("ab*\\", max_size=8), st.text("ab*\\", max_size=8))
def test_wildcards_are_regular_expressions(glob: str, text: str) -> None:
    """A wildcard is the expression with ``.*`` for its asterisks (operators page, "Wildcard matching")."""
    try:
        parsed = wildcard(glob)
    except ValueError:
        assert re.search(r"\*\*|\\(?![\\*])", glob)
        return
    assert parsed.passes(text) is (re.fullmatch(_expression(glob), text) is not None)
