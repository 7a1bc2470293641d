"""Look for the files of a table, lock the destination, freeze the files' list, and write the presence marker.

Python shell. It also checks that the table can be partitioned as requested, before anything is written.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any, Sequence

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import iso
from glue_jobs.common.locations import folder_location
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.partition_scheme import partition_scheme
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_marker
from glue_jobs.common.rewrite_manifest import (
    FrozenFolder,
    FrozenPartition,
    RewriteManifest,
    write_rewrite_manifest,
)
from glue_jobs.common.run_lock import acquire_lock
from glue_jobs.common.small_files import visible_files
from glue_jobs.common.source_table import (
    SourcePartition,
    UnsupportedTable,
    read_source_partitions,
    read_source_table,
)

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "database",
    "table",
    "destination",
    "on_missing",
    "manifest_folder",
)
OPTIONAL = ("partition_filter", "partition_columns", "timestamp_column", "granularity")
LIST_THREADS = 16


def check_apart(destination: str, partitions: Sequence[SourcePartition]) -> None:
    """Make sure that the result is not written into the table's folders, nor these lie in the destination.

    Raises:
        UnsupportedTable: they overlap.
    """
    for partition in partitions:
        if partition.location.startswith(destination) or destination.startswith(partition.location):
            raise UnsupportedTable(
                "DestinationLocation {} and the table's folder {} must not lie in one another.".format(
                    destination, partition.location
                )
            )


def look(s3: Any, glue: Any, arguments: "dict[str, str]", now: datetime) -> Marker:
    """Check, list, lock and freeze; the marker."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    destination = folder_location(arguments["destination"])
    table = read_source_table(glue, arguments["database"], arguments["table"])
    chosen = [name for name in arguments["partition_columns"].split(",") if name]
    partition_scheme(
        table.columns, table.partition_keys, chosen, arguments["timestamp_column"], arguments["granularity"]
    )
    partitions = read_source_partitions(glue, table, arguments["partition_filter"])
    check_apart(destination, partitions)
    with ThreadPoolExecutor(LIST_THREADS) as pool:
        listings = list(pool.map(lambda one: visible_files(s3, one.location), partitions))
    frozen = tuple(
        FrozenPartition(one.values, one.file_format, one.header_lines, (FrozenFolder(one.location, tuple(files)),))
        for one, files in zip(partitions, listings)
        if files
    )
    manifest = RewriteManifest(table.database, table.name, table.location, iso(now), frozen)
    marker = Marker(
        present=bool(frozen),
        count=manifest.count,
        total_bytes=manifest.total_bytes,
        newest=max((file.modified for files in listings for file in files), default=""),
        checked_at=manifest.checked_at,
        location=table.location,
        reason="" if frozen else "{} has no files".format(table.full_name),
        manifest="{}{}.json".format(folder_location(arguments["manifest_folder"]), run) if frozen else "",
    )
    if marker.present:
        acquire_lock(s3, glue, destination, workflow, run)
        # First the manifest, then the marker: a reader of the marker finds the manifest.
        write_rewrite_manifest(s3, marker.manifest, manifest)
    put_marker(glue, workflow, run, marker)
    print("{}: {:,} files, {:,} bytes".format(table.full_name, marker.count, marker.total_bytes))
    return marker


def main() -> None:
    """Look, lock, freeze, mark; then act if there is nothing."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    glue = aws_client("glue", region)
    marker = look(aws_client("s3", region), glue, arguments, datetime.now(timezone.utc))
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing_input(
            glue, arguments["on_missing"], arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], marker
        )


if __name__ == "__main__":
    main()
