"""What a crawl's findings change in the catalog: SchemaChangePolicy, RecrawlPolicy, Configuration. Pure.

The catalog comes as wire dictionaries; the answer is a list of changes for the server to carry out in order.
Sources: DG:crawler-configuration (update and delete behaviour, merging, inheritance), DG:incremental-crawls (new
folders only), docs/facts/crawlers.md#policies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from glueprint.facts.defaults import DEFAULT_DELETE_BEHAVIOR, DEFAULT_RECRAWL_BEHAVIOR, DEFAULT_UPDATE_BEHAVIOR
from glueprint.facts.hive_types import BadTypeError, GlueType, Primitive, parse

from .changes import (
    CREATE_BATCH,
    DELETE_BATCH,
    CatalogChange,
    CreatePartitions,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    DeprecateTable,
    ReplacePartitionIndexes,
    UpdatePartition,
    UpdateTable,
    Wire,
)
from .configuration import Configuration
from .definitions import (
    DEPRECATED,
    deprecated,
    difference,
    differs,
    incompatible,
    partition_input_of,
    table_input_of,
    with_new_columns,
)
from .found_tables import FoundPartition, FoundTable
from .grouping import SIMILAR, similarity
from .result import CrawlResult
from .scope import covers
from .shapes import Columns
from .statements import Statement, counted
from .wire import found_partition_to_partition_input, found_table_to_table_input

PARTITION_INDEX = "crawler_partition_index"
"""The name of the index that crawlers make (seen in the catalogs of public projects)."""


@dataclass(frozen=True, slots=True)
class CrawlPolicy:
    """A crawler's policies.

    Attributes:
        crawler: its name: a crawler deprecates and deletes only what it wrote itself.
        update_behavior: ``SchemaChangePolicy.UpdateBehavior``.
        delete_behavior: ``SchemaChangePolicy.DeleteBehavior``.
        recrawl_behavior: ``RecrawlPolicy.RecrawlBehavior``.
        configuration: its ``Configuration``.
        crawled_before: whether an earlier crawl succeeded: the first crawl always takes everything.
        catalog_targets: whether its targets are catalog tables: no table is made then, and deletions are only
            logged.
    """

    crawler: str
    update_behavior: str = DEFAULT_UPDATE_BEHAVIOR
    delete_behavior: str = DEFAULT_DELETE_BEHAVIOR
    recrawl_behavior: str = DEFAULT_RECRAWL_BEHAVIOR
    configuration: Configuration = field(default_factory=Configuration)
    crawled_before: bool = False
    catalog_targets: bool = False

    @property
    def new_folders_only(self) -> bool:
        """Whether this crawl may only add partitions."""
        return self.crawled_before and self.recrawl_behavior == "CRAWL_NEW_FOLDERS_ONLY"


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table of the target database, as GetTable and GetPartitions have it."""

    table: Wire
    partitions: tuple[Wire, ...] = ()


def policy_conflicts(
    recrawl_behavior: str, update_behavior: str, delete_behavior: str, target_kinds: Collection[str]
) -> list[str]:
    """Why Glue refuses a combination of policies, in its words; empty when it does not.

    Args:
        recrawl_behavior: ``RecrawlPolicy.RecrawlBehavior``.
        update_behavior: ``SchemaChangePolicy.UpdateBehavior``.
        delete_behavior: ``SchemaChangePolicy.DeleteBehavior``.
        target_kinds: members of ``Targets`` that are not empty, such as ``S3Targets``.
    """
    if recrawl_behavior != "CRAWL_NEW_FOLDERS_ONLY":
        return []
    refusals: list[str] = []
    if set(target_kinds) - {"S3Targets"}:
        refusals.append('RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.')
    if (update_behavior, delete_behavior) != ("LOG", "LOG"):
        refusals.append(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG '
            "DeleteBehavior value and LOG UpdateBehavior value."
        )
    return refusals


def catalog_changes(
    existing: Sequence[CatalogTable],
    result: CrawlResult,
    target_paths: Sequence[str],
    policy: CrawlPolicy,
    now: float,
) -> list[CatalogChange]:
    """The changes that a crawl's findings call for.

    Args:
        existing: the target database's tables; partitions are needed only for those the crawl found again.
        result: what the crawl found; one with an error changes nothing.
        target_paths: the include paths crawled; what lies elsewhere is not missing.
        policy: the crawler's policies.
        now: epoch seconds.

    Returns:
        Changes in the order in which to carry them out.
    """
    if result.error is not None:
        return []
    by_name = {str(entry.table["Name"]): entry for entry in existing}
    changes: list[CatalogChange] = []
    for found in result.tables:
        known = by_name.get(found.name)
        if known is None:
            changes.extend(_new_table(found, policy))
        else:
            made = list(_known_table(known, found, policy, now))
            changes.extend(made or [_stated(found.name, "the catalog has it so already")])
    names = {found.name for found in result.tables}
    for name, entry in by_name.items():
        if name not in names and _is_own(entry.table, target_paths, policy):
            changes.extend(_missing_table(entry.table, policy, now))
    return changes


def _new_table(found: FoundTable, policy: CrawlPolicy) -> Iterator[CatalogChange]:
    if policy.new_folders_only or policy.catalog_targets:
        why = "only new folders are crawled" if policy.new_folders_only else "the targets are catalog tables"
        yield _stated(found.name, f"not created for {found.location}, because {why}", warning=True)
        return
    table_input = found_table_to_table_input(found)
    yield CreateTable(table_input, partition_indexes(found, policy.configuration))
    yield _stated(found.name, "created in the catalog")
    yield from _created(found, found.partitions, table_input, policy)


def partition_indexes(found: FoundTable, configuration: Configuration) -> tuple[Wire, ...]:
    """The index of a table that a crawl makes: over all its partition keys, which crawls make strings.

    "When the crawler creates a new Data Catalog table during a crawler run, it also creates a partition index by
    default, with the largest permutation of all numeric and string type partition columns as keys" (AWS Big Data
    Blog on crawlers and partition indexes).
    """
    if not found.partition_keys or not configuration.partition_index:
        return ()
    return ({"IndexName": PARTITION_INDEX, "Keys": [key for key, _ in found.partition_keys]},)


def _stated(table: str, text: str, *, warning: bool = False) -> Statement:
    return Statement(text, "WARN" if warning else "INFO", table=table)


def _known_table(
    known: CatalogTable, found: FoundTable, policy: CrawlPolicy, now: float
) -> Iterator[CatalogChange]:
    current = table_input_of(known.table)
    if policy.catalog_targets and len(current["PartitionKeys"]) == len(found.partition_keys):
        # Whoever made the table named its keys; folders alone cannot say better.
        keys = tuple((key["Name"], key.get("Type", "string")) for key in current["PartitionKeys"])
        found = replace(found, partition_keys=keys)
    table_input = found_table_to_table_input(found)
    if policy.new_folders_only:
        yield from _new_folders(known, found, current, policy)
        return
    if [key["Name"] for key in current["PartitionKeys"]] != [key for key, _ in found.partition_keys]:
        yield from _other_keys(known, found, table_input, policy)
        return
    if policy.configuration.merge_new_columns:
        clash = incompatible(current, table_input)
        if clash is not None:
            yield DeprecateTable(deprecated(current, now))
            yield _stated(found.name, f"deprecated: {clash}", warning=True)
            return
        table_input = with_new_columns(current, table_input)
    elif policy.update_behavior == "LOG":
        if differs(current, table_input):
            yield _stated(found.name, f"not updated (UpdateBehavior LOG): {difference(current, table_input)}")
        table_input = current
    if differs(current, table_input):
        yield UpdateTable(table_input)
        yield _stated(found.name, f"updated in the catalog: {difference(current, table_input)}")
    yield from _partition_changes(known, found, table_input, policy, now)


def _other_keys(
    known: CatalogTable, found: FoundTable, table_input: Wire, policy: CrawlPolicy
) -> Iterator[CatalogChange]:
    """Partition keys of a table cannot change under its partitions: it is made anew, or left alone."""
    keys = ", ".join(key for key, _ in found.partition_keys) or "none"
    if policy.update_behavior == "LOG" or policy.configuration.merge_new_columns:
        yield _stated(found.name, f"not updated, though the folders now make partition keys {keys}", warning=True)
        return
    yield from _in_delete_batches(found.name, [tuple(part["Values"]) for part in known.partitions])
    yield UpdateTable(table_input)
    yield ReplacePartitionIndexes(found.name, partition_indexes(found, policy.configuration))
    yield _stated(found.name, f"updated in the catalog: its partition keys are now {keys}")
    yield from _created(found, found.partitions, table_input, policy)


def _new_folders(
    known: CatalogTable, found: FoundTable, current: dict[str, Any], policy: CrawlPolicy
) -> Iterator[CatalogChange]:
    """DG:incremental-crawls: partitions are added when their schema fits; nothing else changes."""
    have = {tuple(part["Values"]) for part in known.partitions}
    fresh = [part for part in found.partitions if part.values not in have]
    columns = _columns_of(current)
    fitting = [part for part in fresh if similarity(columns, _typed(part.columns)) > SIMILAR]
    for part in fresh:
        if part not in fitting:
            yield _stated(found.name, f"{part.location} is not added: its schema does not fit", warning=True)
    yield from _created(found, fitting, current, policy)


def _partition_changes(
    known: CatalogTable, found: FoundTable, table_input: Wire, policy: CrawlPolicy, now: float
) -> Iterator[CatalogChange]:
    have = {tuple(part["Values"]): part for part in known.partitions}
    fresh: list[FoundPartition] = []
    updates = 0
    for part in found.partitions:
        before = have.pop(part.values, None)
        if before is None:
            fresh.append(part)
            continue
        partition_input = _partition_input(found, part, table_input, policy)
        current = partition_input_of(before)
        if policy.configuration.merge_new_columns and not policy.configuration.inherit_from_table:
            partition_input = with_new_columns(current, partition_input)
        may_update = policy.update_behavior != "LOG" or policy.configuration.merge_new_columns
        if (may_update or policy.configuration.inherit_from_table) and differs(current, partition_input):
            updates += 1
            yield UpdatePartition(found.name, part.values, partition_input)
    if updates:
        yield _stated(found.name, f"{counted(updates, 'partition')} updated in the catalog")
    yield from _created(found, fresh, table_input, policy)
    yield from _missing_partitions(found.name, have, policy, now)


def _created(
    found: FoundTable, partitions: Sequence[FoundPartition], table_input: Wire, policy: CrawlPolicy
) -> Iterator[CatalogChange]:
    inputs = iter([_partition_input(found, part, table_input, policy) for part in partitions])
    while batch := tuple(islice(inputs, CREATE_BATCH)):
        yield CreatePartitions(found.name, batch)
    if partitions:
        yield _stated(found.name, f"{counted(len(partitions), 'partition')} created in the catalog")


def _missing_partitions(
    table: str, missing: Mapping[tuple[str, ...], Wire], policy: CrawlPolicy, now: float
) -> Iterator[CatalogChange]:
    gone = {values: part for values, part in missing.items() if DEPRECATED not in part.get("Parameters", {})}
    behavior = "LOG" if policy.catalog_targets else policy.delete_behavior
    if behavior == "DELETE_FROM_DATABASE":
        yield from _in_delete_batches(table, list(missing))
        gone = dict(missing)
    elif behavior == "DEPRECATE_IN_DATABASE":
        for values, part in gone.items():
            yield UpdatePartition(table, values, deprecated(partition_input_of(part), now))
    if gone:
        what = {"DELETE_FROM_DATABASE": "deleted", "DEPRECATE_IN_DATABASE": "deprecated"}.get(
            behavior, "left (LOG)"
        )
        yield _stated(table, f"{counted(len(gone), 'partition')} {what}: the data is gone")


def _in_delete_batches(table: str, values: Sequence[tuple[str, ...]]) -> Iterator[DeletePartitions]:
    for start in range(0, len(values), DELETE_BATCH):
        yield DeletePartitions(table, tuple(values[start : start + DELETE_BATCH]))


def _missing_table(table: Wire, policy: CrawlPolicy, now: float) -> Iterator[CatalogChange]:
    name = table["Name"]
    location = table["StorageDescriptor"].get("Location", "")
    behavior = "LOG" if policy.catalog_targets or policy.new_folders_only else policy.delete_behavior
    if behavior == "DELETE_FROM_DATABASE":
        yield DeleteTable(name)
        yield _stated(name, f"deleted: there is no data at {location}")
    elif behavior == "DEPRECATE_IN_DATABASE":
        if DEPRECATED not in table.get("Parameters", {}):
            yield DeprecateTable(deprecated(table_input_of(table), now))
            yield _stated(name, f"deprecated: there is no data at {location}")
    else:
        yield _stated(name, f"left as it is (DeleteBehavior LOG), though there is no data at {location}")


def _is_own(table: Wire, target_paths: Sequence[str], policy: CrawlPolicy) -> bool:
    if table.get("Parameters", {}).get("UPDATED_BY_CRAWLER") != policy.crawler:
        return False
    location = table.get("StorageDescriptor", {}).get("Location", "")
    return any(covers(path, location) for path in target_paths)


def _partition_input(
    found: FoundTable, partition: FoundPartition, table_input: Wire, policy: CrawlPolicy
) -> dict[str, Any]:
    """A partition's own metadata, or its table's (``InheritFromTable``) under its own location and counts."""
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
