"""Error records: records that a transform could not process. They are counted, checked against thresholds, and
available as a frame.

Source: developer guide, "DynamicFrame class": ``errorsCount`` is the total number of errors,
``stageErrorsCount`` that of the last transform. ``stageThreshold`` and ``totalThreshold`` are the "maximum number
of error records that are allowed" before an exception (AWS Glue Scala DynamicFrame class); zero means no limit. An
error has the fields in the guide's example of ``errorsAsDynamicFrame``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark import RDD


class ErrorThresholdExceeded(RuntimeError):
    """There are more error records than the script allows."""


@dataclass(frozen=True)
class CallSite:
    """The place in the script where a transform was called, and the script's text for it (``info``)."""

    site: str = ""
    info: str = ""


@dataclass(frozen=True)
class Thresholds:
    """The numbers of errors, of one transform and in total, that a script allows. Zero: no limit."""

    stage: int = 0
    total: int = 0


@dataclass(frozen=True)
class StageErrors:
    """The errors of one transform: an RDD of :func:`error_record`. Counting it may run the transform."""

    records: RDD[dict[str, Any]]
    thresholds: Thresholds = Thresholds()

    def count(self) -> int:
        """The number of records that failed."""
        return int(self.records.count())


@dataclass(frozen=True)
class Errors:
    """The errors of a frame: those of its last transform, and those of the earlier ones."""

    stage: StageErrors | None = None
    before: tuple[StageErrors, ...] = ()

    @property
    def stages(self) -> tuple[StageErrors, ...]:
        """The errors of all transforms, in order."""
        return self.before if self.stage is None else (*self.before, self.stage)

    def after(self, stage: StageErrors | None = None) -> Errors:
        """The errors after one more transform, which left the errors ``stage``."""
        return Errors(stage, self.stages)

    def stage_count(self) -> int:
        """The number of errors of the last transform."""
        return 0 if self.stage is None else self.stage.count()

    def total(self) -> int:
        """The number of errors of all transforms."""
        return sum(stage.count() for stage in self.stages)

    def check(self, thresholds: Thresholds) -> None:
        """Fail if there are more errors than the ``thresholds`` of the last transform allow.

        Raises:
            ErrorThresholdExceeded: contains the number of errors and the first message.
        """
        if thresholds.stage and (found := self.stage_count()) > thresholds.stage:
            raise ErrorThresholdExceeded(self._too_many(found, "stageThreshold", thresholds.stage))
        if thresholds.total and (found := self.total()) > thresholds.total:
            raise ErrorThresholdExceeded(self._too_many(found, "totalThreshold", thresholds.total))

    def check_all(self) -> None:
        """Call :meth:`check` for every transform."""
        for number, stage in enumerate(self.stages):
            Errors(stage, self.stages[:number]).check(stage.thresholds)

    def _too_many(self, found: int, name: str, limit: int) -> str:
        messages = [str(one["msg"]) for stage in self.stages for one in stage.records.take(1)]
        return f"{found} records failed, and {name} is {limit}; the first error: {(messages or [''])[0]}"


NO_ERRORS = Errors()


def error_record(
    message: str, site: CallSite, *, record: dict[str, Any] | None = None, text: str = ""
) -> dict[str, Any]:
    """Return an error as ``errorsAsDynamicFrame`` shows it, in a field ``error``.

    Args:
        message: the error's message.
        site: the call of the transform.
        record: the record, if it could be read.
        text: the text that could not be read.
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
