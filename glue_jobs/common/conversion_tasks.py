"""The Spark tasks of a conversion: each reads and writes the files of one group."""

import os
import tempfile
from typing import Any, List, Optional, Tuple

import pyarrow as pa

from glue_jobs.common.bad_records import BadRecordFile, TooManyBadRecords
from glue_jobs.common.choice_columns import split_schema, split_table
from glue_jobs.common.clients import aws_client
from glue_jobs.common.conversion_plan import Plan, folder_keys
from glue_jobs.common.object_streams import MustNotBeCut, UnreadableFile
from glue_jobs.common.partition_folders import partition_folder
from glue_jobs.common.pieces import Group, Piece
from glue_jobs.common.row_batches import SchemaContradicted, merge_schemas
from glue_jobs.common.row_sources import find_schema, may_be_cut, read_rows
from glue_jobs.common.row_writers import RowWriter
from glue_jobs.common.type_merging import TypesDiffer

SAMPLE_BYTES = 1 << 20

GroupResult = Tuple[
    int,
    List[Tuple[Tuple[str, ...], str, int, int]],
    List[str],
    int,
    str,
    Optional[pa.Schema],
    List[str],
]
"""Rows read; the files written, as the fields of a Part; what was wrong; the number of bad records, and the first
of them; a schema that fits better; files that must not be cut. Plain values: Spark carries them back."""
SampleResult = Tuple[Optional[pa.Schema], List[str], List[str]]
"""The schema; what was wrong; files that must not be cut."""


def convert_group(plan: Plan, group: Group) -> GroupResult:
    """Convert one group's files: read each one, write below the run's folder. Runs in a Spark task."""
    s3 = aws_client("s3", plan.region)
    with tempfile.TemporaryDirectory(prefix="convert-") as directory:
        task = _Task(plan, group, s3, directory)
        try:
            for piece in group.pieces:
                task.convert(piece)
        except TooManyBadRecords:
            task.stop()
        return task.finish()


class _Task:
    """The state of :func:`convert_group`."""

    def __init__(self, plan: Plan, group: Group, s3: Any, directory: str) -> None:
        self._plan = plan
        self._group = group
        self._s3 = s3
        self._directory = directory
        self._bad = BadRecordFile(os.path.join(directory, "bad.jsonl"), plan.maximum_bad)
        self._rows = 0
        self._parts: List[Tuple[Tuple[str, ...], str, int, int]] = []
        self._problems: List[str] = []
        self._better: Optional[pa.Schema] = None
        self._uncut: List[str] = []
        self._values: Tuple[str, ...] = ()
        self._writer: Optional[RowWriter] = None
        self._is_writing = True

    def convert(self, piece: Piece) -> None:
        """Add a piece's rows; once something is wrong, only look for more of it.

        Raises:
            TooManyBadRecords: there are more than are allowed.
        """
        plan = self._plan
        if self._better is not None:
            self._look_for_types(piece)
            return
        values = tuple(value for _, value in folder_keys(piece.file.key, plan.prefix))
        try:
            for rows in read_rows(self._s3, plan.bucket, piece, plan.source, plan.target, self._directory):
                self._bad.add("s3://{}/{}".format(plan.bucket, piece.file.key), rows.bad)
                if self._is_writing and rows.table.num_rows:
                    self._open(values).write(split_table(rows.table))
                    self._rows += rows.table.num_rows
        except UnreadableFile as error:
            # All bad files of a run are reported at once.
            self._problems.append("s3://{}/{}".format(plan.bucket, error))
            self.stop()
        except TypesDiffer as error:
            self._problems.append("s3://{}/{}: {}".format(plan.bucket, piece.file.key, error))
            self.stop()
        except MustNotBeCut as error:
            self._uncut.append(str(error))
            self.stop()
        except SchemaContradicted as error:
            self._better = error.schema
            self.stop()
            self._look_for_types(piece)

    def stop(self) -> None:
        """Write nothing more: the output cannot be published."""
        self._is_writing = False

    def finish(self) -> GroupResult:
        """Upload what was written, and return the result."""
        plan = self._plan
        self._close()
        if self._bad.close():
            key = "{}bad-{:05d}.jsonl".format(plan.bad_prefix, self._group.number)
            self._s3.upload_file(self._bad.path, plan.bad_bucket, key)
        parts = self._parts if self._is_writing else []
        first = self._bad.first
        return self._rows, parts, self._problems, self._bad.count, first, self._better, self._uncut

    def _look_for_types(self, piece: Piece) -> None:
        plan = self._plan
        try:
            found = find_schema(self._s3, plan.bucket, piece, plan.source, plan.target, True, self._directory)
            self._better = merge_schemas(self._better, found, plan.target)
        except UnreadableFile as error:
            self._problems.append("s3://{}/{}".format(plan.bucket, error))
        except TypesDiffer as error:
            self._problems.append("s3://{}/{}: {}".format(plan.bucket, piece.file.key, error))
        except MustNotBeCut as error:
            self._uncut.append(str(error))

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
        if self._is_writing:
            plan = self._plan
            folder = partition_folder(plan.partition_keys, self._values)
            name = "part-{:05d}-{:04d}{}".format(self._group.number, len(self._parts), plan.output.suffix)
            key = plan.target_prefix + folder + name
            size = os.path.getsize(written.path)
            self._s3.upload_file(written.path, plan.target_bucket, key)
            self._parts.append((self._values, key, written.rows, size))
        os.remove(written.path)


def sample_group(plan: Plan, group: Group) -> SampleResult:
    """The merged schema of one group's files, from a sample of each. Runs in a Spark task."""
    s3 = aws_client("s3", plan.region)
    schema: Optional[pa.Schema] = None
    problems: List[str] = []
    uncut: List[str] = []
    with tempfile.TemporaryDirectory(prefix="sample-") as directory:
        for piece in group.pieces:
            try:
                try:
                    head = piece
                    if may_be_cut(plan.source, piece.file) and piece.file.size > SAMPLE_BYTES:
                        head = Piece(piece.file, 0, SAMPLE_BYTES)
                    found = find_schema(s3, plan.bucket, head, plan.source, plan.target, False, directory)
                except MustNotBeCut as error:
                    uncut.append(str(error))
                    found = find_schema(s3, plan.bucket, piece, plan.source, plan.target, False, directory)
                schema = found if schema is None else merge_schemas(schema, found, plan.target)
            except UnreadableFile as error:  # noqa: PERF203 - all are reported
                problems.append("s3://{}/{}".format(plan.bucket, error))
            except TypesDiffer as error:
                problems.append("s3://{}/{}: {}".format(plan.bucket, piece.file.key, error))
    return schema, problems, uncut
