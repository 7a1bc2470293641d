"""The Spark tasks of a conversion: each reads and writes the files of one group."""

import os
import tempfile
from typing import Any, List, Optional, Tuple

import pyarrow as pa

from glue_jobs.common.choice_columns import split_schema, split_table
from glue_jobs.common.clients import aws_client
from glue_jobs.common.conversion_plan import Plan, folder_keys
from glue_jobs.common.partition_folders import partition_folder
from glue_jobs.common.pieces import Group, Piece
from glue_jobs.common.row_writers import RowWriter
from glue_jobs.common.source_tasks import Findings, ReadingTask

Written = Tuple[int, List[Tuple[Tuple[str, ...], str, int, int]]]
"""Rows read; the files written, as the fields of a Part."""


def convert_group(plan: Plan, group: Group) -> Tuple[Findings, Written]:
    """Convert one group's files: read each one, write below the run's folder. Runs in a Spark task."""
    s3 = aws_client("s3", plan.region)
    with tempfile.TemporaryDirectory(prefix="convert-") as directory:
        task = _ConvertingTask(plan, group, s3, directory)
        findings = task.run()
        return findings, task.finish()


class _ConvertingTask(ReadingTask):
    """Writes the rows, one file after the other."""

    def __init__(self, plan: Plan, group: Group, s3: Any, directory: str) -> None:
        super().__init__(plan, group, s3, directory)
        self._plan = plan
        self._rows = 0
        self._parts: List[Tuple[Tuple[str, ...], str, int, int]] = []
        self._values: Tuple[str, ...] = ()
        self._writer: Optional[RowWriter] = None

    def take(self, piece: Piece, table: pa.Table) -> None:
        """Write rows of a piece."""
        values = tuple(value for _, value in folder_keys(piece.file.key, self._plan.prefix))
        self._open(values).write(split_table(table))
        self._rows += table.num_rows

    def finish(self) -> Written:
        """Close the last file; what was written."""
        self._close()
        return self._rows, self._parts if self.is_sound else []

    def _open(self, values: Tuple[str, ...]) -> RowWriter:
        if self._writer is None or values != self._values:
            self._close()
            path = os.path.join(self._directory, "output")
            self._writer = RowWriter(path, self._plan.output, split_schema(self._plan.target.schema))
            self._values = values
        return self._writer

    def _close(self) -> None:
        if self._writer is None:
            return
        written = self._writer.close()
        self._writer = None
        if self.is_sound:
            plan = self._plan
            folder = partition_folder(plan.partition_keys, self._values)
            name = "part-{:05d}-{:04d}{}".format(self._group.number, len(self._parts), plan.output.suffix)
            key = plan.target_prefix + folder + name
            size = os.path.getsize(written.path)
            self._s3.upload_file(written.path, plan.target_bucket, key)
            self._parts.append((self._values, key, written.rows, size))
        os.remove(written.path)
