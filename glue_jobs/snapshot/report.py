"""Print what the run has copied, and release the lock. Python shell; it changes nothing else."""

import sys
from typing import List, Mapping

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location
from glue_jobs.common.presence import count_from_properties, marker_from_properties
from glue_jobs.common.run_lock import release_lock
from glue_jobs.common.snapshot_history import Snapshot, kept_snapshots
from glue_jobs.common.workflow_run import get_properties

BLUEPRINT = "snapshot"
REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "destination", "database")


def summary(properties: Mapping[str, str], snapshots: List[Snapshot], database: str) -> List[str]:
    """The report's lines.

    Args:
        properties: the run's properties.
        snapshots: those that are kept, oldest first; the last one is the run's.
        database: of the tables that show them.

    Raises:
        MarkerMissing: there is no presence marker, or it is "true" and the number of rows is missing.
    """
    marker = marker_from_properties(properties)
    lines = ["source     {}".format(marker.location), "checked    {}".format(marker.checked_at)]
    if not marker.present:
        return [*lines, "result     no snapshot: {}".format(marker.reason)]
    newest = snapshots[-1]
    lines += [
        "snapshot   {}, {} tables, {:,} rows".format(
            newest.label, len(newest.tables), count_from_properties(properties, "rows", BLUEPRINT)
        ),
        "moment     {}".format(
            "all tables as they were at one moment" if newest.is_consistent else "table by table, not one moment"
        ),
        "kept       {}".format(", ".join(snapshot.label for snapshot in snapshots)),
    ]
    return [*lines, *("table      {}.{}: {:,} rows".format(database, one.name, one.rows) for one in newest.tables)]


def main() -> None:
    """Print the report and release the lock."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region, workflow, run = (arguments[name] for name in ("aws_region", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"))
    s3, glue = aws_client("s3", region), aws_client("glue", region)
    properties = get_properties(glue, workflow, run)
    location = folder_location(arguments["destination"])
    present = marker_from_properties(properties).present
    snapshots = kept_snapshots(s3, location, run) if present else []
    print("\n".join(summary(properties, snapshots, arguments["database"])))
    release_lock(s3, location, workflow, run)


if __name__ == "__main__":
    main()
