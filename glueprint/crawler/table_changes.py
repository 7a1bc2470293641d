"""What a crawl's findings change in the catalog, by the crawler's policies. Pure.

The catalog is given in the API's form; the result is a list of changes that the server applies in order.
Sources: DG:crawler-configuration (update and delete behaviour, merging, inheritance), DG:incremental-crawls (new
folders only), docs/facts/crawlers.md#policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .changes import (
    CatalogChange,
    CreateTable,
    DeleteTable,
    DeprecateTable,
    ReplacePartitionIndexes,
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
    table_input_of,
    with_new_columns,
)
from .found_tables import FoundTable
from .jdbc.include import JdbcPath
from .listing import IncludePath
from .naming import name_with_hash, same_location
from .partition_changes import created_partitions, deleted_partitions, new_folder_changes, partition_changes
from .policy import CrawlPolicy
from .result import CrawlResult
from .statements import Statement
from .wire import found_table_to_table_input

PARTITION_INDEX = "crawler_partition_index"
"""The name of the index that crawlers make (seen in the catalogs of public projects)."""


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table of the target database, as GetTable and GetPartitions have it."""

    table: Wire
    partitions: tuple[Wire, ...] = ()


def catalog_changes(
    existing: Sequence[CatalogTable],
    result: CrawlResult,
    target_paths: Sequence[str],
    policy: CrawlPolicy,
    now: float,
) -> list[CatalogChange]:
    """Return the changes that a crawl's findings require.

    Args:
        existing: the target database's tables; partitions are needed only for those the crawl found again.
        result: the crawl's result; one with an error changes nothing.
        target_paths: the include paths that were crawled; tables elsewhere are not missing.
        policy: the crawler's policies.
        now: epoch seconds.

    Returns:
        Changes in the order in which to apply them.
    """
    if result.error is not None:
        return []
    by_name = {str(entry.table["Name"]): entry for entry in existing}
    changes: list[CatalogChange] = []
    tables = [_with_free_name(found, by_name, policy) for found in result.tables]
    for found in tables:
        known = by_name.get(found.name)
        if known is None:
            changes.extend(_new_table(found, policy))
        else:
            made = list(_known_table(known, found, policy, now))
            changes.extend(made or [Statement("the catalog has it so already", table=found.name)])
    names = {found.name for found in tables}
    for name, entry in by_name.items():
        if name not in names and _is_own(entry.table, target_paths, policy):
            changes.extend(_missing_table(entry.table, policy, now))
    return changes


def _with_free_name(found: FoundTable, by_name: Mapping[str, CatalogTable], policy: CrawlPolicy) -> FoundTable:
    """Return the table under the hashed name if another crawler has taken its name since the crawl chose it."""
    known = by_name.get(found.name)
    if known is None or policy.catalog_targets:
        return found
    location = str(known.table.get("StorageDescriptor", {}).get("Location", ""))
    if not location or same_location(location, found.location):
        return found
    return replace(found, name=name_with_hash(found.name, found.location))


def _new_table(found: FoundTable, policy: CrawlPolicy) -> Iterator[CatalogChange]:
    if policy.new_folders_only or policy.catalog_targets:
        why = "only new folders are crawled" if policy.new_folders_only else "the targets are catalog tables"
        yield Statement(f"not created for {found.location}, because {why}", "WARN", table=found.name)
        return
    table_input = found_table_to_table_input(found)
    yield CreateTable(table_input, partition_indexes(found, policy.configuration))
    yield Statement("created in the catalog", table=found.name)
    yield from created_partitions(found, found.partitions, table_input, policy)


def partition_indexes(found: FoundTable, configuration: Configuration) -> tuple[Wire, ...]:
    """Return the index of a table that a crawl creates: over all its partition keys, which are strings.

    "When the crawler creates a new Data Catalog table during a crawler run, it also creates a partition index by
    default, with the largest permutation of all numeric and string type partition columns as keys" (AWS Big Data
    Blog on crawlers and partition indexes).
    """
    if not found.partition_keys or not configuration.partition_index:
        return ()
    return ({"IndexName": PARTITION_INDEX, "Keys": [key for key, _ in found.partition_keys]},)


def _known_table(
    known: CatalogTable, found: FoundTable, policy: CrawlPolicy, now: float
) -> Iterator[CatalogChange]:
    current = table_input_of(known.table)
    if policy.catalog_targets and len(current["PartitionKeys"]) == len(found.partition_keys):
        # The table's author named its keys; folders alone have no better names.
        keys = tuple((key["Name"], key.get("Type", "string")) for key in current["PartitionKeys"])
        found = replace(found, partition_keys=keys)
    table_input = found_table_to_table_input(found)
    if policy.new_folders_only:
        yield from new_folder_changes(known.partitions, found, current, policy)
        return
    if [key["Name"] for key in current["PartitionKeys"]] != [key for key, _ in found.partition_keys]:
        yield from _other_keys(known, found, table_input, policy)
        return
    if policy.configuration.merge_new_columns:
        clash = incompatible(current, table_input)
        if clash is not None:
            yield DeprecateTable(deprecated(current, now))
            yield Statement(f"deprecated: {clash}", "WARN", table=found.name)
            return
        table_input = with_new_columns(current, table_input)
    elif policy.update_behavior == "LOG":
        if differs(current, table_input):
            yield Statement(
                f"not updated (UpdateBehavior LOG): {difference(current, table_input)}", table=found.name
            )
        table_input = current
    if differs(current, table_input):
        yield UpdateTable(table_input)
        yield Statement(f"updated in the catalog: {difference(current, table_input)}", table=found.name)
    yield from partition_changes(known.partitions, found, table_input, policy, now)


def _other_keys(
    known: CatalogTable, found: FoundTable, table_input: Wire, policy: CrawlPolicy
) -> Iterator[CatalogChange]:
    """Partition keys cannot change under a table's partitions: these are created again, or nothing changes."""
    keys = ", ".join(key for key, _ in found.partition_keys) or "none"
    if policy.update_behavior == "LOG" or policy.configuration.merge_new_columns:
        yield Statement(
            f"not updated, though the folders now make partition keys {keys}", "WARN", table=found.name
        )
        return
    yield from deleted_partitions(found.name, [tuple(part["Values"]) for part in known.partitions])
    yield UpdateTable(table_input)
    yield ReplacePartitionIndexes(found.name, partition_indexes(found, policy.configuration))
    yield Statement(f"updated in the catalog: its partition keys are now {keys}", table=found.name)
    yield from created_partitions(found, found.partitions, table_input, policy)


def _missing_table(table: Wire, policy: CrawlPolicy, now: float) -> Iterator[CatalogChange]:
    name = table["Name"]
    location = table["StorageDescriptor"].get("Location", "")
    behavior = "LOG" if policy.catalog_targets or policy.new_folders_only else policy.delete_behavior
    if behavior == "DELETE_FROM_DATABASE":
        yield DeleteTable(name)
        yield Statement(f"deleted: there is no data at {location}", table=name)
    elif behavior == "DEPRECATE_IN_DATABASE":
        if DEPRECATED not in table.get("Parameters", {}):
            yield DeprecateTable(deprecated(table_input_of(table), now))
            yield Statement(f"deprecated: there is no data at {location}", table=name)
    else:
        yield Statement(f"left as it is (DeleteBehavior LOG), though there is no data at {location}", table=name)


def _is_own(table: Wire, target_paths: Sequence[str], policy: CrawlPolicy) -> bool:
    if table.get("Parameters", {}).get("UPDATED_BY_CRAWLER") != policy.crawler:
        return False
    location = table.get("StorageDescriptor", {}).get("Location", "")
    return any(covers(path, location) for path in target_paths)


def covers(path: str, location: str) -> bool:
    """Whether a table's location is below an include path.

    Args:
        path: of an S3 target with its scheme, or of a JDBC target (``database/schema/%``).
        location: as the crawler wrote it.
    """
    if "://" not in path:
        return "://" not in location and JdbcPath.parse(path).covers(location)
    include, place = IncludePath.parse(path), IncludePath.parse(location)
    return "://" in location and include.bucket == place.bucket and include.relative(place.prefix) is not None
