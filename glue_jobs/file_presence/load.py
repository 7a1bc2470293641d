"""Load exactly the files of the run's manifest as partitioned Parquet, and publish them as a catalogue table.

Spark schedules the work; inside its tasks Arrow reads and writes complete files. ``publishing`` describes how a
load that is killed and started again ends with the same rows.
"""

import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_view import CatalogView, TableDefinition, find_table
from glue_jobs.common.clients import aws_client
from glue_jobs.common.columns import Columns, columns_from_api
from glue_jobs.common.crawled_table import CrawledTable, UnusableTable, align_tables, find_crawled_table
from glue_jobs.common.hive_types import type_problem
from glue_jobs.common.ledger import (
    is_in_ledger,
    ledger_name,
    read_ledger,
    rejected_entry,
    retire_ledgers,
    write_ledger,
)
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.manifest import FrozenFile, Manifest, read_manifest
from glue_jobs.common.partition_folders import partition_folder
from glue_jobs.common.partitioned_parquet import LocalPart, PartitionedWriter
from glue_jobs.common.presence import FILE_PRESENCE, marker_from_properties, put_counts
from glue_jobs.common.publishing import (
    APPEND,
    Destination,
    Output,
    Part,
    check_owner,
    publish,
    read_publication,
    retire_old_runs,
)
from glue_jobs.common.quarantine import Rejected, count_quarantined, quarantine
from glue_jobs.common.resumed_run import inherit_properties
from glue_jobs.common.run_lock import acquire_lock, check_lock
from glue_jobs.common.sidecars import SidecarMismatch, check_digests, expected_rows, read_sidecars
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
    "load_mode",
    "minimum_rows",
    "maximum_rejects",
)
OPTIONAL = ("partition_keys", "quarantine")
PARTITION_TYPES = ("string", "boolean", "tinyint", "smallint", "int", "bigint", "date")
MIN_GROUP_BYTES = 4 << 20
MAX_GROUP_BYTES = 128 << 20
MAX_FILES_IN_GROUP = 1000
CONCURRENT_DOWNLOADS = 8
BAD_FILE = (UnreadableFile, UnusableTable, SidecarMismatch)
"""What is wrong with a file, not with the load."""

GroupResult = Tuple[int, List[Tuple[Tuple[str, ...], str, int, int]], List[Tuple[str, str, str]]]
"""Rows read; the files written, as the fields of a Part; bad files, as the fields of Rejected. Plain values: Spark
carries them back."""


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
        sources: how to read the files of each location.
        partition_keys: names of the destination's partition keys.
        target_bucket: where the output goes.
        target_prefix: the key prefix of this run's folder.
        maximum_rejects: how many bad files a load may leave out.
    """

    region: str
    source_bucket: str
    sources: Mapping[str, CrawledTable]
    partition_keys: Tuple[str, ...]
    target_bucket: str
    target_prefix: str
    maximum_rejects: int = 0

    def bucket_of(self, file: FrozenFile) -> str:
        """The bucket of a file of the manifest."""
        return file.bucket or self.source_bucket

    def source_of(self, file: FrozenFile) -> CrawledTable:
        """How to read a file: as the files of the location that it is in."""
        name = "s3://{}/{}".format(self.bucket_of(file), file.key)
        return next(source for location, source in self.sources.items() if name.startswith(location))


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
    """Load one group's files: read each one, write Parquet below the run's folder. Runs in a Spark task.

    Rows of a bad file may be in the same Parquet files as those of good ones, so that the group starts again
    without it if the load may leave bad files out.
    """
    s3 = aws_client("s3", plan.region)
    bad: Dict[FrozenFile, str] = {}
    while True:
        with tempfile.TemporaryDirectory(prefix="load-") as directory:
            writer = PartitionedWriter(directory, plan.partition_keys, "part-{:05d}".format(group.number))
            rows = 0
            found: Dict[FrozenFile, str] = {}
            files = [file for file in group.files if file not in bad]
            with ThreadPoolExecutor(CONCURRENT_DOWNLOADS) as pool:
                # Together they are as large as a group at most, or one file.
                for fetched in pool.map(partial(_fetch, s3, plan, directory), range(len(files)), files):
                    written_rows, reason = _load_file(plan, fetched, writer)
                    rows += written_rows
                    if reason:
                        found[fetched.file] = reason
            written = writer.close()
            bad.update(found)
            if not found:
                parts = [_upload(s3, plan, part) for part in written]
            elif len(bad) > plan.maximum_rejects:
                parts = []
            else:
                continue
            return rows, parts, [(plan.bucket_of(file), file.key, reason) for file, reason in bad.items()]


@dataclass(frozen=True)
class Fetched:
    """A file on the local disk.

    Attributes:
        file: which one.
        path: where it is.
        sidecars: the texts of its sidecars.
        problem: why it could not be fetched; empty if it was.
    """

    file: FrozenFile
    path: str
    sidecars: Dict[str, str]
    problem: str = ""


def _fetch(s3: Any, plan: Plan, directory: str, number: int, file: FrozenFile) -> Fetched:
    """Download a file, with its sidecars."""
    # The end of the name identifies the compression; a complete name may be longer than a local one can be.
    path = os.path.join(directory, "input-{}-{}".format(number, os.path.basename(file.key)[-40:]))
    bucket = plan.bucket_of(file)
    try:
        download_frozen(s3, bucket, file, path)
        return Fetched(file, path, read_sidecars(s3, bucket, file))
    except BAD_FILE as error:
        return Fetched(file, path, {}, str(error))


def _load_file(plan: Plan, fetched: Fetched, writer: PartitionedWriter) -> Tuple[int, str]:
    """Write the rows of one file; returns their number, and what is wrong with the file."""
    file, rows, problem = fetched.file, 0, fetched.problem
    try:
        if not problem:
            check_digests(fetched.path, file.key, fetched.sidecars)
            for batch in read_batches(fetched.path, file.key, plan.source_of(file)):
                rows += batch.num_rows
                writer.write(batch)
            wanted = expected_rows(file.key, fetched.sidecars)
            if wanted not in (None, rows):
                problem = "{}: it has {} rows, not {}".format(file.key, rows, wanted)
    except BAD_FILE as error:
        problem = str(error)
    if os.path.exists(fetched.path):
        os.remove(fetched.path)
    return rows, problem


def _upload(s3: Any, plan: Plan, part: LocalPart) -> Tuple[Tuple[str, ...], str, int, int]:
    """Upload a Parquet file; returns the fields of its Part."""
    key = plan.target_prefix + partition_folder(plan.partition_keys, part.values) + part.name
    s3.upload_file(part.path, plan.target_bucket, key)
    return part.values, key, part.rows, os.path.getsize(part.path)


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
    files: Sequence[FrozenFile],
    run_tasks: Callable[[Callable[[Group], GroupResult], Sequence[Group]], List[GroupResult]],
) -> Tuple[Output, List[Rejected]]:
    """Write the files' rows below the run's folder; returns also the bad files that were left out.

    Raises:
        LoadFailed: there are more bad files than the load may leave out, or no good ones.
    """
    results = run_tasks(partial(load_group, plan), group_files(files)) if files else []
    rejected = [Rejected(*fields) for _, _, found in results for fields in found]
    if len(rejected) > plan.maximum_rejects or (rejected and len(rejected) == len(files)):
        raise LoadFailed("{} files could not be loaded:\n{}".format(len(rejected), "\n".join(map(str, rejected))))
    parts = tuple(
        Part(tuple(values), key, rows, size) for _, written, _ in results for values, key, rows, size in written
    )
    return Output(sum(rows for rows, _, _ in results), parts), rejected


def read_sources(glue: Any, arguments: "dict[str, str]", manifest: Manifest) -> Dict[str, CrawledTable]:
    """The crawled table of each location that has files, all with the same columns.

    A load that appends keeps the columns that the destination has already.

    Raises:
        UnusableTable: a table is missing, cannot be loaded, or does not fit the others or the destination.
    """
    # Longer ones first: a location may be in another one's folder.
    locations = sorted(manifest.locations or (manifest.location,), key=len, reverse=True)
    names = ["s3://{}/{}".format(manifest.bucket_of(file), file.key) for file in manifest.files]
    used = [one for one in locations if any(name.startswith(one) for name in names)] or locations[:1]
    tables = [find_crawled_table(glue, arguments["database"], one, arguments["crawled_prefix"]) for one in used]
    older: Columns = ()
    if arguments["load_mode"] == APPEND:
        existing = find_table(glue, arguments["database"], arguments["table"]) or {}
        older = columns_from_api(existing.get("StorageDescriptor", {}).get("Columns", []))
    return dict(zip(used, align_tables(tables, older)))


def write_and_record(
    s3: Any,
    arguments: "dict[str, str]",
    plan: Plan,
    manifest: Manifest,
    run_tasks: Callable[[Callable[[Group], GroupResult], Sequence[Group]], List[GroupResult]],
) -> Output:
    """Write a load with its ledger; copy bad files to the quarantine.

    Raises:
        LoadFailed: a file does not fit, or there are not enough rows.
    """
    run, location = arguments["WORKFLOW_RUN_ID"], folder_location(arguments["destination"])
    ledger: Dict[str, str] = {}
    if arguments["load_mode"] == APPEND:
        published = read_publication(s3, location)
        ledger = read_ledger(s3, location, published.run if published else "")
    # Another run may have loaded files between this run's look and its load.
    files = [file for file in manifest.files if not is_in_ledger(ledger, manifest.bucket_of(file), file)]
    output, rejected = write_load(plan, files, run_tasks)
    if output.rows_read < int(arguments["minimum_rows"]) and files:
        raise LoadFailed(
            "{} of at least {} rows are there; nothing was published.".format(
                output.rows_read, arguments["minimum_rows"]
            )
        )
    if rejected:
        quarantine(s3, arguments["quarantine"], run, rejected)
        for one in rejected:
            print("Rejected, and copied to {}: {}".format(arguments["quarantine"], one))
    bad = {(one.bucket, one.key) for one in rejected}
    for file in files:
        bucket = manifest.bucket_of(file)
        is_bad = (bucket, file.key) in bad
        ledger[ledger_name(bucket, file.key)] = rejected_entry(file) if is_bad else file.etag
    write_ledger(s3, location, run, ledger)
    return output


def load(
    s3: Any,
    glue: Any,
    arguments: "dict[str, str]",
    run_tasks: Callable[[Callable[[Group], GroupResult], Sequence[Group]], List[GroupResult]] = on_spark,
) -> None:
    """Load and publish the files of the presence marker's manifest; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = marker_from_properties(inherit_properties(glue, workflow, run, FILE_PRESENCE))
    if not marker.present:
        print("{}=false ({}): nothing to load.".format(FILE_PRESENCE, marker.reason))
        return
    manifest = read_manifest(s3, marker.manifest)
    sources = read_sources(glue, arguments, manifest)
    chosen = [key for key in arguments["partition_keys"].split(",") if key]
    columns, keys = destination_columns(next(iter(sources.values())), chosen)
    destination = Destination(workflow, folder_location(arguments["destination"]))
    table = TableDefinition(arguments["database"], arguments["table"], columns, keys, SNAPPY_PARQUET)
    plan = Plan(
        arguments["aws_region"],
        manifest.bucket,
        sources,
        tuple(name for name, _ in keys),
        *split_folder(destination.folder(run)),
        maximum_rejects=int(arguments["maximum_rejects"]),
    )
    view = CatalogView(glue, destination, table)
    check_owner(destination, read_publication(s3, destination.location))
    view.check()
    # The first job has acquired it, but in a resumed run that job may not have run.
    acquire_lock(s3, glue, destination.location, workflow, run)
    published = publish(
        s3,
        destination,
        run,
        marker.manifest,
        write=lambda: write_and_record(s3, arguments, plan, manifest, run_tasks),
        view=view,
        mode=arguments["load_mode"],
        before_commit=lambda: check_lock(s3, destination.location, workflow, run),
    )
    put_counts(
        glue,
        workflow,
        run,
        {
            "rows": published.rows,
            "files_in": len(manifest.files),
            "files_out": len(published.parts),
            "rejected": count_quarantined(s3, arguments["quarantine"], run),
        },
    )
    print(
        "{:,} rows of {} files in {} Parquet files: {}.{}".format(
            published.rows, len(manifest.files), len(published.parts), table.database, table.name
        )
    )
    for retired in retire_old_runs(s3, destination, published):
        print("Deleted the data of run {}, which nothing shows any more.".format(retired))
    retire_ledgers(s3, destination.location, (published.run, published.previous))


def main() -> None:
    """Load what the run's manifest lists."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    load(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
