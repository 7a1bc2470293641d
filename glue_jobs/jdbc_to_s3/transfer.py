"""Copy the manifest's tables, or the rows of a query, to partitioned Parquet, and publish each as a table.

Of PostgreSQL all tables are read in one transaction's snapshot. ``publishing`` describes how a run that is killed
and started again ends with the same rows.
"""

import sys
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Sequence

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.clients import aws_client
from glue_jobs.common.columns import Columns, columns_from_api
from glue_jobs.common.frame_parquet import FrameTarget, frame_columns, write_frame
from glue_jobs.common.jdbc_table import ListedQuery
from glue_jobs.common.listed_tables import ListedTable, destination_names, read_table_manifest
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_counts
from glue_jobs.common.publishing import (
    APPEND,
    REPLACE,
    CountMismatch,
    Destination,
    Output,
    Part,
    Publication,
    publish,
    read_publication,
    retire_old_runs,
)
from glue_jobs.common.run_lock import check_lock
from glue_jobs.common.spark_database import connection_source
from glue_jobs.common.storage_formats import SNAPPY_PARQUET
from glue_jobs.common.table_source import Slice, TableSource
from glue_jobs.common.transfer_state import delete_bounds, read_bound, write_bound
from glue_jobs.common.workflow_run import put_properties

BLUEPRINT = "jdbc_to_s3"
REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "connection_name",
    "default_schema",
    "destination",
    "database",
    "parallel_reads",
    "unbounded_numbers",
)
OPTIONAL = ("query", "query_name", "table_prefix", "partition_keys", "incremental_column", "key_column")
FOLDER_TYPES = ("string", "boolean", "tinyint", "smallint", "int", "bigint", "date")


class WrongPartitionKeys(Exception):
    """PartitionKeys names columns that a table does not have, or that cannot name folders."""


class ChangedColumns(Exception):
    """Rows with other columns cannot be added to a table."""


@dataclass(frozen=True)
class Transfer:
    """What all tables of a run have in common.

    Attributes:
        region: AWS region.
        workflow: the workflow.
        run: its run.
        root: the folder of all tables, where the lock is.
        database: of the tables in the Data Catalog.
        manifest: the location of the list of tables.
        partition_keys: the columns to partition by.
        column: the incremental column; empty for complete copies.
        write: writes a DataFrame; returns the files.
    """

    region: str
    workflow: str
    run: str
    root: str
    database: str
    manifest: str
    partition_keys: Sequence[str]
    column: str
    write: Callable[[Any, FrameTarget], List[Part]] = write_frame

    def destination(self, name: str) -> Destination:
        """The folder of one table."""
        return Destination(self.workflow, "{}{}/".format(self.root, name))


def table_definition(transfer: Transfer, name: str, columns: Columns) -> TableDefinition:
    """The table of the Data Catalog.

    Raises:
        WrongPartitionKeys: a key that is not a column, or of a type that cannot name a folder.
    """
    types = dict(columns)
    keys = list(transfer.partition_keys)
    problems = ["{} is not a column".format(key) for key in keys if key not in types]
    problems += [
        "{} is of type {}, not one of {}".format(key, types[key], ", ".join(FOLDER_TYPES))
        for key in keys
        if key in types and types[key] not in FOLDER_TYPES
    ]
    kept = tuple((column, hive) for column, hive in columns if column not in keys)
    if not kept:
        problems.append("no column would be left in the files")
    if problems:
        raise WrongPartitionKeys("PartitionKeys of {}: {}.".format(name, "; ".join(problems)))
    return TableDefinition(transfer.database, name, kept, tuple((key, types[key]) for key in keys), SNAPPY_PARQUET)


def check_types(glue: Any, definition: TableDefinition) -> None:
    """Make sure that rows can be added to the files that a table has.

    Raises:
        ChangedColumns: a column has another type than in these files; engines could not read both.
    """
    try:
        table = glue.get_table(DatabaseName=definition.database, Name=definition.name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return
    before = dict(columns_from_api(table["StorageDescriptor"]["Columns"]))
    now = dict(definition.columns)
    changed = [
        "{} was {}, is {}".format(name, hive, now.get(name, "gone"))
        for name, hive in before.items()
        if now.get(name) != hive
    ]
    if changed:
        raise ChangedColumns(
            "The columns of {} have changed ({}); nothing was added. Copy the table completely to another "
            "DestinationLocation.".format(definition.name, "; ".join(changed))
        )


def write_rows(s3: Any, transfer: Transfer, name: str, rows: Slice, high: str) -> Output:
    """Write a table's rows below the run's folder, and the bound of its next increment.

    Raises:
        CountMismatch: the numbers of rows in the source and in the files differ.
    """
    destination = transfer.destination(name)
    bucket, prefix = split_folder(destination.folder(transfer.run))
    target = FrameTarget(
        transfer.region, bucket, prefix, frame_columns(rows.frame), tuple(transfer.partition_keys)
    )
    parts = [part for part in transfer.write(rows.frame, target) if part.rows or not transfer.column]
    written = sum(part.rows for part in parts)
    counted = rows.verify(written)
    if counted != written:
        raise CountMismatch(
            "{} has {:,} rows, but {:,} were written; nothing was published.".format(
                rows.table.full_name, counted, written
            )
        )
    if transfer.column:
        write_bound(s3, destination.location, transfer.run, transfer.column, high)
    return Output(written, tuple(parts))


def publish_table(
    s3: Any, glue: Any, transfer: Transfer, source: TableSource, name: str, table: ListedTable
) -> int:
    """Copy and publish one table; returns the rows that this run has brought."""
    destination = transfer.destination(name)
    published = read_publication(s3, destination.location)
    is_done = published is not None and published.run == transfer.run
    low = read_bound(s3, destination.location, transfer.column) if transfer.column and not is_done else ""
    rows = source.slice(table, transfer.column, low)
    definition = table_definition(transfer, name, frame_columns(rows.frame))
    if transfer.column and not is_done:
        check_types(glue, definition)
    made = publish(
        s3,
        destination,
        transfer.run,
        transfer.manifest,
        write=lambda: write_rows(s3, transfer, name, rows, rows.high or low),
        view=CatalogView(glue, destination, definition),
        mode=APPEND if transfer.column else REPLACE,
        before_commit=lambda: check_lock(s3, transfer.root, transfer.workflow, transfer.run),
    )
    retire_old_runs(s3, destination, made)
    delete_bounds(s3, destination.location, made)
    print("{}.{}: {:,} rows in {} files.".format(transfer.database, name, made.rows, len(made.parts)))
    return brought_rows(transfer, destination, made)


def brought_rows(transfer: Transfer, destination: Destination, made: Publication) -> int:
    """The rows of the files that this run has written, and not taken over from earlier ones."""
    _, prefix = split_folder(destination.folder(transfer.run))
    own = [part for part in made.parts if part.key.startswith(prefix)]
    return sum(part.rows for part in own if not part.key.rpartition("/")[2].startswith("kept-"))


def copy_tables(
    s3: Any, glue: Any, arguments: "dict[str, str]", open_source: Callable[[], TableSource], **options: Any
) -> None:
    """Copy and publish what the presence marker's manifest lists; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to do.".format(FILE_PRESENCE, marker.reason))
        return
    tables = read_table_manifest(s3, marker.manifest).tables
    names: Dict[str, ListedTable] = destination_names(
        tables, arguments["table_prefix"], arguments["default_schema"]
    )
    if arguments["query"]:
        names = {name: ListedQuery("", table.name, 0, arguments["query"]) for name, table in names.items()}
    transfer = Transfer(
        region=arguments["aws_region"],
        workflow=workflow,
        run=run,
        root=folder_location(arguments["destination"]),
        database=arguments["database"],
        manifest=marker.manifest,
        partition_keys=[key for key in arguments["partition_keys"].split(",") if key],
        column=arguments["incremental_column"],
        **options,
    )
    source = open_source()
    try:
        source.begin(list(names.values()))
        rows = sum(publish_table(s3, glue, transfer, source, name, table) for name, table in names.items())
    finally:
        source.close()
    files = sum(len(read_files(s3, transfer, name)) for name in names)
    put_counts(glue, workflow, run, {"rows": rows, "tables": len(names), "files_out": files}, BLUEPRINT)
    consistent = "true" if source.is_consistent else "false"
    put_properties(glue, workflow, run, {"{}.consistent".format(BLUEPRINT): consistent})


def read_files(s3: Any, transfer: Transfer, name: str) -> Sequence[Part]:
    """The files that a table has now."""
    published = read_publication(s3, transfer.destination(name).location)
    return published.parts if published else ()


def main() -> None:
    """Copy the run's tables."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    copy_tables(
        aws_client("s3", region),
        aws_client("glue", region),
        arguments,
        lambda: connection_source(
            arguments["connection_name"],
            int(arguments["parallel_reads"]),
            arguments["key_column"],
            arguments["unbounded_numbers"],
        ),
    )


if __name__ == "__main__":
    main()
