"""Why a table is a table, why it has these columns, and why these partition keys: lines of the crawl's log.

Each line begins with what it is about, so that whoever reads the log can find all that was decided of one table:
``table NAME: ...``, ``table NAME, column "NAME": ...``, ``table NAME, partition key "NAME": ...``
(`glueprint explain crawler/NAME` reads them back).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from glueprint.facts.hive_types import GlueType

from .contract import FoundTable
from .grouping import TableGroup
from .naming import hive_parts
from .shapes import CrawledFile, FileShape
from .type_merging import settled

_MOST_NAMED = 3
_MOST_COLUMNS = 2000
"""Columns of one table that the log explains; tables with more of them are mistakes."""


def counted(count: int, noun: str) -> str:
    """A number with its noun: ``1 file``, ``2 files``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def about_table(table: str, said: str) -> str:
    """A line about a table."""
    return f"table {table}: {said}"


def about_column(table: str, column: str, said: str) -> str:
    """A line about a column; its name is in JSON's quotes, since it may hold anything."""
    return f"table {table}, column {json.dumps(column, ensure_ascii=False)}: {said}"


def about_partition_key(table: str, key: str, said: str) -> str:
    """A line about a partition key."""
    return f"table {table}, partition key {json.dumps(key, ensure_ascii=False)}: {said}"


def why_files_are_a_table(table: FoundTable, group: TableGroup) -> Iterator[str]:
    """Everything that was decided of a table of files."""
    count = len(group.files)
    yield about_table(table.name, f"{counted(count, 'file')} at {table.location}: {group.reason}")
    if group.apart:
        yield about_table(table.name, f"a table of its own, because {group.apart}")
    yield from (about_table(table.name, said) for said in _classified(group.files))
    keys = ", ".join(key for key, _ in table.partition_keys) or "none"
    yield about_table(
        table.name,
        f"{table.classification}, {counted(len(table.columns), 'column')}, partition keys: {keys}, "
        f"{counted(len(table.partitions), 'partition')}",
    )
    yield from _columns(table, group.files)
    yield from _partition_keys(table, group)


def _classified(files: Sequence[CrawledFile]) -> Iterator[str]:
    classifiers = Counter(file.inspection.classifier for file in files)
    first = {file.inspection.classifier: file.entry.key for file in reversed(files)}
    for classifier, count in classifiers.most_common():
        which = "it" if len(files) == 1 else f"{counted(count, 'file')}, the first of them {first[classifier]}"
        yield f"classifier {classifier} recognised {which}"


def _columns(table: FoundTable, files: Sequence[CrawledFile]) -> Iterator[str]:
    """For each column which files say what of it; files of one schema say the same."""
    counts = Counter(file.shape for file in files)
    first: dict[FileShape, str] = {}
    for file in files:
        first.setdefault(file.shape, file.entry.key)
    told: dict[str, dict[GlueType, tuple[int, str]]] = defaultdict(dict)
    for shape, count in counts.most_common():
        for name, kind in shape.columns:
            before, key = told[name].get(kind, (0, first[shape]))
            told[name][kind] = before + count, key
    for name, written in table.columns[:_MOST_COLUMNS]:
        yield about_column(table.name, name, f"{written}, because {_said_of_column(told[name], len(files))}")
    if len(table.columns) > _MOST_COLUMNS:
        yield about_table(table.name, f"{len(table.columns) - _MOST_COLUMNS} more columns are not explained")


def _said_of_column(kinds: dict[GlueType, tuple[int, str]], files: int) -> str:
    if len(kinds) == 1:
        ((kind, (count, key)),) = kinds.items()
        where = f"all {counted(files, 'file')} have" if count == files else f"{count} of {files} files have"
        if files == 1:
            where = f"{key} has"
        return f"{where} {settled(kind)}" + ("" if count == files else f", the first of them {key}")
    parts = [f"{settled(kind)} in {counted(count, 'file')} such as {key}" for kind, (count, key) in kinds.items()]
    more = f" and {len(parts) - _MOST_NAMED} more types" if len(parts) > _MOST_NAMED else ""
    return f"it is {', '.join(parts[:_MOST_NAMED])}{more}"


def _partition_keys(table: FoundTable, group: TableGroup) -> Iterator[str]:
    depth = len(group.folder)
    levels: list[set[str]] = [set() for _ in table.partition_keys]
    for file in group.files:
        for level, folder in zip(levels, file.folders[depth:], strict=False):
            level.add(folder)
    for (key, _), level in zip(table.partition_keys, levels, strict=True):
        named = f"{counted(len(level), 'folder')} at this level ({_some(sorted(level))})"
        hive_keys = {parts[0] if parts else None for parts in map(hive_parts, level)}
        if hive_keys == {key}:
            said = f"the {named} are all named {key}=VALUE"
        elif not key.startswith("partition_"):
            said = f"so the table in the catalog calls the {named}"
        elif len(hive_keys) == 1 and None not in hive_keys:
            said = f"the {named} are named {hive_keys.pop()}=VALUE, a name that the table has already"
        else:
            said = f"the {named} have no common KEY=VALUE name"
        yield about_partition_key(table.name, key, said)


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
