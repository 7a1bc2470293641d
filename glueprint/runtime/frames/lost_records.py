"""Counts records that a transform or a reader could not process, while it runs, and reports them at the job's end.

Such records are in ``errorsAsDynamicFrame`` and not in the frame: a script that does not look there ends well with
fewer records, or with none. An accumulator counts them in the pass that loses them. A partition that is computed
again counts once: of its counts the largest is taken.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO, TypeVar

from pyspark import RDD, Accumulator, AccumulatorParam
from pyspark.sql import SparkSession
from pyspark.taskcontext import TaskContext

from glueprint.runtime.frames.error_records import CallSite

T = TypeVar("T")
_Found = dict[int, tuple[int, str]]
"""By partition: the number of lost records, and the first error."""
_MAX_MESSAGE_LENGTH = 300
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


class _LargestPerPartition(AccumulatorParam[_Found]):  # type: ignore[misc]
    def zero(self, value: _Found) -> _Found:
        return {}

    def addInPlace(self, value1: _Found, value2: _Found) -> _Found:  # noqa: N802 - PySpark's name
        for partition, found in value2.items():
            if partition not in value1 or value1[partition][0] < found[0]:
                value1[partition] = found
        return value1


_AT_ONCE = -1
"""In place of a partition: records that the driver counted."""


@dataclass(frozen=True)
class Loss:
    """The records that one place loses, which may be counted in several passes and in several ways."""

    what: str
    found: Accumulator[_Found]
    remedy: Callable[[str], str | None] = lambda first: None

    @staticmethod
    def of(session: SparkSession, what: str, remedy: Callable[[str], str | None] = lambda first: None) -> Loss:
        """Return the loss of a transform or a reader; :func:`report` prints it if there is any.

        ``remedy`` returns what to do about the first error, if that is known.
        """
        loss = Loss(what, session.sparkContext.accumulator({}, _LargestPerPartition()), remedy)
        _losses.append(loss)
        return loss

    def note(self, count: int, first: str) -> None:
        """Count all lost records at once."""
        if count:
            self.found.add({_AT_ONCE: (count, first)})

    def counted(self, records: RDD[T], message: Callable[[T], str | None]) -> RDD[T]:
        """Return the same records; those for which ``message`` returns a text are counted."""
        found = self.found

        def look(part: Iterable[T]) -> Iterator[T]:
            count, first = 0, ""
            for record in part:
                text = message(record)
                if text is not None:
                    count, first = count + 1, first or text
                yield record
            if count:
                context = TaskContext.get()
                found.add({0 if context is None else context.partitionId(): (count, first)})

        return records.mapPartitions(look, preservesPartitioning=True)

    def line(self) -> str | None:
        """Return the line for the log; None if nothing was lost."""
        found = dict(self.found.value)
        at_once = found.pop(_AT_ONCE, (0, ""))
        total = max(at_once[0], sum(count for count, _ in found.values()))
        if not total:
            return None
        text = found[min(found)][1] if found else at_once[1]
        first = text.replace("\n", " ")[:_MAX_MESSAGE_LENGTH]
        records = "1 record is" if total == 1 else f"{total:,} records are"
        remedy = self.remedy(text)
        return (
            f"{records} not in the result of {self.what}: the first error is: {first} "
            f"(all are in errorsAsDynamicFrame()){'' if remedy is None else f'; {remedy}'}"
        )


_losses: list[Loss] = []
_later: list[Callable[[], str | None]] = []


def report_later(line: Callable[[], str | None]) -> None:
    """Let :func:`report` print what ``line`` returns, if it returns something."""
    _later.append(line)


def report(stream: TextIO | None = None) -> None:
    """Print a line for each place that lost records or cells, and forget them."""
    for line in (*(loss.line for loss in _losses), *_later):
        if text := line():
            print(f"glueprint: {text}", file=stream or sys.stderr)
    _losses.clear()
    _later.clear()


def place_of(site: CallSite, what: str = "map or filter") -> str:
    """Return where a script called ``what``: the site is the text of its stack at that moment."""
    frames = [one for one in _FRAME.findall(site.site) if "/awsglue/" not in one[0].replace("\\", "/")]
    if not frames:
        return what
    path, line = frames[-1]
    return f"{what} at {os.path.basename(path)}, line {line}"


def message_of_result(result: dict[str, Any]) -> str | None:
    """Return the error in a result of a script's function, as Amazon's package makes it; None if there is none."""
    return str(result.get("errorMessage", "")) or "no message" if result.get("isError") else None
