"""Load exactly the files of the run's manifest as partitioned Parquet, and publish them as a catalogue table.

Spark schedules the work; inside its tasks Arrow reads and writes complete files. ``publishing`` describes how a
load that is killed and started again ends with the same rows.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, List, Sequence, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.clients import aws_client
from glue_jobs.common.columns import Columns
from glue_jobs.common.crawled_table import CrawledTable, UnusableTable, find_crawled_table
from glue_jobs.common.hive_types import type_problem
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.manifest import FrozenFile, Manifest, read_manifest
from glue_jobs.common.partition_folders import partition_folder
from glue_jobs.common.partitioned_parquet import PartitionedWriter
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_count
from glue_jobs.common.publishing import Destination, Output, Part, publish, retire_old_runs
from glue_jobs.common.storage_formats import SNAPPY_PARQUET
from glue_jobs.common.tabular import UnreadableFile, read_batches

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "crawled_prefix",
    "database",
    "table",
    "destination",
)
PARTITION_TYPES = ("string", "boolean", "tinyint", "smallint", "int", "bigint", "date")
MIN_GROUP_BYTES = 4 << 20
MAX_GROUP_BYTES = 128 << 20
MAX_FILES_IN_GROUP = 1000

GroupResult = Tuple[int, List[Tuple[Tuple[str, ...], str, int, int]], List[str]]
"""Rows read; the files written, as the fields of a Part; what was wrong. Plain values: Spark carries them back."""


class LoadFailed(Exception):
    """The files could not be loaded; nothing was published."""


@dataclass(frozen=True)
class Group:
    """The work of one task: a number that names its output, and its files."""

    number: int
    files: Tuple[FrozenFile, ...]


@dataclass(frozen=True)
class Plan:
    """What every task needs to know.

    Attributes:
        region: AWS region.
        source_bucket: the bucket of the manifest's files.
        source: how to read them.
        partition_keys: names of the destination's partition keys.
        target_bucket: where the output goes.
        target_prefix: the key prefix of this run's folder.
    """

    region: str
    source_bucket: str
    source: CrawledTable
    partition_keys: Tuple[str, ...]
    target_bucket: str
    target_prefix: str


def group_files(files: Sequence[FrozenFile]) -> List[Group]:
    """Cut the manifest into tasks of 4 to 128 MB of input, about eight of them or more.

    Files stay in the order of their keys, and a new folder starts a new group when the last one is half full: so
    folders that become partitions are rarely cut in two. The result depends on the manifest only, since a load
    that is started again must write the same files.
    """
    goal = min(MAX_GROUP_BYTES, max(MIN_GROUP_BYTES, sum(file.size for file in files) // 8))
    groups: List[List[FrozenFile]] = []
    size = 0
    folder = None
    for file in sorted(files, key=lambda entry: entry.key):
        full = size + file.size > goal or len(groups[-1]) >= MAX_FILES_IN_GROUP if groups else True
        new_folder = folder != os.path.dirname(file.key) and size * 2 > goal
        if full or new_folder:
            groups.append([])
            size = 0
        groups[-1].append(file)
        size += file.size
        folder = os.path.dirname(file.key)
    return [Group(number, tuple(members)) for number, members in enumerate(groups)]


def destination_columns(source: CrawledTable, partition_keys: Sequence[str]) -> Tuple[Columns, Columns]:
    """The destination's columns and partition keys.

    Args:
        source: the crawled table.
        partition_keys: the user's choice; without any, the folders of the source.

    Raises:
        LoadFailed: a key that is not a column, given twice, or of a type that cannot name a folder.
    """
    columns = (*source.columns, *source.partition_keys)
    types = dict(columns)
    wanted = [key.lower() for key in partition_keys] or [name for name, _ in source.partition_keys]
    problems = [
        "{} is not a column; there are {}".format(key, ", ".join(types)) for key in wanted if key not in types
    ]
    problems += ["{} is given twice".format(key) for key in sorted(set(wanted)) if wanted.count(key) > 1]
    problems += [
        "{} is of type {}; a partition key must be one of {}".format(key, types[key], ", ".join(PARTITION_TYPES))
        for key in wanted
        if key in types and types[key] not in PARTITION_TYPES
    ]
    kept = tuple((name, hive) for name, hive in columns if name not in wanted)
    if not kept:
        problems.append("no column would be left in the files")
    problems += ["column {}: {}".format(name, type_problem(hive)) for name, hive in columns if type_problem(hive)]
    if problems:
        raise LoadFailed("PartitionKeys and columns: " + "; ".join(problems))
    return kept, tuple((key, types[key]) for key in wanted)


def load_group(plan: Plan, group: Group) -> GroupResult:
    """Load one group's files: read each one, write Parquet below the run's folder. Runs in a Spark task."""
    s3 = aws_client("s3", plan.region)
    rows = 0
    problems: List[str] = []
    with tempfile.TemporaryDirectory(prefix="load-") as directory:
        writer = PartitionedWriter(directory, plan.partition_keys, "part-{:05d}".format(group.number))
        for file in group.files:
            path = os.path.join(directory, "input-" + os.path.basename(file.key))
            try:
                download_frozen(s3, plan.source_bucket, file, path)
                for batch in read_batches(path, file.key, plan.source):
                    rows += batch.num_rows
                    writer.write(batch)
            except (UnreadableFile, UnusableTable) as error:
                # All bad files of a load are reported at once.
                problems.append("s3://{}/{}".format(plan.source_bucket, error))
            finally:
                if os.path.exists(path):
                    os.remove(path)
        parts = []
        for part in writer.close():
            if problems:
                continue
            folder = partition_folder(plan.partition_keys, part.values)
            key = plan.target_prefix + folder + part.name
            s3.upload_file(part.path, plan.target_bucket, key)
            parts.append((part.values, key, part.rows, os.path.getsize(part.path)))
    return rows, parts, problems


def download_frozen(s3: Any, bucket: str, file: FrozenFile, path: str) -> None:
    """Download a file if it still is the one that was frozen.

    Raises:
        UnreadableFile: it was changed or deleted since.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=file.key)
    except s3.exceptions.NoSuchKey as error:
        raise UnreadableFile(
            "{} was deleted after it was found; run the workflow again".format(file.key)
        ) from error
    if answer["ETag"].strip('"') != file.etag:
        answer["Body"].close()
        raise UnreadableFile("{} was changed after it was found; run the workflow again".format(file.key))
    with open(path, "wb") as target:
        shutil.copyfileobj(answer["Body"], target, 1 << 20)
    if os.path.getsize(path) != file.size:
        raise UnreadableFile("{} was cut off while it was read".format(file.key))


def on_spark(task: Callable[[Group], GroupResult], groups: Sequence[Group]) -> List[GroupResult]:
    """Run a task for each group on Spark's executors."""
    # Imported late: a run without files ends before it would start Spark.
    from pyspark.context import SparkContext

    context = SparkContext.getOrCreate()
    results: List[GroupResult] = context.parallelize(groups, len(groups)).map(task).collect()
    return results


def write_load(
    plan: Plan,
    manifest: Manifest,
    run_tasks: Callable[[Callable[[Group], GroupResult], Sequence[Group]], List[GroupResult]],
) -> Output:
    """Write the manifest's rows below the run's folder.

    Raises:
        LoadFailed: a file does not fit.
    """
    results = run_tasks(partial(load_group, plan), group_files(manifest.files))
    problems = [problem for _, _, found in results for problem in found]
    if problems:
        raise LoadFailed("{} files could not be loaded:\n{}".format(len(problems), "\n".join(problems)))
    parts = tuple(
        Part(tuple(values), key, rows, size) for _, written, _ in results for values, key, rows, size in written
    )
    return Output(sum(rows for rows, _, _ in results), parts)


def load(
    s3: Any,
    glue: Any,
    arguments: "dict[str, str]",
    run_tasks: Callable[[Callable[[Group], GroupResult], Sequence[Group]], List[GroupResult]] = on_spark,
) -> None:
    """Load and publish the files of the presence marker's manifest; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to load.".format(FILE_PRESENCE, marker.reason))
        return
    manifest = read_manifest(s3, marker.manifest)
    source = find_crawled_table(glue, arguments["database"], marker.location, arguments["crawled_prefix"])
    chosen = [key for key in arguments["partition_keys"].split(",") if key]
    columns, keys = destination_columns(source, chosen)
    destination = Destination(workflow, folder_location(arguments["destination"]))
    table = TableDefinition(arguments["database"], arguments["table"], columns, keys, SNAPPY_PARQUET)
    bucket, prefix = split_folder(destination.folder(run))
    plan = Plan(arguments["aws_region"], manifest.bucket, source, tuple(name for name, _ in keys), bucket, prefix)
    published = publish(
        s3,
        destination,
        run,
        marker.manifest,
        write=lambda: write_load(plan, manifest, run_tasks),
        view=CatalogView(glue, destination, table),
    )
    put_count(glue, workflow, run, "rows", published.rows)
    print(
        "{:,} rows of {} files in {} Parquet files: {}.{}".format(
            published.rows, len(manifest.files), len(published.parts), table.database, table.name
        )
    )
    for retired in retire_old_runs(s3, destination, published):
        print("Deleted the data of run {}, which nothing shows any more.".format(retired))


def main() -> None:
    """Load what the run's manifest lists."""
    arguments = read_arguments(sys.argv, REQUIRED, optional=("partition_keys",))
    region = arguments["aws_region"]
    load(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
