"""Print what the run found and loaded, and release the lock of the destination. Python shell."""

import sys
from typing import List, Mapping

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location
from glue_jobs.common.presence import FILE_PRESENCE, count_from_properties, marker_from_properties
from glue_jobs.common.resumed_run import inherit_properties
from glue_jobs.common.run_lock import release_lock

REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "database", "table", "destination")


def summary(properties: Mapping[str, str], table: str) -> List[str]:
    """The report's lines.

    Args:
        properties: the run's properties.
        table: the destination, ``database.table``.

    Raises:
        MarkerMissing: there is no presence marker, or it is "true" and the number of loaded rows is missing.
    """
    marker = marker_from_properties(properties)
    lines = ["location  {}".format(marker.location), "checked   {}".format(marker.checked_at)]
    if not marker.present:
        return [*lines, "result    nothing loaded: {}".format(marker.reason)]
    rows = count_from_properties(properties, "rows")
    rejected = count_from_properties(properties, "rejected")
    return [
        *lines,
        "found     {:,} files, {:,} bytes, the newest of {}".format(
            marker.count, marker.total_bytes, marker.newest
        ),
        "manifest  {}".format(marker.manifest),
        "result    {:,} rows in {}".format(rows, table),
        *(["rejected  {:,} files".format(rejected)] if rejected else []),
    ]


def main() -> None:
    """Print the report."""
    arguments = read_arguments(sys.argv, REQUIRED)
    glue = aws_client("glue", arguments["aws_region"])
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    properties = inherit_properties(glue, workflow, run, FILE_PRESENCE + ".rows")
    table = "{}.{}".format(arguments["database"], arguments["table"])
    print("\n".join(summary(properties, table)))
    s3 = aws_client("s3", arguments["aws_region"])
    release_lock(s3, folder_location(arguments["destination"]), workflow, run)


if __name__ == "__main__":
    main()
