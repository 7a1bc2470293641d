"""Merge the rows of a table of the Data Catalog into a table of PostgreSQL, by key, in one transaction.

``postgresql_merge`` describes how a run that is killed and started again ends with the same rows.
"""

import sys
from typing import Any, Callable, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_frame import catalog_frame
from glue_jobs.common.clients import aws_client
from glue_jobs.common.jdbc_session import JdbcSession
from glue_jobs.common.locations import folder_location
from glue_jobs.common.postgresql_merge import (
    UPSERT,
    Merged,
    UnusableTarget,
    create_staging,
    fill_staging,
    find_target,
    merge_staging,
)
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_counts
from glue_jobs.common.run_lock import check_lock
from glue_jobs.common.spark_database import connection_source

BLUEPRINT = "s3_to_jdbc"
REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "connection_name",
    "source_database",
    "source_table",
    "target_table",
    "key_columns",
    "write_mode",
    "parallel_writes",
    "lock_folder",
)
OPTIONAL = ("order_column",)


def merge_table(
    arguments: "dict[str, str]", frame: Any, session: JdbcSession, may_merge: Callable[[], None]
) -> Merged:
    """Merge a DataFrame into the target table.

    Args:
        arguments: the job's.
        frame: the source's rows.
        session: a session with the database.
        may_merge: called before the transaction; what it raises prevents it.

    Raises:
        UnusableTarget: the table cannot take the rows.
        WrongRows: the rows cannot be merged, or not all of them arrived.
    """
    columns = [name.lower() for name in frame.columns]
    keys = [key for key in arguments["key_columns"].split(",") if key]
    order = arguments["order_column"]
    if order and order.lower() not in columns:
        raise UnusableTarget("OrderColumn: the source has no column {}.".format(order))
    target = find_target(session, arguments["target_table"], columns, keys)
    rows = int(frame.count())
    staging = create_staging(session, target, arguments["WORKFLOW_NAME"])
    fill_staging(frame, session, target, staging, int(arguments["parallel_writes"]))
    may_merge()
    merged = merge_staging(session, target, staging, rows, order, arguments["write_mode"] or UPSERT)
    print(
        "{}: {:,} rows read, {:,} inserted, {:,} updated, {:,} deleted before.".format(
            arguments["target_table"], rows, merged.inserted, merged.updated, merged.deleted
        )
    )
    return merged


def load(
    s3: Any,
    glue: Any,
    arguments: "dict[str, str]",
    open_both: "Callable[[dict[str, str]], Tuple[Any, JdbcSession]]",
) -> None:
    """Merge the source into the target; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to do.".format(FILE_PRESENCE, marker.reason))
        return
    folder = folder_location(arguments["lock_folder"])
    frame, session = open_both(arguments)
    try:
        merged = merge_table(arguments, frame, session, lambda: check_lock(s3, folder, workflow, run))
    finally:
        session.close()
    counts = {
        "rows": merged.inserted + merged.updated,
        "inserted": merged.inserted,
        "updated": merged.updated,
        "deleted": merged.deleted,
    }
    put_counts(glue, workflow, run, counts, BLUEPRINT)


def open_source_and_target(arguments: "dict[str, str]") -> Tuple[Any, JdbcSession]:
    """The source's DataFrame and a session with the target's database."""
    target = connection_source(arguments["connection_name"], 1, "", "decimal")
    glue = aws_client("glue", arguments["aws_region"])
    frame = catalog_frame(target.spark, glue, arguments["source_database"], arguments["source_table"])
    return frame, target.session


def main() -> None:
    """Merge the run's table."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    load(aws_client("s3", region), aws_client("glue", region), arguments, open_source_and_target)


if __name__ == "__main__":
    main()
