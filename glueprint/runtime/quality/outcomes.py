"""Outcomes of rules, and how a measured number is compared with a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from glueprint.dqdl.model import Condition, Operator, Rule
from glueprint.dqdl.operands import Arithmetic, Call, Keyword, Number, Operand

PASSED = "Passed"
FAILED = "Failed"

History = Callable[[str, int], Sequence[float]]
"""Returns the newest values of a metric in earlier runs, newest first: the metric's name, how many at most."""


class RuleFailed(Exception):
    """A rule cannot be evaluated on this data; the message is its failure reason."""


@dataclass
class Outcome:
    """What became of a rule.

    Attributes:
        reason: why it failed; None if it passed.
        metrics: what was measured, by AWS's name of the metric.
        evaluated: the rule with numbers in place of what was computed from earlier runs.
    """

    rule: Rule
    passed: bool
    reason: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    evaluated: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """``Passed`` or ``Failed``."""
        return PASSED if self.passed else FAILED


def value_text(value: float | None) -> str:
    """Return a number as AWS's messages have it."""
    return "NULL" if value is None else str(value)


def unmet(value: float | None) -> str:
    """Return the failure reason for a value (DG:tutorial-data-quality, sample results)."""
    return f"Value: {value_text(value)} does not meet the constraint requirement!"


@dataclass(frozen=True)
class Comparison:
    """A condition whose operands are numbers."""

    operator: Operator
    operands: tuple[float, ...]

    def holds(self, value: float) -> bool:
        """Whether the condition is true for ``value``; ``between`` excludes its bounds (DG:dqdl)."""
        first, last = self.operands[0], self.operands[-1]
        return {
            Operator.EQUAL: lambda: value == first,
            Operator.NOT_EQUAL: lambda: value != first,
            Operator.GREATER: lambda: value > first,
            Operator.GREATER_EQUAL: lambda: value >= first,
            Operator.LESS: lambda: value < first,
            Operator.LESS_EQUAL: lambda: value <= first,
            Operator.BETWEEN: lambda: first < value < last,
            Operator.NOT_BETWEEN: lambda: value <= first or value >= last,
            Operator.IN: lambda: value in self.operands,
            Operator.NOT_IN: lambda: value not in self.operands,
        }[self.operator]()

    def __str__(self) -> str:
        return str(Condition(self.operator, tuple(Number(_short(one)) for one in self.operands)))


def comparison(condition: Condition, metric: str, history: History) -> Comparison:
    """Return a condition with its numbers computed.

    Args:
        metric: the name of the metric that functions of earlier runs are about.

    Raises:
        RuleFailed: an expression has no value.
    """
    return Comparison(condition.operator, tuple(_number(one, metric, history) for one in condition.operands))


def _short(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _number(operand: Operand, metric: str, history: History) -> float:
    found = _value(operand, metric, history)
    if isinstance(found, float):
        return found
    if len(found) == 1:
        return found[0]
    raise RuleFailed(
        "Rule threshold results in list, and a single value is expected. Use aggregation functions to produce a "
        "single value."
    )


def _value(operand: Operand, metric: str, history: History) -> float | list[float]:
    if isinstance(operand, Number):
        return operand.value
    if isinstance(operand, Arithmetic):
        left, right = _number(operand.left, metric, history), _number(operand.right, metric, history)
        if operand.operator == "/" and right == 0:
            raise RuleFailed(f"division by zero in '{operand}'")
        return {
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "/": lambda: left / right,
        }[operand.operator]()
    if isinstance(operand, Call):
        return _called(operand, metric, history)
    if operand is Keyword.NULL:
        raise RuleFailed("NULL cannot be compared with a metric; only ColumnValues knows it")
    raise RuleFailed(f"'{operand}' is not a number")


def _called(call: Call, metric: str, history: History) -> float | list[float]:
    """Functions of earlier runs (DG:dqdl, "Dynamic rules"). Without any earlier value ``last`` is 0.0."""
    if call.function == "last":
        count = int(_number(call.arguments[0], metric, history)) if call.arguments else 1
        if count < 1:
            raise RuleFailed(f"'{call}': last() takes a number from 1")
        return list(history(metric, count)) or [0.0]
    if call.function == "index" and len(call.arguments) == 2:
        values = _list(call.arguments[0], metric, history)
        at = int(_number(call.arguments[1], metric, history))
        if not 0 <= at < len(values):
            raise RuleFailed(f"'{call}': there are only {len(values)} earlier values, counted from 0")
        return values[at]
    if call.function in _AGGREGATES and len(call.arguments) == 1:
        return _AGGREGATES[call.function](_list(call.arguments[0], metric, history))
    known = ", ".join(sorted([*_AGGREGATES, "index", "last"]))
    raise RuleFailed(f"'{call}' is not a function of earlier runs; these are: {known}")


def _list(operand: Operand, metric: str, history: History) -> list[float]:
    found = _value(operand, metric, history)
    return [found] if isinstance(found, float) else found


def _average(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _median(values: Sequence[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _deviation(values: Sequence[float]) -> float:
    mean = _average(values)
    return float(_average([(one - mean) ** 2 for one in values]) ** 0.5)


def _absolute(values: Sequence[float]) -> float | list[float]:
    return abs(values[0]) if len(values) == 1 else [abs(one) for one in values]


_AGGREGATES: Mapping[str, Callable[[Sequence[float]], float | list[float]]] = {
    "abs": _absolute,
    "avg": _average,
    "max": lambda values: float(max(values)),
    "median": _median,
    "min": lambda values: float(min(values)),
    "std": _deviation,
    "sum": lambda values: float(sum(values)),
}
