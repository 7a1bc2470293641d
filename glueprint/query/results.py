"""Results as Athena writes them: text, CSV with every value quoted, and the description of columns.

Sources: Athena user guide, "Working with query results, recent queries, and output files"; service model,
``ColumnInfo``; for ``.metadata`` the fields that burtcorp/athena-jdbc reads (``AthenaMetaDataParser``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glueprint.query.compiling.casts import text_of
from glueprint.query.types import Type, field_names, literal

_PRECISIONS = {
    "boolean": 0,
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "date": 0,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "varchar": 2147483647,
    "char": 0,
    "varbinary": 1073741824,
    "json": 2147483647,
    "time": 3,
}
_NAMES = {"real": "float", "unknown": "unknown"}


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """Return ``ColumnInfo`` of a column of a query."""
    precision, scale = _PRECISIONS.get(kind.name, 0), 0
    if kind.name == "decimal":
        precision, scale = kind.args
    if kind.is_text and kind.args:
        precision = kind.args[0]
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": _NAMES.get(kind.name, kind.name),
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind.is_text,
    }


def string_column(name: str) -> dict[str, Any]:
    """Return ``ColumnInfo`` of a column of a statement that is not a query."""
    info = column_info(name, Type("varchar"))
    return {**info, "Type": "string", "Precision": 0, "CaseSensitive": False}


def text_sql(sql: str, kind: Type) -> str:
    """Return an expression as the text that results have."""
    match kind.name:
        case "array":
            inner = _item(text_sql("x", kind.args[0]))
            return f"('[' || array_to_string(list_transform({sql}, lambda x: {inner}), ', ') || ']')"
        case "map":
            key, value = (
                text_sql(f"x.{side}", one) for side, one in zip(("key", "value"), kind.args, strict=True)
            )
            entries = f"list_transform(map_entries({sql}), lambda x: {_item(key)} || '=' || {_item(value)})"
            return f"('{{' || array_to_string({entries}, ', ') || '}}')"
        case "row":
            names = field_names(kind)
            parts = [
                f"{literal(name + '=')} || {_item(text_sql(f'struct_extract({sql}, {literal(name)})', one))}"
                for name, (_, one) in zip(names, kind.args, strict=True)
            ]
            listed = " || ', ' || ".join(parts)
            return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || {listed} || '}}' END"
        case "varbinary":
            return f"rtrim(regexp_replace(lower(hex({sql})), '(..)', '\\1 ', 'g'))"
        case "json":
            return f"CAST({sql} AS VARCHAR)"
        case "interval day to second":
            return f"trino_interval_text({sql})"
        case "interval year to month":
            return f"trino_months_text({sql})"
        case "unknown":
            return f"CAST({sql} AS VARCHAR)"
    return text_of(sql, kind, None)


def _item(sql: str) -> str:
    return f"coalesce({sql}, 'null')"


def metadata_bytes(columns: Sequence[dict[str, Any]]) -> bytes:
    """Return the ``.metadata`` file of a result: a protocol buffer with a field 4 for each column."""
    return b"".join(_field(4, _column(one)) for one in columns)


def _column(info: dict[str, Any]) -> bytes:
    texts = {1: "CatalogName", 4: "Name", 5: "Label", 6: "Type"}
    numbers = {7: info["Precision"], 8: info["Scale"], 9: 3, 10: int(info["CaseSensitive"])}
    found = b"".join(_field(number, str(info[name]).encode()) for number, name in texts.items())
    return found + b"".join(_varint(number << 3) + _varint(value) for number, value in numbers.items())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
