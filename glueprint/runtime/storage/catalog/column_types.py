"""Column types of the Data Catalog (Hive's syntax) as Glue's types, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glueprint.runtime.frames import type_names, types
from glueprint.runtime.storage.errors import StorageError


def struct_of(columns: Sequence[Mapping[str, Any]], table: str) -> types.Struct:
    """Return the columns of a table or its partition keys.

    Args:
        columns: ``StorageDescriptor.Columns`` or ``PartitionKeys``; a column without a type is a string.
        table: for the error.

    Raises:
        StorageError: a type is not valid; the message contains column and table.
    """
    return types.Struct(
        tuple(
            types.Field(one["Name"], _type_of(one.get("Type") or "string", one["Name"], table))
            for one in columns
        )
    )


def _type_of(text: str, column: str, table: str) -> types.Type:
    try:
        return type_names.parse(text)
    except type_names.UnknownTypeName as error:
        raise StorageError(
            f"column {column!r} of the table {table}: the type {text!r} cannot be read; "
            "it must be a type of Hive such as bigint or array<struct<a:int>>"
        ) from error


def hive_text(logical: types.Type) -> str:
    """Return a type as the Data Catalog writes it. A choice becomes a struct, as Spark reads its values."""
    if isinstance(logical, types.Struct):
        return f"struct<{','.join(f'{one.name}:{hive_text(one.type)}' for one in logical.fields)}>"
    if isinstance(logical, types.Choice):
        return f"struct<{','.join(f'{one.name}:{hive_text(one)}' for one in logical.alternatives)}>"
    if isinstance(logical, types.Array):
        return f"array<{hive_text(logical.element)}>"
    if isinstance(logical, types.Map):
        return f"map<{hive_text(logical.key)},{hive_text(logical.value)}>"
    if isinstance(logical, types.Decimal):
        return f"decimal({logical.precision},{logical.scale})"
    return _HIVE_NAMES[logical]


_HIVE_NAMES = {
    types.STRING: "string",
    types.INT: "int",
    types.LONG: "bigint",
    types.SHORT: "smallint",
    types.BYTE: "tinyint",
    types.DOUBLE: "double",
    types.FLOAT: "float",
    types.BOOLEAN: "boolean",
    types.DATE: "date",
    types.TIMESTAMP: "timestamp",
    types.TIMESTAMP_NTZ: "timestamp",
    types.BINARY: "binary",
    types.NULL: "string",
}
