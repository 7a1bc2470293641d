"""Look for files that have not been loaded yet, freeze their list, and write the presence marker.

Python shell. The first job of the chain: it acquires the destination's lock and names the batch.
"""

import sys
from datetime import datetime, timezone
from typing import Any, Tuple

from glue_jobs.common.appended_table import AppendedTable
from glue_jobs.common.appending import read_appended
from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.batches import BATCH_PROPERTY, finish_publication
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import choose, iso
from glue_jobs.common.loaded_files import SortedFiles, read_ledger, sort_files
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.manifest import FrozenFile, Manifest, write_manifest
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_counts, put_marker
from glue_jobs.common.publishing import Destination
from glue_jobs.common.run_lock import acquire_lock, release_lock
from glue_jobs.common.workflow_run import put_properties, stop_own_run

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "location",
    "file_pattern",
    "changed_files",
    "duplicate_files",
    "on_missing",
    "manifest_folder",
    "destination",
    "database",
    "table",
)
BLUEPRINT = "incremental_chain"
MAX_NAMED_FILES = 10


class FilesMissing(Exception):
    """There is no new file, and the blueprint's OnMissing is ``fail``."""


class FilesChanged(Exception):
    """Files that were loaded have been overwritten, and the blueprint's ChangedFiles is ``fail``."""


def choose_input(found: SortedFiles, changed_files: str, duplicate_files: str) -> Tuple[FrozenFile, ...]:
    """The files that this run loads, in the order of their keys.

    Raises:
        FilesChanged: ChangedFiles is ``fail``, and there are some.
    """
    if found.changed and changed_files == "fail":
        raise FilesChanged(
            "{} files were overwritten after they had been loaded: {}. Nothing was loaded. Give new data new "
            "names, or set ChangedFiles (the argument changed_files of this job) to load or skip.".format(
                len(found.changed), name_some(found.changed)
            )
        )
    chosen = list(found.new)
    if changed_files == "load":
        chosen += found.changed
    if duplicate_files == "load":
        chosen += found.duplicates
    return tuple(sorted(chosen, key=lambda file: file.key))


def name_some(files: Tuple[FrozenFile, ...]) -> str:
    """The first keys of some files."""
    names = ", ".join(file.key for file in files[:MAX_NAMED_FILES])
    return names + (", ..." if len(files) > MAX_NAMED_FILES else "")


def look(s3: Any, glue: Any, arguments: "dict[str, str]", now: datetime) -> Marker:
    """Find what is new, freeze it and mark it; what is not there is marked, too."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    destination = Destination(workflow, folder_location(arguments["destination"]))
    acquire_lock(s3, glue, destination.location, workflow, run)
    appended = read_appended(s3, destination)
    table = AppendedTable(glue, destination, arguments["database"], arguments["table"])
    table.check(())
    if finish_publication(s3, destination, appended, table):
        print("The table shows what an earlier run had published before it was killed.")
    location = folder_location(arguments["location"])
    bucket, prefix = split_folder(location)
    listed = choose(list_objects(s3, bucket, prefix), prefix, arguments["file_pattern"])
    found = sort_files(listed, read_ledger(s3, appended.ledger))
    files = choose_input(found, arguments["changed_files"], arguments["duplicate_files"])
    reason = ""
    if not files:
        reason = "no new file is there ({} loaded before, {} duplicates, {} changed)".format(
            len(found.known), len(found.duplicates), len(found.changed)
        )
    manifest = "{}{}.json".format(folder_location(arguments["manifest_folder"]), run)
    marker = Marker(
        present=bool(files),
        count=len(files),
        total_bytes=sum(file.size for file in files),
        newest=max((file.modified for file in files), default=""),
        checked_at=iso(now),
        location=location,
        reason=reason,
        manifest=manifest if files else "",
    )
    if files:
        # First the manifest and the batch, then the marker: a reader of the marker finds both.
        write_manifest(s3, manifest, Manifest(location, bucket, marker.checked_at, files))
    put_properties(glue, workflow, run, {BATCH_PROPERTY: run})
    others = {"known": found.known, "changed": found.changed, "duplicates": found.duplicates}
    put_counts(glue, workflow, run, {"files_" + name: len(group) for name, group in others.items()}, BLUEPRINT)
    for name in ("changed", "duplicates"):
        if others[name]:
            print("{} files, {}: {}".format(len(others[name]), name, name_some(others[name])))
    put_marker(glue, workflow, run, marker)
    print("{}: {} new files, {} bytes".format(location, marker.count, marker.total_bytes))
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    return marker


def act_on_missing(s3: Any, glue: Any, arguments: "dict[str, str]", marker: Marker) -> None:
    """Apply OnMissing, after the marker has been written; the lock is not needed any more.

    Raises:
        FilesMissing: OnMissing is ``fail``.
    """
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    print("Reason: {}".format(marker.reason))
    release_lock(s3, folder_location(arguments["destination"]), workflow, run)
    choice = arguments["on_missing"]
    if choice == "fail":
        raise FilesMissing("{}: {}".format(marker.location, marker.reason))
    if choice == "skip":
        print("Stopping this workflow run: nothing after this job starts.")
        stop_own_run(glue, workflow, run)
    elif choice == "continue":
        print("Going on: the later jobs read the marker and end at once.")
    else:
        raise ValueError("OnMissing is {!r}; it must be skip, continue or fail.".format(choice))


def main() -> None:
    """Look, freeze, mark; then act if there is no new file."""
    arguments = read_arguments(sys.argv, REQUIRED)
    s3 = aws_client("s3", arguments["aws_region"])
    glue = aws_client("glue", arguments["aws_region"])
    marker = look(s3, glue, arguments, datetime.now(timezone.utc))
    if not marker.present:
        act_on_missing(s3, glue, arguments, marker)


if __name__ == "__main__":
    main()
