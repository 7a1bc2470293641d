"""Look for the files of a location, freeze what is there into a manifest, and write the presence marker.

Python shell. Nothing is written to the destination here, and when files are missing nothing ever is.
"""

import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Iterable, List, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.manifest import FrozenFile, Manifest, write_manifest
from glue_jobs.common.patterns import compile_pattern
from glue_jobs.common.presence import Marker, put_marker

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
STOP_SECONDS = 120
POLL_SECONDS = 0.5


class FilesMissing(Exception):
    """The files are not there, and the blueprint's OnMissing says that this is a failure."""


@dataclass(frozen=True)
class Thresholds:
    """When files count as present.

    Attributes:
        minimum_files: so many files at least; one always.
        minimum_bytes: so many bytes at least, all files together.
        maximum_age: the newest file may be this old; None for any age.
    """

    minimum_files: int
    minimum_bytes: int
    maximum_age: "timedelta | None"


def choose(entries: Iterable[Any], prefix: str, pattern: str) -> List[FrozenFile]:
    """The files of a listing that match the pattern.

    Left out are folder markers and other empty objects, and what a query engine would not read either: names that
    begin with ``_`` or ``.`` (``_SUCCESS``, ``_temporary/``, ``.part.crc``), at any level below the location.

    Args:
        entries: objects as ListObjectsV2 describes them.
        prefix: the location's key prefix.
        pattern: see :func:`compile_pattern`.
    """
    matches = compile_pattern(pattern).fullmatch
    chosen = []
    for entry in entries:
        path = entry["Key"][len(prefix) :]
        hidden = any(part[:1] in ("_", ".") for part in path.split("/"))
        if entry["Size"] > 0 and not hidden and matches(path):
            chosen.append(
                FrozenFile(
                    key=entry["Key"],
                    size=entry["Size"],
                    etag=entry["ETag"].strip('"'),
                    modified=iso(entry["LastModified"]),
                )
            )
    return chosen


def reason_missing(files: List[FrozenFile], limits: Thresholds, now: datetime) -> str:
    """Why these files do not count as present, every reason in one sentence; empty when they do."""
    if not files:
        return "no file is there"
    reasons = []
    size = sum(file.size for file in files)
    if len(files) < limits.minimum_files:
        reasons.append("{} of at least {} files are there".format(len(files), limits.minimum_files))
    if size < limits.minimum_bytes:
        reasons.append("{} of at least {} bytes are there".format(size, limits.minimum_bytes))
    newest = max(file.modified for file in files)
    if limits.maximum_age is not None and now - from_iso(newest) > limits.maximum_age:
        hours = limits.maximum_age / timedelta(hours=1)
        reasons.append("the newest file is of {}, more than {:g} hours ago".format(newest, hours))
    return "; ".join(reasons)


def iso(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC; texts of this form sort like the moments."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_iso(text: str) -> datetime:
    """The moment that :func:`iso` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def look(s3: Any, arguments: "dict[str, str]", now: datetime) -> Tuple[Marker, Manifest]:
    """Search the location; the manifest holds what was found, whether it is enough or not."""
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


def stop_own_run(glue: Any, workflow: str, run_id: str) -> None:
    """Stop the workflow run that this job belongs to, and return once it is seen to be stopping.

    This job ends with success, which would start the crawler: so it must not end before the stop has taken hold.
    It may well be ended here by that very stop, which is as good. If the stop cannot be had, raising makes this
    job FAILED, and nothing after it starts either.

    Raises:
        TimeoutError: the run is still running two minutes after Glue accepted the stop.
    """
    try:
        glue.stop_workflow_run(Name=workflow, RunId=run_id)
    except glue.exceptions.IllegalWorkflowStateException:
        print("The run is already stopping.")
    waited = 0.0
    while True:
        status = glue.get_workflow_run(Name=workflow, RunId=run_id)["Run"]["Status"]
        if status in ("STOPPING", "STOPPED"):
            return
        if waited >= STOP_SECONDS:
            raise TimeoutError(
                "The workflow run is still {} {} s after it was stopped.".format(status, STOP_SECONDS)
            )
        time.sleep(POLL_SECONDS)
        waited += POLL_SECONDS


def act_on_missing(glue: Any, arguments: "dict[str, str]", marker: Marker) -> None:
    """Do what OnMissing says, after the marker has been written.

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
        print("Going on: the later jobs see the marker and end at once.")
    else:
        raise ValueError("OnMissing is {!r}; it must be skip, continue or fail.".format(choice))


def main() -> None:
    """Look, freeze, mark; then act if files are missing."""
    arguments = read_arguments(sys.argv, REQUIRED)
    s3 = aws_client("s3", arguments["aws_region"])
    glue = aws_client("glue", arguments["aws_region"])
    marker, manifest = look(s3, arguments, datetime.now(timezone.utc))
    if marker.present:
        # First the manifest, then the marker: who reads the marker finds the manifest.
        write_manifest(s3, marker.manifest, manifest)
    put_marker(glue, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], marker)
    print(
        "{}: {} files, {} bytes matching {}".format(
            marker.location, marker.count, marker.total_bytes, arguments["file_pattern"]
        )
    )
    print("file_presence={}".format("true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing(glue, arguments, marker)


if __name__ == "__main__":
    main()
