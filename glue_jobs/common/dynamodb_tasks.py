"""The Spark tasks that load files into DynamoDB: they check everything first, and write then."""

import hashlib
import tempfile
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, List, Sequence, Tuple

import pyarrow as pa

from glue_jobs.common.bad_records import BadRecord
from glue_jobs.common.choice_columns import split_table
from glue_jobs.common.clients import aws_client
from glue_jobs.common.dynamodb_items import Item, NotAnItem, key_bytes, rows_to_items
from glue_jobs.common.dynamodb_writing import ItemWriter, Rate
from glue_jobs.common.pieces import Group, Piece
from glue_jobs.common.source_plan import SourcePlan
from glue_jobs.common.source_tasks import Findings, ReadingTask
from glue_jobs.common.value_conversion import value_text

DIGEST_BYTES = 8


@dataclass(frozen=True)
class ItemPlan(SourcePlan):
    """How files are read and become items.

    Attributes:
        table: the table of DynamoDB.
        keys: the attributes of its key.
        attributes: names of attributes that differ from their column's, by column.
        units_per_second: write units of each task that runs at the same time; 0 for any.
    """

    table: str
    keys: Tuple[str, ...]
    attributes: Tuple[Tuple[str, str], ...]
    units_per_second: float


@dataclass(frozen=True)
class ItemGroup:
    """A group of files whose items are written.

    Attributes:
        group: the files.
        skipped: the positions, among the group's items, of those that a later one replaces.
    """

    group: Group
    skipped: Tuple[int, ...]


def check_group(plan: ItemPlan, group: Group) -> Tuple[Findings, bytes]:
    """Read one group's files and make its items, but write none: their keys' digests. Runs in a Spark task."""
    s3 = aws_client("s3", plan.region)
    with tempfile.TemporaryDirectory(prefix="check-") as directory:
        task = _CheckingTask(plan, group, s3, directory)
        findings = task.run()
        return findings, b"".join(task.digests)


def write_group(plan: ItemPlan, work: ItemGroup) -> Tuple[Findings, int, int, int]:
    """Write one group's items; those written, the units that they took, and those sent again. In a Spark task."""
    s3 = aws_client("s3", plan.region)
    writer = ItemWriter(aws_client("dynamodb", plan.region), plan.table, Rate(plan.units_per_second))
    with tempfile.TemporaryDirectory(prefix="items-") as directory:
        task = _WritingTask(plan, work, s3, directory, writer)
        findings = task.run()
        writer.flush()
        return findings, writer.written, writer.units, writer.repeated


class _ItemTask(ReadingTask):
    """Makes the items of a group."""

    def __init__(self, plan: ItemPlan, group: Group, s3: Any, directory: str) -> None:
        super().__init__(plan, group, s3, directory)
        self._plan = plan

    def take(self, piece: Piece, table: pa.Table) -> None:
        """Make items of rows; a row that cannot be one is a bad record."""
        rows = split_table(table)
        names = dict(self._plan.attributes)
        rows = rows.rename_columns([names.get(name, name) for name in rows.schema.names])
        items: List[Item] = []
        bad = []
        for position, item in enumerate(rows_to_items(rows, self._plan.keys)):
            if isinstance(item, NotAnItem):
                row = rows.slice(position, 1).to_pylist()[0]
                bad.append(BadRecord("a record", str(item), value_text(row)))
            else:
                items.append(item)
        self._bad.add("s3://{}/{}".format(self._plan.bucket, piece.file.key), bad)
        self.take_items(items)

    @abstractmethod
    def take_items(self, items: Sequence[Item]) -> None:
        """Take items."""


class _CheckingTask(_ItemTask):
    """Keeps the digests of the keys."""

    def __init__(self, plan: ItemPlan, group: Group, s3: Any, directory: str) -> None:
        super().__init__(plan, group, s3, directory)
        self.digests: List[bytes] = []

    def take_items(self, items: Sequence[Item]) -> None:
        """Keep a digest for each item."""
        for item in items:
            key = key_bytes(item, self._plan.keys)
            self.digests.append(hashlib.blake2b(key, digest_size=DIGEST_BYTES).digest())


class _WritingTask(_ItemTask):
    """Writes the items."""

    def __init__(self, plan: ItemPlan, work: ItemGroup, s3: Any, directory: str, writer: ItemWriter) -> None:
        super().__init__(plan, work.group, s3, directory)
        self._skipped = frozenset(work.skipped)
        self._writer = writer
        self._position = 0

    def take_items(self, items: Sequence[Item]) -> None:
        """Write the items, without those that a later one replaces."""
        for item in items:
            if self._position not in self._skipped:
                self._writer.put(item)
            self._position += 1
