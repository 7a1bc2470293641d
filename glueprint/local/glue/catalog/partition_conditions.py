"""Conditions over the values of one partition (pure).

A condition has three results, as in SQL: a key whose value is null is neither equal nor unequal to any value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from glueprint.facts.partition_names import DEFAULT_PARTITION
from glueprint.local.glue.catalog.partition_types import STRING, Comparable, Kind, NotOfType
from glueprint.local.protocol.errors import ApiError, invalid_input


class Condition(Protocol):
    """A condition over the values of one partition: true, false, or unknown (None)."""

    def __call__(self, values: Sequence[str]) -> bool | None:
        """Raises: ApiError, if a value does not fit its key's declared type."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """A partition key.

    Args:
        place: its position among the values.
    """

    place: int
    kind: Kind

    def text(self, values: Sequence[str]) -> str:
        """Return the value as stored; null if the partition is older than the key."""
        return values[self.place] if self.place < len(values) else DEFAULT_PARTITION

    def value(self, values: Sequence[str]) -> Comparable | None:
        """Return the value; None for null.

        Raises:
            ApiError: ``InvalidStateException`` if the value is not of the key's type.
        """
        text = self.text(values)
        if text == DEFAULT_PARTITION and self.kind is not STRING:
            return None
        try:
            return self.kind.cast(text)
        except NotOfType as error:
            raise ApiError("InvalidStateException", str(error)) from error

    def literal(self, text: str) -> Comparable:
        """Return a value of an expression that the key is compared with.

        Raises:
            ApiError: it is not of the key's type.
        """
        try:
            return self.kind.cast(text)
        except NotOfType as error:
            raise invalid_input(str(error)) from error


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """A condition on one key's value; unknown if that is null."""

    key: Key
    condition: Callable[[Comparable], bool]

    def __call__(self, values: Sequence[str]) -> bool | None:
        value = self.key.value(values)
        return None if value is None else self.condition(value)


@dataclass(frozen=True, slots=True)
class IsNull:
    """True if the key's value is null."""

    key: Key

    def __call__(self, values: Sequence[str]) -> bool | None:
        return self.key.text(values) == DEFAULT_PARTITION


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition; unknown if that is unknown."""

    test: Condition

    def __call__(self, values: Sequence[str]) -> bool | None:
        found = self.test(values)
        return None if found is None else not found


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if one condition is true, false if all are false."""

    tests: tuple[Condition, ...]

    def __call__(self, values: Sequence[str]) -> bool | None:
        return _first_decided(self.tests, values, decisive=True)


@dataclass(frozen=True, slots=True)
class AllOf:
    """True if all conditions are true, false if one is false."""

    tests: tuple[Condition, ...]

    def __call__(self, values: Sequence[str]) -> bool | None:
        return _first_decided(self.tests, values, decisive=False)


def _first_decided(tests: tuple[Condition, ...], values: Sequence[str], *, decisive: bool) -> bool | None:
    answer: bool | None = not decisive
    for test in tests:
        found = test(values)
        if found is decisive:
            return decisive
        if found is None:
            answer = None
    return answer
