"""Moving the rows of a table to other partitions, in two steps of tasks without Spark's shuffle.

*Split* tasks read groups of files and write one sorted object each (see ``row_spill``). The driver then knows how
many rows each partition has, and plans files of about the target size: a large partition is written by several
tasks, a small one is one file. *Merge* tasks read their ranges and write one file after the other. So a skewed
table needs neither many open files nor much memory, and small files come of small partitions only.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Set, Tuple

import pyarrow as pa

from glue_jobs.common.clients import aws_client
from glue_jobs.common.frozen_objects import ChangedFile, fetch_all
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.object_streams import UnreadableFile
from glue_jobs.common.partition_folders import DEFAULT_PARTITION, PartitionValues, partition_folder
from glue_jobs.common.partition_scheme import PartitionScheme, arrow_schema, column_of_value
from glue_jobs.common.row_spill import SpillRange, SpillWriter, TooManyPartitions, read_spilled
from glue_jobs.common.row_writers import OutputFormat, RowWriter
from glue_jobs.common.table_rows import RowFormat, fit_batch, other_rows, parquet_rows

SPLIT_GROUP_BYTES = 128 << 20
MIN_SPLIT_BYTES = 8 << 20
MAX_SPLIT_FILES = 1000
MAX_MERGE_BYTES = 64 << 20
MIN_MERGE_BYTES = 4 << 20


@dataclass(frozen=True)
class SplitFile:
    """A file with what its partition says about it.

    Attributes:
        bucket: its bucket.
        file: the file.
        form: how it is read.
        values: its partition's values.
    """

    bucket: str
    file: FrozenFile
    form: RowFormat
    values: PartitionValues


@dataclass(frozen=True)
class SplitGroup:
    """The work of a split task."""

    number: int
    files: Tuple[SplitFile, ...]


@dataclass(frozen=True)
class RepartitionPlan:
    """What every task needs to know.

    Attributes:
        region: AWS region.
        file_columns: names and Hive types of what the source's files contain.
        source_keys: names and Hive types of the source's partition keys.
        scheme: the new partitions.
        bucket: where the result goes.
        prefix: the key prefix of this run's folder.
        spill_prefix: the key prefix of the objects between the two steps.
        output: how the result is written.
        maximum_partitions: more of them are an error.
    """

    region: str
    file_columns: Tuple[Tuple[str, str], ...]
    source_keys: Tuple[Tuple[str, str], ...]
    scheme: PartitionScheme
    bucket: str
    prefix: str
    spill_prefix: str
    output: OutputFormat
    maximum_partitions: int

    def spill_key(self, task: int) -> str:
        """The key of a split task's object."""
        return "{}{:05d}.spill".format(self.spill_prefix, task)


@dataclass
class SplitResult:
    """What a split task has found.

    Attributes:
        rows: rows read.
        ranges: where they are.
        problems: what was wrong.
    """

    rows: int
    ranges: List[SpillRange]
    problems: List[str]


@dataclass(frozen=True)
class MergeFile:
    """A file of the result: a number that names it, and its rows."""

    number: int
    values: PartitionValues
    ranges: Tuple[SpillRange, ...]


def group_split_files(files: Sequence[SplitFile]) -> List[SplitGroup]:
    """Cut the files into tasks, about eight of them or more; the result depends on the files only."""
    total = sum(one.file.size for one in files)
    goal = min(SPLIT_GROUP_BYTES, max(MIN_SPLIT_BYTES, total // 8))
    groups: List[List[SplitFile]] = []
    size = 0
    for one in files:
        if not groups or size + one.file.size > goal * 1.1 or len(groups[-1]) >= MAX_SPLIT_FILES:
            groups.append([])
            size = 0
        groups[-1].append(one)
        size += one.file.size
    return [SplitGroup(number, tuple(members)) for number, members in enumerate(groups)]


def split_group(plan: RepartitionPlan, group: SplitGroup) -> SplitResult:
    """Read a group's files and write its object. Runs in a Spark task."""
    return split_files(aws_client("s3", plan.region), plan, group)


def split_files(s3: Any, plan: RepartitionPlan, group: SplitGroup) -> SplitResult:
    """See :func:`split_group`."""
    result = SplitResult(0, [], [])
    with tempfile.TemporaryDirectory(prefix="split-") as directory:
        spill = SpillWriter(directory, plan.scheme.key_names, plan.maximum_partitions)
        path = os.path.join(directory, "spill")
        try:
            for one, batch in _source_batches(s3, plan, group, directory, result):
                try:
                    spill.write(plan.scheme.with_keys(batch))
                except pa.ArrowException as error:
                    result.problems.append("s3://{}/{}: {}".format(one.bucket, one.file.key, error))
                    continue
                result.rows += batch.num_rows
            result.ranges = spill.close(path, group.number)
        except TooManyPartitions as error:
            result.problems.append(str(error))
        finally:
            spill.discard()
        if result.ranges and not result.problems:
            s3.upload_file(path, plan.bucket, plan.spill_key(group.number))
    return result


def _source_batches(s3: Any, plan: RepartitionPlan, group: SplitGroup, directory: str, result: SplitResult) -> Any:
    """The rows of all files, with the source's partition keys as columns; bad files become problems."""
    schema = arrow_schema(plan.file_columns)
    complete = arrow_schema((*plan.file_columns, *plan.source_keys))
    parquet = [(one.bucket, one.file) for one in group.files if one.form.name == "parquet"]
    contents = fetch_all(s3, directory, parquet)
    for one in group.files:
        name = "s3://{}/{}".format(one.bucket, one.file.key)
        try:
            if one.form.name == "parquet":
                _, content = next(contents)
                if isinstance(content, ChangedFile):
                    raise content
                batches = parquet_rows(content, one.file.key, schema)
            else:
                batches = other_rows(s3, one.bucket, one.file, one.form, schema, directory)
            for batch in batches:
                fitted = batch if batch.schema.equals(schema) else fit_batch(batch, one.file.key, schema)
                yield one, _with_folder_values(fitted, one.values, complete)
        except ChangedFile as error:
            result.problems.append(str(error))
        except UnreadableFile as error:
            # All bad files are reported at once.
            result.problems.append(str(error).replace(one.file.key, name, 1))


def _with_folder_values(batch: pa.RecordBatch, values: PartitionValues, schema: pa.Schema) -> pa.RecordBatch:
    if not values:
        return batch
    kinds = [schema.field(len(batch.schema) + index).type for index in range(len(values))]
    more = [column_of_value(one, DEFAULT_PARTITION, kind, batch.num_rows) for one, kind in zip(values, kinds)]
    return pa.RecordBatch.from_arrays([*batch.columns, *more], schema=schema)


def plan_files(ranges: Sequence[SpillRange], input_bytes: int, target_bytes: int) -> List[MergeFile]:
    """The files of the result, partition by partition.

    Args:
        ranges: of all split tasks.
        input_bytes: the size of the source's files: the result is taken to be as large, whatever its rows need in
            memory.
        target_bytes: the size of a file.
    """
    in_memory = max(1, sum(one.size for one in ranges))
    scale = input_bytes / in_memory
    partitions: Dict[PartitionValues, List[SpillRange]] = {}
    for one in sorted(ranges, key=lambda entry: (entry.values, entry.task)):
        partitions.setdefault(one.values, []).append(one)
    files: List[MergeFile] = []
    for values, members in partitions.items():
        total = sum(one.size for one in members) * scale
        goal = total / max(1, round(total / target_bytes))
        chosen: List[List[SpillRange]] = [[]]
        done = 0.0
        for one in members:
            if chosen[-1] and done + one.size * scale / 2 > goal * len(chosen):
                chosen.append([])
            chosen[-1].append(one)
            done += one.size * scale
        files += [MergeFile(len(files) + number, values, tuple(part)) for number, part in enumerate(chosen)]
    return files


def group_merge_files(files: Sequence[MergeFile]) -> List[List[MergeFile]]:
    """Put files together to tasks that are worth their start, about eight or more; the largest tasks first."""
    total = sum(part.end - part.start for one in files for part in one.ranges)
    goal = min(MAX_MERGE_BYTES, max(MIN_MERGE_BYTES, total // 8))
    tasks: List[List[MergeFile]] = []
    size = 0
    for one in files:
        more = sum(part.end - part.start for part in one.ranges)
        if not tasks or size + more > goal:
            tasks.append([])
            size = 0
        tasks[-1].append(one)
        size += more
    return sorted(tasks, key=lambda task: -sum(part.size for one in task for part in one.ranges))


MergeResult = List[Tuple[PartitionValues, str, int, int]]
"""Values, key, rows and size of each file written."""


def merge_files(plan: RepartitionPlan, files: Sequence[MergeFile]) -> MergeResult:
    """Write files of the result. Runs in a Spark task."""
    return merge_ranges(aws_client("s3", plan.region), plan, files)


def merge_ranges(s3: Any, plan: RepartitionPlan, files: Sequence[MergeFile]) -> MergeResult:
    """See :func:`merge_files`."""
    schema = arrow_schema(plan.scheme.columns)
    result: MergeResult = []
    with tempfile.TemporaryDirectory(prefix="merge-") as directory:
        local = _fetch_ranges(s3, plan, files, directory)
        for one in files:
            path = os.path.join(directory, "output")
            writer = RowWriter(path, plan.output, schema)
            for part in one.ranges:
                spilled, offset = local[part.task]
                with open(spilled, "rb") as source:
                    for batch in read_spilled(source, part.start - offset, part.end - offset, schema):
                        writer.write(pa.Table.from_batches([batch]))
            written = writer.close()
            folder = partition_folder(plan.scheme.key_names, one.values)
            key = "{}{}part-{:05d}{}".format(plan.prefix, folder, one.number, plan.output.suffix)
            size = os.path.getsize(path)
            s3.upload_file(path, plan.bucket, key)
            os.remove(path)
            result.append((one.values, key, written.rows, size))
    return result


def _fetch_ranges(
    s3: Any, plan: RepartitionPlan, files: Sequence[MergeFile], directory: str
) -> Dict[int, Tuple[str, int]]:
    """Fetch what the files need of each object, which is one range; local paths and the ranges' first bytes."""
    needed: Dict[int, Tuple[int, int]] = {}
    for part in (part for one in files for part in one.ranges):
        start, end = needed.get(part.task, (part.start, part.end))
        needed[part.task] = (min(start, part.start), max(end, part.end))
    local = {}
    for task, (start, end) in needed.items():
        path = os.path.join(directory, "spill-{:05d}".format(task))
        span = "bytes={}-{}".format(start, end - 1)
        body = s3.get_object(Bucket=plan.bucket, Key=plan.spill_key(task), Range=span)["Body"]
        with open(path, "wb") as target:
            shutil.copyfileobj(body, target, 1 << 20)
        local[task] = (path, start)
    return local


def distinct_partitions(results: Sequence[SplitResult]) -> Set[PartitionValues]:
    """The partitions of all rows."""
    return {one.values for result in results for one in result.ranges}
