"""A batch: the new input files of one run on their way through a chain of jobs.

The chain's first job names the batch after its run; a resumed run continues with the same batch. What one job
hands to the next one is an object below ``<destination>/_staging/<batch>/``, written by one PutObject when the
job's work is complete: ``_batch.json`` by the job that reads the input, ``_result.json`` by the one that
transforms it.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Tuple

from glue_jobs.common.appended_table import AppendedTable
from glue_jobs.common.appending import Appended, read_appended, retire_unpublished
from glue_jobs.common.columns import Columns
from glue_jobs.common.loaded_files import read_ledger
from glue_jobs.common.locations import delete_below, folder_location, list_objects, split_folder
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.presence import FILE_PRESENCE, Marker, marker_from_properties
from glue_jobs.common.publishing import Destination
from glue_jobs.common.resumed_run import inherit_properties
from glue_jobs.common.run_lock import acquire_lock

BATCH_PROPERTY = "incremental_chain.batch"


class BatchGone(Exception):
    """What an earlier job has written is not there any more."""


class LoadedElsewhere(Exception):
    """Another run has published some of the batch's files."""


@dataclass(frozen=True)
class StagedBatch:
    """The input, read: ``_batch.json``.

    Attributes:
        batch: the batch.
        files: the input files.
        rows: rows that were read, by the key of their file; files without rows are left out.
        late: how many files the bookmark had passed over.
    """

    batch: str
    files: Tuple[FrozenFile, ...]
    rows: Dict[str, int]
    late: int


@dataclass(frozen=True)
class BatchResult:
    """The result, written: ``_result.json``.

    Attributes:
        batch: the batch.
        columns: names and Hive types.
        rows: rows in the result.
        parts: key and size of each of its files.
    """

    batch: str
    columns: Columns
    rows: int
    parts: Tuple[Tuple[str, int], ...]


@dataclass(frozen=True)
class ChainRun:
    """What each job of the chain has to know of its run.

    Attributes:
        destination: where the chain publishes.
        marker: the presence marker.
        batch: the batch.
        appended: what is published.
    """

    destination: Destination
    marker: Marker
    batch: str
    appended: Appended

    @property
    def staging(self) -> str:
        """The folder of what the jobs hand to one another, ``s3://bucket/folder/``."""
        return "{}_staging/{}/".format(self.destination.location, self.batch)

    @property
    def is_published(self) -> bool:
        """Whether the batch is published: nothing is left to do but to show it."""
        return self.appended.find(self.batch) is not None


def begin_job(s3: Any, glue: Any, arguments: "dict[str, str]") -> Optional[ChainRun]:
    """Begin a job after the first one: read the marker and the batch, and acquire the lock.

    Every job acquires the lock, since a resumed run starts with any of them; a job of a run that has it continues.

    Returns:
        None if the marker is "false": there is nothing to do.
    """
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    properties = inherit_properties(glue, workflow, run, BATCH_PROPERTY)
    marker = marker_from_properties(properties)
    if not marker.present:
        print("{}=false ({}): nothing to do.".format(FILE_PRESENCE, marker.reason))
        return None
    destination = Destination(workflow, folder_location(arguments["destination"]))
    acquire_lock(s3, glue, destination.location, workflow, run)
    return ChainRun(destination, marker, properties[BATCH_PROPERTY], read_appended(s3, destination))


def refuse_loaded_files(s3: Any, chain: ChainRun, files: Tuple[FrozenFile, ...]) -> None:
    """Make sure that no other run has published a file of the batch, as it may have before this run was resumed.

    Raises:
        LoadedElsewhere: one has.
    """
    ledger = read_ledger(s3, chain.appended.ledger)
    loaded = [file.key for file in files if ledger.run_of(file) not in ("", chain.batch)]
    if loaded:
        raise LoadedElsewhere(
            "{} of the {} files of this run were published by other runs since, such as {} by {}. Start the "
            "workflow again instead of resuming this run; it loads what is left.".format(
                len(loaded), len(files), loaded[0], next(ledger.run_of(f) for f in files if f.key == loaded[0])
            )
        )


def finish_publication(s3: Any, destination: Destination, appended: Appended, table: AppendedTable) -> bool:
    """Finish what a job has left that was killed after its batch was published, and never started again.

    Returns:
        Whether there was such a batch. Its staging folder is the sign: that goes once the table shows the run.
    """
    bucket, prefix = split_folder(destination.location)
    start = prefix + "_staging/"
    staged = {entry["Key"][len(start) :].partition("/")[0] for entry in list_objects(s3, bucket, start)}
    left = sorted(batch for batch in staged if appended.find(batch))
    for batch in left:
        result = read_result(s3, "{}_staging/{}/".format(destination.location, batch))
        table.show(appended, result.columns if result else ())
    if left:
        retire_unpublished(s3, destination, appended)
    return bool(left)


def write_staged_batch(s3: Any, staging: str, batch: StagedBatch) -> None:
    """State that the input is read completely."""
    _write_record(s3, staging, "_batch.json", asdict(batch))


def read_staged_batch(s3: Any, staging: str) -> Optional[StagedBatch]:
    """The input as it was read; None if it was not, or not completely."""
    data = _read_record(s3, staging, "_batch.json")
    if data is None:
        return None
    files = tuple(FrozenFile(**file) for file in data.pop("files"))
    return StagedBatch(files=files, **data)


def write_result(s3: Any, staging: str, result: BatchResult) -> None:
    """State that the result is written completely."""
    _write_record(s3, staging, "_result.json", asdict(result))


def read_result(s3: Any, staging: str) -> Optional[BatchResult]:
    """The result as it was written; None if it was not, or not completely."""
    data = _read_record(s3, staging, "_result.json")
    if data is None:
        return None
    columns = tuple((name, hive) for name, hive in data["columns"])
    parts = tuple((key, size) for key, size in data["parts"])
    return BatchResult(data["batch"], columns, data["rows"], parts)


def clear_folder(s3: Any, folder: str) -> None:
    """Delete what an earlier attempt has left in a folder."""
    deleted = delete_below(s3, *split_folder(folder))
    if deleted:
        print("Deleted {} objects below {}, left over by an earlier attempt.".format(deleted, folder))


def data_files(s3: Any, folder: str) -> List[Tuple[str, int]]:
    """Keys and sizes of the data files in a folder; markers of Spark and empty objects are left out."""
    bucket, prefix = split_folder(folder)
    return [
        (entry["Key"], entry["Size"])
        for entry in list_objects(s3, bucket, prefix)
        if entry["Size"] > 0 and entry["Key"][len(prefix) :][:1] not in ("_", ".")
    ]


def _write_record(s3: Any, staging: str, name: str, data: Any) -> None:
    bucket, prefix = split_folder(staging)
    body = json.dumps(data, sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=prefix + name, Body=body, ContentType="application/json")


def _read_record(s3: Any, staging: str, name: str) -> Any:
    bucket, prefix = split_folder(staging)
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=prefix + name)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
