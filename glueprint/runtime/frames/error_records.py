"""Records that could not be handled: kept beside the frame, counted, asserted on, shown as a frame of their own.

Source: developer guide, "DynamicFrame class": ``errorsCount`` is the total number of errors, ``stageErrorsCount``
that of the last transform; ``stageThreshold`` and ``totalThreshold`` are "the number of errors at which the
process should error out", and zero means that it should not. The fields of a shown error are those of the example
of ``errorsAsDynamicFrame``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark import RDD


class ErrorThresholdExceeded(RuntimeError):
    """There are as many error records as the script set for its limit."""


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where in the script a transform was called, and the script's own word for it (``info``)."""

    site: str = ""
    info: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many errors are too many: of one transform, and in all up to it. Zero: any number is fine."""

    stage: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class StageErrors:
    """What one transform could not handle: an RDD of :func:`error_record`; counting it may run the transform."""

    records: RDD[dict[str, Any]]
    thresholds: Thresholds = Thresholds()

    def count(self) -> int:
        """How many records failed."""
        return int(self.records.count())


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors on the way to a frame: those of its last transform, and those of the ones before."""

    stage: StageErrors | None = None
    before: tuple[StageErrors, ...] = ()

    @property
    def stages(self) -> tuple[StageErrors, ...]:
        """All transforms that can have failed on records, in order."""
        return self.before if self.stage is None else (*self.before, self.stage)

    def then(self, stage: StageErrors | None = None) -> Errors:
        """After one more transform, which left the errors ``stage``."""
        return Errors(stage, self.stages)

    def stage_count(self) -> int:
        """Errors of the last transform."""
        return 0 if self.stage is None else self.stage.count()

    def total(self) -> int:
        """Errors of all transforms."""
        return sum(stage.count() for stage in self.stages)

    def check(self, thresholds: Thresholds) -> None:
        """Stop the script if the last transform's ``thresholds`` are reached.

        Raises:
            ErrorThresholdExceeded: says how many errors there are and what they say.
        """
        if thresholds.stage and (found := self.stage_count()) >= thresholds.stage:
            raise ErrorThresholdExceeded(self._too_many(found, "stageThreshold", thresholds.stage))
        if thresholds.total and (found := self.total()) >= thresholds.total:
            raise ErrorThresholdExceeded(self._too_many(found, "totalThreshold", thresholds.total))

    def check_all(self) -> None:
        """:meth:`check` for every transform that led here."""
        for number, stage in enumerate(self.stages):
            Errors(stage, self.stages[:number]).check(stage.thresholds)

    def _too_many(self, found: int, name: str, limit: int) -> str:
        messages = [str(one["msg"]) for stage in self.stages for one in stage.records.take(1)]
        return f"{found} records failed, and {name} is {limit}; the first error: {(messages or [''])[0]}"


NO_ERRORS = Errors()


def error_record(
    message: str, site: CallSite, *, record: dict[str, Any] | None = None, text: str = ""
) -> dict[str, Any]:
    """One error as ``errorsAsDynamicFrame`` shows it: in a field ``error``.

    Args:
        message: what went wrong.
        site: which transform.
        record: what was to be handled, as far as it could be read.
        text: what was to be read, where it could not be.
    """
    return {
        "callsite": {"site": site.site, "info": site.info},
        "msg": message,
        "stackTrace": "",
        "input": text,
        "bytesread": len(text.encode()),
        "source": "",
        "dynamicRecord": record,
    }
