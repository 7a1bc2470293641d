"""The changes that a crawl requests in the catalog: plain values that the server applies in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .statements import Statement

Wire: TypeAlias = Mapping[str, Any]
"""A structure of the Glue API."""

CREATE_BATCH = 100
"""Partitions of one BatchCreatePartition (service model)."""

DELETE_BATCH = 25
"""Partitions of one BatchDeletePartition (service model)."""


@dataclass(frozen=True, slots=True)
class CreateTable:
    """Create a table from a ``TableInput``, with ``PartitionIndex`` structures if it gets indexes."""

    table_input: Wire
    partition_indexes: tuple[Wire, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateTable:
    """Replace a table by a ``TableInput``."""

    table_input: Wire


@dataclass(frozen=True, slots=True)
class DeprecateTable:
    """Replace a table by a ``TableInput`` that is marked as deprecated."""

    table_input: Wire


@dataclass(frozen=True, slots=True)
class DeleteTable:
    """Delete a table with its partitions."""

    name: str


@dataclass(frozen=True, slots=True)
class CreatePartitions:
    """Create partitions of a table, at most 100 at once."""

    table: str
    partition_inputs: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class UpdatePartition:
    """Replace the partition with these values by a ``PartitionInput``."""

    table: str
    values: tuple[str, ...]
    partition_input: Wire


@dataclass(frozen=True, slots=True)
class DeletePartitions:
    """Delete partitions by their values, at most 25 at once."""

    table: str
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ReplacePartitionIndexes:
    """Replace the indexes of a table whose partition keys have changed: those over its old keys cannot stay."""

    table: str
    partition_indexes: tuple[Wire, ...]


CatalogChange: TypeAlias = (
    CreateTable
    | UpdateTable
    | DeprecateTable
    | DeleteTable
    | CreatePartitions
    | UpdatePartition
    | DeletePartitions
    | ReplacePartitionIndexes
    | Statement
)
"""A statement changes nothing: it is the reason, for the log."""
