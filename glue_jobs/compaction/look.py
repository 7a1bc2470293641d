"""Look which partitions of a table have too many small files, freeze the list of them, and write the marker.

Python shell. It also deletes what earlier runs have replaced, once their grace period is over.
"""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Sequence, Set, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import iso
from glue_jobs.common.location_switch import (
    COMPACTED,
    DIGEST_MARK,
    ORIGINAL_MARK,
    check_permission,
    original_location,
)
from glue_jobs.common.locations import folder_location
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.missing_input import act_on_missing_input
from glue_jobs.common.presence import FILE_PRESENCE, Marker, put_marker
from glue_jobs.common.retirement import replaced_files, retire_due
from glue_jobs.common.rewrite_manifest import (
    FrozenFolder,
    FrozenPartition,
    RewriteManifest,
    write_rewrite_manifest,
)
from glue_jobs.common.run_lock import acquire_lock, release_lock
from glue_jobs.common.small_files import SmallFiles, files_digest, visible_files
from glue_jobs.common.source_table import (
    SourcePartition,
    SourceTable,
    UnsupportedTable,
    read_source_partitions,
    read_source_table,
)

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "database",
    "table",
    "target_megabytes",
    "small_percent",
    "minimum_files",
    "quiet_minutes",
    "grace_hours",
    "may_change",
    "compression",
    "on_missing",
    "manifest_folder",
    "state_folder",
)
OPTIONAL = ("partition_filter", "destination", "sort_columns")
LIST_THREADS = 16
UNSORTABLE = ("array", "map", "struct", "binary")
SORTED_FORMATS = ("parquet", "orc")
COMPRESSIONS = {
    "parquet": ("keep", "none", "gzip", "snappy", "zstd"),
    "orc": ("keep", "none", "gzip", "snappy", "zstd"),
    "avro": ("keep",),
    "json": ("keep", "none", "gzip", "zstd"),
    "csv": ("keep", "none", "gzip", "zstd"),
}


class OverwrittenFile(Exception):
    """A file whose rows are in compacted files was overwritten in the original folder."""


def lock_folder(table: SourceTable, arguments: "dict[str, str]") -> str:
    """Where the lock of the workflow's runs is: the destination, or the folder of the compacted files."""
    return folder_location(arguments["destination"] or original_location(table) + COMPACTED)


def check_formats(
    table: SourceTable, partitions: Sequence[SourcePartition], sort_columns: Sequence[str], compression: str
) -> None:
    """Make sure that the files can be rewritten as requested.

    Raises:
        UnsupportedTable: files of an unknown format, a column that cannot be sorted by, or a compression that the
            format does not have.
    """
    formats = {partition.file_format for partition in partitions}
    types = dict(table.columns)
    problems = ["SortColumns: {} is not a column".format(name) for name in sort_columns if name not in types]
    problems += [
        "SortColumns: {} is of type {}".format(name, types[name])
        for name in sort_columns
        if types.get(name, "").partition("<")[0] in UNSORTABLE
    ]
    for one in sorted(formats):
        if sort_columns and one not in SORTED_FORMATS:
            problems.append("SortColumns: files of the format {} cannot be sorted".format(one))
        if compression not in COMPRESSIONS[one]:
            problems.append(
                "Compression: {} files cannot have {}, but {}".format(
                    one, compression, ", ".join(COMPRESSIONS[one])
                )
            )
    if problems:
        raise UnsupportedTable("{}: {}.".format(table.full_name, "; ".join(problems)))


def freeze(
    s3: Any,
    partitions: Sequence[SourcePartition],
    limits: SmallFiles,
    newest: str,
    replaced: Set[Tuple[str, str]],
    all_of_them: bool,
) -> Tuple[List[FrozenPartition], "Counter[str]"]:
    """Return the partitions that are compacted with their files, and why the others are not.

    Args:
        s3: a boto3 S3 client.
        partitions: the table's partitions.
        limits: which of them need it.
        newest: files that are newer than this moment make their partition wait.
        replaced: locations and ETags of files whose rows are in compacted files.
        all_of_them: take every partition that has files.

    Raises:
        OverwrittenFile: a replaced file was overwritten: whether its rows are new ones cannot be known.
    """
    etags: Dict[str, Set[str]] = {}
    for location, etag in replaced:
        etags.setdefault(location, set()).add(etag)

    def list_one(partition: SourcePartition) -> Tuple[List[FrozenFile], str, List[FrozenFile]]:
        files = visible_files(s3, partition.location)
        original = partition.parameters.get(ORIGINAL_MARK, "")
        if not original or "/" + COMPACTED not in partition.location or original == partition.location:
            return files, "", []
        bucket = original[len("s3://") :].partition("/")[0]
        late = []
        for file in visible_files(s3, original):
            known = etags.get("s3://{}/{}".format(bucket, file.key))
            if known is None:
                late.append(file)
            elif file.etag not in known:
                raise OverwrittenFile(
                    "s3://{}/{} was overwritten after its rows were compacted into {}. Delete it, or give it a "
                    "new name so that its rows are added.".format(bucket, file.key, partition.location)
                )
        return files, original, late

    chosen: List[FrozenPartition] = []
    reasons: "Counter[str]" = Counter()
    with ThreadPoolExecutor(LIST_THREADS) as pool:
        for partition, (files, original, late) in zip(partitions, pool.map(list_one, partitions)):
            if all_of_them:
                reason = "" if files else "empty"
            else:
                reason = _reason_not(partition, files, late, limits, newest)
            if reason:
                reasons[reason] += 1
                continue
            folders = [FrozenFolder(partition.location, tuple(files))]
            if late:
                folders.append(FrozenFolder(original, tuple(late)))
            chosen.append(
                FrozenPartition(partition.values, partition.file_format, partition.header_lines, tuple(folders))
            )
    return chosen, reasons


def _reason_not(
    partition: SourcePartition,
    files: Sequence[FrozenFile],
    late: Sequence[FrozenFile],
    limits: SmallFiles,
    newest: str,
) -> str:
    """Why a partition is not compacted; empty if it is. Late files are reason enough: no query sees them."""
    everything = [*files, *late]
    if not late:
        if partition.parameters.get(DIGEST_MARK) == files_digest((file.key, file.size) for file in files):
            return "compacted already"
        reason = limits.reason_not(files)
        if reason:
            return reason
    return "its newest file is too new" if max(file.modified for file in everything) > newest else ""


def look(s3: Any, glue: Any, arguments: "dict[str, str]", now: datetime) -> Tuple[Marker, RewriteManifest]:
    """Check, lock, retire, and list; the manifest has what is to be compacted."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    in_place = not arguments["destination"]
    table = read_source_table(glue, arguments["database"], arguments["table"])
    if in_place:
        check_permission(table, workflow, arguments["may_change"] == "true")
    partitions = read_source_partitions(glue, table, arguments["partition_filter"])
    sort_columns = [name for name in arguments["sort_columns"].split(",") if name]
    check_formats(table, partitions, sort_columns, arguments["compression"])
    acquire_lock(s3, glue, lock_folder(table, arguments), workflow, run)
    if in_place and arguments["grace_hours"] != "never":
        hours = float(arguments["grace_hours"])
        everything = read_source_partitions(glue, table) if arguments["partition_filter"] else partitions
        deleted = retire_due(s3, arguments["state_folder"], run, table, everything, now, hours)
        print("Deleted {} files that earlier runs have replaced.".format(deleted))
    limits = SmallFiles(
        target_bytes=int(arguments["target_megabytes"]) << 20,
        percent=int(arguments["small_percent"]),
        minimum_files=int(arguments["minimum_files"]),
    )
    newest = iso(now - timedelta(minutes=float(arguments["quiet_minutes"])))
    replaced = replaced_files(s3, arguments["state_folder"]) if in_place else set()
    chosen, reasons = freeze(s3, partitions, limits, newest, replaced, not in_place)
    manifest = RewriteManifest(table.database, table.name, table.location, iso(now), tuple(chosen))
    found = ", ".join("{} {}".format(count, reason) for reason, count in sorted(reasons.items()))
    times = [file.modified for partition in chosen for _, file in partition.files()]
    marker = Marker(
        present=bool(chosen),
        count=manifest.count,
        total_bytes=manifest.total_bytes,
        newest=max(times, default=""),
        checked_at=manifest.checked_at,
        location=table.location,
        reason=""
        if chosen
        else "no partition of {} needs it ({})".format(table.full_name, found or "it has none"),
        manifest="{}{}.json".format(folder_location(arguments["manifest_folder"]), run) if chosen else "",
    )
    print(
        "{}: {} of {} partitions are to be compacted, {} files{}".format(
            table.full_name, len(chosen), len(partitions), marker.count, "; the others: " + found if found else ""
        )
    )
    if not chosen:
        release_lock(s3, lock_folder(table, arguments), workflow, run)
    return marker, manifest


def main() -> None:
    """Look, freeze, mark; then act if there is nothing to do."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    s3 = aws_client("s3", arguments["aws_region"])
    glue = aws_client("glue", arguments["aws_region"])
    marker, manifest = look(s3, glue, arguments, datetime.now(timezone.utc))
    if marker.present:
        # First the manifest, then the marker: a reader of the marker finds the manifest.
        write_rewrite_manifest(s3, marker.manifest, manifest)
    put_marker(glue, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], marker)
    print("{}={}".format(FILE_PRESENCE, "true" if marker.present else "false"))
    if not marker.present:
        print("Reason: {}".format(marker.reason))
        act_on_missing_input(
            glue, arguments["on_missing"], arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], marker
        )


if __name__ == "__main__":
    main()
