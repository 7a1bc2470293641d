"""Spark tasks that read the files of one group: what they find, whatever becomes of the rows."""

import os
import tempfile
from abc import ABC, abstractmethod
from typing import Any, List, Optional, Tuple

import pyarrow as pa

from glue_jobs.common.bad_records import BadRecordFile, TooManyBadRecords
from glue_jobs.common.clients import aws_client
from glue_jobs.common.csv_ranges import range_quotes
from glue_jobs.common.object_streams import MustNotBeCut, UnreadableFile
from glue_jobs.common.pieces import Group, Piece
from glue_jobs.common.row_batches import SchemaContradicted, merge_schemas
from glue_jobs.common.row_sources import find_schema, may_be_cut, read_rows
from glue_jobs.common.source_plan import SourcePlan
from glue_jobs.common.type_merging import TypesDiffer

SAMPLE_BYTES = 1 << 20

Findings = Tuple[List[str], int, str, Optional[pa.Schema], List[str], List[Tuple[str, int, bool, bool]]]
"""What was wrong; the number of bad records, and the first of them; a schema that fits better; files that must not
be cut; the quotes of ranges, as :func:`disagreeing` compares them. Plain values: Spark carries them back."""
SampleResult = Tuple[Optional[pa.Schema], List[str], List[str]]
"""The schema; what was wrong; files that must not be cut."""


class ReadingTask(ABC):
    """Reads the pieces of a group; subclasses take the rows.

    Args:
        plan: how to read.
        group: what to read.
        s3: a boto3 S3 client.
        directory: a local folder.
    """

    def __init__(self, plan: SourcePlan, group: Group, s3: Any, directory: str) -> None:
        self._source_plan = plan
        self._group = group
        self._s3 = s3
        self._directory = directory
        self._bad = BadRecordFile(os.path.join(directory, "bad.jsonl"), plan.maximum_bad)
        self._problems: List[str] = []
        self._better: Optional[pa.Schema] = None
        self._uncut: List[str] = []
        self._quotes: List[Tuple[str, int, bool, bool]] = []
        self.is_sound = True
        """Whether nothing is wrong so far; once something is, rows are of no use."""

    @abstractmethod
    def take(self, piece: Piece, table: pa.Table) -> None:
        """Take rows of a piece."""

    def run(self) -> Findings:
        """Read all pieces; once something is wrong, only look for more of it."""
        try:
            for piece in self._group.pieces:
                if self._better is None:
                    self._read(piece)
                else:
                    self._look_for_types(piece)
        except TooManyBadRecords:
            self.is_sound = False
        plan = self._source_plan
        if self._bad.close():
            key = "{}bad-{:05d}.jsonl".format(plan.bad_prefix, self._group.number)
            self._s3.upload_file(self._bad.path, plan.bad_bucket, key)
        return self._problems, self._bad.count, self._bad.first, self._better, self._uncut, self._quotes

    def _read(self, piece: Piece) -> None:
        plan = self._source_plan
        try:
            for rows in read_rows(self._s3, plan.bucket, piece, plan.source, plan.target, self._directory):
                if rows.quotes:
                    self._quotes.append((piece.file.key, piece.start, *rows.quotes))
                self._bad.add("s3://{}/{}".format(plan.bucket, piece.file.key), rows.bad)
                if self.is_sound and rows.table.num_rows:
                    self.take(piece, rows.table)
        except MustNotBeCut as error:
            self.is_sound = False
            self._uncut.append(str(error))
        except (UnreadableFile, TypesDiffer, SchemaContradicted, TooManyBadRecords) as error:
            self.is_sound = False
            self._note_quotes(piece)
            if isinstance(error, TooManyBadRecords):
                raise
            if isinstance(error, SchemaContradicted):
                self._better = error.schema
                self._look_for_types(piece)
            else:
                self._note_problem(piece, error)

    def _note_problem(self, piece: Piece, error: Exception) -> None:
        # All bad files of a run are reported at once; an UnreadableFile states its key.
        text = str(error) if isinstance(error, UnreadableFile) else "{}: {}".format(piece.file.key, error)
        self._problems.append("s3://{}/{}".format(self._source_plan.bucket, text))

    def _note_quotes(self, piece: Piece) -> None:
        """Note the quotes of a range that is not read to its end."""
        plan = self._source_plan
        dialect = plan.source.csv
        if not piece.complete and plan.source.name == "csv" and dialect.multi_line and dialect.quote:
            quotes = range_quotes(self._s3, plan.bucket, piece, dialect)
            self._quotes.append((piece.file.key, piece.start, *quotes))

    def _look_for_types(self, piece: Piece) -> None:
        plan = self._source_plan
        try:
            found = find_schema(self._s3, plan.bucket, piece, plan.source, plan.target, True, self._directory)
            self._better = merge_schemas(self._better, found, plan.target)
        except (UnreadableFile, TypesDiffer) as error:
            self._note_problem(piece, error)
        except MustNotBeCut as error:
            self._uncut.append(str(error))


def sample_group(plan: SourcePlan, group: Group) -> SampleResult:
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
