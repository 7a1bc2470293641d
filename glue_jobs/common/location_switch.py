"""Replacing the files of a table's partitions without a moment in which a query sees both or none.

The new files of a run are below ``<table's folder>/_compacted/<run>/<partition>/``: engines that read the table's
folder itself skip names that start with ``_``. The catalog decides what a partition's folder is, and one call
changes it. What a run intends and what it has written are two objects below the workflow's *state* folder:

* ``claims/<run>.json`` is there before the first file is written. It names the manifest (the files that are
  replaced), the folder of the new files, and, once the run is through, when the replaced files may be deleted.
* ``outputs/<run>.json`` is there when all files are written and verified. A run that is killed before starts again
  in its own folder; one that is killed after only goes on with the switches, which can be repeated.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.partition_folders import partition_folder
from glue_jobs.common.rewrite_manifest import FrozenPartition
from glue_jobs.common.small_files import files_digest, visible_files
from glue_jobs.common.source_table import (
    SourceTable,
    partition_input,
    read_source_table,
    source_partition,
    table_input,
)

WORKFLOW_MARK = "glueprint.compaction.workflow"
RUN_MARK = "glueprint.compaction.run"
ORIGINAL_MARK = "glueprint.compaction.original"
DIGEST_MARK = "glueprint.compaction.files"
PUBLISHER_MARK = "glueprint.workflow"
COMPACTED = "_compacted/"


class NotAllowed(Exception):
    """The table is another program's, and nothing permits to change it."""


@dataclass(frozen=True)
class Claim:
    """What a run intends to replace.

    Attributes:
        run: the run.
        manifest: where the list of the replaced files is.
        folder: below it are the new files.
        retire_after: when the replaced files may be deleted, ISO 8601 in UTC; empty as long as the run works.
    """

    run: str
    manifest: str
    folder: str
    retire_after: str = ""


@dataclass(frozen=True)
class RewrittenPartition:
    """The new files of a partition.

    Attributes:
        values: the partition's values.
        location: their folder.
        rows: rows.
        files_in: the number of replaced files.
        bytes_in: their size.
        parts: key, rows and size of each new file.
    """

    values: Tuple[str, ...]
    location: str
    rows: int
    files_in: int
    bytes_in: int
    parts: Tuple[Tuple[str, int, int], ...]

    @property
    def bytes_out(self) -> int:
        """The size of the new files."""
        return sum(size for _, _, size in self.parts)


def original_location(table: SourceTable) -> str:
    """The folder below which a table's files were before the first compaction."""
    return folder_location(table.parameters.get(ORIGINAL_MARK) or table.location)


def check_permission(table: SourceTable, workflow: str, may_change: bool) -> None:
    """Make sure that the workflow may switch the table's locations.

    Raises:
        NotAllowed: another workflow compacts or publishes the table, or it is another program's and the user
            has not permitted the change.
    """
    compacts = table.parameters.get(WORKFLOW_MARK)
    if compacts and compacts != workflow:
        raise NotAllowed("{} is compacted by the workflow {}.".format(table.full_name, compacts))
    publisher = table.parameters.get(PUBLISHER_MARK)
    if publisher:
        raise NotAllowed(
            "{} belongs to the workflow {}, whose next run would set its locations again; compact it into another "
            "DestinationLocation.".format(table.full_name, publisher)
        )
    if not compacts and not may_change:
        raise NotAllowed(
            "{} was made by another program. To compact it in place set ChangeForeignTable to true: its "
            "partitions get new locations, and the replaced files are deleted later. Or set "
            "DestinationLocation.".format(table.full_name)
        )


def run_folder(table: SourceTable, run: str) -> str:
    """The folder of a run's new files."""
    return "{}{}{}/".format(original_location(table), COMPACTED, run)


def new_location(folder: str, keys: Sequence[str], values: Sequence[str]) -> str:
    """The folder of a partition's new files below a run's folder."""
    return folder + partition_folder(keys, values)


def write_claim(s3: Any, state: str, claim: Claim) -> None:
    """Write a claim; the state is the workflow's folder, ``s3://bucket/a/``."""
    _put_json(s3, "{}claims/{}.json".format(state, claim.run), asdict(claim))


def read_claims(s3: Any, state: str) -> List[Claim]:
    """All claims of the workflow, in the order of their runs."""
    bucket, prefix = split_folder(state + "claims/")
    found = [_read_json(s3, bucket, entry["Key"]) for entry in list(list_objects(s3, bucket, prefix))]
    return [Claim(**data) for data in found if data is not None]


def write_outputs(s3: Any, state: str, run: str, partitions: Sequence[RewrittenPartition]) -> None:
    """Record that these partitions are completely written."""
    _put_json(s3, "{}outputs/{}.json".format(state, run), [asdict(partition) for partition in partitions])


def read_outputs(s3: Any, state: str, run: str) -> Optional[List[RewrittenPartition]]:
    """What a run has completely written; None if it has not."""
    bucket, prefix = split_folder(state + "outputs/")
    data = _read_json(s3, bucket, "{}{}.json".format(prefix, run))
    if data is None:
        return None
    return [
        RewrittenPartition(
            values=tuple(entry["values"]),
            location=entry["location"],
            rows=entry["rows"],
            files_in=entry["files_in"],
            bytes_in=entry["bytes_in"],
            parts=tuple((key, rows, size) for key, rows, size in entry["parts"]),
        )
        for entry in data
    ]


def forget_run(s3: Any, state: str, run: str) -> None:
    """Delete a run's records; its claim last."""
    for kind in ("outputs", "claims"):
        bucket, prefix = split_folder("{}{}/".format(state, kind))
        s3.delete_object(Bucket=bucket, Key="{}{}.json".format(prefix, run))


def mark_table(glue: Any, table: SourceTable, workflow: str) -> None:
    """Mark the table as compacted by the workflow, before the first switch."""
    if table.parameters.get(WORKFLOW_MARK) == workflow:
        return
    marks = {WORKFLOW_MARK: workflow, ORIGINAL_MARK: original_location(table)}
    definition = {**table_input(table.definition), "Parameters": {**table.parameters, **marks}}
    glue.update_table(DatabaseName=table.database, TableInput=definition, SkipArchive=True)


def switch_partition(
    s3: Any, glue: Any, table: SourceTable, frozen: FrozenPartition, new: RewrittenPartition, run: str
) -> str:
    """Let the catalog point to a partition's new files; returns why it was not done, or an empty text.

    Nothing is done if the partition has another location or other files than those that were rewritten.
    """
    where = {"DatabaseName": table.database, "TableName": table.name}
    if not frozen.values:
        entry = read_source_table(glue, table.database, table.name).definition
    else:
        try:
            entry = glue.get_partition(PartitionValues=list(frozen.values), **where)["Partition"]
        except glue.exceptions.EntityNotFoundException:
            return "it was deleted from the catalog"
    location = folder_location(entry["StorageDescriptor"]["Location"])
    if location == new.location:
        return ""
    if location != frozen.location:
        return "its location has become {}".format(location)
    for folder in frozen.folders:
        now = {(file.key, file.etag) for file in visible_files(s3, folder.location)}
        then = {(file.key, file.etag) for file in folder.files}
        # More files in the original folder are no hindrance: a later run finds them there.
        if then - now or (folder.location == frozen.location and now - then):
            return "its files have changed meanwhile"
    parameters = {
        **entry.get("Parameters", {}),
        **statistics_of(new),
        RUN_MARK: run,
        ORIGINAL_MARK: entry.get("Parameters", {}).get(ORIGINAL_MARK) or frozen.location,
        DIGEST_MARK: files_digest((key, size) for key, _, size in new.parts),
    }
    storage = {**entry["StorageDescriptor"], "Location": new.location}
    changed = {**entry, "StorageDescriptor": storage, "Parameters": parameters}
    if frozen.values:
        glue.update_partition(
            PartitionValueList=list(frozen.values), PartitionInput=partition_input(changed), **where
        )
    else:
        glue.update_table(DatabaseName=table.database, TableInput=table_input(changed), SkipArchive=True)
    return ""


def statistics_of(new: RewrittenPartition) -> Dict[str, str]:
    """The statistics of a rewritten partition, as a crawler names them."""
    return {
        "recordCount": str(new.rows),
        "objectCount": str(len(new.parts)),
        "averageRecordSize": str(new.bytes_out // new.rows if new.rows else 0),
        "sizeKey": str(new.bytes_out),
    }


def update_table_statistics(glue: Any, table: SourceTable) -> None:
    """Sum up the statistics of all partitions in the table's own; one that a partition lacks is left as it is."""
    if not table.partition_keys:
        return
    current = read_source_table(glue, table.database, table.name)
    where = {"DatabaseName": table.database, "TableName": table.name}
    pages = glue.get_paginator("get_partitions").paginate(ExcludeColumnSchema=True, **where)
    partitions = [source_partition(entry) for page in pages for entry in page["Partitions"]]
    changed = dict(current.parameters)
    for name in ("recordCount", "objectCount", "sizeKey"):
        texts = [partition.parameters.get(name, "") for partition in partitions]
        if texts and all(text.isdigit() for text in texts):
            changed[name] = str(sum(map(int, texts)))
    rows = int(changed.get("recordCount", "0"))
    if rows and "sizeKey" in changed:
        changed["averageRecordSize"] = str(int(changed["sizeKey"]) // rows)
    if changed != current.parameters:
        definition = {**table_input(current.definition), "Parameters": changed}
        glue.update_table(DatabaseName=table.database, TableInput=definition, SkipArchive=True)


def _put_json(s3: Any, location: str, data: Any) -> None:
    bucket, prefix = split_folder(location)
    body = json.dumps(data, sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=prefix.rstrip("/"), Body=body, ContentType="application/json")


def _read_json(s3: Any, bucket: str, key: str) -> Any:
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
