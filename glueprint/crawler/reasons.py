"""Why a table of files is a table, and why it has these columns and partition keys: statements of the crawl."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from glueprint.facts.hive_types import GlueType

from .found_tables import FoundTable
from .grouping import TableGroup
from .inspection import CrawledFile, FileSchema
from .naming import hive_parts
from .statements import Statement, counted
from .type_merging import settled

_MAX_NAMED = 3
_MAX_COLUMNS = 2000
"""Columns of one table that are explained; tables with more of them are mistakes."""


def why_files_are_a_table(table: FoundTable, group: TableGroup) -> Iterator[Statement]:
    """Return every decision about a table of files."""
    for text in _table_reasons(table, group):
        yield Statement(text, table=table.name)
    yield from _columns(table, group.files)
    yield from _partition_keys(table, group)


def _table_reasons(table: FoundTable, group: TableGroup) -> Iterator[str]:
    yield f"{counted(len(group.files), 'file')} at {table.location}: {group.reason}"
    if group.apart:
        yield f"a table of its own, because {group.apart}"
    yield from _classified(group.files)
    keys = ", ".join(key for key, _ in table.partition_keys) or "none"
    yield (
        f"{table.classification}, {counted(len(table.columns), 'column')}, partition keys: {keys}, "
        f"{counted(len(table.partitions), 'partition')}"
    )


def _classified(files: Sequence[CrawledFile]) -> Iterator[str]:
    classifiers = Counter(file.inspection.classifier for file in files)
    first = {file.inspection.classifier: file.entry.key for file in reversed(files)}
    for classifier, count in classifiers.most_common():
        which = "it" if len(files) == 1 else f"{counted(count, 'file')}, the first of them {first[classifier]}"
        yield f"classifier {classifier} recognised {which}"


def _columns(table: FoundTable, files: Sequence[CrawledFile]) -> Iterator[Statement]:
    """Return for each column which type it has in which files; files of one schema agree."""
    counts = Counter(file.schema for file in files)
    first: dict[FileSchema, str] = {}
    for file in files:
        first.setdefault(file.schema, file.entry.key)
    found: dict[str, dict[GlueType, tuple[int, str]]] = defaultdict(dict)
    for schema, count in counts.most_common():
        for name, kind in schema.columns:
            before, key = found[name].get(kind, (0, first[schema]))
            found[name][kind] = before + count, key
    for name, written in table.columns[:_MAX_COLUMNS]:
        why = _types_in_files(found[name], len(files))
        yield Statement(f"{written}, because {why}", table=table.name, column=name)
    if len(table.columns) > _MAX_COLUMNS:
        more = len(table.columns) - _MAX_COLUMNS
        yield Statement(f"{more} more columns are not explained", table=table.name)


def _types_in_files(kinds: dict[GlueType, tuple[int, str]], files: int) -> str:
    if len(kinds) == 1:
        ((kind, (count, key)),) = kinds.items()
        where = f"all {counted(files, 'file')} have" if count == files else f"{count} of {files} files have"
        if files == 1:
            where = f"{key} has"
        return f"{where} {settled(kind)}" + ("" if count == files else f", the first of them {key}")
    parts = [f"{settled(kind)} in {counted(count, 'file')} such as {key}" for kind, (count, key) in kinds.items()]
    more = f" and {len(parts) - _MAX_NAMED} more types" if len(parts) > _MAX_NAMED else ""
    return f"it is {', '.join(parts[:_MAX_NAMED])}{more}"


def _partition_keys(table: FoundTable, group: TableGroup) -> Iterator[Statement]:
    depth = len(group.folder)
    levels: list[set[str]] = [set() for _ in table.partition_keys]
    for file in group.files:
        for level, folder in zip(levels, file.folders[depth:], strict=False):
            level.add(folder)
    for (key, _), level in zip(table.partition_keys, levels, strict=True):
        named = f"{counted(len(level), 'folder')} at this level ({_some(sorted(level))})"
        hive_keys = {parts[0] if parts else None for parts in map(hive_parts, level)}
        if hive_keys == {key}:
            why = f"the {named} are all named {key}=VALUE"
        elif not key.startswith("partition_"):
            why = f"so the table in the catalog calls the {named}"
        elif len(hive_keys) == 1 and None not in hive_keys:
            why = f"the {named} are named {hive_keys.pop()}=VALUE, a name that the table has already"
        else:
            why = f"the {named} have no common KEY=VALUE name"
        yield Statement(why, table=table.name, partition_key=key)


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(names[:_MAX_NAMED]) + more
