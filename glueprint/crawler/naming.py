"""The names of tables, partition keys and columns that a crawler derives from paths and files
(docs/facts/crawlers.md#table-names)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from glueprint.facts.partition_names import key_and_value

MAX_TABLE_NAME_LENGTH = 128
"""Characters; longer names are cut (DG:crawler-s3-folder-table-partition)."""

_NOT_IN_TABLE_NAMES = re.compile(r"[^a-z0-9_]")


def table_base_name(path: str) -> str:
    """Return a table's name without prefix and suffix: the last part of its path; all parts of a database's table.

    Args:
        path: a location such as ``s3://bucket/sales/year=2019/``, where the bucket's name counts if nothing
            follows it; or ``database.schema.table``, which becomes ``database_schema_table``.
    """
    if "://" not in path:
        return cleaned(path)
    return cleaned(path.removeprefix("s3://").rstrip("/").rpartition("/")[2])


def cleaned(text: str) -> str:
    """Return ``text`` in lower case, with an underscore for every character that table names cannot have."""
    return _NOT_IN_TABLE_NAMES.sub("_", text.lower())


def same_location(left: str, right: str) -> bool:
    """Whether two locations are the same place; a trailing slash does not count, nor s3, s3a or s3n."""
    return left.rpartition("://")[2].rstrip("/") == right.rpartition("://")[2].rstrip("/")


def table_names(locations: Sequence[str], prefix: str, existing: Mapping[str, str]) -> list[str]:
    """Return one name for each location of a crawl.

    A location that a table already has keeps that table's name, so that a later crawl finds its own table. A name
    that is taken, by another location of this crawl or by a table elsewhere, gets the hash of its location.

    Args:
        locations: in the crawl's order, each different.
        prefix: the crawler's ``TablePrefix``.
        existing: the database's table names with their locations.

    Returns:
        Names in the order of ``locations``, all different, in lower case, at most 128 characters.
    """
    chosen: dict[int, str] = {}
    for index, location in enumerate(locations):
        name = _crawl_name(location, prefix)
        # A table at this location with another name is not the crawler's own.
        for own in (name, name_with_hash(name, location)):
            if own in existing and same_location(existing[own], location):
                chosen[index] = own
                break
    taken = set(existing) | set(chosen.values())
    for index, location in enumerate(locations):
        if index in chosen:
            continue
        name = _crawl_name(location, prefix)
        if name in taken:
            name = name_with_hash(name, location)
        taken.add(name)
        chosen[index] = name
    return [chosen[index] for index in range(len(locations))]


def _crawl_name(location: str, prefix: str) -> str:
    return (prefix.lower() + table_base_name(location))[:MAX_TABLE_NAME_LENGTH]


def name_with_hash(name: str, location: str) -> str:
    """Return the name that a table gets whose own is taken: with the hash of its location at the end."""
    digest = hashlib.md5(location.rstrip("/").encode(), usedforsecurity=False).hexdigest()
    return f"{name[: MAX_TABLE_NAME_LENGTH - len(digest) - 1]}_{digest}"


def hive_parts(folder: str) -> tuple[str, str] | None:
    """Return key (in lower case) and value of a folder named ``key=value``; None for any other name."""
    found = key_and_value(folder)
    return (found[0].lower(), found[1]) if found else None


def partition_keys(folders: Iterable[Sequence[str]], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the partition keys of a table.

    A level whose folders are all ``key=value`` with one key is named by it, any other level ``partition_N``,
    counted from 0. No engine can read a table with a key that is also a column or names two levels: such a
    level becomes ``partition_N`` too.

    Args:
        folders: for each partition its folder names, all of the same length.
        columns: the table's column names.

    Returns:
        One key for each level.
    """
    taken = set(columns)
    keys: list[str] = []
    unnamed = 0
    for level in zip(*folders, strict=True):
        hive_keys = {parts[0] if parts else None for parts in map(hive_parts, set(level))}
        key = next(iter(hive_keys)) if len(hive_keys) == 1 else None
        if key is None or key in taken:
            while f"partition_{unnamed}" in taken:
                unnamed += 1
            key = f"partition_{unnamed}"
            unnamed += 1
        taken.add(key)
        keys.append(key)
    return tuple(keys)


def partition_values(folders: Sequence[str], hive_levels: Sequence[bool]) -> tuple[str, ...]:
    """Return the values of one partition: the text after ``=`` on a hive level, otherwise the folder's name."""
    values: list[str] = []
    for folder, is_hive in zip(folders, hive_levels, strict=True):
        parts = hive_parts(folder)
        values.append(parts[1] if is_hive and parts else folder)
    return tuple(values)


def distinct_partition_values(
    folders: Iterable[tuple[str, ...]], hive_levels: Sequence[bool]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the values of each partition, no two alike: the catalog has one partition for each list of values.

    Of folders whose names mean the same value (``k=a b`` and ``k=a%20b``, ``k=1`` and ``K=1``) the first has it;
    the values of the others are the texts of their names.
    """
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    taken: set[tuple[str, ...]] = set()
    for names in sorted(folders):
        values = partition_values(names, hive_levels)
        if values in taken:
            values = tuple(
                name.partition("=")[2] if is_hive else name
                for name, is_hive in zip(names, hive_levels, strict=True)
            )
        if values in taken:
            values = names
        taken.add(values)
        found[names] = values
    return found


def hive_level_flags(folders: Iterable[Sequence[str]]) -> tuple[bool, ...]:
    """Return for each level whether all its folders are ``key=value`` with one and the same key."""
    return tuple(
        len({parts[0] if parts else None for parts in map(hive_parts, names)}) == 1
        and hive_parts(next(iter(names))) is not None
        for names in map(set, zip(*folders, strict=True))
    )


def distinct_names(names: Iterable[str]) -> list[str]:
    """Return lower-case column names for data that is read by position; repeated names get ``_1``, ``_2``, ..."""
    seen: set[str] = set()
    last: dict[str, int] = {}  # makes 100,000 columns of one name linear
    result: list[str] = []
    for name in names:
        base = candidate = name.lower()
        while candidate in seen:
            last[base] = last.get(base, 0) + 1
            candidate = f"{base}_{last[base]}"
        seen.add(candidate)
        result.append(candidate)
    return result
