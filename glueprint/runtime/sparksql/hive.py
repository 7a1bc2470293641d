"""The structs and exceptions of the interface of a Hive metastore, with Hive's own names for the fields.

Source: the interface that is compiled into the Hive 2.3.9 client of Spark's JARs (``hive_metastore.thrift``,
release 2.3). Only what Spark uses is declared; fields that have no meaning for Glue (privileges) are left out.
"""

# ruff: noqa: RUF009 - thrift_field() makes dataclass fields, as dataclasses.field() does

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.runtime.sparksql.thrift import (
    BOOL,
    I32,
    STRING,
    STRING_MAP,
    STRINGS,
    ListOf,
    StructOf,
    thrift_field,
)

Strings = tuple[str, ...]


@dataclass(frozen=True)
class FieldSchema:
    """A column or partition key."""

    name: str = thrift_field(1, STRING)
    type: str = thrift_field(2, STRING)
    comment: str | None = thrift_field(3, STRING)


FIELDS = ListOf(StructOf(FieldSchema))


@dataclass(frozen=True)
class SerDeInfo:
    """How rows are read and written."""

    name: str | None = thrift_field(1, STRING)
    serialization_lib: str | None = thrift_field(2, STRING)
    parameters: Mapping[str, str] | None = thrift_field(3, STRING_MAP)


@dataclass(frozen=True)
class Order:
    """A column that the rows of a bucket are sorted by: 1 ascending, 0 descending."""

    col: str = thrift_field(1, STRING)
    order: int = thrift_field(2, I32)


@dataclass(frozen=True)
class StorageDescriptor:
    """The location and format of the data of a table or partition."""

    cols: tuple[FieldSchema, ...] = thrift_field(1, FIELDS)
    location: str | None = thrift_field(2, STRING)
    input_format: str | None = thrift_field(3, STRING)
    output_format: str | None = thrift_field(4, STRING)
    compressed: bool = thrift_field(5, BOOL)
    num_buckets: int = thrift_field(6, I32)
    serde_info: SerDeInfo = thrift_field(7, StructOf(SerDeInfo))
    bucket_cols: Strings = thrift_field(8, STRINGS)
    sort_cols: tuple[Order, ...] = thrift_field(9, ListOf(StructOf(Order)))
    parameters: Mapping[str, str] = thrift_field(10, STRING_MAP)
    stored_as_sub_directories: bool | None = thrift_field(12, BOOL)


@dataclass(frozen=True)
class Database:
    """A database."""

    name: str = thrift_field(1, STRING)
    description: str | None = thrift_field(2, STRING)
    location_uri: str | None = thrift_field(3, STRING)
    parameters: Mapping[str, str] | None = thrift_field(4, STRING_MAP)


@dataclass(frozen=True)
class Table:
    """A table or view; times in seconds since 1970."""

    table_name: str = thrift_field(1, STRING)
    db_name: str = thrift_field(2, STRING)
    owner: str | None = thrift_field(3, STRING)
    create_time: int = thrift_field(4, I32)
    last_access_time: int = thrift_field(5, I32)
    retention: int = thrift_field(6, I32)
    sd: StorageDescriptor | None = thrift_field(7, StructOf(StorageDescriptor))
    partition_keys: tuple[FieldSchema, ...] | None = thrift_field(8, FIELDS)
    parameters: Mapping[str, str] | None = thrift_field(9, STRING_MAP)
    view_original_text: str | None = thrift_field(10, STRING)
    view_expanded_text: str | None = thrift_field(11, STRING)
    table_type: str | None = thrift_field(12, STRING)


@dataclass(frozen=True)
class Partition:
    """A partition of a table; times in seconds since 1970."""

    values: Strings = thrift_field(1, STRINGS)
    db_name: str = thrift_field(2, STRING)
    table_name: str = thrift_field(3, STRING)
    create_time: int = thrift_field(4, I32)
    last_access_time: int = thrift_field(5, I32)
    sd: StorageDescriptor | None = thrift_field(6, StructOf(StorageDescriptor))
    parameters: Mapping[str, str] | None = thrift_field(7, STRING_MAP)


@dataclass(frozen=True)
class EnvironmentContext:
    """Options of a change, such as ``ifPurge``."""

    properties: Mapping[str, str] | None = thrift_field(1, STRING_MAP)


PARTITIONS = ListOf(StructOf(Partition))


@dataclass(frozen=True)
class AddPartitionsRequest:
    """Partitions to add."""

    db_name: str = thrift_field(1, STRING)
    table_name: str = thrift_field(2, STRING)
    parts: tuple[Partition, ...] = thrift_field(3, PARTITIONS)
    if_not_exists: bool = thrift_field(4, BOOL)
    need_result: bool | None = thrift_field(5, BOOL)


@dataclass(frozen=True)
class AddPartitionsResult:
    """The partitions that were added, if the request requires them."""

    partitions: tuple[Partition, ...] | None = thrift_field(1, PARTITIONS)


@dataclass(frozen=True)
class ResourceUri:
    """A file that a function needs: 1 JAR, 2 file, 3 archive."""

    resource_type: int = thrift_field(1, I32)
    uri: str = thrift_field(2, STRING)


@dataclass(frozen=True)
class Function:
    """A function that a Java class implements. ``owner_type``: 1 user, 2 role, 3 group. ``function_type``: 1
    Java.
    """

    function_name: str = thrift_field(1, STRING)
    db_name: str = thrift_field(2, STRING)
    class_name: str = thrift_field(3, STRING)
    owner_name: str | None = thrift_field(4, STRING)
    owner_type: int | None = thrift_field(5, I32)
    create_time: int = thrift_field(6, I32)
    function_type: int = thrift_field(7, I32)
    resource_uris: tuple[ResourceUri, ...] = thrift_field(8, ListOf(StructOf(ResourceUri)))


@dataclass(frozen=True)
class Functions:
    """The result of ``get_all_functions``."""

    functions: tuple[Function, ...] = thrift_field(1, ListOf(StructOf(Function)))


class HiveError(Exception):
    """An exception of the metastore's interface; each has one field, its message."""


class MetaError(HiveError):
    """Hive's ``MetaException``: any error without a more specific exception."""


class NoSuchObject(HiveError):
    """Hive's ``NoSuchObjectException``."""


class AlreadyExists(HiveError):
    """Hive's ``AlreadyExistsException``."""


class InvalidObject(HiveError):
    """Hive's ``InvalidObjectException``."""


class InvalidOperation(HiveError):
    """Hive's ``InvalidOperationException``."""


class UnknownDatabase(HiveError):
    """Hive's ``UnknownDBException``."""


@dataclass(frozen=True)
class Message:
    """The struct of an exception."""

    message: str = thrift_field(1, STRING)
