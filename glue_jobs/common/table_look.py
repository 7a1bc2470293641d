"""What the first job of a blueprint that copies tables does: find them, freeze their list, write the marker."""

from datetime import datetime, timezone
from typing import Any, Callable, List, Sequence, Tuple

from glue_jobs.common.clients import aws_client
from glue_jobs.common.database_address import POSTGRESQL, read_connection
from glue_jobs.common.input_files import iso
from glue_jobs.common.listed_tables import ListedTable, TableManifest, choose_tables, write_table_manifest
from glue_jobs.common.locations import folder_location
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.postgresql_tables import list_postgresql_tables
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_marker
from glue_jobs.common.run_lock import acquire_lock, release_lock

PATTERN_CHARACTERS = frozenset("*?[")


class UnusableTables(Exception):
    """Tables that this blueprint cannot read, or that can only be named and not searched."""


def catalog_tables(glue: Any, database: str) -> List[ListedTable]:
    """The tables of a database of the Data Catalog whose rows are files."""
    found = []
    for page in glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            parameters = table.get("Parameters", {})
            is_view = table.get("TableType") == "VIRTUAL_VIEW"
            is_elsewhere = "connectionName" in parameters or "table_type" in parameters
            if not is_view and not is_elsewhere:
                found.append(ListedTable("", table["Name"]))
    return found


def named_tables(wanted: Sequence[str]) -> List[ListedTable]:
    """The wanted tables themselves, for a database whose driver only the Spark job has.

    Raises:
        UnusableTables: a pattern, which cannot be searched for here.
    """
    patterns = [entry for entry in wanted if PATTERN_CHARACTERS & set(entry)]
    if patterns:
        raise UnusableTables(
            "Only the tables of PostgreSQL can be chosen by a pattern; name them one by one instead of {}.".format(
                ", ".join(patterns)
            )
        )
    return [ListedTable(*entry.rpartition(".")[::2]) for entry in wanted]


def find_tables(
    glue: Any, arguments: "dict[str, str]", secrets: Callable[[], Any]
) -> Tuple[List[ListedTable], List[str], str]:
    """The wanted tables, the entries that match none, and the source's name."""
    if arguments.get("query_name"):
        # Whether a query has rows is known when it runs; what can be looked at is the connection.
        read_connection(glue, arguments["connection_name"], secrets)
        return [ListedTable("", arguments["query_name"])], [], arguments["connection_name"]
    wanted = [entry for entry in arguments["tables"].split(",") if entry]
    excluded = [entry for entry in arguments["exclude_tables"].split(",") if entry]
    if not arguments["connection_name"]:
        source = arguments["source_database"]
        found = catalog_tables(glue, source)
    else:
        source = arguments["connection_name"]
        address = read_connection(glue, source, secrets)
        found = list_postgresql_tables(address) if address.vendor == POSTGRESQL else named_tables(wanted)
    chosen, missing = choose_tables(found, wanted, excluded, arguments["default_schema"])
    return chosen, missing, source


def find_input(
    glue: Any, arguments: "dict[str, str]", now: datetime, secrets: Callable[[], Any]
) -> Tuple[Marker, TableManifest]:
    """Search the source; the manifest lists what was found, whether it is everything that is wanted or not."""
    chosen, missing, source = find_tables(glue, arguments, secrets)
    reason = "no table matches {}".format(", ".join(missing)) if missing else ""
    if not chosen and not reason:
        reason = "no table is there"
    location = "{}{}.json".format(folder_location(arguments["manifest_folder"]), arguments["WORKFLOW_RUN_ID"])
    marker = Marker(
        present=not reason,
        count=len(chosen),
        total_bytes=sum(table.size for table in chosen),
        newest="",
        checked_at=iso(now),
        location=source,
        reason=reason,
        manifest="" if reason else location,
    )
    return marker, TableManifest(source, marker.checked_at, tuple(chosen))


def look_for_tables(arguments: "dict[str, str]") -> None:
    """Lock, look, freeze, mark; then act if tables are missing."""
    region, workflow, run = (arguments[name] for name in ("aws_region", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"))
    s3, glue = aws_client("s3", region), aws_client("glue", region)
    acquire_lock(s3, glue, folder_location(arguments["destination"]), workflow, run)
    marker, manifest = find_input(
        glue, arguments, datetime.now(timezone.utc), lambda: aws_client("secretsmanager", region)
    )
    if marker.present:
        write_table_manifest(s3, marker.manifest, manifest)
    put_marker(glue, workflow, run, marker)
    print(
        "{}: {} tables: {}".format(marker.location, marker.count, ", ".join(t.full_name for t in manifest.tables))
    )
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        release_lock(s3, folder_location(arguments["destination"]), workflow, run)
        act_on_missing_input(glue, arguments["on_missing"], workflow, run, marker)
