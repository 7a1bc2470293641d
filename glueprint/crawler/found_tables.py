"""Tables and partitions that a crawl found, with their JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Ordered pairs of name and value: columns with their types, or parameters."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How a table's files are read (service model, ``StorageDescriptor``)."""

    input_format: str
    output_format: str
    serde: str
    serde_parameters: Pairs = ()
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class FoundPartition:
    """One partition of a found table: a folder.

    Attributes:
        values: one per partition key, in the keys' order.
        location: the folder, ``s3://bucket/.../``.
        columns: the columns of this folder's own files.
        object_count: data files.
        size: their bytes.
        record_count: their records; exact for formats with a footer, otherwise estimated from the sample.
        parameters: the partition's own parameters (counts, classification ...), as Glue writes them.
    """

    values: tuple[str, ...]
    location: str
    columns: Pairs
    object_count: int
    size: int
    record_count: int
    parameters: Pairs


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table that the crawl inferred. ``columns`` and ``partition_keys`` are (name, type) pairs.

    ``comments`` and ``raw_types`` (of columns, by name) and ``description`` are a database's own metadata, if the
    crawler requests it.
    """

    name: str
    location: str
    classification: str
    columns: Pairs
    partition_keys: Pairs
    parameters: Pairs
    storage: Storage
    partitions: tuple[FoundPartition, ...] = ()
    comments: Pairs = ()
    raw_types: Pairs = ()
    description: str = ""


@dataclass(slots=True)
class _Shared:
    """Column lists, each written once and referred to by number."""

    lists: list[Pairs] = field(default_factory=list)
    numbers: dict[Pairs, int] = field(default_factory=dict)

    def number(self, columns: Pairs) -> int:
        if columns not in self.numbers:
            self.numbers[columns] = len(self.lists)
            self.lists.append(columns)
        return self.numbers[columns]


def _pairs(entries: Sequence[Sequence[str]]) -> Pairs:
    return tuple((name, value) for name, value in entries)


def table_to_json(table: FoundTable) -> dict[str, Any]:
    """Return a table as JSON data: partitions as arrays, and schemas that repeat written once."""
    shared = _Shared()
    partitions = [
        (
            part.values,
            part.location,
            shared.number(part.columns),
            part.object_count,
            part.size,
            part.record_count,
            part.parameters,
        )
        for part in table.partitions
    ]
    storage = table.storage
    return {
        "name": table.name,
        "location": table.location,
        "classification": table.classification,
        "columns": table.columns,
        "partition_keys": table.partition_keys,
        "parameters": table.parameters,
        "storage": (
            storage.input_format,
            storage.output_format,
            storage.serde,
            storage.serde_parameters,
            storage.compressed,
        ),
        "schemas": shared.lists,
        "partitions": partitions,
        "comments": table.comments,
        "raw_types": table.raw_types,
        "description": table.description,
    }


def table_from_json(data: Mapping[str, Any]) -> FoundTable:
    """Return the table that :func:`table_to_json` wrote."""
    schemas = [_pairs(columns) for columns in data["schemas"]]
    input_format, output_format, serde, serde_parameters, compressed = data["storage"]
    return FoundTable(
        name=data["name"],
        location=data["location"],
        classification=data["classification"],
        columns=_pairs(data["columns"]),
        partition_keys=_pairs(data["partition_keys"]),
        parameters=_pairs(data["parameters"]),
        storage=Storage(input_format, output_format, serde, _pairs(serde_parameters), compressed),
        partitions=tuple(
            FoundPartition(tuple(values), location, schemas[schema], count, size, records, _pairs(parameters))
            for values, location, schema, count, size, records, parameters in data["partitions"]
        ),
        comments=_pairs(data["comments"]),
        raw_types=_pairs(data["raw_types"]),
        description=data["description"],
    )
