"""Glue's types: the parts of a schema, and the Spark types that hold them.

Type names are those of Amazon's ``awsglue.gluetypes``. Texts of schemas are in ``schema_text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar, Union

from pyspark.sql import types as spark


@dataclass(frozen=True)
class Atomic:
    """A type without parts, with Glue's name."""

    name: str


@dataclass(frozen=True)
class Decimal:
    """An exact number of ``precision`` digits, ``scale`` of them after the point."""

    precision: int = 10
    scale: int = 2
    name: str = "decimal"


@dataclass(frozen=True)
class Array:
    """A list of ``element``."""

    element: Type
    name: str = "array"


@dataclass(frozen=True)
class Map:
    """Values by key. Keys in Glue are strings; ``key`` has another type only if it comes from Spark."""

    value: Type
    key: Type = Atomic("string")
    name: str = "map"


@dataclass(frozen=True)
class Field:
    """A named part of a struct."""

    name: str
    type: Type


class Named(Protocol):
    """What has a name: a field of this module or of PySpark."""

    @property
    def name(self) -> str:
        """The name."""
        ...


N = TypeVar("N", bound=Named)


def except_keys(fields: Iterable[N], keys: Iterable[Field]) -> tuple[N, ...]:
    """Return the fields of files next to the columns ``keys``, which replace those of the same name in any case.

    So does Spark (``HadoopFsRelation``: partition columns that overlap with the data's), for which ``Year`` in a
    file and the partition column ``year`` are one name.
    """
    names = {one.name.lower() for one in keys}
    return tuple(one for one in fields if one.name.lower() not in names)


@dataclass(frozen=True)
class Struct:
    """Named parts, in order. A frame's schema is one."""

    fields: tuple[Field, ...] = ()
    name: str = "struct"

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def get(self, name: str) -> Type | None:
        """Return the type of the field ``name``, or None."""
        return next((field.type for field in self.fields if field.name == name), None)

    @property
    def names(self) -> list[str]:
        """The names of the fields, in order."""
        return [field.name for field in self.fields]


@dataclass(frozen=True)
class Choice:
    """One of several types: the type of a field whose values have different types. Make it with :func:`choice`.
    """

    alternatives: tuple[Type, ...]
    name: str = "choice"

    def get(self, name: str) -> Type | None:
        """Return the alternative of the type name ``name``, or None."""
        return next((one for one in self.alternatives if one.name == name), None)


Type = Union[Atomic, Decimal, Array, Map, Struct, Choice]

STRING = Atomic("string")
INT = Atomic("int")
LONG = Atomic("long")
SHORT = Atomic("short")
BYTE = Atomic("byte")
DOUBLE = Atomic("double")
FLOAT = Atomic("float")
BOOLEAN = Atomic("boolean")
DATE = Atomic("date")
TIMESTAMP = Atomic("timestamp")
TIMESTAMP_NTZ = Atomic("timestampntz")
BINARY = Atomic("binary")
NULL = Atomic("null")


def choice(alternatives: Iterable[Type]) -> Choice:
    """Return a choice of ``alternatives``, whose names must differ, in the order of their names."""
    return Choice(tuple(sorted(alternatives, key=lambda one: one.name)))


# --- Spark ---

_TO_SPARK: dict[Atomic, spark.DataType] = {
    STRING: spark.StringType(),
    INT: spark.IntegerType(),
    LONG: spark.LongType(),
    SHORT: spark.ShortType(),
    BYTE: spark.ByteType(),
    DOUBLE: spark.DoubleType(),
    FLOAT: spark.FloatType(),
    BOOLEAN: spark.BooleanType(),
    DATE: spark.DateType(),
    TIMESTAMP: spark.TimestampType(),
    TIMESTAMP_NTZ: spark.TimestampNTZType(),
    BINARY: spark.BinaryType(),
    NULL: spark.NullType(),
}
_TEXTS_WITH_LENGTH = ("CharType", "VarcharType")
"""Types that Spark 3.3 does not have."""
_OF_SPARK = {type(physical): glue for glue, physical in _TO_SPARK.items()}


def are_distinct(names: Iterable[str]) -> bool:
    """Return whether Spark can tell the names apart, which ignores case (``spark.sql.caseSensitive``)."""
    folded = [name.lower() for name in names]
    return len(set(folded)) == len(folded)


class UnknownType(TypeError):
    """Glue has no name for a type of Spark."""


def of_spark(schema: spark.StructType) -> Struct:
    """Return the schema of a DataFrame, without choices.

    Raises:
        UnknownType: a column's type has no counterpart in Glue (intervals).
    """
    return Struct(tuple(Field(one.name, _of_spark(one.dataType, one.name)) for one in schema.fields))


def _of_spark(physical: spark.DataType, at: str) -> Type:
    if isinstance(physical, spark.StructType):
        return Struct(tuple(Field(one.name, _of_spark(one.dataType, f"{at}.{one.name}")) for one in physical))
    if isinstance(physical, spark.ArrayType):
        return Array(_of_spark(physical.elementType, f"{at}[]"))
    if isinstance(physical, spark.MapType):
        return Map(_of_spark(physical.valueType, at), _of_spark(physical.keyType, at))
    if isinstance(physical, spark.DecimalType):
        return Decimal(physical.precision, physical.scale)
    if type(physical).__name__ in _TEXTS_WITH_LENGTH:
        return STRING
    if atomic := _OF_SPARK.get(type(physical)):
        return atomic
    raise UnknownType(f"column {at}: Glue has no type for Spark's {physical.simpleString()}")


def physical(logical: Type) -> spark.DataType:
    """Return the Spark type of ``logical``. A choice is a struct of its alternatives by type name, one of them
    not null.
    """
    if isinstance(logical, Struct):
        return spark.StructType([spark.StructField(one.name, physical(one.type)) for one in logical.fields])
    if isinstance(logical, Choice):
        return spark.StructType([spark.StructField(one.name, physical(one)) for one in logical.alternatives])
    if isinstance(logical, Array):
        return spark.ArrayType(physical(logical.element))
    if isinstance(logical, Map):
        return spark.MapType(physical(logical.key), physical(logical.value))
    if isinstance(logical, Decimal):
        return spark.DecimalType(logical.precision, logical.scale)
    return _TO_SPARK[logical]


def physical_struct(schema: Struct) -> spark.StructType:
    """Return :func:`physical` of a complete schema."""
    return spark.StructType([spark.StructField(one.name, physical(one.type)) for one in schema])


def has_choice(logical: Type) -> bool:
    """Return whether ``logical`` contains a choice."""
    if isinstance(logical, Choice):
        return True
    if isinstance(logical, Struct):
        return any(has_choice(one.type) for one in logical.fields)
    if isinstance(logical, Array):
        return has_choice(logical.element)
    if isinstance(logical, Map):
        return has_choice(logical.value)
    return False


def null_fields(logical: Type, name: str = "") -> Iterator[str]:
    """Yield the names of what is null in all records, with dots: ``error.dynamicRecord``."""
    if logical == NULL:
        yield name
    elif isinstance(logical, Struct):
        for one in logical.fields:
            yield from null_fields(one.type, f"{name}.{one.name}" if name else one.name)
    elif isinstance(logical, Array):
        yield from null_fields(logical.element, name)
    elif isinstance(logical, Map):
        yield from null_fields(logical.value, name)


def with_long_integers(schema: Struct) -> Struct:
    """Return ``schema`` with ``long`` in place of ``int`` at all depths."""
    return Struct(tuple(Field(one.name, _long(one.type)) for one in schema))


def _long(logical: Type) -> Type:
    if isinstance(logical, Struct):
        return with_long_integers(logical)
    if isinstance(logical, Array):
        return Array(_long(logical.element))
    if isinstance(logical, Map):
        return Map(_long(logical.value), logical.key)
    if isinstance(logical, Choice):
        found = {one.name: one for one in map(_long, logical.alternatives)}
        return choice(found.values()) if len(found) > 1 else next(iter(found.values()))
    if isinstance(logical, Atomic) and logical.name == "int":
        return LONG
    return logical
