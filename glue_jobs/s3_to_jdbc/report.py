"""Print what the run has merged, and release the lock. Python shell; it changes nothing else."""

import sys
from typing import List, Mapping

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location
from glue_jobs.common.presence import count_from_properties, marker_from_properties
from glue_jobs.common.run_lock import release_lock
from glue_jobs.common.workflow_run import get_properties

BLUEPRINT = "s3_to_jdbc"
REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "target_table", "lock_folder")


def summary(properties: Mapping[str, str], target: str) -> List[str]:
    """The report's lines.

    Args:
        properties: the run's properties.
        target: the table of the database.

    Raises:
        MarkerMissing: there is no presence marker, or it is "true" and a count is missing.
    """
    marker = marker_from_properties(properties)
    lines = ["source   {}".format(marker.location), "checked  {}".format(marker.checked_at)]
    if not marker.present:
        return [*lines, "result   nothing merged: {}".format(marker.reason)]
    counts = [count_from_properties(properties, name, BLUEPRINT) for name in ("inserted", "updated", "deleted")]
    return [*lines, "result   {}: {:,} rows inserted, {:,} updated, {:,} deleted before".format(target, *counts)]


def main() -> None:
    """Print the report and release the lock."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region, workflow, run = (arguments[name] for name in ("aws_region", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"))
    glue = aws_client("glue", region)
    print("\n".join(summary(get_properties(glue, workflow, run), arguments["target_table"])))
    release_lock(aws_client("s3", region), folder_location(arguments["lock_folder"]), workflow, run)


if __name__ == "__main__":
    main()
