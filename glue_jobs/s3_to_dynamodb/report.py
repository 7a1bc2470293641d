"""Print what the run found and loaded, and release the workflow's lock. Python shell."""

import sys
from typing import List, Mapping

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location
from glue_jobs.common.presence import count_from_properties, marker_from_properties
from glue_jobs.common.run_lock import release_lock
from glue_jobs.common.workflow_run import get_properties

BLUEPRINT = "s3_to_dynamodb"
REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "table", "lock_folder")
COUNTS = ("rows", "items", "replaced", "bad_records", "files_in", "empty_files", "write_units", "repeated")


def summary(properties: Mapping[str, str], table: str) -> List[str]:
    """The report's lines.

    Args:
        properties: the run's properties.
        table: the table of DynamoDB.

    Raises:
        MarkerMissing: there is no presence marker, or it is "true" and the counts are missing.
    """
    marker = marker_from_properties(properties)
    lines = ["location     {}".format(marker.location), "checked      {}".format(marker.checked_at)]
    if not marker.present:
        return [*lines, "result       nothing loaded: {}".format(marker.reason)]
    counts = {name: count_from_properties(properties, name, BLUEPRINT) for name in COUNTS}
    return [
        *lines,
        "found        {:,} files, {:,} bytes".format(marker.count, marker.total_bytes),
        "empty files  {:,}, not read".format(counts["empty_files"]),
        "bad records  {:,}".format(counts["bad_records"]),
        "replaced     {:,} rows by later ones with the same key".format(counts["replaced"]),
        "capacity     {:,} write units; {:,} items were sent again".format(
            counts["write_units"], counts["repeated"]
        ),
        "result       {:,} items of {:,} rows in the table {}".format(counts["items"], counts["rows"], table),
    ]


def main() -> None:
    """Print the report."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    print("\n".join(summary(get_properties(aws_client("glue", region), workflow, run), arguments["table"])))
    release_lock(aws_client("s3", region), folder_location(arguments["lock_folder"]), workflow, run)


if __name__ == "__main__":
    main()
