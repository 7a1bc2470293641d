"""Look for files in every location, freeze the list of them in a manifest, and write the presence marker.

Python shell. Nothing but the lock and the manifest is written.
"""

import json
import sys
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, List, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import Thresholds, iso
from glue_jobs.common.input_search import Expectations, search_all
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.manifest import Manifest, write_manifest
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_marker
from glue_jobs.common.run_lock import acquire_lock

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "tables",
    "required_locations",
    "minimum_files",
    "on_missing",
    "manifest_folder",
    "lock_folder",
)
OPTIONAL = ("exclusions",)


def look(s3: Any, arguments: "dict[str, str]", now: datetime) -> Tuple[Marker, Manifest]:
    """Search all locations; the manifest lists what was found, whether it is enough or not."""
    locations: List[str] = [folder_location(place) for _, place in json.loads(arguments["tables"])]
    expectations = Expectations(
        file_pattern="*",
        limits=Thresholds(int(arguments["minimum_files"]), 1, None),
        exclusions=tuple(json.loads(arguments["exclusions"] or "[]")),
    )
    is_any_enough = arguments["required_locations"] == "any"
    found = search_all(s3, locations, expectations, is_any_enough, {}, now)
    bucket, _ = split_folder(locations[0])
    manifest = Manifest(
        location=locations[0],
        bucket=bucket,
        checked_at=iso(now),
        files=tuple(replace(file, bucket="" if file.bucket == bucket else file.bucket) for file in found.files),
        locations=tuple(locations),
    )
    place = "{}{}.json".format(folder_location(arguments["manifest_folder"]), arguments["WORKFLOW_RUN_ID"])
    marker = Marker(
        present=not found.reason,
        count=len(found.files),
        total_bytes=sum(file.size for file in found.files),
        newest=max((file.modified for file in found.files), default=""),
        checked_at=manifest.checked_at,
        location=found.location,
        reason=found.reason,
        manifest="" if found.reason else place,
    )
    return marker, manifest


def main() -> None:
    """Look, lock, freeze, mark; then act if files are missing."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    s3 = aws_client("s3", arguments["aws_region"])
    glue = aws_client("glue", arguments["aws_region"])
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker, manifest = look(s3, arguments, datetime.now(timezone.utc))
    if marker.present:
        acquire_lock(s3, glue, arguments["lock_folder"], workflow, run)
        write_manifest(s3, marker.manifest, manifest)
    put_marker(glue, workflow, run, marker)
    print("{}: {} files, {} bytes".format(marker.location, marker.count, marker.total_bytes))
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing_input(glue, arguments["on_missing"], workflow, run, marker)


if __name__ == "__main__":
    main()
