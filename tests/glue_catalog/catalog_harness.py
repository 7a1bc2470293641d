"""A Data Catalog over its own database, called as a client would, that can be closed and opened again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from glueprint.local.clock import ManualClock
from glueprint.local.glue.catalog.databases import Databases
from glueprint.local.glue.catalog.partition_indexes import PartitionIndexes
from glueprint.local.glue.catalog.partitions import Partitions
from glueprint.local.glue.catalog.search import Search
from glueprint.local.glue.catalog.table_versions import TableVersions
from glueprint.local.glue.catalog.tables import Tables
from glueprint.local.glue.family import Family, operation
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.glue.tags import Tags
from glueprint.local.protocol import ApiError, Context, JsonService, Operation
from glueprint.local.store import Database
from glueprint.local.store.bookmark_schema import BOOKMARK_SCHEMA
from glueprint.local.store.catalog_schema import CATALOG_SCHEMA
from glueprint.local.store.schema import GLUE_SCHEMA

FAMILIES: tuple[type[Family], ...] = (
    Databases,
    Tables,
    TableVersions,
    Partitions,
    PartitionIndexes,
    Search,
    Tags,
    Jobs,
)


class _Lent:
    """The operations of the calling catalog; botocore's model, which is slow to load, is loaded once."""

    def __init__(self, names: Iterable[str]) -> None:
        self.current: dict[str, Operation] = {}
        self.service = JsonService("glue", {name: self._operation(name) for name in names})

    def _operation(self, name: str) -> Operation:
        return Operation(lambda context, request: self.current[name].call(context, request))


@cache
def _lent(names: frozenset[str]) -> _Lent:
    return _Lent(names)


class Catalog:
    """The families over one state file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock()
        self.context = Context()
        self._open()

    def reopen(self) -> None:
        """Close the state file, and open it as a new server would."""
        self.database.close()
        self._open()

    def _open(self) -> None:
        self.database = Database(self.path, [GLUE_SCHEMA, CATALOG_SCHEMA, BOOKMARK_SCHEMA])
        self.families = [family(self.database, self.clock) for family in FAMILIES]
        self.operations = operation.operations(self.families)

    def call(self, name: str, **request: Any) -> dict[str, Any]:
        """Return the answer that a client would get."""
        lent = _lent(frozenset(self.operations))
        lent.current = self.operations
        return lent.service.call(name, request, self.context)

    def refused(self, name: str, **request: Any) -> ApiError:
        """Return the error that a client would get."""
        with pytest.raises(ApiError) as caught:
            self.call(name, **request)
        return caught.value

    def family(self, kind: type[Family]) -> Any:
        """Return the family of that class."""
        return next(family for family in self.families if isinstance(family, kind))

    def partitioned(self, *keys: tuple[str, str], database: str = "db", table: str = "t") -> None:
        """Create a database, if it does not exist, and a table with these partition keys."""
        if not any(item["Name"] == database for item in self.call("GetDatabases")["DatabaseList"]):
            self.call("CreateDatabase", DatabaseInput={"Name": database})
        self.call(
            "CreateTable",
            DatabaseName=database,
            TableInput={
                "Name": table,
                "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://b/t/"},
                "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in keys],
            },
        )

    def add(self, *partitions: list[str], table: str = "t") -> None:
        """Create partitions with these values."""
        for values in partitions:
            self.call(
                "CreatePartition", DatabaseName="db", TableName=table, PartitionInput={"Values": values}
            )

    def values(self, **request: Any) -> list[list[str]]:
        """Return the values of the partitions that ``GetPartitions`` returns."""
        found = self.call("GetPartitions", DatabaseName="db", TableName="t", **request)
        return [partition["Values"] for partition in found["Partitions"]]
