"""The comparison operators of event patterns: each a test of one JSON value that is neither object nor list.

Source: EventBridge guide, "Comparison operators for use in event patterns"; where it is silent, the behaviour and
the words of Amazon's published matcher (aws/event-ruler), which EventBridge runs.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Scalar = str | int | float | bool | None
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*")


class ValueTest(Protocol):
    """A test of one value."""

    def passes(self, value: Scalar) -> bool:
        """Whether ``value`` passes."""
        ...


@dataclass(frozen=True, slots=True)
class Equals:
    """An exact value. Numbers are compared as numbers (``300`` equals ``3.0e2``); true is not 1."""

    wanted: Scalar

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        if is_number(self.wanted):
            return is_number(value) and value == self.wanted
        return type(value) is type(self.wanted) and value == self.wanted


@dataclass(frozen=True, slots=True)
class EqualsIgnoringCase:
    """``equals-ignore-case``."""

    wanted: str

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        return isinstance(value, str) and value.lower() == self.wanted.lower()


@dataclass(frozen=True, slots=True)
class Prefix:
    """``prefix``, also of ``equals-ignore-case``."""

    wanted: str
    ignore_case: bool = False

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        if not isinstance(value, str):
            return False
        return value.lower().startswith(self.wanted.lower()) if self.ignore_case else value.startswith(self.wanted)


@dataclass(frozen=True, slots=True)
class Suffix:
    """``suffix``, also of ``equals-ignore-case``."""

    wanted: str
    ignore_case: bool = False

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        if not isinstance(value, str):
            return False
        return value.lower().endswith(self.wanted.lower()) if self.ignore_case else value.endswith(self.wanted)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``wildcard``: literal pieces with anything between them, so one piece means no asterisk at all."""

    pieces: tuple[str, ...]

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`. Takes time linear in the value."""
        if not isinstance(value, str):
            return False
        if len(self.pieces) == 1:
            return value == self.pieces[0]
        first, *inner, last = self.pieces
        end = len(value) - len(last)
        if not (value.startswith(first) and value.endswith(last)):
            return False
        position = len(first)
        for piece in inner:
            found = value.find(piece, position, end)
            if found < 0:
                return False
            position = found + len(piece)
        return position <= end


@dataclass(frozen=True, slots=True)
class Within:
    """``numeric``: bounds of a number; None means no bound."""

    low: float | None = None
    high: float | None = None
    above_low: bool = False
    below_high: bool = False

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        if not is_number(value) or not isinstance(value, (int, float)):
            return False
        if self.low is not None and (value < self.low or (self.above_low and value == self.low)):
            return False
        return self.high is None or value < self.high or (not self.below_high and value == self.high)


@dataclass(frozen=True, slots=True)
class InNetwork:
    """``cidr``: an IPv4 or IPv6 address within a block."""

    network: Network

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
            return False
        try:
            return ipaddress.ip_address(value) in self.network
        except ValueError:  # looks like an address, and is not: 300.1.1.1
            return False


@dataclass(frozen=True, slots=True)
class Present:
    """``exists: true``: any value, null too."""

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        return True


@dataclass(frozen=True, slots=True)
class Absent:
    """``exists: false``: no value passes; the field must be absent."""

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        return False


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """``anything-but``: a value of any kind that passes none of the tests."""

    unwanted: tuple[ValueTest, ...]

    def passes(self, value: Scalar) -> bool:
        """See :class:`ValueTest`."""
        return not any(test.passes(value) for test in self.unwanted)


def is_number(value: object) -> bool:
    """Whether ``value`` is a JSON number (in Python, Booleans are numbers too)."""
    return type(value) in (int, float)


def wildcard(text: str) -> Wildcard:
    r"""Read a wildcard: ``*`` is anything, ``\*`` and ``\\`` are the characters.

    Raises:
        ValueError: two asterisks in a row, or a backslash before something else.
    """
    pieces, piece, position = [], "", 0
    while position < len(text):
        character, following = text[position], text[position + 1 : position + 2]
        if character == "\\":
            if following not in ("*", "\\"):
                raise ValueError(f"Invalid escape character at pos {position}")
            piece += following
            position += 1
        elif character == "*":
            if following == "*":
                raise ValueError(f"Consecutive wildcard characters at pos {position}")
            pieces.append(piece)
            piece = ""
        else:
            piece += character
        position += 1
    return Wildcard((*pieces, piece))


def network(text: str) -> InNetwork:
    """Read ``10.0.0.0/24``; bits outside the mask are ignored.

    Raises:
        ValueError: it is not one, or its mask leaves a single address (EventBridge refuses that).
    """
    address, slash, mask = text.partition("/")
    if not slash or "/" in mask:
        raise ValueError("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[0-9]{1,3}", mask):
        raise ValueError("Malformed CIDR, mask bits must be an integer")
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"Nonstandard IP address: {address}")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise ValueError(f"Nonstandard IP address: {address}") from None
    if int(mask) >= parsed.max_prefixlen:
        raise ValueError(f"IPv{parsed.version} mask bits must be < {parsed.max_prefixlen}")
    return InNetwork(ipaddress.ip_network(f"{parsed}/{mask}", strict=False))


def numeric(terms: Sequence[object]) -> Within:
    """Read ``["=", 5]``, ``[">", 0]``, ``[">=", 0, "<", 5]``.

    Raises:
        ValueError: another form.
    """
    if not terms or not isinstance(terms[0], str):
        raise ValueError(f"Invalid member in numeric match: {terms[0] if terms else 'nothing'}")
    operator = terms[0]
    if operator not in ("=", "<", "<=", ">", ">="):
        raise ValueError(f"Unrecognized numeric range operator: {operator}")
    low = _operand(terms, 1, "equals" if operator == "=" else operator)
    rest = terms[2:]
    if not rest:
        match operator:
            case "=":
                return Within(low, low)
            case "<" | "<=":
                return Within(high=low, below_high=operator == "<")
            case _:
                return Within(low, above_low=operator == ">")
    if operator not in (">", ">="):
        raise ValueError("Too many elements in numeric expression")
    if rest[0] not in ("<", "<="):
        raise ValueError(f"Bad numeric range operator: {rest[0]}")
    high = _operand(rest, 1, rest[0])
    if len(rest) > 2:
        raise ValueError("Too many terms in numeric range expression")
    if low >= high:
        raise ValueError("Bottom must be less than top")
    return Within(low, high, above_low=operator == ">", below_high=rest[0] == "<")


def _operand(terms: Sequence[object], place: int, operator: object) -> float:
    value = terms[place] if place < len(terms) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"Value of {operator} must be numeric")
    return value
