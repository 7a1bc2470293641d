"""Types of values in Athena's SQL (Trino's), and their names in DuckDB and in Hive.

Sources: Trino's documentation, "Data types"; Athena user guide, "Data types in Amazon Athena"; for decimals
``io.trino.type.DecimalOperators``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glueprint.facts import hive_types
from glueprint.query.errors import QueryError

MAX_PRECISION = 38


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its name, and what is in its parentheses.

    ``args`` are numbers (decimal, varchar, char), types (array, map), or pairs of a field's name and type (row).
    """

    name: str
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        if self.name == "row":
            fields = (f'"{name}" {kind}' if name else str(kind) for name, kind in self.args)
            return f"row({', '.join(fields)})"
        if self.name in ("timestamp", "time") and not self.args:
            return f"{self.name}(3)"
        if self.name == "timestamp with time zone":
            return "timestamp(3) with time zone"
        return f"{self.name}({', '.join(map(str, self.args))})" if self.args else self.name

    @property
    def is_text(self) -> bool:
        """Whether values are text."""
        return self.name in ("varchar", "char")

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers."""
        return self.name in _INTEGERS

    @property
    def is_numeric(self) -> bool:
        """Whether values are numbers."""
        return self.is_integer or self.name in ("decimal", "real", "double")

    @property
    def is_time(self) -> bool:
        """Whether values are dates or times of a day of the calendar."""
        return self.name in ("date", "timestamp", "timestamp with time zone")


_INTEGERS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
"""Digits of the integer types, smallest first: the precision that each has as a decimal."""
_NUMBERS = [*_INTEGERS, "decimal", "real", "double"]

(
    BOOLEAN,
    TINYINT,
    SMALLINT,
    INTEGER,
    BIGINT,
    REAL,
    DOUBLE,
    VARCHAR,
    VARBINARY,
    DATE,
    TIMESTAMP,
    JSON,
    UNKNOWN,
    TIME,
) = (
    Type(name)
    for name in (
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
        *("timestamp", "json", "unknown", "time"),
    )
)
TIMESTAMP_TZ = Type("timestamp with time zone")
DAY_INTERVAL = Type("interval day to second")
MONTH_INTERVAL = Type("interval year to month")


def decimal(precision: int, scale: int) -> Type:
    """Return a decimal type; more than 38 digits are cut, as Trino does."""
    return Type("decimal", (min(MAX_PRECISION, precision), scale))


def array(element: Type) -> Type:
    """Return ``array(element)``."""
    return Type("array", (element,))


def map_of(key: Type, value: Type) -> Type:
    """Return ``map(key, value)``."""
    return Type("map", (key, value))


def row(*fields: tuple[str | None, Type]) -> Type:
    """Return a row type."""
    return Type("row", fields)


def field_names(kind: Type) -> list[str]:
    """Return the names of a row's fields in DuckDB and in results; unnamed ones are ``field0``, ``field1``..."""
    return [name or f"field{number}" for number, (name, _) in enumerate(kind.args)]


def as_decimal(kind: Type) -> Type:
    """Return the decimal type of an integer type's values; a decimal is returned as it is."""
    return kind if kind.name == "decimal" else decimal(_INTEGERS[kind.name], 0)


def common(first: Type, second: Type) -> Type | None:
    """Return the type to which both are converted without a CAST (Trino's ``TypeCoercion``), or None."""
    if first == second or second.name == "unknown":
        return first
    if first.name == "unknown":
        return second
    if first.is_text and second.is_text:
        return VARCHAR
    if first.is_numeric and second.is_numeric:
        return _common_number(first, second)
    if first.is_time and second.is_time:
        order = ["date", "timestamp", "timestamp with time zone"]
        return max(first, second, key=lambda one: order.index(one.name))
    if first.name == second.name == "array":
        return _combined("array", [common(first.args[0], second.args[0])])
    if first.name == second.name == "map":
        return _combined("map", [common(*pair) for pair in zip(first.args, second.args, strict=True)])
    if first.name == second.name == "row" and len(first.args) == len(second.args):
        kinds = [common(one[1], two[1]) for one, two in zip(first.args, second.args, strict=True)]
        if all(kinds):
            names = [a[0] if a[0] == b[0] else None for a, b in zip(first.args, second.args, strict=True)]
            return Type("row", tuple(zip(names, kinds, strict=True)))
    return None


def _combined(name: str, parts: list[Type | None]) -> Type | None:
    return Type(name, tuple(parts)) if all(parts) else None


def _common_number(first: Type, second: Type) -> Type:
    wider = max(first, second, key=lambda one: _NUMBERS.index(one.name))
    if wider.name != "decimal":
        return wider
    one, two = as_decimal(first).args, as_decimal(second).args
    scale = max(one[1], two[1])
    return decimal(max(one[0] - one[1], two[0] - two[1]) + scale, scale)


def comparable(first: Type, second: Type) -> bool:
    """Whether values of the types can be compared."""
    return common(first, second) is not None


_TO_DUCKDB = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "json": "JSON",
    "unknown": "INTEGER",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
}


def to_duckdb(kind: Type) -> str:
    """Return DuckDB's name of the type."""
    if kind.name == "decimal":
        return f"DECIMAL({kind.args[0]},{kind.args[1]})"
    if kind.name == "array":
        return f"{to_duckdb(kind.args[0])}[]"
    if kind.name == "map":
        return f"MAP({to_duckdb(kind.args[0])}, {to_duckdb(kind.args[1])})"
    if kind.name == "row":
        inner = zip(field_names(kind), kind.args, strict=True)
        return f"STRUCT({', '.join(f'{quoted(name)} {to_duckdb(one[1])}' for name, one in inner)})"
    return _TO_DUCKDB[kind.name]


_FROM_HIVE = {
    "int": "integer",
    "float": "real",
    "string": "varchar",
    "binary": "varbinary",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "bool": "boolean",
    "void": "unknown",
}
_TO_HIVE = {"integer": "int", "real": "float", "varchar": "string", "varbinary": "binary", "json": "string"}


def from_hive(text: str) -> Type:
    """Return the type of a column of the Data Catalog.

    Raises:
        QueryError: it is not a type that Athena reads.
    """
    try:
        return _of_hive(hive_types.parse(text or "string"))
    except (hive_types.BadTypeError, KeyError) as error:
        raise QueryError("HIVE_UNSUPPORTED_FORMAT", f"Unsupported Hive type: {text}") from error


def _of_hive(kind: hive_types.GlueType) -> Type:
    if isinstance(kind, hive_types.Array):
        return array(_of_hive(kind.element))
    if isinstance(kind, hive_types.MapOf):
        return map_of(_of_hive(kind.key), _of_hive(kind.value))
    if isinstance(kind, hive_types.Struct):
        return row(*((name.lower(), _of_hive(one)) for name, one in kind.fields))
    name = _FROM_HIVE.get(kind.base, kind.base)
    if name == "decimal":
        sizes = (*kind.sizes, 0)
        return decimal(sizes[0], sizes[1]) if kind.sizes else decimal(10, 0)
    if name in ("varchar", "char"):
        return Type(name, kind.sizes)
    if name == "double" or name in _TO_DUCKDB:
        return Type(name)
    raise KeyError(name)


def to_hive(kind: Type) -> str:
    """Return the type as the Data Catalog writes it."""
    if kind.name == "array":
        return f"array<{to_hive(kind.args[0])}>"
    if kind.name == "map":
        return f"map<{to_hive(kind.args[0])},{to_hive(kind.args[1])}>"
    if kind.name == "row":
        inner = zip(field_names(kind), kind.args, strict=True)
        return f"struct<{','.join(f'{name}:{to_hive(one[1])}' for name, one in inner)}>"
    if kind.name == "decimal":
        return f"decimal({kind.args[0]},{kind.args[1]})"
    if kind.name == "char":
        return f"char({kind.args[0]})" if kind.args else "string"
    return _TO_HIVE.get(kind.name, kind.name)


def is_storable(kind: Type) -> bool:
    """Whether a table can have a column of this type."""
    if kind.name in ("array", "map"):
        return all(map(is_storable, kind.args))
    if kind.name == "row":
        return all(is_storable(one) for _, one in kind.args)
    return kind.name not in (
        "unknown",
        "json",
        "time",
        "timestamp with time zone",
    ) and not kind.name.startswith("interval")


def quoted(name: str) -> str:
    """Return a name as DuckDB's identifier."""
    return '"{}"'.format(name.replace('"', '""'))


def literal(text: str) -> str:
    """Return text as a literal of SQL."""
    return "'{}'".format(text.replace("'", "''"))
