"""Write the rows of the manifest's files into new partitions, and publish them as a table.

Spark schedules the work; inside its tasks Arrow reads, splits and writes, in two steps (see ``repartitioning``).
``publishing`` describes how a run that is killed and started again ends with the same rows.
"""

import sys
from functools import partial
from typing import Any, Callable, List, Sequence, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import delete_below, folder_location, split_folder
from glue_jobs.common.partition_scheme import PartitionScheme, partition_scheme
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_counts
from glue_jobs.common.projected_view import ProjectedView, projection_parameters
from glue_jobs.common.publishing import Destination, Output, Part, publish, retire_old_runs
from glue_jobs.common.repartitioning import (
    MergeResult,
    RepartitionPlan,
    SplitFile,
    SplitResult,
    distinct_partitions,
    group_merge_files,
    group_split_files,
    merge_files,
    plan_files,
    split_group,
)
from glue_jobs.common.rewrite_manifest import RewriteManifest, read_rewrite_manifest
from glue_jobs.common.rewriting import MAX_SHOWN_PROBLEMS, RewriteFailed, on_spark
from glue_jobs.common.row_writers import OutputFormat
from glue_jobs.common.run_lock import acquire_lock, check_lock, release_lock
from glue_jobs.common.source_table import (
    SourceTable,
    UnsupportedTable,
    read_source_partitions,
    read_source_table,
)
from glue_jobs.common.storage_formats import storage_format
from glue_jobs.common.table_rows import row_format

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "destination",
    "destination_database",
    "destination_table",
    "target_megabytes",
    "compression",
    "maximum_partitions",
    "projection",
    "partition_index",
)
OPTIONAL = ("partition_columns", "timestamp_column", "granularity")
BLUEPRINT = "partitioning"
INDEX_NAME = "glueprint_keys"
RunTasks = Callable[[Callable[[Any], Any], Sequence[Any]], List[Any]]


def source_files(glue: Any, table: SourceTable, manifest: RewriteManifest) -> List[SplitFile]:
    """The manifest's files with how each is read.

    Raises:
        UnsupportedTable: a partition was deleted from the catalog after it was found.
    """
    forms = {one.values: row_format(one) for one in read_source_partitions(glue, table)}
    gone = [one.values for one in manifest.partitions if one.values not in forms]
    if gone:
        raise UnsupportedTable(
            "{} partitions of {} were deleted after they were found, the first one: {}.".format(
                len(gone), table.full_name, "/".join(gone[0])
            )
        )
    return [
        SplitFile(bucket, file, forms[one.values], one.values)
        for one in manifest.partitions
        for bucket, file in one.files()
    ]


def write_partitions(
    plan: RepartitionPlan,
    files: Sequence[SplitFile],
    target_bytes: int,
    check: Callable[[Any], None],
    tasks: RunTasks,
) -> Output:
    """Write all rows below the run's folder.

    Args:
        plan: how.
        files: the source.
        target_bytes: the size of a file.
        check: refuses partitions, before any of them is written.
        tasks: runs tasks.

    Raises:
        RewriteFailed: files that cannot be read, or too many partitions; nothing was published.
    """
    split: List[SplitResult] = tasks(partial(split_group, plan), group_split_files(files))
    problems = [problem for result in split for problem in result.problems]
    if problems:
        shown = "\n".join(problems[:MAX_SHOWN_PROBLEMS])
        raise RewriteFailed("{} problems; nothing was published:\n{}".format(len(problems), shown))
    found = distinct_partitions(split)
    if len(found) > plan.maximum_partitions:
        raise RewriteFailed(
            "There would be {} partitions, more than MaximumPartitions ({}); nothing was published.".format(
                len(found), plan.maximum_partitions
            )
        )
    check(found)
    ranges = [one for result in split for one in result.ranges]
    planned = plan_files(ranges, sum(one.file.size for one in files), target_bytes)
    merged: List[MergeResult] = tasks(partial(merge_files, plan), group_merge_files(planned)) if planned else []
    parts = tuple(sorted((Part(*one) for result in merged for one in result), key=lambda part: part.key))
    return Output(sum(result.rows for result in split), parts)


def make_view(
    glue: Any, destination: Destination, definition: TableDefinition, scheme: PartitionScheme, is_projected: bool
) -> CatalogView:
    """The view of the result: registered or projected partitions."""
    if is_projected:
        return ProjectedView(glue, destination, definition, bool(scheme.timestamp))
    return CatalogView(glue, destination, definition)


def ensure_index(glue: Any, database: str, table: str, keys: List[str]) -> None:
    """Create the table's partition index if it is not there."""
    index = {"IndexName": INDEX_NAME, "Keys": keys}
    try:
        glue.create_partition_index(DatabaseName=database, TableName=table, PartitionIndex=index)
    except glue.exceptions.AlreadyExistsException:
        print("The partition index {} exists already.".format(INDEX_NAME))


def partition(s3: Any, glue: Any, arguments: "dict[str, str]", run_tasks: RunTasks = on_spark) -> None:
    """Partition what the presence marker's manifest lists; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to partition.".format(FILE_PRESENCE, marker.reason))
        return
    manifest = read_rewrite_manifest(s3, marker.manifest)
    table = read_source_table(glue, manifest.database, manifest.table)
    destination = Destination(workflow, folder_location(arguments["destination"]))
    acquire_lock(s3, glue, destination.location, workflow, run)  # held already, unless an operator has deleted it
    chosen = [name for name in arguments["partition_columns"].split(",") if name]
    scheme = partition_scheme(
        table.columns, table.partition_keys, chosen, arguments["timestamp_column"], arguments["granularity"]
    )
    compression = arguments["compression"]
    bucket, prefix = split_folder(destination.folder(run))
    _, spill_prefix = split_folder("{}_spill/{}".format(destination.location, run))
    plan = RepartitionPlan(
        region=arguments["aws_region"],
        file_columns=table.columns,
        source_keys=table.partition_keys,
        scheme=scheme,
        bucket=bucket,
        prefix=prefix,
        spill_prefix=spill_prefix,
        output=OutputFormat("parquet", compression),
        maximum_partitions=int(arguments["maximum_partitions"]),
    )
    definition = TableDefinition(
        arguments["destination_database"],
        arguments["destination_table"],
        scheme.columns,
        scheme.keys,
        storage_format("parquet", compression),
    )
    is_projected = arguments["projection"] == "true"

    def check(found: "set[Tuple[str, ...]]") -> None:
        if is_projected:
            projection_parameters(scheme.keys, sorted(found), bool(scheme.timestamp))

    published = publish(
        s3,
        destination,
        run,
        marker.manifest,
        lambda: write_partitions(
            plan,
            source_files(glue, table, manifest),
            int(arguments["target_megabytes"]) << 20,
            check,
            run_tasks,
        ),
        make_view(glue, destination, definition, scheme, is_projected),
        before_commit=partial(check_lock, s3, destination.location, workflow, run),
    )
    if arguments["partition_index"] == "true":
        ensure_index(glue, definition.database, definition.name, scheme.key_names)
    delete_below(s3, bucket, split_folder(destination.location + "_spill/")[1])
    for retired in retire_old_runs(s3, destination, published):
        print("Deleted the data of run {}, which nothing shows any more.".format(retired))
    counts = {
        "rows": published.rows,
        "files_in": manifest.count,
        "files_out": len(published.parts),
        "partitions": len({part.values for part in published.parts}),
        "bytes_in": manifest.total_bytes,
        "bytes_out": sum(part.size for part in published.parts),
    }
    put_counts(glue, workflow, run, counts, prefix=BLUEPRINT)
    print(
        "{:,} rows of {:,} files in {:,} files of {:,} partitions: {}.{}".format(
            counts["rows"],
            counts["files_in"],
            counts["files_out"],
            counts["partitions"],
            definition.database,
            definition.name,
        )
    )
    release_lock(s3, destination.location, workflow, run)


def main() -> None:
    """Partition what the run's manifest lists."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    partition(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
