"""What a condition compares with: numbers and expressions of numbers, texts, keywords, dates, durations, sizes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Union

from glueprint.dqdl.tokens import quoted


class Keyword(Enum):
    """Stands for a kind of value (DG:dqdl, "Keywords for NULL, EMPTY and WHITESPACES_ONLY")."""

    NULL = "NULL"
    EMPTY = "EMPTY"
    WHITESPACES_ONLY = "WHITESPACES_ONLY"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Number:
    """A number as it was written."""

    text: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Call:
    """A function of metrics of earlier runs: ``last(3)``, ``avg(last(10))``."""

    function: str
    arguments: tuple[NumberExpression, ...] = ()

    def __str__(self) -> str:
        return f"{self.function}({','.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Arithmetic:
    """Two numbers with an operator; operators are applied from left to right, without precedence.

    The right one is in parentheses if it is an operation.
    """

    left: NumberExpression
    operator: str
    right: NumberExpression
    in_parentheses: bool = False

    def __str__(self) -> str:
        text = f"{self.left} {self.operator} {self.right}"
        return f"({text})" if self.in_parentheses else text


NumberExpression = Union[Number, Call, Arithmetic]


@dataclass(frozen=True)
class Text:
    """A quoted text."""

    value: str

    def __str__(self) -> str:
        return quoted(self.value)


class Unit(Enum):
    """A unit of time, in minutes."""

    DAYS = 24 * 60
    HOURS = 60
    MINUTES = 1

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Duration:
    """``3 days``."""

    amount: int
    unit: Unit

    @property
    def minutes(self) -> int:
        """The length in minutes."""
        return self.amount * self.unit.value

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


SIZE_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}


@dataclass(frozen=True)
class Size:
    """``10 MB``."""

    amount: int
    unit: str

    @property
    def bytes(self) -> int:
        """The size in bytes."""
        return self.amount * SIZE_UNITS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


@dataclass(frozen=True)
class Date:
    """A day (``"2022-06-30"``) or a time of the current day (``"9:30 AM"``, ``"21:45"``)."""

    text: str

    def at(self, now: datetime.datetime) -> datetime.datetime:
        """Return the point in time, if it is ``now``."""
        if "-" in self.text:
            return datetime.datetime.fromisoformat(self.text)
        is_half_day = self.text.endswith(("AM", "PM"))
        time = datetime.datetime.strptime(self.text, "%I:%M %p" if is_half_day else "%H:%M").time()
        return datetime.datetime.combine(now.date(), time)

    def __str__(self) -> str:
        return quoted(self.text)


@dataclass(frozen=True)
class Now:
    """``now()``, or some time before or after it; seconds are cut off, as AWS's evaluation does."""

    sign: str = ""
    duration: Duration | None = None

    def at(self, now: datetime.datetime) -> datetime.datetime:
        """Return the point in time, if it is ``now``."""
        moment = now.replace(second=0, microsecond=0, tzinfo=None)
        if self.duration is None:
            return moment
        length = datetime.timedelta(minutes=self.duration.minutes)
        return moment - length if self.sign == "-" else moment + length

    def __str__(self) -> str:
        return "now()" if self.duration is None else f"(now() {self.sign} {self.duration})"


Operand = Union[Number, Call, Arithmetic, Text, Keyword, Date, Now, Duration, Size]


class OperandKind(Enum):
    """What the operands of one condition are."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    DURATION = "duration"
    SIZE = "size"


def kind_of(operand: Operand) -> OperandKind | None:
    """Return the kind of an operand; None for NULL, which goes with numbers, texts and dates."""
    if operand is Keyword.NULL:
        return None
    if isinstance(operand, (Text, Keyword)):
        return OperandKind.TEXT
    if isinstance(operand, (Date, Now)):
        return OperandKind.DATE
    if isinstance(operand, Duration):
        return OperandKind.DURATION
    return OperandKind.SIZE if isinstance(operand, Size) else OperandKind.NUMBER


def has_history(operand: Operand) -> bool:
    """Whether an operand calls functions of earlier runs, which makes its rule a dynamic one."""
    if isinstance(operand, Arithmetic):
        return has_history(operand.left) or has_history(operand.right)
    return isinstance(operand, Call)


def any_history(operands: Sequence[Operand]) -> bool:
    """Whether any operand calls functions of earlier runs."""
    return any(has_history(one) for one in operands)
