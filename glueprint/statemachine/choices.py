"""Rules of Choice states: read, and evaluated (SFN:amazon-states-language-choice-state)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.statemachine.faults import RUNTIME, StateFault
from glueprint.statemachine.paths import InvalidPath, NoMatch, parse_path
from glueprint.statemachine.templates import Scope


@dataclass(frozen=True, slots=True)
class Comparison:
    """``variable`` compared with a value, or with what a path selects."""

    variable: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Combination:
    """``And``, ``Or`` or ``Not`` of other conditions."""

    operator: str
    conditions: tuple[Condition, ...]


Condition = Comparison | Combination


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, and the state that follows if it is true."""

    condition: Condition
    next: str


def _matches(text: str, pattern: str) -> bool:
    """StringMatches: ``*`` is any text, ``\\*`` an asterisk."""
    pieces = [
        re.escape(piece.replace("\\*", "*").replace("\\\\", "\\")) for piece in re.split(r"(?<!\\)\*", pattern)
    ]
    return re.fullmatch(".*".join(pieces), text, re.DOTALL) is not None


def instant(value: Any) -> datetime | None:
    """Return a time with a zone in the form of the specification (RFC 3339 with T); None: it is not one."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", value):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "String": lambda value: value if isinstance(value, str) else None,
    "Numeric": lambda value: value if _is_number(value) else None,
    "Timestamp": instant,
}
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": _is_number,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: instant(value) is not None,
}
_COMPARED = {f"{type_}{order}": (type_, order) for type_ in _TYPES for order in _ORDER}
OPERATORS: Mapping[str, type] = {
    **{name: {"String": str, "Numeric": float, "Timestamp": str}[type_] for name, (type_, _) in _COMPARED.items()},
    **{f"{name}Path": str for name in _COMPARED},
    "BooleanEquals": bool,
    "BooleanEqualsPath": str,
    "StringMatches": str,
    **dict.fromkeys(_KINDS, bool),
    "IsPresent": bool,
}
"""Each comparison, and the type of its value."""


def is_true(condition: Condition, scope: Scope) -> bool:
    """Return whether a condition is true.

    Raises:
        StateFault: States.Runtime: a variable does not exist.
    """
    match condition:
        case Combination(operator="And"):
            return all(is_true(one, scope) for one in condition.conditions)
        case Combination(operator="Or"):
            return any(is_true(one, scope) for one in condition.conditions)
        case Combination():
            return not is_true(condition.conditions[0], scope)
        case _:
            return _compare(condition, scope)


def _compare(comparison: Comparison, scope: Scope) -> bool:
    name, wanted = comparison.operator, comparison.value
    if name == "IsPresent":
        try:
            scope.find(parse_path(comparison.variable))
        except NoMatch:
            return not wanted
        return bool(wanted)
    actual = _variable(comparison.variable, scope)
    if name in _KINDS:
        return _KINDS[name](actual) is bool(wanted)
    if name.endswith("Path"):
        name, wanted = name.removesuffix("Path"), _variable(wanted, scope)
    if name == "StringMatches":
        return isinstance(actual, str) and _matches(actual, wanted)
    if name == "BooleanEquals":
        return isinstance(actual, bool) and isinstance(wanted, bool) and actual == wanted
    type_, order = _COMPARED[name]
    left, right = _TYPES[type_](actual), _TYPES[type_](wanted)
    return left is not None and right is not None and _ORDER[order](left, right)


def _variable(text: str, scope: Scope) -> Any:
    try:
        return scope.find(parse_path(text))
    except NoMatch as error:
        cause = f"Invalid path '{text}': The choice state's condition path references an invalid value."
        raise StateFault(RUNTIME, cause) from error


class ConditionReader:
    """Reads conditions; ``faults`` collects place and text of what is wrong."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []

    def read(self, body: Any, place: str, *, is_rule: bool = False) -> Condition | None:
        """Return a condition; None if it has a fault."""
        if not isinstance(body, dict):
            self.faults.append((place, "a choice rule must be an object"))
            return None
        names = [name for name in body if name not in ("Next", "Comment", "Variable")]
        if not is_rule and "Next" in body:
            self.faults.append((f"{place}/Next", "only the outermost rule can have Next"))
        if len(names) != 1:
            found = ", ".join(names) or "none"
            self.faults.append((place, f"a choice rule must have exactly one operator, and has {found}"))
            return None
        name, value = names[0], body[names[0]]
        if name in ("And", "Or", "Not"):
            return self._combination(name, value, place)
        return self._comparison(name, value, body, place)

    def _combination(self, name: str, value: Any, place: str) -> Condition | None:
        bodies = [value] if name == "Not" else value
        if not isinstance(bodies, list) or not bodies:
            self.faults.append((f"{place}/{name}", "must be a list of rules that is not empty"))
            return None
        parts = [self.read(one, f"{place}/{name}[{number}]") for number, one in enumerate(bodies)]
        return Combination(name, tuple(one for one in parts if one is not None))

    def _comparison(self, name: str, value: Any, body: Mapping[str, Any], place: str) -> Condition | None:
        type_ = OPERATORS.get(name)
        if type_ is None:
            self.faults.append((f"{place}/{name}", f"there is no operator {name}"))
            return None
        if not (_is_number(value) if type_ is float else isinstance(value, type_)):
            self.faults.append((f"{place}/{name}", f"the value must be a {_TYPE_NAMES[type_]}"))
            return None
        if name.startswith("Timestamp") and not name.endswith("Path") and instant(value) is None:
            self.faults.append((f"{place}/{name}", f"{value!r} is not a timestamp such as 2024-08-18T17:33:00Z"))
        for member, path in self._paths(name, value, body):
            try:
                if not isinstance(path, str):
                    raise InvalidPath("the rule needs Variable, a path")
                if not parse_path(path).is_reference:
                    raise InvalidPath(f"{path!r} can select several values")
            except InvalidPath as error:
                self.faults.append((f"{place}/{member}", str(error)))
        return Comparison(str(body.get("Variable")), name, value)

    @staticmethod
    def _paths(name: str, value: Any, body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        yield "Variable", body.get("Variable")
        if name.endswith("Path"):
            yield name, value


_TYPE_NAMES = {str: "string", float: "number", bool: "boolean"}
