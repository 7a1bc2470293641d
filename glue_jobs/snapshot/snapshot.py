"""Write a snapshot of the manifest's tables as Parquet, verify its counts, and publish it.

Of PostgreSQL all tables are read in one transaction's snapshot. ``publishing`` describes how a run that is killed
and started again ends with one complete snapshot; ``snapshot_history`` which snapshots are kept.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Sequence

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_source import CatalogSource
from glue_jobs.common.clients import aws_client
from glue_jobs.common.frame_parquet import FrameTarget, frame_columns, write_frame
from glue_jobs.common.listed_tables import ListedTable, TableManifest, destination_names, read_table_manifest
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_counts
from glue_jobs.common.publishing import CountMismatch, Destination, Output, Part, publish, retire_old_runs
from glue_jobs.common.run_lock import check_lock
from glue_jobs.common.snapshot_history import (
    Snapshot,
    SnapshotViews,
    TableFolder,
    TableSnapshot,
    continued,
    delete_descriptions,
    highest_value,
    history_mode,
    kept_runs,
    published_snapshots,
    read_snapshot,
    retained_publication,
    snapshot_label,
    write_snapshot,
)
from glue_jobs.common.spark_database import connection_source
from glue_jobs.common.table_source import Slice, TableSource
from glue_jobs.common.workflow_run import put_properties

BLUEPRINT = "snapshot"
REQUIRED = (
    "JOB_NAME",
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "default_schema",
    "destination",
    "database",
    "keep_snapshots",
    "parallel_reads",
    "unbounded_numbers",
)
OPTIONAL = ("connection_name", "source_database", "table_prefix", "incremental_column", "key_column")


@dataclass(frozen=True)
class Writing:
    """What every table of a run needs to be written.

    Attributes:
        region: AWS region.
        destination: the folder of all snapshots.
        run: this run.
        write: writes a DataFrame; returns the files.
    """

    region: str
    destination: Destination
    run: str
    write: Callable[[Any, FrameTarget], List[Part]] = write_frame

    def table(self, name: str, source: Slice) -> TableSnapshot:
        """Write the rows of a slice as a table of the snapshot, and compare their number with the source's.

        Raises:
            CountMismatch: not all rows were written, or others than those that were counted.
        """
        bucket, prefix = split_folder(
            TableFolder(self.destination.workflow, self.destination.location, name).folder(self.run)
        )
        columns = frame_columns(source.frame)
        files = self.write(source.frame, FrameTarget(self.region, bucket, prefix, columns))
        rows = sum(part.rows for part in files)
        counted = source.verify(rows)
        if rows != counted:
            raise CountMismatch(
                "{} has {:,} rows, but {:,} were written; nothing was published.".format(
                    source.table.full_name, counted, rows
                )
            )
        print("{}: {:,} rows in {} files.".format(source.table.full_name, rows, len(files)))
        described = tuple((part.key, part.rows, part.size) for part in files)
        return TableSnapshot(name, source.table.full_name, columns, rows, described, source.high)


def write_tables(
    writing: Writing, source: TableSource, names: "Dict[str, ListedTable]", lows: "Dict[str, str]", column: str
) -> List[TableSnapshot]:
    """Write all tables: large ones one after another, each by several tasks; small ones several at a time."""
    slices = [(name, source.slice(table, column, lows.get(name, ""))) for name, table in names.items()]
    large = [(name, part) for name, part in slices if part.tasks > 1]
    small = [(name, part) for name, part in slices if part.tasks <= 1]
    written = [writing.table(name, part) for name, part in large]
    with ThreadPoolExecutor(max(1, source.tasks)) as pool:
        written += pool.map(lambda pair: writing.table(*pair), small)
    return sorted(written, key=lambda table: table.name)


def snapshot(
    s3: Any, glue: Any, arguments: "dict[str, str]", open_source: Callable[[], TableSource], writing: Writing
) -> None:
    """Write and publish a snapshot of the manifest's tables; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to do.".format(FILE_PRESENCE, marker.reason))
        return
    manifest = read_table_manifest(s3, marker.manifest)
    names = destination_names(manifest.tables, arguments["table_prefix"], arguments["default_schema"])
    destination = writing.destination
    column = arguments["incremental_column"]
    views = SnapshotViews(s3, glue, destination, arguments["database"], list(names), not column)
    published = publish(
        s3,
        destination,
        run,
        marker.manifest,
        write=lambda: write_snapshot_of(s3, arguments, manifest, names, open_source, writing),
        view=views,
        before_commit=lambda: check_lock(s3, destination.location, workflow, run),
    )
    made = read_snapshot(s3, destination.location, run)
    report_snapshot(glue, workflow, run, made)
    for retired in retire_old_runs(s3, destination, retained_publication(s3, destination.location, published)):
        print("Deleted the snapshot of run {}.".format(retired))
    delete_descriptions(s3, destination.location, published)


def write_snapshot_of(
    s3: Any,
    arguments: "dict[str, str]",
    manifest: TableManifest,
    names: "Dict[str, ListedTable]",
    open_source: Callable[[], TableSource],
    writing: Writing,
) -> Output:
    """Write the tables' files and the description of the snapshot."""
    location, column = writing.destination.location, arguments["incremental_column"]
    before = published_snapshots(s3, location)
    mode = history_mode(column)
    lows = {name: highest_value(before, name, mode) for name in names}
    source = open_source()
    try:
        source.begin(list(names.values()))
        tables = write_tables(writing, source, names, lows, column)
        is_consistent = source.is_consistent
    finally:
        source.close()
    if column:
        tables = [keep_high(table, lows[table.name]) for table in tables]
    shown = {name for one in before[-1:] for name in one.shown if still_there(before, name, mode)}
    write_snapshot(
        s3,
        location,
        Snapshot(
            run=writing.run,
            label=snapshot_label(manifest.checked_at),
            mode=mode,
            is_consistent=is_consistent,
            tables=tuple(tables),
            kept=kept_runs(before, writing.run, mode, int(arguments["keep_snapshots"])),
            shown=tuple(sorted(shown | set(names))),
        ),
    )
    parts = tuple(Part((), key, rows, size) for table in tables for key, rows, size in table.files)
    return Output(sum(table.rows for table in tables), parts)


def keep_high(table: TableSnapshot, low: str) -> TableSnapshot:
    """The table with the bound of the next increment: without new rows the one before stays."""
    return table if table.high else TableSnapshot(**{**vars(table), "high": low})


def still_there(before: Sequence[Snapshot], name: str, mode: str) -> bool:
    """Whether a table of the catalog may exist: some snapshot before this one has shown it."""
    return any(one.table(name) for one in before) or not continued(before, mode)


def report_snapshot(glue: Any, workflow: str, run: str, made: Snapshot) -> None:
    """Put the run's counts, and whether the snapshot is consistent, into its properties."""
    rows = sum(table.rows for table in made.tables)
    files = sum(len(table.files) for table in made.tables)
    put_counts(glue, workflow, run, {"rows": rows, "tables": len(made.tables), "files_out": files}, BLUEPRINT)
    details = {"snapshot.label": made.label, "snapshot.consistent": "true" if made.is_consistent else "false"}
    put_properties(glue, workflow, run, details)
    print("Snapshot {} of {} tables with {:,} rows.".format(made.label, len(made.tables), rows))


def spark_source(arguments: "dict[str, str]") -> TableSource:
    """The run's source, read by Spark."""
    if arguments["connection_name"]:
        return connection_source(
            arguments["connection_name"],
            int(arguments["parallel_reads"]),
            arguments["key_column"],
            arguments["unbounded_numbers"],
        )
    # Imported late: a run without tables ends before it would start Spark.
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return CatalogSource(spark, aws_client("glue", arguments["aws_region"]), arguments["source_database"])


def main() -> None:
    """Make the snapshot of the run's manifest."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region, workflow, run = (arguments[name] for name in ("aws_region", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"))
    destination = Destination(workflow, folder_location(arguments["destination"]))
    snapshot(
        aws_client("s3", region),
        aws_client("glue", region),
        arguments,
        lambda: spark_source(arguments),
        Writing(region, destination, run),
    )


if __name__ == "__main__":
    main()
