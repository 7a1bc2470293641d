"""Look for the files of a location, freeze the list of them in a manifest, and write the presence marker.

Python shell. It may wait for the files. Nothing but the lock is written to the destination here, and when files
are missing nothing ever is.
"""

import json
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.catalog_view import RUN_PARAMETER, find_table
from glue_jobs.common.clients import aws_client
from glue_jobs.common.date_patterns import fill_in_date, fill_in_date_of_name, logical_date
from glue_jobs.common.input_files import Thresholds, iso
from glue_jobs.common.input_search import Expectations, Found, search_all
from glue_jobs.common.ledger import read_ledger
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.manifest import Manifest, write_manifest
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_counts, put_marker
from glue_jobs.common.publishing import APPEND, Destination, check_owner, read_publication
from glue_jobs.common.run_lock import acquire_lock
from glue_jobs.common.workflow_run import get_properties, put_properties, started_on, stop_own_run

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "locations",
    "file_pattern",
    "minimum_files",
    "minimum_bytes",
    "maximum_age_hours",
    "on_missing",
    "manifest_folder",
    "required_locations",
    "wait_minutes",
    "poll_seconds",
    "quiet_seconds",
    "sidecar_files",
    "load_mode",
    "destination",
    "database",
    "table",
)
OPTIONAL = ("expected_files", "success_file", "file_list", "logical_date")


class FilesMissing(Exception):
    """The files are not there, and the blueprint's OnMissing is ``fail``."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded before, if loads append.

    Attributes:
        ledger: the files that are not loaded again.
        is_shown: whether the table shows it; it does not if the last load was killed after it had published.
    """

    ledger: Dict[str, str]
    is_shown: bool = True


def read_expectations(glue: Any, arguments: "dict[str, str]") -> Expectations:
    """When the files count as present, with the run's logical date filled in."""
    expected: List[str] = json.loads(arguments["expected_files"] or "[]")
    pattern, success_file, file_list = (arguments[name] for name in ("file_pattern", "success_file", "file_list"))
    if any("{date" in text for text in (pattern, success_file, file_list, *expected)):
        workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
        day = logical_date(
            arguments["logical_date"], get_properties(glue, workflow, run), started_on(glue, workflow, run)
        )
        print("The logical date is {}.".format(day))
        put_properties(glue, workflow, run, {FILE_PRESENCE + ".date": day.isoformat()})
        pattern, *expected = (fill_in_date(text, day) for text in (pattern, *expected))
        success_file, file_list = (fill_in_date_of_name(text, day) for text in (success_file, file_list))
    hours = float(arguments["maximum_age_hours"])
    return Expectations(
        file_pattern=pattern,
        limits=Thresholds(
            minimum_files=int(arguments["minimum_files"]),
            minimum_bytes=int(arguments["minimum_bytes"]),
            maximum_age=timedelta(hours=hours) if hours > 0 else None,
        ),
        expected=tuple(expected),
        success_file=success_file,
        file_list=file_list,
        quiet=timedelta(seconds=int(arguments["quiet_seconds"])),
        sidecars=arguments["sidecar_files"],
    )


def read_loaded(s3: Any, glue: Any, arguments: "dict[str, str]") -> Loaded:
    """What was loaded before.

    Raises:
        NotOwned: the destination has another workflow's data.
    """
    destination = Destination(arguments["WORKFLOW_NAME"], folder_location(arguments["destination"]))
    published = read_publication(s3, destination.location)
    check_owner(destination, published)
    if arguments["load_mode"] != APPEND or published is None:
        return Loaded({})
    table = find_table(glue, arguments["database"], arguments["table"]) or {}
    return Loaded(
        ledger=read_ledger(s3, destination.location, published.run),
        is_shown=table.get("Parameters", {}).get(RUN_PARAMETER) == published.run,
    )


def look(
    s3: Any, arguments: "dict[str, str]", expectations: Expectations, loaded: Loaded, now: datetime
) -> Tuple[Marker, Manifest, Found]:
    """Search once; the manifest lists what was found, whether it is enough or not."""
    locations: List[str] = json.loads(arguments["locations"])
    is_any_enough = arguments["required_locations"] == "any"
    found = search_all(s3, locations, expectations, is_any_enough, loaded.ledger, now)
    if not loaded.is_shown and not found.files:
        # The load has nothing to add, but makes the table show what is published.
        found = replace(found, reason="")
    bucket, _ = split_folder(locations[0])
    manifest = Manifest(
        location=folder_location(locations[0]),
        bucket=bucket,
        checked_at=iso(now),
        files=tuple(replace(file, bucket="" if file.bucket == bucket else file.bucket) for file in found.files),
        locations=tuple(map(folder_location, locations)),
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
    return marker, manifest, found


def look_until_present(
    s3: Any, glue: Any, arguments: "dict[str, str]", expectations: Expectations, loaded: Loaded
) -> Tuple[Marker, Manifest, Found]:
    """Search until the files are present or the deadline has passed, which a retry does not move."""
    minutes = int(arguments["wait_minutes"])
    deadline = datetime.now(timezone.utc)
    if minutes:
        started = started_on(glue, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"])
        deadline = started + timedelta(minutes=minutes)
    while True:
        now = datetime.now(timezone.utc)
        result = look(s3, arguments, expectations, loaded, now)
        left = (deadline - now).total_seconds()
        if result[0].present or left <= 0:
            return result
        print("{} Not yet: {}. Waiting until {}.".format(iso(now), result[0].reason, iso(deadline)), flush=True)
        time.sleep(min(int(arguments["poll_seconds"]), left))


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
    """Look, lock, freeze, mark; then act if files are missing."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    s3 = aws_client("s3", arguments["aws_region"])
    glue = aws_client("glue", arguments["aws_region"])
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    expectations = read_expectations(glue, arguments)
    loaded = read_loaded(s3, glue, arguments)
    marker, manifest, found = look_until_present(s3, glue, arguments, expectations, loaded)
    if marker.present:
        acquire_lock(s3, glue, folder_location(arguments["destination"]), workflow, run)
        # First the manifest, then the marker: a reader of the marker finds the manifest.
        write_manifest(s3, marker.manifest, manifest)
    put_marker(glue, workflow, run, marker)
    print(
        "{}: {} files, {} bytes matching {}".format(
            marker.location, marker.count, marker.total_bytes, expectations.file_pattern
        )
    )
    if arguments["load_mode"] == APPEND:
        put_counts(glue, workflow, run, {"loaded_before": found.loaded, "changed": len(found.changed)})
        print("{} files were loaded before and do not count.".format(found.loaded))
        for key in found.changed:
            print("Changed since it was loaded, and not loaded again: {}".format(key))
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing(glue, arguments, marker)


if __name__ == "__main__":
    main()
