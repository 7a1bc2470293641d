"""Parquet, ORC and Avro."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from glueprint.query.errors import QueryError
from glueprint.query.types import Type, literal, quoted, to_duckdb

Columns = Sequence[tuple[str, Type]]
PATH = "__path"


def parquet_sql(paths: Sequence[str], columns: Columns, connection: Any, shown: str) -> str:
    """Return a query of the columns of Parquet files, which are found by name (Athena's default).

    Raises:
        QueryError: HIVE_BAD_DATA: a column's type in the files is another one than the table's.
    """
    listed = ", ".join(map(literal, paths))
    source = (
        f"read_parquet([{listed}], union_by_name := true, filename := {literal(PATH)}, hive_partitioning :="
        " false)"
    )
    found = {
        row[0].lower(): (row[0], row[1])
        for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    }
    parts = []
    for name, kind in columns:
        if name not in found:
            parts.append(f"CAST(NULL AS {to_duckdb(kind)}) AS {quoted(name)}")
            continue
        written, have = found[name]
        if not _is_readable(have, kind):
            message = (
                f"Field {name}'s type {have} in parquet file {shown} is incompatible with type {kind} defined"
                " in table schema"
            )
            raise QueryError("HIVE_BAD_DATA", message)
        parts.append(f"{_milliseconds(quoted(written), have, kind)} AS {quoted(name)}")
    return f"SELECT {', '.join([*parts, quoted(PATH)])} FROM {source}"


def _milliseconds(sql: str, have: str, kind: Type) -> str:
    """Athena's timestamps have three digits of a second."""
    if kind.name == "timestamp":
        return f"CAST(date_trunc('milliseconds', CAST({sql} AS TIMESTAMP)) AS TIMESTAMP)"
    if kind.is_text and have == "BLOB":
        return f"decode({sql})"
    return sql if have == to_duckdb(kind) else f"CAST({sql} AS {to_duckdb(kind)})"


_READABLE = {
    "varchar": ("VARCHAR", "BLOB", "ENUM", "JSON", "UUID"),
    "char": ("VARCHAR", "BLOB"),
    "double": ("DOUBLE", "FLOAT"),
    "real": ("FLOAT",),
    "date": ("DATE",),
    "timestamp": ("TIMESTAMP",),
    "boolean": ("BOOLEAN",),
    "varbinary": ("BLOB", "VARCHAR"),
}
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")


def _is_readable(have: str, kind: Type) -> bool:
    if kind.name == "array":
        return have.endswith("[]")
    if kind.name in ("map", "row"):
        return have.startswith("MAP" if kind.name == "map" else "STRUCT")
    if kind.is_integer:
        return have in _INTEGERS
    if kind.name == "decimal":
        return have.startswith("DECIMAL") or have in _INTEGERS
    return have.startswith(_READABLE.get(kind.name, ()))


def orc_batches(path: str, columns: Columns, positions: Sequence[int], by_index: bool) -> Iterator[Any]:
    """Yield the columns of an ORC file, found by position (Athena's default) or by name."""
    import pyarrow as pa
    from pyarrow import orc

    file = orc.ORCFile(path)
    names = [one.name for one in file.schema]
    lower = {name.lower(): name for name in names}
    wanted = [
        (names[position] if position < len(names) else None) if by_index else lower.get(name)
        for (name, _), position in zip(columns, positions, strict=True)
    ]
    for stripe in range(file.nstripes):
        batch = file.read_stripe(stripe, columns=[one for one in wanted if one is not None] or None)
        table = pa.Table.from_batches([batch])
        yield pa.table(
            [
                table.column(source) if source is not None else pa.nulls(table.num_rows, arrow_type(kind))
                for source, (_, kind) in zip(wanted, columns, strict=True)
            ],
            names=[name for name, _ in columns],
        )


def avro_rows(path: str) -> Iterator[dict[str, Any]]:
    """Yield the records of an Avro file, with names in lower case."""
    import fastavro

    with open(path, "rb") as file:
        reader = fastavro.reader(file)
        codec = str(reader.metadata.get("avro.codec") or "null")
        if codec not in ("null", "deflate", "snappy", "bzip2"):
            message = f"the compression {codec} of Avro files is not supported by the local Athena"
            raise QueryError("NOT_SUPPORTED", message)
        for record in reader:
            yield {name.lower(): value for name, value in record.items()}


def arrow_type(kind: Type) -> Any:
    """Return the Arrow type of values of a type."""
    import pyarrow as pa

    match kind.name:
        case "array":
            return pa.list_(arrow_type(kind.args[0]))
        case "map":
            return pa.map_(arrow_type(kind.args[0]), arrow_type(kind.args[1]))
        case "row":
            return pa.struct([pa.field(name, arrow_type(one)) for name, one in kind.args])
        case "decimal":
            return pa.decimal128(*kind.args)
    plain = {
        "boolean": pa.bool_(),
        "tinyint": pa.int8(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "real": pa.float32(),
        "double": pa.float64(),
        "varbinary": pa.binary(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
    }
    return plain.get(kind.name, pa.string())
