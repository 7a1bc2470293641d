"""The first job of a blueprint that reads the files of a folder: look, lock, freeze the files' list, mark.

Python shell. When files are missing, nothing is written but the marker.
"""

from datetime import datetime, timezone
from typing import Any, Sequence

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import Thresholds, choose, iso, reason_missing
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.manifest import Manifest, write_manifest
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_count, put_marker
from glue_jobs.common.run_lock import acquire_lock

FILE_LOOK_ARGUMENTS = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "location",
    "file_pattern",
    "on_missing",
    "manifest_folder",
)


def look_for_files(
    s3: Any, glue: Any, arguments: "dict[str, str]", now: datetime, blueprint: str, lock_folder: str
) -> Marker:
    """Search the location; when files are there, acquire the lock and freeze their list.

    Args:
        s3: a boto3 S3 client.
        glue: a boto3 Glue client.
        arguments: :data:`FILE_LOOK_ARGUMENTS`.
        now: the present.
        blueprint: its name, for the count of empty files.
        lock_folder: where the lock is.
    """
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
        acquire_lock(s3, glue, folder_location(lock_folder), workflow, run)
        # First the manifest, then the marker: a reader of the marker finds the manifest.
        write_manifest(s3, marker.manifest, Manifest(location, bucket, marker.checked_at, tuple(files)))
    put_count(glue, workflow, run, "empty_files", empty, blueprint)
    put_marker(glue, workflow, run, marker)
    return marker


def run_file_look(argv: Sequence[str], blueprint: str, lock_argument: str) -> None:
    """The complete job: look, lock, freeze, mark; then act if files are missing.

    Args:
        argv: the job's arguments.
        blueprint: its name.
        lock_argument: the name of the argument with the folder of the lock.
    """
    arguments = read_arguments(argv, (*FILE_LOOK_ARGUMENTS, lock_argument))
    region = arguments["aws_region"]
    glue = aws_client("glue", region)
    marker = look_for_files(
        aws_client("s3", region), glue, arguments, datetime.now(timezone.utc), blueprint, arguments[lock_argument]
    )
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
