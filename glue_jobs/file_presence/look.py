"""Look for the files of a location, freeze the list of them in a manifest, and write the presence marker.

Python shell. Nothing is written to the destination here, and when files are missing nothing ever is.
"""

import sys
from datetime import datetime, timedelta, timezone
from typing import Any, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import Thresholds, choose, iso, reason_missing
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.manifest import Manifest, write_manifest
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_marker
from glue_jobs.common.workflow_run import stop_own_run

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "location",
    "file_pattern",
    "minimum_files",
    "minimum_bytes",
    "maximum_age_hours",
    "on_missing",
    "manifest_folder",
)


class FilesMissing(Exception):
    """The files are not there, and the blueprint's OnMissing is ``fail``."""


def look(s3: Any, arguments: "dict[str, str]", now: datetime) -> Tuple[Marker, Manifest]:
    """Search the location; the manifest lists what was found, whether it is enough or not."""
    bucket, prefix = split_folder(arguments["location"])
    files = choose(list_objects(s3, bucket, prefix), prefix, arguments["file_pattern"])
    hours = float(arguments["maximum_age_hours"])
    limits = Thresholds(
        minimum_files=int(arguments["minimum_files"]),
        minimum_bytes=int(arguments["minimum_bytes"]),
        maximum_age=timedelta(hours=hours) if hours > 0 else None,
    )
    reason = reason_missing(files, limits, now)
    location = folder_location(arguments["location"])
    manifest_location = "{}{}.json".format(
        folder_location(arguments["manifest_folder"]), arguments["WORKFLOW_RUN_ID"]
    )
    marker = Marker(
        present=not reason,
        count=len(files),
        total_bytes=sum(file.size for file in files),
        newest=max((file.modified for file in files), default=""),
        checked_at=iso(now),
        location=location,
        reason=reason,
        manifest="" if reason else manifest_location,
    )
    return marker, Manifest(location=location, bucket=bucket, checked_at=marker.checked_at, files=tuple(files))


def act_on_missing(glue: Any, arguments: "dict[str, str]", marker: Marker) -> None:
    """Apply OnMissing, after the marker has been written.

    Raises:
        FilesMissing: OnMissing is ``fail``.
    """
    choice = arguments["on_missing"]
    if choice == "fail":
        raise FilesMissing("{}: {}".format(marker.location, marker.reason))
    if choice == "skip":
        print("Stopping this workflow run: nothing after this job starts.")
        stop_own_run(glue, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"])
    elif choice == "continue":
        print("Going on: the later jobs read the marker and end at once.")
    else:
        raise ValueError("OnMissing is {!r}; it must be skip, continue or fail.".format(choice))


def main() -> None:
    """Look, freeze, mark; then act if files are missing."""
    arguments = read_arguments(sys.argv, REQUIRED)
    s3 = aws_client("s3", arguments["aws_region"])
    glue = aws_client("glue", arguments["aws_region"])
    marker, manifest = look(s3, arguments, datetime.now(timezone.utc))
    if marker.present:
        # First the manifest, then the marker: a reader of the marker finds the manifest.
        write_manifest(s3, marker.manifest, manifest)
    put_marker(glue, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], marker)
    print(
        "{}: {} files, {} bytes matching {}".format(
            marker.location, marker.count, marker.total_bytes, arguments["file_pattern"]
        )
    )
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing(glue, arguments, marker)


if __name__ == "__main__":
    main()
