# ruff: noqa: N803 - the arguments are named as boto3 names them
"""A Glue in memory with what the loading job calls: tables, partitions, run properties; and a client that dies."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

READING = ("get_", "list_", "head_")


class FakeCatalogue:
    """Holds tables and partitions as given; batch limits as in the service model."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        class EntityNotFoundException(Exception):
            """As boto3 raises it."""

        class AlreadyExistsException(Exception):
            """As boto3 raises it."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}
        self.partitions: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {}
        self.properties: dict[str, dict[str, str]] = {}
        self.indexes: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, str] = {}
        """The status of each workflow run that exists."""

    def get_workflow_run(self, Name: str, RunId: str) -> dict[str, Any]:
        """GetWorkflowRun."""
        if RunId not in self.runs:
            raise self.exceptions.EntityNotFoundException(RunId)
        return {"Run": {"Status": self.runs[RunId]}}

    def get_table(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        """GetTable."""
        if Name not in self.tables:
            raise self.exceptions.EntityNotFoundException(Name)
        return {"Table": copy.deepcopy(self.tables[Name])}

    def create_table(self, DatabaseName: str, TableInput: dict[str, Any]) -> None:
        """CreateTable."""
        assert TableInput["Name"] not in self.tables
        self.tables[TableInput["Name"]] = copy.deepcopy(TableInput)
        self.partitions[TableInput["Name"]] = {}

    def update_table(self, DatabaseName: str, TableInput: dict[str, Any], SkipArchive: bool) -> None:
        """UpdateTable."""
        assert TableInput["Name"] in self.tables
        self.tables[TableInput["Name"]] = copy.deepcopy(TableInput)

    def get_partition(self, DatabaseName: str, TableName: str, PartitionValues: list[str]) -> dict[str, Any]:
        """GetPartition."""
        found = self.partitions[TableName].get(tuple(PartitionValues))
        if found is None:
            raise self.exceptions.EntityNotFoundException(str(PartitionValues))
        return {"Partition": copy.deepcopy(found)}

    def update_partition(
        self, DatabaseName: str, TableName: str, PartitionValueList: list[str], PartitionInput: dict[str, Any]
    ) -> None:
        """UpdatePartition."""
        assert tuple(PartitionValueList) in self.partitions[TableName]
        self.partitions[TableName][tuple(PartitionValueList)] = copy.deepcopy(PartitionInput)

    def delete_table(self, DatabaseName: str, Name: str) -> None:
        """DeleteTable, with the table's partitions."""
        del self.tables[Name]
        self.partitions.pop(Name, None)

    def create_partition_index(self, DatabaseName: str, TableName: str, PartitionIndex: dict[str, Any]) -> None:
        """CreatePartitionIndex."""
        assert TableName in self.tables
        if TableName in self.indexes:
            raise self.exceptions.AlreadyExistsException(TableName)
        self.indexes[TableName] = PartitionIndex

    def batch_create_partition(
        self, DatabaseName: str, TableName: str, PartitionInputList: list[Any]
    ) -> dict[str, Any]:
        """BatchCreatePartition, at most 100."""
        assert 0 < len(PartitionInputList) <= 100
        for one in PartitionInputList:
            values = tuple(one["Values"])
            assert values not in self.partitions[TableName]
            self.partitions[TableName][values] = copy.deepcopy(one)
        return {}

    def batch_update_partition(self, DatabaseName: str, TableName: str, Entries: list[Any]) -> dict[str, Any]:
        """BatchUpdatePartition, at most 100."""
        assert 0 < len(Entries) <= 100
        for one in Entries:
            values = tuple(one["PartitionValueList"])
            assert values in self.partitions[TableName]
            self.partitions[TableName][values] = copy.deepcopy(one["PartitionInput"])
        return {}

    def batch_delete_partition(
        self, DatabaseName: str, TableName: str, PartitionsToDelete: list[Any]
    ) -> dict[str, Any]:
        """BatchDeletePartition, at most 25."""
        assert 0 < len(PartitionsToDelete) <= 25
        for one in PartitionsToDelete:
            del self.partitions[TableName][tuple(one["Values"])]
        return {}

    def get_paginator(self, operation: str) -> Any:
        """Paginators of GetTables and GetPartitions, in one page."""
        answers: dict[str, Callable[..., Any]] = {
            "get_tables": lambda **_: {"TableList": list(self.tables.values())},
            "get_partitions": lambda TableName, **_: {
                "Partitions": copy.deepcopy(list(self.partitions[TableName].values()))
            },
        }

        class Pages:
            def paginate(self, **request: Any) -> Iterator[Any]:
                yield answers[operation](**request)

        return Pages()

    def get_workflow_run_properties(self, Name: str, RunId: str) -> dict[str, Any]:
        """GetWorkflowRunProperties."""
        return {"RunProperties": dict(self.properties.get(RunId, {}))}

    def put_workflow_run_properties(self, Name: str, RunId: str, RunProperties: dict[str, str]) -> None:
        """PutWorkflowRunProperties merges."""
        self.properties.setdefault(RunId, {}).update(RunProperties)


class Killed(BaseException):
    """The process ends here; no handler of the program may catch it."""


class Countdown:
    """Counts the changes that all its clients make together, and kills before the one with the given number."""

    def __init__(self, kill_before: int | None = None) -> None:
        self.count = 0
        self.kill_before = kill_before

    def step(self) -> None:
        """One change is about to be made."""
        if self.count == self.kill_before:
            raise Killed
        self.count += 1


class Mortal:
    """A boto3 client (or a fake of one) whose changing calls go through a countdown."""

    def __init__(self, client: Any, countdown: Countdown) -> None:
        self._client = client
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if not callable(attribute) or name.startswith(READING) or name in ("exceptions", "meta"):
            return attribute

        def call(*args: Any, **kwargs: Any) -> Any:
            self._countdown.step()
            return attribute(*args, **kwargs)

        return call


def query(s3: Any, glue: FakeCatalogue, table: str) -> list[dict[str, Any]]:
    """All rows of a table as a query engine sees them: the files below each partition's location."""
    definition = glue.tables[table]
    keys = [key["Name"] for key in definition["PartitionKeys"]]
    places = glue.partitions[table].values() if keys else [definition]
    rows = []
    for place in places:
        bucket, _, prefix = place["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
        for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            data: pa.Table = pq.read_table(io.BytesIO(body))
            values = dict(zip(keys, place.get("Values", ()), strict=True))
            rows += [{**row, **values} for row in data.to_pylist()]
    return rows


def all_keys(s3: Any, bucket: str) -> set[str]:
    """Every key of a bucket."""
    return {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
