"""Statements as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Name = tuple[str | None, str]
"""Database (None: the query's own) and name."""


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT and everything that returns rows."""

    sql: str


@dataclass(frozen=True, slots=True)
class Explain:
    """``EXPLAIN query``."""

    sql: str


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """``CREATE TABLE ... AS``."""

    name: Name
    sql: str
    properties: Mapping[str, str | tuple[str, ...]]
    if_not_exists: bool = False
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class Unload:
    """``UNLOAD (query) TO '...' WITH (...)``."""

    sql: str
    location: str
    properties: Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Insert:
    """``INSERT INTO table [(columns)] query``."""

    name: Name
    columns: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class CreateView:
    """``CREATE [OR REPLACE] VIEW name AS query``."""

    name: Name
    sql: str
    or_replace: bool = False


@dataclass(frozen=True, slots=True)
class CreateTable:
    """``CREATE EXTERNAL TABLE``."""

    name: Name
    columns: tuple[tuple[str, str, str], ...]
    partition_keys: tuple[tuple[str, str, str], ...]
    location: str
    if_not_exists: bool = False
    comment: str = ""
    serde: str = ""
    serde_properties: Mapping[str, str] = field(default_factory=dict)
    stored_as: str = ""
    input_format: str = ""
    output_format: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drop:
    """``DROP TABLE``, ``VIEW`` or ``DATABASE``; ``kind`` is the word."""

    kind: str
    name: Name
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """``CREATE DATABASE``."""

    name: str
    if_not_exists: bool = False
    comment: str = ""
    location: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlterDatabase:
    """``ALTER DATABASE name SET DBPROPERTIES (...)``."""

    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AddPartitions:
    """``ALTER TABLE ... ADD PARTITION``: values by key, and a location."""

    name: Name
    partitions: tuple[tuple[Mapping[str, str], str | None], ...]
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropPartitions:
    """``ALTER TABLE ... DROP PARTITION``: conditions of key, operator and value."""

    name: Name
    partitions: tuple[tuple[tuple[str, str, str], ...], ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenamePartition:
    """``ALTER TABLE ... PARTITION (...) RENAME TO`` or ``SET LOCATION``."""

    name: Name
    values: Mapping[str, str]
    new_values: Mapping[str, str] | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class AlterTable:
    """Other changes of a table: columns, location, properties."""

    name: Name
    add_columns: tuple[tuple[str, str, str], ...] = ()
    replace_columns: tuple[tuple[str, str, str], ...] = ()
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """``MSCK REPAIR TABLE``."""

    name: Name


@dataclass(frozen=True, slots=True)
class Show:
    """``SHOW ...``: what, of which table or database, which names."""

    what: str
    name: Name | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Describe:
    """``DESCRIBE [EXTENDED|FORMATTED] table``."""

    name: Name
    is_extended: bool = False


@dataclass(frozen=True, slots=True)
class Prepare:
    """``PREPARE name FROM query``."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Deallocate:
    """``DEALLOCATE PREPARE name``."""

    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    """``EXECUTE name USING values``."""

    name: str
    parameters: tuple[str, ...]


Statement = (
    Query
    | Explain
    | CreateTableAs
    | Unload
    | Insert
    | CreateView
    | CreateTable
    | Drop
    | CreateDatabase
    | AlterDatabase
    | AddPartitions
    | DropPartitions
    | RenamePartition
    | AlterTable
    | Repair
    | Show
    | Describe
    | Prepare
    | Deallocate
    | Execute
)
