"""Records that a transform could not handle: kept beside the frame, counted, asserted on.

Source: developer guide, "DynamicFrame class", error handling: ``errorsCount`` counts all errors that led to a
frame, ``stageErrorsCount`` those of its last transform, ``errorsAsDynamicFrame`` nests the error records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class ErrorRecords(Protocol):
    """The error records of one stage; counting may run the stage."""

    def count(self) -> int:
        """How many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Errors:
    """The error records that led to a frame: the last stage's ``stages[-1]`` and those before it."""

    stages: tuple[ErrorRecords, ...] = ()

    def total(self) -> int:
        """All errors up to and including the last transform."""
        return sum(stage.count() for stage in self.stages)


NO_ERRORS = Errors()
