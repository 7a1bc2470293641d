"""What a crawl's findings change in the partitions of a table. Pure.

Sources: DG:crawler-configuration (update and delete behaviour, merging, inheritance), DG:incremental-crawls (new
folders only).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from glueprint.facts.hive_types import BadTypeError, GlueType, Primitive, parse

from .changes import (
    CREATE_BATCH,
    DELETE_BATCH,
    CatalogChange,
    CreatePartitions,
    DeletePartitions,
    UpdatePartition,
    Wire,
)
from .definitions import DEPRECATED, deprecated, differs, partition_input_of, with_new_columns
from .found_tables import FoundPartition, FoundTable
from .inspection import Columns
from .policy import CrawlPolicy
from .similarity import SIMILAR, TEXT_SERDES, similarity
from .statements import Statement, counted
from .wire import found_partition_to_partition_input


def new_folder_changes(
    existing: Sequence[Wire], found: FoundTable, current: dict[str, Any], policy: CrawlPolicy
) -> Iterator[CatalogChange]:
    """Return the changes of a crawl of new folders only: new partitions with a similar schema are created, and
    nothing else changes (DG:incremental-crawls).

    Args:
        existing: the partitions in the catalog.
        found: the table that was found.
        current: the table's present ``TableInput``.
        policy: the crawler's policies.
    """
    existing_values = {tuple(partition["Values"]) for partition in existing}
    new = [partition for partition in found.partitions if partition.values not in existing_values]
    columns = _columns_of(current)
    guessed = found.storage.serde in TEXT_SERDES
    similar = [
        partition
        for partition in new
        if similarity(columns, _typed(partition.columns), guessed_types=guessed) > SIMILAR
    ]
    for partition in new:
        if partition not in similar:
            text = f"{partition.location} is not added: its schema does not fit"
            yield Statement(text, "WARN", table=found.name)
    yield from created_partitions(found, similar, current, policy)


def partition_changes(
    existing: Sequence[Wire], found: FoundTable, table_input: Wire, policy: CrawlPolicy, now: float
) -> Iterator[CatalogChange]:
    """Return the changes that create, update and delete (or deprecate) a table's partitions.

    Args:
        existing: the partitions in the catalog.
        found: the table that was found.
        table_input: the table's ``TableInput`` after the crawl.
        policy: the crawler's policies.
        now: epoch seconds.
    """
    missing = {tuple(partition["Values"]): partition for partition in existing}
    new: list[FoundPartition] = []
    updates = 0
    for partition in found.partitions:
        before = missing.pop(partition.values, None)
        if before is None:
            new.append(partition)
            continue
        partition_input = _partition_input(found, partition, table_input, policy)
        current = partition_input_of(before)
        if policy.configuration.merge_new_columns and not policy.configuration.inherit_from_table:
            partition_input = with_new_columns(current, partition_input)
        may_update = policy.update_behavior != "LOG" or policy.configuration.merge_new_columns
        if (may_update or policy.configuration.inherit_from_table) and differs(current, partition_input):
            updates += 1
            yield UpdatePartition(found.name, partition.values, partition_input)
    if updates:
        yield Statement(f"{counted(updates, 'partition')} updated in the catalog", table=found.name)
    yield from created_partitions(found, new, table_input, policy)
    yield from _missing_partitions(found.name, missing, policy, now)


def created_partitions(
    found: FoundTable, partitions: Sequence[FoundPartition], table_input: Wire, policy: CrawlPolicy
) -> Iterator[CatalogChange]:
    """Return the changes that create partitions, in batches."""
    inputs = iter([_partition_input(found, part, table_input, policy) for part in partitions])
    while batch := tuple(islice(inputs, CREATE_BATCH)):
        yield CreatePartitions(found.name, batch)
    if partitions:
        yield Statement(f"{counted(len(partitions), 'partition')} created in the catalog", table=found.name)


def _missing_partitions(
    table: str, missing: Mapping[tuple[str, ...], Wire], policy: CrawlPolicy, now: float
) -> Iterator[CatalogChange]:
    gone = {values: part for values, part in missing.items() if DEPRECATED not in part.get("Parameters", {})}
    behavior = "LOG" if policy.catalog_targets else policy.delete_behavior
    if behavior == "DELETE_FROM_DATABASE":
        yield from deleted_partitions(table, list(missing))
        gone = dict(missing)
    elif behavior == "DEPRECATE_IN_DATABASE":
        for values, part in gone.items():
            yield UpdatePartition(table, values, deprecated(partition_input_of(part), now))
    if gone:
        what = {"DELETE_FROM_DATABASE": "deleted", "DEPRECATE_IN_DATABASE": "deprecated"}.get(
            behavior, "left (LOG)"
        )
        yield Statement(f"{counted(len(gone), 'partition')} {what}: the data is gone", table=table)


def deleted_partitions(table: str, values: Sequence[tuple[str, ...]]) -> Iterator[DeletePartitions]:
    """Return the changes that delete partitions, in batches."""
    for start in range(0, len(values), DELETE_BATCH):
        yield DeletePartitions(table, tuple(values[start : start + DELETE_BATCH]))


def _partition_input(
    found: FoundTable, partition: FoundPartition, table_input: Wire, policy: CrawlPolicy
) -> dict[str, Any]:
    """Return a partition's own metadata, or its table's (``InheritFromTable``) with own location and counts."""
    own = found_partition_to_partition_input(found, partition)
    if not policy.configuration.inherit_from_table:
        return own
    inherited = table_input["StorageDescriptor"]
    descriptor = {
        **own["StorageDescriptor"],
        **{
            member: inherited[member]
            for member in ("Columns", "InputFormat", "OutputFormat", "SerdeInfo", "Compressed")
            if member in inherited
        },
    }
    return {**own, "StorageDescriptor": descriptor}


def _columns_of(table_input: Wire) -> Columns:
    return tuple(
        (column["Name"], _readable(column.get("Type", "string")))
        for column in table_input["StorageDescriptor"]["Columns"]
    )


def _readable(text: str) -> GlueType:
    """Return the type, or a primitive of this text: the Data Catalog takes any text as a type."""
    try:
        return parse(text)
    except BadTypeError:
        return Primitive(text)


def _typed(columns: Sequence[tuple[str, str]]) -> Columns:
    return tuple((name, parse(kind)) for name, kind in columns)
