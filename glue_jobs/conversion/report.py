"""Print what the run found and converted, and release the destination's lock. Python shell."""

import sys
from typing import List, Mapping

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location
from glue_jobs.common.presence import count_from_properties, marker_from_properties
from glue_jobs.common.run_lock import release_lock
from glue_jobs.common.workflow_run import get_properties

BLUEPRINT = "conversion"
REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "destination")


def summary(properties: Mapping[str, str], destination: str) -> List[str]:
    """The report's lines.

    Args:
        properties: the run's properties.
        destination: the folder of the result.

    Raises:
        MarkerMissing: there is no presence marker, or it is "true" and the counts are missing.
    """
    marker = marker_from_properties(properties)
    lines = ["location     {}".format(marker.location), "checked      {}".format(marker.checked_at)]
    if not marker.present:
        return [*lines, "result       nothing converted: {}".format(marker.reason)]
    counts = {
        name: count_from_properties(properties, name, BLUEPRINT)
        for name in ("rows", "files_in", "files_out", "bad_records", "empty_files")
    }
    return [
        *lines,
        "found        {:,} files, {:,} bytes, the newest of {}".format(
            marker.count, marker.total_bytes, marker.newest
        ),
        "empty files  {:,}, not read".format(counts["empty_files"]),
        "manifest     {}".format(marker.manifest),
        "bad records  {:,}".format(counts["bad_records"]),
        "result       {:,} rows of {:,} files in {:,} files in {}".format(
            counts["rows"], counts["files_in"], counts["files_out"], destination
        ),
    ]


def main() -> None:
    """Print the report."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    destination = folder_location(arguments["destination"])
    print("\n".join(summary(get_properties(aws_client("glue", region), workflow, run), destination)))
    release_lock(aws_client("s3", region), destination, workflow, run)


if __name__ == "__main__":
    main()
