"""A source of tables in memory, for jobs that copy tables: no Spark, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from glue_jobs.common.frame_parquet import FrameTarget, write_files
from glue_jobs.common.listed_tables import ListedTable
from glue_jobs.common.publishing import Part
from glue_jobs.common.table_source import Slice

HIVE = {pa.int64(): "bigint", pa.string(): "string"}


class FakeFrame:
    """What the jobs use of a DataFrame."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        fields = []
        for field in table.schema:
            hive = HIVE[field.type]
            fields.append(
                SimpleNamespace(name=field.name, dataType=SimpleNamespace(simpleString=lambda hive=hive: hive))
            )
        self.schema = SimpleNamespace(fields=fields)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows."""
        return iter(self.table.to_batches())


def write_fake(frame: FakeFrame, target: FrameTarget) -> list[Part]:
    """What ``write_frame`` does, in this process."""
    return list(write_files(target, 0, frame.batches(), even_if_empty=not target.keys))


class FakeTables:
    """Tables with the columns ``id`` and ``note``.

    Args:
        rows: by table.
        counted: what the source counts, given the real number of rows.
    """

    def __init__(
        self, rows: dict[str, list[tuple[int, str]]], counted: Callable[[int], int] = lambda count: count
    ) -> None:
        self.rows = rows
        self.counted = counted
        self.tasks = 1
        self.is_consistent = True
        self.open = False

    def begin(self, tables: Sequence[ListedTable]) -> None:
        """See TableSource."""
        self.open = True

    def slice(self, table: ListedTable, column: str, low: str) -> Slice:
        """See TableSource; the only incremental column is ``id``."""
        assert self.open
        rows = [row for row in self.rows[table.name] if not low or row[0] > int(low)]
        data = pa.table(
            {"id": pa.array([a for a, _ in rows], pa.int64()), "note": pa.array([b for _, b in rows], pa.string())}
        )
        high = str(max((row[0] for row in rows), default="")) if column else ""
        return Slice(table, FakeFrame(data), 1, lambda _: self.counted(len(rows)), high)

    def close(self) -> None:
        """See TableSource."""
        self.open = False


def listed(*names: str) -> tuple[Any, ...]:
    """Tables of the schema public."""
    return tuple(ListedTable("public", name) for name in names)
