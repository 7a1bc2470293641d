"""Rewriting complete files: bins are planned on the driver, Arrow or plain bytes do the work inside Spark's tasks.

A bin is a list of files of one partition that become one file. Values and types are never changed: files with
different schemas become different files, so that a reader sees the same rows before and after. There is no
shuffle, and a task's memory does not depend on the number or the size of the files.
"""

import heapq
import os
import tempfile
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Protocol, Sequence, Tuple

from glue_jobs.common.clients import aws_client
from glue_jobs.common.even_parts import FILE_COST, count_tasks, even_parts
from glue_jobs.common.frozen_objects import ChangedFile, Content, fetch_all
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.rewrite_manifest import FrozenPartition

TASK_COST = 128 << 20
"""A task that has less to do is hardly worth its start."""
MAX_SHOWN_PROBLEMS = 50


class UnrewritableFile(Exception):
    """A file is broken, or cannot be rewritten without a change."""


class RewriteFailed(Exception):
    """Files could not be rewritten; nothing was published."""


@dataclass(frozen=True)
class Bin:
    """Files that become one file.

    Attributes:
        number: unique in the run; it names the output.
        file_format: of the files.
        header_lines: at the start of each text file.
        bucket: where the output goes.
        prefix: the output's folder.
        values: the partition's values.
        files: buckets and files.
    """

    number: int
    file_format: str
    header_lines: int
    bucket: str
    prefix: str
    values: Tuple[str, ...]
    files: Tuple[Tuple[str, FrozenFile], ...]

    @property
    def total_bytes(self) -> int:
        """The size of the files."""
        return sum(file.size for _, file in self.files)

    @property
    def cost(self) -> int:
        """How long it takes to rewrite them, in bytes."""
        return self.total_bytes + FILE_COST * len(self.files)


@dataclass(frozen=True)
class RewriteOptions:
    """What every task needs to know.

    Attributes:
        region: AWS region.
        target_bytes: the size of a file.
        compression: ``keep`` or a codec.
        sort_columns: the order of the rows in each file; empty to keep it.
    """

    region: str
    target_bytes: int
    compression: str = "keep"
    sort_columns: Tuple[str, ...] = ()


@dataclass(frozen=True)
class LocalOutput:
    """A rewritten file on the local disk.

    Attributes:
        path: the local file.
        name: the file's name below the partition's folder.
        rows: its rows, as its own metadata has them.
    """

    path: str
    name: str
    rows: int


class Rewriter(Protocol):
    """Makes few files of many."""

    def add(self, content: Content) -> int:
        """Add a file; returns its rows.

        Raises:
            UnrewritableFile: it cannot be added.
        """

    def close(self) -> List[LocalOutput]:
        """Finish the output."""


MakeRewriter = Callable[[Bin, RewriteOptions, str], Rewriter]
"""A rewriter of a bin with these options that writes below a directory."""


@dataclass
class BinResult:
    """What became of a bin.

    Attributes:
        number: the bin's number.
        values: the partition's values.
        rows: rows read.
        files: files read.
        parts: keys, rows and sizes of the files written.
        problems: what was wrong.
    """

    number: int
    values: Tuple[str, ...]
    rows: int
    files: int
    parts: List[Tuple[str, int, int]]
    problems: List[str]


def plan_bins(
    partitions: Sequence[FrozenPartition],
    target_bytes: int,
    place: Callable[[FrozenPartition], Tuple[str, str]],
) -> List[Bin]:
    """Cut partitions into bins of about the target size, all bins of a partition of about one size.

    The result depends on the arguments only: a run that is started again writes the same files.

    Args:
        partitions: what is rewritten.
        target_bytes: the size of a bin.
        place: bucket and key prefix of a partition's output.
    """
    bins: List[Bin] = []
    for partition in partitions:
        wanted = max(1, -(-partition.total_bytes // target_bytes))
        bucket, prefix = place(partition)
        for members in even_parts(list(partition.files()), lambda entry: entry[1].size, wanted):
            bins.append(
                Bin(
                    number=len(bins),
                    file_format=partition.file_format,
                    header_lines=partition.header_lines,
                    bucket=bucket,
                    prefix=prefix,
                    values=partition.values,
                    files=tuple(members),
                )
            )
    return bins


def group_bins(bins: Sequence[Bin]) -> List[List[Bin]]:
    """Put bins together to tasks of about equal cost; the largest tasks first."""
    total = sum(one.cost for one in bins)
    tasks: List[List[Bin]] = [[] for _ in range(min(len(bins), count_tasks(total, TASK_COST)))]
    loads = [(0, index) for index in range(len(tasks))]
    for one in sorted(bins, key=lambda entry: (-entry.cost, entry.number)):
        load, index = heapq.heappop(loads)
        tasks[index].append(one)
        heapq.heappush(loads, (load + one.cost, index))
    return sorted(tasks, key=lambda task: -sum(one.cost for one in task))


def rewrite_bins(make: MakeRewriter, options: RewriteOptions, task: Sequence[Bin]) -> List[BinResult]:
    """Rewrite the bins of one task. Runs in a Spark task."""
    s3 = aws_client("s3", options.region)
    return [rewrite_bin(s3, make, options, one) for one in task]


def rewrite_bin(s3: Any, make: MakeRewriter, options: RewriteOptions, one: Bin) -> BinResult:
    """Read a bin's files in their order and write the output."""
    result = BinResult(one.number, one.values, 0, 0, [], [])
    with tempfile.TemporaryDirectory(prefix="rewrite-") as directory:
        rewriter = make(one, options, directory)
        for name, content in fetch_all(s3, directory, one.files):
            if isinstance(content, ChangedFile):
                result.problems.append(str(content))
                continue
            try:
                result.rows += rewriter.add(content)
                result.files += 1
            except UnrewritableFile as error:
                # All bad files are reported at once.
                result.problems.append("{}: {}".format(name, error))
        for part in rewriter.close():
            if not result.problems:
                key = one.prefix + part.name
                s3.upload_file(part.path, one.bucket, key)
                result.parts.append((key, part.rows, os.path.getsize(part.path)))
            os.remove(part.path)
    return result


def check_results(results: Sequence[BinResult]) -> Dict[Tuple[str, ...], List[BinResult]]:
    """The results by partition, in the order of their bins, once nothing is wrong with any of them.

    Raises:
        RewriteFailed: some files could not be rewritten, or the rows read and written differ.
    """
    problems = [problem for result in results for problem in result.problems]
    if problems:
        shown = "\n".join(problems[:MAX_SHOWN_PROBLEMS])
        more = len(problems) - MAX_SHOWN_PROBLEMS
        raise RewriteFailed(
            "{} of {} files cannot be rewritten; nothing was changed:\n{}{}".format(
                len(problems),
                len(problems) + sum(result.files for result in results),
                shown,
                "\n... and {} more".format(more) if more > 0 else "",
            )
        )
    by_partition: Dict[Tuple[str, ...], List[BinResult]] = {}
    for result in sorted(results, key=lambda one: one.number):
        written = sum(rows for _, rows, _ in result.parts)
        if written != result.rows:
            raise RewriteFailed(
                "Of the partition {} {} rows were read but {} written; nothing was changed.".format(
                    "/".join(result.values), result.rows, written
                )
            )
        by_partition.setdefault(result.values, []).append(result)
    return by_partition


def on_spark(task: Callable[[Any], Any], items: Sequence[Any]) -> List[Any]:
    """Run a task for each item on Spark's executors."""
    # Imported late: a run without input ends before it would start Spark.
    from pyspark.context import SparkContext

    context = SparkContext.getOrCreate()
    results: List[Any] = context.parallelize(items, len(items)).map(task).collect()
    return results
