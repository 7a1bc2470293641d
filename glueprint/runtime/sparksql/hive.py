"""What a Hive metastore and its clients tell each other: the structs and exceptions of its interface, Hive's own
names.

Source: the interface that is compiled into the Hive 2.3.9 client of Spark's JARs (``hive_metastore.thrift``,
release 2.3). Only what Spark uses is declared; fields without meaning here (privileges) are left out.
"""

# ruff: noqa: RUF009 - at() makes dataclass fields, as dataclasses.field() does

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.runtime.sparksql.thrift import (
    BOOL,
    I32,
    STRING,
    TEXT_MAP,
    TEXTS,
    ListOf,
    StructOf,
    at,
)

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """A column or partition key."""

    name: str = at(1, STRING)
    type: str = at(2, STRING)
    comment: str | None = at(3, STRING)


FIELDS = ListOf(StructOf(FieldSchema))


@dataclass(frozen=True, slots=True)
class SerDeInfo:
    """How rows are read and written."""

    name: str | None = at(1, STRING)
    serialization_lib: str | None = at(2, STRING)
    parameters: Mapping[str, str] | None = at(3, TEXT_MAP)


@dataclass(frozen=True, slots=True)
class Order:
    """A column that the rows of a bucket are sorted by: 1 ascending, 0 descending."""

    col: str = at(1, STRING)
    order: int = at(2, I32)


@dataclass(frozen=True, slots=True)
class StorageDescriptor:
    """Where the data of a table or partition lies, and in which form."""

    cols: tuple[FieldSchema, ...] = at(1, FIELDS)
    location: str | None = at(2, STRING)
    input_format: str | None = at(3, STRING)
    output_format: str | None = at(4, STRING)
    compressed: bool = at(5, BOOL)
    num_buckets: int = at(6, I32)
    serde_info: SerDeInfo = at(7, StructOf(SerDeInfo))
    bucket_cols: Texts = at(8, TEXTS)
    sort_cols: tuple[Order, ...] = at(9, ListOf(StructOf(Order)))
    parameters: Mapping[str, str] = at(10, TEXT_MAP)
    stored_as_sub_directories: bool | None = at(12, BOOL)


@dataclass(frozen=True, slots=True)
class Database:
    """A database."""

    name: str = at(1, STRING)
    description: str | None = at(2, STRING)
    location_uri: str | None = at(3, STRING)
    parameters: Mapping[str, str] | None = at(4, TEXT_MAP)


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view; times in seconds since 1970."""

    table_name: str = at(1, STRING)
    db_name: str = at(2, STRING)
    owner: str | None = at(3, STRING)
    create_time: int = at(4, I32)
    last_access_time: int = at(5, I32)
    retention: int = at(6, I32)
    sd: StorageDescriptor | None = at(7, StructOf(StorageDescriptor))
    partition_keys: tuple[FieldSchema, ...] | None = at(8, FIELDS)
    parameters: Mapping[str, str] | None = at(9, TEXT_MAP)
    view_original_text: str | None = at(10, STRING)
    view_expanded_text: str | None = at(11, STRING)
    table_type: str | None = at(12, STRING)


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of a table; times in seconds since 1970."""

    values: Texts = at(1, TEXTS)
    db_name: str = at(2, STRING)
    table_name: str = at(3, STRING)
    create_time: int = at(4, I32)
    last_access_time: int = at(5, I32)
    sd: StorageDescriptor | None = at(6, StructOf(StorageDescriptor))
    parameters: Mapping[str, str] | None = at(7, TEXT_MAP)


@dataclass(frozen=True, slots=True)
class EnvironmentContext:
    """Wishes that go with a change, such as ``ifPurge``."""

    properties: Mapping[str, str] | None = at(1, TEXT_MAP)


PARTITIONS = ListOf(StructOf(Partition))


@dataclass(frozen=True, slots=True)
class AddPartitionsRequest:
    """Partitions to add."""

    db_name: str = at(1, STRING)
    table_name: str = at(2, STRING)
    parts: tuple[Partition, ...] = at(3, PARTITIONS)
    if_not_exists: bool = at(4, BOOL)
    need_result: bool | None = at(5, BOOL)


@dataclass(frozen=True, slots=True)
class AddPartitionsResult:
    """The partitions that were added, if they were asked for."""

    partitions: tuple[Partition, ...] | None = at(1, PARTITIONS)


@dataclass(frozen=True, slots=True)
class ResourceUri:
    """A file that a function needs: 1 JAR, 2 file, 3 archive."""

    resource_type: int = at(1, I32)
    uri: str = at(2, STRING)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a Java class implements. Its owner is 1 a user, 2 a role, 3 a group; its type is 1, Java."""

    function_name: str = at(1, STRING)
    db_name: str = at(2, STRING)
    class_name: str = at(3, STRING)
    owner_name: str | None = at(4, STRING)
    owner_type: int | None = at(5, I32)
    create_time: int = at(6, I32)
    function_type: int = at(7, I32)
    resource_uris: tuple[ResourceUri, ...] = at(8, ListOf(StructOf(ResourceUri)))


@dataclass(frozen=True, slots=True)
class Functions:
    """The answer to ``get_all_functions``."""

    functions: tuple[Function, ...] = at(1, ListOf(StructOf(Function)))


class HiveError(Exception):
    """An exception of the metastore's interface; each has one field, its message."""


class MetaError(HiveError):
    """Hive's ``MetaException``: whatever has no exception of its own."""


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


@dataclass(frozen=True, slots=True)
class Message:
    """What an exception is on the wire."""

    message: str = at(1, STRING)
