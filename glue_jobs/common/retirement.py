"""Deleting the files that compaction has replaced, once the grace period is over.

A file is deleted only if it still is what was read, its partition points to a compacted folder, and no partition
of the table points to a folder above it. Otherwise the catalog was changed, and nothing is deleted.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Dict, List, Set, Tuple

from glue_jobs.common.input_files import iso
from glue_jobs.common.location_switch import (
    COMPACTED,
    Claim,
    forget_run,
    new_location,
    original_location,
    read_claims,
    write_claim,
)
from glue_jobs.common.locations import delete_below, delete_keys, list_objects, split_folder
from glue_jobs.common.rewrite_manifest import FrozenPartition, RewriteManifest, read_rewrite_manifest
from glue_jobs.common.source_table import SourcePartition, SourceTable, ancestors


def retire_due(
    s3: Any,
    state: str,
    run: str,
    table: SourceTable,
    partitions: List[SourcePartition],
    now: datetime,
    hours: float,
) -> int:
    """Delete what earlier runs have replaced and whose time has come; returns the number of deleted files.

    Args:
        s3: a boto3 S3 client.
        state: the workflow's folder of records.
        run: this run, whose own files are left alone.
        table: the table.
        partitions: all its partitions, as they are now.
        now: the time.
        hours: the grace period of runs that were killed; it starts when they are found.
    """
    claims = read_claims(s3, state)
    if not claims:
        return 0
    manifests = {claim.run: read_rewrite_manifest(s3, claim.manifest) for claim in claims}
    deleted = 0
    for claim in claims:
        if claim.run == run:
            continue
        if not claim.retire_after:
            # Killed: its switches may be done in part. The replaced files get their full time, too.
            write_claim(s3, state, replace(claim, retire_after=iso(now + timedelta(hours=hours))))
        elif claim.retire_after <= iso(now):
            # A later run has replaced these folders and will delete them itself, in its own time.
            later = {
                partition.location
                for other, manifest in manifests.items()
                if other != claim.run
                for partition in manifest.partitions
            }
            count, is_done = _settle(s3, claim, manifests[claim.run], table, partitions, later)
            deleted += count
            if is_done:
                forget_run(s3, state, claim.run)
                del manifests[claim.run]
    return deleted


def replaced_files(s3: Any, state: str) -> Set[Tuple[str, str]]:
    """Locations and ETags of all files that were replaced and are not deleted yet."""
    found: Set[Tuple[str, str]] = set()
    for claim in read_claims(s3, state):
        for partition in read_rewrite_manifest(s3, claim.manifest).partitions:
            found.update(("s3://{}/{}".format(bucket, file.key), file.etag) for bucket, file in partition.files())
    return found


def _settle(
    s3: Any,
    claim: Claim,
    manifest: RewriteManifest,
    table: SourceTable,
    partitions: List[SourcePartition],
    later: Set[str],
) -> Tuple[int, bool]:
    """Delete what a run has replaced, or what it has written in vain: how many files, and whether that is all."""
    current: Dict[Tuple[str, ...], str] = {partition.values: partition.location for partition in partitions}
    in_use = set(current.values())
    keys = [name for name, _ in table.partition_keys]
    compacted = original_location(table) + COMPACTED
    deleted, is_done = 0, True
    for frozen in manifest.partitions:
        new = new_location(claim.folder, keys, frozen.values)
        location = current.get(frozen.values)
        if location is not None and location.startswith(compacted) and location != frozen.location:
            count, is_complete = _delete_replaced(s3, frozen, in_use)
            deleted += count
            is_done = is_done and is_complete
        elif location != frozen.location:
            print(
                "The partition {} points to {}, which no compaction has written: nothing of it is deleted.".format(
                    "/".join(frozen.values), location or "nothing"
                )
            )
            is_done = False
            continue
        if new not in in_use and new not in later:
            deleted += delete_below(s3, *split_folder(new))
    return deleted, is_done


def _delete_replaced(s3: Any, frozen: FrozenPartition, in_use: Set[str]) -> Tuple[int, bool]:
    """Delete the files that are still as they were read: how many, and whether that were all that are there."""
    deleted, is_complete = 0, True
    for folder in frozen.folders:
        bucket, prefix = split_folder(folder.location)
        there = {entry["Key"]: entry["ETag"].strip('"') for entry in list_objects(s3, bucket, prefix)}
        keys = []
        for file in folder.files:
            location = "s3://{}/{}".format(bucket, file.key)
            if file.key not in there:
                continue
            if there[file.key] != file.etag or in_use.intersection(ancestors(location)):
                print("{} is not deleted: it was changed, or a partition still shows it.".format(location))
                is_complete = False
            else:
                keys.append(file.key)
        delete_keys(s3, bucket, keys)
        deleted += len(keys)
    return deleted, is_complete
