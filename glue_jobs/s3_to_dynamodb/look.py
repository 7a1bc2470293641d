"""Look for the files to load, lock the workflow against a second run, freeze the files' list, write the marker.

Python shell. Nothing is written to the table here, and when files are missing nothing ever is.
"""

import sys
from datetime import datetime, timezone
from typing import Any

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import Thresholds, choose, iso, reason_missing
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.manifest import Manifest, write_manifest
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_count, put_marker
from glue_jobs.common.run_lock import acquire_lock

BLUEPRINT = "s3_to_dynamodb"
REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "location",
    "file_pattern",
    "on_missing",
    "lock_folder",
    "manifest_folder",
)


def look(s3: Any, glue: Any, arguments: "dict[str, str]", now: datetime) -> Marker:
    """Search the location; when files are there, lock the workflow and freeze their list."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    location = folder_location(arguments["location"])
    bucket, prefix = split_folder(location)
    entries = list(list_objects(s3, bucket, prefix))
    files = choose(entries, prefix, arguments["file_pattern"])
    reason = reason_missing(files, Thresholds(1, 0, None), now)
    marker = Marker(
        present=not reason,
        count=len(files),
        total_bytes=sum(file.size for file in files),
        newest=max((file.modified for file in files), default=""),
        checked_at=iso(now),
        location=location,
        reason=reason,
        manifest="" if reason else "{}{}.json".format(folder_location(arguments["manifest_folder"]), run),
    )
    empty = sum(1 for entry in entries if entry["Size"] == 0 and not entry["Key"].endswith("/"))
    if marker.present:
        acquire_lock(s3, glue, folder_location(arguments["lock_folder"]), workflow, run)
        write_manifest(s3, marker.manifest, Manifest(location, bucket, marker.checked_at, tuple(files)))
    put_count(glue, workflow, run, "empty_files", empty, BLUEPRINT)
    put_marker(glue, workflow, run, marker)
    return marker


def main() -> None:
    """Look, lock, freeze, mark; then act if files are missing."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    glue = aws_client("glue", region)
    marker = look(aws_client("s3", region), glue, arguments, datetime.now(timezone.utc))
    print(
        "{}: {:,} files, {:,} bytes matching {}".format(
            marker.location, marker.count, marker.total_bytes, arguments["file_pattern"]
        )
    )
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing_input(
            glue, arguments["on_missing"], arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], marker
        )


if __name__ == "__main__":
    main()
