"""CSV rows with more or fewer cells than columns: counted while they are read, reported at the job's end.

Spark's reader leaves surplus cells out and fills missing ones, silently. It marks such rows in a column, and a
metric over that column (``DataFrame.observe``) is computed in the pass that reads the rows: the first query of a
frame reports it. So there may be more such rows, if that query reads only some.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from glueprint.runtime.frames import lost_records
from glueprint.runtime.storage.sql_literals import quoted

_DRAIN_MILLISECONDS = 2_000


@dataclass
class Watch:
    """Counts the rows while they are read.

    Attributes:
        data: the rows; set it to the frame's data once that is made.
    """

    data: DataFrame
    observation: Observation
    columns: int
    place: str

    def line(self) -> str | None:
        """Return the line for the log, or None if there are no such rows, as far as is known."""
        count, first = self._found()
        if not count:
            return None
        rows = "1 row has" if count == 1 else f"{count:,} rows have"
        return (
            f"csv in {self.place}: {rows} more or fewer cells than the {self.columns} columns: surplus cells are "
            f"left out, missing ones are null; one of them: {first} (counted by the first query of the frame: if "
            "that does not read all rows, there may be more)"
        )

    def _found(self) -> tuple[int, str]:
        java: Any = self.observation._jo
        if java.future().isCompleted():
            found = self.observation.get
            return found["rows"], found["one"] or ""
        # A query through RDDs, as map and filter make it, reports nothing; its metric is in the plan.
        metrics = self.data._jdf.queryExecution().observedMetrics()
        row = metrics.get(self.observation._name)
        return (0, "") if row.isEmpty() else (row.get().getLong(0), row.get().getString(1) or "")


def watch(data: DataFrame, mark: str, cells: Sequence[str], place: str) -> Watch:
    """Return a watch over ``data``.

    Args:
        data: what Spark's reader returned.
        cells: the columns of the rows' cells.
        mark: the column with the text of each row whose number of cells is another one; else it is null. Spark's
            reader is right about it only without ``columnPruning``.
        place: where the files are, for the message.
    """
    observation = Observation(f"ragged rows {uuid.uuid4()}")
    marked = F.col(quoted(mark))
    # Spark refuses a query that needs no other column of the files than the mark.
    cell = F.coalesce(F.col(quoted(cells[0])), F.lit(""))
    count = F.count(F.when(marked.isNotNull(), cell))
    seen = data.observe(observation, count.alias("rows"), F.min(marked).alias("one"))
    made = Watch(seen, observation, len(cells), place)
    lost_records.report_later(lambda: _line(made))
    return made


def _line(watch: Watch) -> str | None:
    with contextlib.suppress(Exception):  # a broken Spark must not hide the script's own failure
        context: Any = watch.data.sparkSession.sparkContext
        context._jsc.sc().listenerBus().waitUntilEmpty(_DRAIN_MILLISECONDS)
        return watch.line()
    return None
