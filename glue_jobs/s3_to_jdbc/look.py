"""Look whether the source table has files and the connection exists, and write the presence marker.

Python shell. The lock is acquired first; the database is not touched here.
"""

import sys
from datetime import datetime, timezone
from typing import Any, Callable, Iterator, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.database_address import POSTGRESQL, UnusableConnection, read_connection
from glue_jobs.common.input_files import iso
from glue_jobs.common.listed_tables import ListedTable, TableManifest, write_table_manifest
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_marker
from glue_jobs.common.run_lock import acquire_lock, release_lock

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "connection_name",
    "source_database",
    "source_table",
    "on_missing",
    "lock_folder",
    "manifest_folder",
)


def table_locations(glue: Any, database: str, table: "dict[str, Any]") -> Iterator[str]:
    """The folders of a table's files: those of its partitions, or its own."""
    if not table.get("PartitionKeys"):
        yield table["StorageDescriptor"]["Location"]
        return
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table["Name"])
    for page in pages:
        for partition in page["Partitions"]:
            yield partition["StorageDescriptor"]["Location"]


def count_files(s3: Any, location: str) -> Tuple[int, int]:
    """Files of a folder that a query reads, and their bytes."""
    bucket, prefix = split_folder(location)
    sizes = [
        entry["Size"]
        for entry in list_objects(s3, bucket, prefix)
        if entry["Size"] and not any(part[:1] in ("_", ".") for part in entry["Key"][len(prefix) :].split("/"))
    ]
    return len(sizes), sum(sizes)


def look(
    s3: Any, glue: Any, arguments: "dict[str, str]", now: datetime, secrets: Callable[[], Any]
) -> Tuple[Marker, TableManifest]:
    """Search the source table's files.

    Raises:
        UnusableConnection: the connection is missing, or not one of PostgreSQL.
    """
    address = read_connection(glue, arguments["connection_name"], secrets)
    if address.vendor != POSTGRESQL:
        raise UnusableConnection(
            "The connection {} is of {}; rows can be merged into PostgreSQL only.".format(
                arguments["connection_name"], address.vendor
            )
        )
    database, name = arguments["source_database"], arguments["source_table"]
    files = size = 0
    reason = ""
    try:
        table = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        reason = "there is no table {}.{}".format(database, name)
    else:
        for location in table_locations(glue, database, table):
            found, found_bytes = count_files(s3, location)
            files, size = files + found, size + found_bytes
        reason = "" if files else "the table {}.{} has no files".format(database, name)
    place = "{}{}.json".format(folder_location(arguments["manifest_folder"]), arguments["WORKFLOW_RUN_ID"])
    marker = Marker(
        present=not reason,
        count=files,
        total_bytes=size,
        newest="",
        checked_at=iso(now),
        location="{}.{}".format(database, name),
        reason=reason,
        manifest="" if reason else place,
    )
    return marker, TableManifest(marker.location, marker.checked_at, (ListedTable(database, name, size),))


def main() -> None:
    """Lock, look, mark; then act if there is nothing to load."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region, workflow, run = (arguments[name] for name in ("aws_region", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"))
    s3, glue = aws_client("s3", region), aws_client("glue", region)
    lock = folder_location(arguments["lock_folder"])
    acquire_lock(s3, glue, lock, workflow, run)
    now = datetime.now(timezone.utc)
    marker, manifest = look(s3, glue, arguments, now, lambda: aws_client("secretsmanager", region))
    if marker.present:
        write_table_manifest(s3, marker.manifest, manifest)
    put_marker(glue, workflow, run, marker)
    print("{}: {} files, {} bytes".format(marker.location, marker.count, marker.total_bytes))
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        release_lock(s3, lock, workflow, run)
        act_on_missing_input(glue, arguments["on_missing"], workflow, run, marker)


if __name__ == "__main__":
    main()
