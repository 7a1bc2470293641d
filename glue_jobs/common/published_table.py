"""Publishing a load: a catalogue table that always shows whole loads, whatever is killed when.

Each load writes below a folder of its own, ``<destination>/run=<run id>/``. One PutObject of ``_published.json``
then makes that load the destination's content; the catalogue is brought to agree with it afterwards, by steps that
can be repeated. So a load that is done again either starts over in its own folder, or finds itself published and
only repeats the catalogue's steps.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from glue_jobs.common.crawled_table import Columns
from glue_jobs.common.locations import delete_below, list_objects, split_folder

OWNER_PARAMETER = "glueprint.workflow"
_INPUT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
_OUTPUT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


class NotOurs(Exception):
    """The table or the destination belongs to something else."""


@dataclass(frozen=True)
class Destination:
    """Where a load goes.

    Attributes:
        workflow: the workflow that owns the table and the folder.
        database: of the table.
        table: its name.
        location: the destination folder, ``s3://bucket/folder/``.
        columns: names and Hive types of what the files hold.
        partition_keys: names and Hive types of the partition keys.
    """

    workflow: str
    database: str
    table: str
    location: str
    columns: Columns
    partition_keys: Columns

    def folder(self, run: str) -> str:
        """The folder of a run's data, ``s3://bucket/folder/run=<run>/``."""
        return "{}run={}/".format(self.location, run)


@dataclass(frozen=True)
class Part:
    """One Parquet file of a load.

    Attributes:
        values: its partition's values, one per key.
        key: its S3 key.
        rows: rows.
        size: bytes.
    """

    values: Tuple[str, ...]
    key: str
    rows: int
    size: int


@dataclass(frozen=True)
class Publication:
    """What the destination holds.

    Attributes:
        workflow: whose it is.
        run: the workflow run that loaded it.
        previous: the run whose load it replaced; empty for the first one.
        manifest: the list of files that were loaded.
        rows: rows, all parts together.
        parts: the Parquet files.
    """

    workflow: str
    run: str
    previous: str
    manifest: str
    rows: int
    parts: Tuple[Part, ...]


def read_publication(s3: Any, location: str) -> Optional[Publication]:
    """What the destination holds now; None before the first load."""
    bucket, prefix = split_folder(location)
    try:
        body = s3.get_object(Bucket=bucket, Key=prefix + "_published.json")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    data = json.loads(body)
    parts = tuple(Part(tuple(part.pop("values")), **part) for part in data.pop("parts"))
    return Publication(parts=parts, **data)


def check_ownership(glue: Any, destination: Destination, published: Optional[Publication]) -> None:
    """Make sure, before anything is written, that the destination is free or this workflow's own.

    Raises:
        NotOurs: the table or the folder is someone else's, or the table has other partition keys.
    """
    if published is not None and published.workflow != destination.workflow:
        raise NotOurs(
            "{} holds the data of the workflow {}; choose another DestinationLocation.".format(
                destination.location, published.workflow
            )
        )
    table = _get_table(glue, destination)
    if table is None:
        return
    name = "{}.{}".format(destination.database, destination.table)
    owner = table.get("Parameters", {}).get(OWNER_PARAMETER)
    if owner != destination.workflow:
        raise NotOurs(
            "The table {} exists and {}; choose another table name, or delete it first.".format(
                name, "belongs to the workflow {}".format(owner) if owner else "was not made by this blueprint"
            )
        )
    keys = [(key["Name"], key["Type"]) for key in table.get("PartitionKeys", [])]
    if keys != list(destination.partition_keys):
        raise NotOurs(
            "The table {} is partitioned by {}, not by {}; choose another table name, or delete it first.".format(
                name, keys, list(destination.partition_keys)
            )
        )


def claim(s3: Any, destination: Destination, run: str) -> None:
    """Note, before the first byte is written there, that a run's folder is ours: only claimed ones are deleted."""
    bucket, prefix = split_folder(destination.location)
    s3.put_object(Bucket=bucket, Key="{}_loads/{}".format(prefix, run), Body=destination.workflow.encode())


def verify_parts(s3: Any, destination: Destination, run: str, parts: Sequence[Part]) -> None:
    """Make sure that the run's folder holds exactly these files; what an earlier attempt left over is deleted.

    Raises:
        RuntimeError: a file is missing or has another size.
    """
    bucket, prefix = split_folder(destination.folder(run))
    there = {entry["Key"]: entry["Size"] for entry in list_objects(s3, bucket, prefix)}
    wrong = [part.key for part in parts if there.pop(part.key, None) != part.size]
    if wrong:
        raise RuntimeError("Written but not there as written: {}".format(", ".join(wrong)))
    for key in there:
        print("Deleting s3://{}/{}, left over by an earlier attempt.".format(bucket, key))
        s3.delete_object(Bucket=bucket, Key=key)


def commit(s3: Any, destination: Destination, publication: Publication) -> None:
    """The one atomic step: from here on the destination holds this load."""
    bucket, prefix = split_folder(destination.location)
    body = json.dumps(asdict(publication), sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=prefix + "_published.json", Body=body, ContentType="application/json")


def update_catalogue(glue: Any, destination: Destination, publication: Publication) -> None:
    """Bring the table and its partitions to show the publication; may be repeated at any time.

    Each partition switches to its new folder in one step, so that a query sees whole partitions only; partitions
    that the load no longer has go last.

    Raises:
        RuntimeError: Glue refused some of the partitions.
    """
    if _get_table(glue, destination) is None:
        table = _table_input(destination, publication)
        glue.create_table(DatabaseName=destination.database, TableInput=table)
    wanted = _partition_inputs(destination, publication)
    existing = _existing_partitions(glue, destination) if destination.partition_keys else set()
    where = {"DatabaseName": destination.database, "TableName": destination.table}
    for batch in _batches([wanted[values] for values in wanted if values not in existing], 100):
        _refuse_errors(glue.batch_create_partition(PartitionInputList=batch, **where))
    for batch in _batches([values for values in wanted if values in existing], 100):
        entries = [{"PartitionValueList": list(values), "PartitionInput": wanted[values]} for values in batch]
        _refuse_errors(glue.batch_update_partition(Entries=entries, **where))
    for batch in _batches(sorted(existing - set(wanted)), 25):
        stale = [{"Values": list(values)} for values in batch]
        _refuse_errors(glue.batch_delete_partition(PartitionsToDelete=stale, **where))
    # Last, because the table's own parameters say which load it shows; without partitions this is the switch.
    table = _table_input(destination, publication)
    glue.update_table(DatabaseName=destination.database, TableInput=table, SkipArchive=True)


def retire_old_loads(s3: Any, destination: Destination, publication: Publication) -> List[str]:
    """Delete the data of loads that nothing shows any more; returns their runs.

    The load before this one stays, for queries that are still reading it.
    """
    bucket, prefix = split_folder(destination.location)
    claims = prefix + "_loads/"
    retired = []
    for entry in list(list_objects(s3, bucket, claims)):
        run = entry["Key"][len(claims) :]
        if run and run not in (publication.run, publication.previous):
            delete_below(s3, *split_folder(destination.folder(run)))
            s3.delete_object(Bucket=bucket, Key=entry["Key"])
            retired.append(run)
    return retired


def _get_table(glue: Any, destination: Destination) -> Optional[Dict[str, Any]]:
    try:
        table: Dict[str, Any] = glue.get_table(DatabaseName=destination.database, Name=destination.table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return None
    return table


def _existing_partitions(glue: Any, destination: Destination) -> "set[Tuple[str, ...]]":
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=destination.database, TableName=destination.table, ExcludeColumnSchema=True
    )
    return {tuple(entry["Values"]) for page in pages for entry in page["Partitions"]}


def _table_input(destination: Destination, publication: Publication) -> Dict[str, Any]:
    # The table's location is the load's folder: without partitions that is where the data is.
    return {
        "Name": destination.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "classification": "parquet",
            "typeOfData": "file",
            "recordCount": str(publication.rows),
            "objectCount": str(len(publication.parts)),
            OWNER_PARAMETER: destination.workflow,
            "glueprint.run": publication.run,
        },
        "PartitionKeys": [{"Name": name, "Type": hive} for name, hive in destination.partition_keys],
        "StorageDescriptor": _storage(destination, destination.folder(publication.run)),
    }


def _partition_inputs(destination: Destination, publication: Publication) -> Dict[Tuple[str, ...], Dict[str, Any]]:
    if not destination.partition_keys:
        return {}
    bucket, _ = split_folder(destination.location)
    rows: Dict[Tuple[str, ...], int] = {}
    folders: Dict[Tuple[str, ...], str] = {}
    for part in publication.parts:
        rows[part.values] = rows.get(part.values, 0) + part.rows
        folders[part.values] = "s3://{}/{}/".format(bucket, part.key.rpartition("/")[0])
    return {
        values: {
            "Values": list(values),
            "Parameters": {"classification": "parquet", "recordCount": str(rows[values])},
            "StorageDescriptor": _storage(destination, folders[values]),
        }
        for values in sorted(rows)
    }


def _storage(destination: Destination, location: str) -> Dict[str, Any]:
    return {
        "Columns": [{"Name": name, "Type": hive} for name, hive in destination.columns],
        "Location": location,
        "InputFormat": _INPUT,
        "OutputFormat": _OUTPUT,
        "SerdeInfo": {"SerializationLibrary": _SERDE, "Parameters": {"serialization.format": "1"}},
        "Parameters": {"classification": "parquet", "compressionType": "snappy"},
    }


def _batches(items: Sequence[Any], size: int) -> Iterator[List[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _refuse_errors(answer: Dict[str, Any]) -> None:
    errors = answer.get("Errors", [])
    if errors:
        raise RuntimeError("Glue refused {} partitions, the first one because: {}".format(len(errors), errors[0]))
