"""A catalog table that shows what is published in a folder."""

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from glue_jobs.common.columns import Columns, columns_to_api
from glue_jobs.common.locations import split_folder
from glue_jobs.common.publishing import Destination, NotOwned, Publication
from glue_jobs.common.storage_formats import StorageFormat

OWNER_PARAMETER = "glueprint.workflow"
RUN_PARAMETER = "glueprint.run"
CREATE_BATCH = 100
DELETE_BATCH = 25


@dataclass(frozen=True)
class TableDefinition:
    """A table of the Data Catalog.

    Attributes:
        database: its database.
        name: its name.
        columns: names and Hive types of what the files contain.
        partition_keys: names and Hive types of the partition keys.
        storage: how the files are stored.
    """

    database: str
    name: str
    columns: Columns
    partition_keys: Columns
    storage: StorageFormat


class CatalogView:
    """The table of a destination. The workflow that creates it marks it as its own, and changes no other.

    Args:
        glue: a boto3 Glue client.
        destination: what is shown.
        table: the table that shows it.
    """

    def __init__(self, glue: Any, destination: Destination, table: TableDefinition) -> None:
        self._glue = glue
        self._destination = destination
        self._table = table
        self._where = {"DatabaseName": table.database, "TableName": table.name}

    def check(self) -> None:
        """See :class:`View`.

        Raises:
            NotOwned: the table was not made by this workflow, or has other partition keys.
        """
        table = self._current()
        if table is None:
            return
        name = "{}.{}".format(self._table.database, self._table.name)
        owner = table.get("Parameters", {}).get(OWNER_PARAMETER)
        if owner != self._destination.workflow:
            raise NotOwned(
                "The table {} exists and {}; choose another table name, or delete it first.".format(
                    name, "belongs to the workflow {}".format(owner) if owner else "was not made by this blueprint"
                )
            )
        keys = [(key["Name"], key["Type"]) for key in table.get("PartitionKeys", [])]
        if keys != list(self._table.partition_keys):
            raise NotOwned(
                "The table {} is partitioned by {}, not by {}; choose another table name, or delete it "
                "first.".format(name, keys, list(self._table.partition_keys))
            )

    def show(self, publication: Publication) -> None:
        """See :class:`View`.

        Each partition switches to its new folder in one step, so that a query sees complete partitions only;
        partitions that the publication no longer has go last.

        Raises:
            RuntimeError: Glue refused some of the partitions.
        """
        glue = self._glue
        if self._current() is None:
            glue.create_table(DatabaseName=self._table.database, TableInput=self._table_input(publication))
        wanted = self._partition_inputs(publication)
        existing = self._existing_partitions() if self._table.partition_keys else set()
        for batch in _batches([wanted[values] for values in wanted if values not in existing], CREATE_BATCH):
            _refuse_errors(glue.batch_create_partition(PartitionInputList=batch, **self._where))
        for batch in _batches([values for values in wanted if values in existing], CREATE_BATCH):
            entries = [{"PartitionValueList": list(values), "PartitionInput": wanted[values]} for values in batch]
            _refuse_errors(glue.batch_update_partition(Entries=entries, **self._where))
        for batch in _batches(sorted(existing - set(wanted)), DELETE_BATCH):
            stale = [{"Values": list(values)} for values in batch]
            _refuse_errors(glue.batch_delete_partition(PartitionsToDelete=stale, **self._where))
        # Last, because the table's own parameters name the run it shows; without partitions this is the switch.
        glue.update_table(
            DatabaseName=self._table.database, TableInput=self._table_input(publication), SkipArchive=True
        )

    def _current(self) -> Optional[Dict[str, Any]]:
        return find_table(self._glue, self._table.database, self._table.name)

    def _existing_partitions(self) -> "set[Tuple[str, ...]]":
        pages = self._glue.get_paginator("get_partitions").paginate(ExcludeColumnSchema=True, **self._where)
        return {tuple(entry["Values"]) for page in pages for entry in page["Partitions"]}

    def _table_input(self, publication: Publication) -> Dict[str, Any]:
        table = self._table
        # Without partitions the table's location is where the data is: in the run's folder, or in that of an
        # earlier run if this one had nothing to add.
        location = self._destination.folder(publication.run)
        if publication.parts and not table.partition_keys:
            bucket, _ = split_folder(self._destination.location)
            location = "s3://{}/{}/".format(bucket, publication.parts[0].key.rpartition("/")[0])
        return {
            "Name": table.name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {
                "EXTERNAL": "TRUE",
                "classification": table.storage.classification,
                "typeOfData": "file",
                "recordCount": str(publication.rows),
                "objectCount": str(len(publication.parts)),
                OWNER_PARAMETER: self._destination.workflow,
                RUN_PARAMETER: publication.run,
            },
            "PartitionKeys": columns_to_api(table.partition_keys),
            "StorageDescriptor": table.storage.descriptor(table.columns, location),
        }

    def _partition_inputs(self, publication: Publication) -> Dict[Tuple[str, ...], Dict[str, Any]]:
        table = self._table
        if not table.partition_keys:
            return {}
        bucket, _ = split_folder(self._destination.location)
        rows: Dict[Tuple[str, ...], int] = {}
        folders: Dict[Tuple[str, ...], str] = {}
        for part in publication.parts:
            rows[part.values] = rows.get(part.values, 0) + part.rows
            folders[part.values] = "s3://{}/{}/".format(bucket, part.key.rpartition("/")[0])
        return {
            values: {
                "Values": list(values),
                "Parameters": {
                    "classification": table.storage.classification,
                    "recordCount": str(rows[values]),
                },
                "StorageDescriptor": table.storage.descriptor(table.columns, folders[values]),
            }
            for values in sorted(rows)
        }


def find_table(glue: Any, database: str, name: str) -> Optional[Dict[str, Any]]:
    """The table as GetTable describes it; None if there is none."""
    try:
        table: Dict[str, Any] = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return None
    return table


def _batches(items: Sequence[Any], size: int) -> Iterator[List[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _refuse_errors(answer: Dict[str, Any]) -> None:
    errors = answer.get("Errors", [])
    if errors:
        raise RuntimeError("Glue refused {} partitions, the first one because: {}".format(len(errors), errors[0]))
