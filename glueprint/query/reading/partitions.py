"""The partitions of a table that a query reads: those of the Data Catalog, or projected ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.facts.partition_names import DEFAULT_PARTITION
from glueprint.query.compiling.compiled import TableUse
from glueprint.query.errors import QueryError
from glueprint.query.reading.projection import is_projected, projected
from glueprint.query.types import Type, literal, quoted, to_duckdb


@dataclass(frozen=True, slots=True)
class Partition:
    """The values of the keys (None: null), and where the files are."""

    values: tuple[str | None, ...]
    location: str


def partitions_of(use: TableUse, glue: Any, connection: Any) -> list[Partition]:
    """Return the partitions that can have rows of a query.

    Raises:
        QueryError: a value is not of its key's type, or the projection's settings are not valid.
    """
    table = use.table
    if not table.partition_keys:
        return [Partition((), table.location)]
    if is_projected(table):
        found = projected(use)
    else:
        pages = glue.get_paginator("get_partitions").paginate(
            DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True
        )
        found = [
            Partition(
                tuple(None if value == DEFAULT_PARTITION else value for value in one["Values"]),
                (one.get("StorageDescriptor") or {}).get("Location") or table.location,
            )
            for page in pages
            for one in page["Partitions"]
        ]
    return _pruned(use, found, connection)


def _pruned(use: TableUse, found: Sequence[Partition], connection: Any) -> list[Partition]:
    """DuckDB itself decides with the conditions as they are in the query."""
    if not use.filters or not found:
        return list(found)
    keys = use.table.partition_keys
    names = [quoted(f"k{number}") for number in range(len(keys))]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE __partitions (n BIGINT,"
        f" {', '.join(f'{one} VARCHAR' for one in names)})"
    )
    import pyarrow as pa

    columns = {"n": pa.array(range(len(found)), pa.int64())}
    for number in range(len(keys)):
        columns[f"k{number}"] = pa.array([one.values[number] for one in found], pa.string())
    connection.register("__partition_values", pa.table(columns))
    connection.execute("INSERT INTO __partitions SELECT * FROM __partition_values")
    connection.unregister("__partition_values")
    typed = ", ".join(
        f"{key_sql(name, kind)} AS {quoted(key)}" for name, (key, kind) in zip(names, keys, strict=True)
    )
    condition = " AND ".join(f"({one})" for one in use.filters)
    source = f"(SELECT n, {typed} FROM __partitions) AS {quoted(use.alias)}"
    rows = connection.execute(f"SELECT n FROM {source} WHERE {condition} ORDER BY n").fetchall()
    return [found[number] for (number,) in rows]


def key_sql(sql: str, kind: Type) -> str:
    """Return a key's text as a value of its type."""
    return sql if kind.is_text else f"CAST({sql} AS {to_duckdb(kind)})"


def value_sql(value: str | None, kind: Type) -> str:
    """Return a value of a key as a constant."""
    return f"CAST({'NULL' if value is None else literal(value)} AS {to_duckdb(kind)})"


def bad_value(name: str, value: str | None, kind: Type) -> QueryError:
    """Return the error of a value that is not of its key's type."""
    return QueryError(
        "HIVE_INVALID_PARTITION_VALUE", f"Invalid partition value '{value}' for {kind} partition key: {name}"
    )
