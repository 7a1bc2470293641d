"""Tables of the Data Catalog: listing them, finding one by what a user types, its partitions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.client.errors import Ambiguous, NotFound, is_not_found
from glueprint.client.names import did_you_mean, listed
from glueprint.client.session import Session


@dataclass(frozen=True, slots=True)
class TableView:
    """One table.

    Attributes:
        columns: name, Hive type and comment of each column, without the partition keys.
        partition_keys: the same of each partition key.
        location: where its data are; empty for a view.
        format: its classification, or what its SerDe shows; empty if neither does.
        parameters: those of the table, its storage and its SerDe together.
        wire: the table as GetTable returned it.
    """

    database: str
    name: str
    columns: tuple[tuple[str, str, str], ...]
    partition_keys: tuple[tuple[str, str, str], ...]
    location: str
    format: str
    parameters: Mapping[str, str] = field(repr=False)
    wire: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_wire(cls, table: Mapping[str, Any]) -> TableView:
        """Read GetTable's ``Table``."""
        storage = table.get("StorageDescriptor") or {}
        serde = storage.get("SerdeInfo") or {}
        own = table.get("Parameters") or {}
        return cls(
            database=table["DatabaseName"],
            name=table["Name"],
            columns=_columns(storage.get("Columns")),
            partition_keys=_columns(table.get("PartitionKeys")),
            location=storage.get("Location") or "",
            format=own.get("classification", "").lower() or _format_of(serde.get("SerializationLibrary") or ""),
            parameters={**own, **(storage.get("Parameters") or {}), **(serde.get("Parameters") or {})},
            wire=table,
        )

    @property
    def full_name(self) -> str:
        """``database.table``."""
        return f"{self.database}.{self.name}"


@dataclass(frozen=True, slots=True)
class PartitionView:
    """One partition: the values of the keys, and where its data are."""

    values: tuple[str, ...]
    location: str


def _columns(columns: Any) -> tuple[tuple[str, str, str], ...]:
    return tuple((one["Name"], one.get("Type") or "", one.get("Comment") or "") for one in columns or ())


def _format_of(library: str) -> str:
    """Return the format that a SerDe reads, from the end of its class name."""
    last = library.lower().rpartition(".")[2]
    for name in ("parquet", "json", "orc", "avro", "csv"):
        if name in last:
            return name
    return "csv" if last == "lazysimpleserde" else ""


def all_tables(session: Session) -> Iterator[TableView]:
    """Return the tables of all databases, sorted by database."""
    glue = session.glue
    for page in glue.get_paginator("get_databases").paginate():
        for database in page["DatabaseList"]:
            for tables in glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"]):
                yield from map(TableView.from_wire, tables["TableList"])


def find_table(session: Session, name: str) -> TableView:
    """Return the table ``database.table``, or the only table that is called ``table``. Case does not matter.

    Raises:
        NotFound: there is none.
        Ambiguous: several databases have a table of that name.
    """
    wanted = name.lower()
    database, dot, table = wanted.partition(".")
    if dot:
        try:
            return TableView.from_wire(session.glue.get_table(DatabaseName=database, Name=table)["Table"])
        except session.glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
    tables = list(all_tables(session))
    found = [one for one in tables if wanted in (one.name, one.full_name)]
    if not found:
        names = [one.full_name for one in tables]
        similar = did_you_mean(wanted, names if dot else [one.name for one in tables])
        remedy = similar or (f"there are: {listed(names)}" if names else "a crawler or a job creates one")
        raise NotFound(f"there is no table {name!r}", remedy)
    if len(found) > 1:
        names = [one.full_name for one in found]
        message = f"{len(found)} databases have a table {name!r}: {listed(names)}"
        raise Ambiguous(message, "give the full name", names)
    return found[0]


def partitions(session: Session, table: TableView, limit: int) -> list[PartitionView]:
    """Return the first ``limit`` partitions of a table, in the order of the API."""
    if not table.partition_keys:
        return []
    pages = session.glue.get_paginator("get_partitions").paginate(
        DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True
    )
    every = (one for page in pages for one in page["Partitions"])
    return [
        PartitionView(tuple(one["Values"]), (one.get("StorageDescriptor") or {}).get("Location") or "")
        for one in itertools.islice(every, limit)
    ]
