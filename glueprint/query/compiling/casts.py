"""CAST as Trino does it: which conversions exist, and what of the text is accepted.

DuckDB accepts more text (``2020/01/01``, ``1.5`` as an integer) and writes other text (``10000000.0`` for
``1.0E7``). Sources: Trino's documentation, "Conversion functions"; ``io.trino.type`` operators.
"""

from __future__ import annotations

from sqlglot import exp

from glueprint.query.compiling.scope import Value
from glueprint.query.errors import not_supported, type_mismatch
from glueprint.query.types import (
    DOUBLE,
    TIMESTAMP,
    TIMESTAMP_TZ,
    UNKNOWN,
    VARCHAR,
    Type,
    array,
    decimal,
    field_names,
    literal,
    map_of,
    quoted,
    row,
    to_duckdb,
)

_NAMES = {
    "INT": "integer",
    "TEXT": "varchar",
    "FLOAT": "real",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TIMESTAMPLTZ": "timestamp with time zone",
    "VARBINARY": "varbinary",
    "BINARY": "varbinary",
    "NCHAR": "char",
}
_PLAIN = {
    *(
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "varchar",
        "varbinary",
        "date",
    ),
    *("timestamp", "timestamp with time zone", "json", "time", "char"),
}


def type_of(node: exp.DataType) -> Type:
    """Return the type that is written in a CAST.

    Raises:
        QueryError: it is not one of Athena's, or is not supported here.
    """
    name = node.this.value if hasattr(node.this, "value") else str(node.this)
    parts = node.expressions
    if name == "ARRAY":
        return array(type_of(parts[0]))
    if name == "MAP":
        return map_of(type_of(parts[0]), type_of(parts[1]))
    if name == "STRUCT":
        fields = []
        for part in parts:
            is_named = isinstance(part, exp.ColumnDef)
            fields.append((part.name if is_named else None, type_of(part.args["kind"] if is_named else part)))
        return row(*fields)
    sizes = tuple(int(part.this.this) for part in parts if isinstance(part, exp.DataTypeParam))
    if name == "DECIMAL":
        return decimal(*sizes) if len(sizes) == 2 else decimal(sizes[0] if sizes else 38, 0)
    own = _NAMES.get(name, name.lower())
    if own not in _PLAIN:
        raise not_supported(f"the type {node.sql('trino').lower()}", node)
    if own in ("varchar", "char"):
        return Type(own, sizes) if sizes or own == "varchar" else Type(own, (1,))
    if sizes and sizes[0] > 6:
        raise not_supported(f"the type {own}({sizes[0]})", node)
    return Type(own)


def cast(value: Value, wanted: Type, node: exp.Expr) -> Value:
    """Return ``CAST(value AS wanted)``.

    Raises:
        QueryError: there is no such conversion.
    """
    sql = _cast(value.sql, value.type, wanted, node)
    return Value(sql, wanted, value.constant if value.type == wanted else None)


def convert(value: Value, wanted: Type) -> str:
    """Return the SQL of a value after a conversion that needs no CAST (``types.common``)."""
    if value.type == wanted or (value.type.is_text and wanted.is_text):
        return value.sql
    if value.type.name == "row" and wanted.name == "row":
        return _row_cast(value.sql, value.type, wanted, None)
    return f"CAST({value.sql} AS {to_duckdb(wanted)})"


def _cast(sql: str, have: Type, want: Type, node: exp.Expr | None) -> str:
    if have == want:
        return sql
    if have == UNKNOWN:
        return f"CAST(NULL AS {to_duckdb(want)})"
    if want.name in ("varchar", "char"):
        return _sized(text_of(sql, have, node), want)
    if want.name == "json":
        return _to_json(sql, have)
    if have.name == "json":
        return _from_json(sql, want, node)
    if have.is_text:
        return _from_text(sql, want, node)
    if want.is_integer and have.name in ("real", "double"):
        return f"CAST(round({sql}) AS {to_duckdb(want)})"
    if have.name == want.name == "row" and len(have.args) == len(want.args):
        return _row_cast(sql, have, want, node)
    if have.name == want.name == "array":
        inner = _cast("x", have.args[0], want.args[0], node)
        return f"list_transform({sql}, lambda x: {inner})" if inner != "x" else sql
    if have.name == want.name == "map" or _is_possible(have, want):
        return f"CAST({sql} AS {to_duckdb(want)})"
    raise type_mismatch(f"Cannot cast {have} to {want}", node)


def _is_possible(have: Type, want: Type) -> bool:
    if have.is_numeric or have.name == "boolean":
        return want.is_numeric or want.name == "boolean"
    if have.is_time or have.name == "time":
        return (want.is_time and have.name != "time") or (want.name == "time" and have.name != "date")
    return False


def _sized(sql: str, want: Type) -> str:
    if want.name == "char":
        return f"substr({sql}, 1, {want.args[0]})" if want.args else sql
    return f"substr({sql}, 1, {want.args[0]})" if want.args else sql


def text_of(sql: str, have: Type, node: exp.Expr | None) -> str:
    """Return a value as the text that a CAST makes of it."""
    if have.is_text:
        return sql
    if have == DOUBLE or have.name == "real":
        return f"trino_float_text(CAST({sql} AS DOUBLE))" if have == DOUBLE else f"trino_real_text({sql})"
    if have == TIMESTAMP:
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%g')"
    if have == TIMESTAMP_TZ:
        return f"(strftime({sql} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%g') || ' UTC')"
    if have.name == "json":
        return f"trino_json_scalar({sql})"
    if have.is_integer or have.name in ("decimal", "boolean", "date", "time"):
        return f"CAST({sql} AS VARCHAR)"
    raise type_mismatch(f"Cannot cast {have} to varchar", node)


_PATTERNS = {
    "integers": r"[+-]?[0-9]+",
    "decimal": r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*",
    "date": r"\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}\s*",
    "timestamp": (
        r"\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?)?\s*"
    ),
    "time": r"[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?",
}


def _from_text(sql: str, want: Type, node: exp.Expr | None) -> str:
    kind = to_duckdb(want)
    if want.name == "boolean":
        return f"trino_text_boolean({sql})"
    if want.name == "varbinary":
        return f"encode({sql})"
    if want.name in ("real", "double"):
        return f"CAST(trim({sql}) AS {kind})"
    if want == TIMESTAMP_TZ:
        return f"CAST({sql} AS TIMESTAMPTZ)"
    pattern = _PATTERNS.get("integers" if want.is_integer else want.name)
    if pattern is None:
        raise type_mismatch(f"Cannot cast varchar to {want}", node)
    names = {"integer": "INT", "bigint": "BIGINT", "smallint": "SMALLINT", "tinyint": "TINYINT"}
    if want.is_integer or want.name == "decimal":
        message = f"'Cannot cast ''' || {sql} || ''' to {names.get(want.name, str(want).upper())}'"
    else:
        message = f"'Value cannot be cast to {want.name}: ' || {sql}"
    value = f"CAST(trim({sql}) AS {kind})"
    return (
        f"CASE WHEN regexp_full_match({sql}, {literal(pattern)}) THEN {value} WHEN {sql} IS NULL THEN NULL"
        f" ELSE CAST(trino_error('INVALID_CAST_ARGUMENT: ' || {message}) AS {kind}) END"
    )


def _row_cast(sql: str, have: Type, want: Type, node: exp.Expr | None) -> str:
    """Fields are converted by position; DuckDB would do it by name."""
    own, new = field_names(have), field_names(want)
    parts = [
        f"{quoted(to)} := {_cast(f'struct_extract({sql}, {literal(name)})', kind, target, node)}"
        for to, name, (_, kind), (_, target) in zip(new, own, have.args, want.args, strict=True)
    ]
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({', '.join(parts)}) END"


def _to_json(sql: str, have: Type) -> str:
    if have.name == "row":  # rows become arrays (Trino: "CAST to JSON"); since version 3 objects
        return f"to_json({sql})"
    if have == TIMESTAMP or have.name == "timestamp with time zone":
        return f"to_json({text_of(sql, have, None)})"
    return f"to_json({sql})"


def _from_json(sql: str, want: Type, node: exp.Expr | None) -> str:
    if want.name in ("array", "map", "row"):
        return f"CAST({sql} AS {to_duckdb(want)})"
    return _cast(f"trino_json_scalar({sql})", VARCHAR, want, node)
