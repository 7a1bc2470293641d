"""The decision that every machine of this room returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

ChangeT = TypeVar("ChangeT", covariant=True)
OwedT = TypeVar("OwedT", covariant=True)


@dataclass(frozen=True, slots=True)
class Decision(Generic[ChangeT, OwedT]):
    """The answer to one event.

    ``changes`` are rows to write, to be applied in order; ``owed`` are actions that the outside world must
    carry out once the changes are stored. Each owed action is safe to repeat.
    """

    changes: tuple[ChangeT, ...] = ()
    owed: tuple[OwedT, ...] = ()
