"""The rules for partition indexes, and the errors of building one (pure).

Sources: developer guide, "Creating partition indexes"; messages as measured on AWS in floci #3551.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glueprint.local.glue.catalog.partition_types import DATE, INTEGRAL, STRING, NotOfType, kind_of
from glueprint.local.glue.catalog.table_definition import partition_keys
from glueprint.local.glue.family import Request
from glueprint.local.protocol.errors import ApiError, already_exists, invalid_input
from glueprint.local.store.catalog_index_rows import IndexRow
from glueprint.local.store.resources import Document

MAX_INDEXES = 3
_MAX_ERRORED_PARTITIONS = 25
"""The number of partitions that an error names; AWS: "a limited number"."""


def check_indexes(table: Document, wanted: Iterable[Request], existing: Sequence[IndexRow] = ()) -> None:
    """Check that ``wanted`` (the model's ``PartitionIndex``) can be added to the ``existing`` ones of a table.

    Raises:
        ApiError: one cannot.
    """
    types = {key["Name"].lower(): key.get("Type") or "string" for key in partition_keys(table)}
    taken = {index.name: index.keys for index in existing}
    for index in wanted:
        name, keys = index["IndexName"], index_keys(index)
        unknown = [key for key in keys if key not in types]
        if unknown:
            raise invalid_input(
                "IndexKeys not a part of PartitionColumns."
                f" Verify the indexKeys : [{', '.join(unknown)}]"
            )
        if len(set(keys)) < len(keys):
            raise invalid_input(f"Partition Index {name} names a key twice: [{', '.join(keys)}]")
        for key in keys:
            if kind_of(types[key]) not in (STRING, INTEGRAL, DATE):
                raise invalid_input(f"Partition key {key} has type {types[key]}, which cannot be indexed")
        if name in taken:
            raise already_exists(f"Partition Index {name} already exists with the same name.")
        if keys in taken.values():
            raise already_exists(f"Partition Index {name} already exists with the same keys.")
        taken[name] = keys
        if len(taken) > MAX_INDEXES:
            raise ApiError(
                "ResourceNumberLimitExceededException",
                f"Partition index limit exceeded. Maximum: {MAX_INDEXES}",
            )


def index_keys(index: Request) -> tuple[str, ...]:
    """Return the keys of the model's ``PartitionIndex``, in lower case as the table's."""
    return tuple(key.lower() for key in index["Keys"])


def index_row(index: Request, ready: float, errors: Sequence[Document]) -> IndexRow:
    """Return the index as it is stored."""
    return IndexRow(index["IndexName"], index_keys(index), ready, None, tuple(errors))


def backfill_errors(
    table: Document, keys: Sequence[str], partitions: Iterable[Sequence[str]]
) -> list[Document]:
    """Return why an index over ``keys`` cannot include existing partitions (the model's ``BackfillErrors``)."""
    wanted = [
        (position, kind)
        for position, key in enumerate(partition_keys(table))
        if key["Name"].lower() in keys and (kind := kind_of(key.get("Type") or "string")) is not None
    ]
    found: dict[str, list[Document]] = {}
    for values in partitions:
        for position, kind in wanted:
            code = None
            if position >= len(values) or not values[position]:
                code = "MISSING_PARTITION_VALUE_ERROR"
            else:
                try:
                    kind.cast(values[position])
                except NotOfType:
                    code = "INVALID_PARTITION_TYPE_DATA_ERROR"
            if code is not None:
                found.setdefault(code, []).append({"Values": list(values)})
                break
    return [
        {"Code": code, "Partitions": some[:_MAX_ERRORED_PARTITIONS]} for code, some in sorted(found.items())
    ]
