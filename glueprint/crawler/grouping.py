"""Which files make one table, and which folders are its partitions. Pure.

Folders are decided one by one, from the leaves up (docs/decisions/crawler-grouping.md). The members of a folder
are its subfolders, each as a unit, and the files directly in it. They are one table if the schemas at that level
agree: more than 70 % of the members have similar schemas, and there are at most five different ones
(KC:glue-crawler-detect-schema, DG:crawler-s3-folder-table-partition). Otherwise each member becomes a table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .agreement import Member, Rule, agreement_of, file_member, why_apart, why_together
from .inspection import CrawledFile, FileSchema
from .similarity import merged_columns


@dataclass(frozen=True, slots=True)
class Grouping:
    """How the files of one target are grouped.

    Attributes:
        base_level: the level of the include path, where the bucket is 1.
        combine: ``CombineCompatibleSchemas``.
        table_level: ``TableLevelConfiguration``, or None.
    """

    base_level: int
    combine: bool = False
    table_level: int | None = None

    def rule(self, depth: int) -> Rule | None:
        """Return the rule of a folder ``depth`` levels below the include path; None if it is never merged."""
        if self.table_level is not None:
            level = self.base_level + depth
            if level >= self.table_level:
                return Rule.FORCE
            return None
        return Rule.COMBINE if self.combine else Rule.SIMILARITY

    def ends_at(self, depth: int) -> bool:
        """Whether a folder at this depth is the highest that can be a table."""
        return depth == 0 or (self.table_level is not None and self.base_level + depth <= self.table_level)


@dataclass(frozen=True, slots=True)
class TableGroup:
    """The files of one table.

    Attributes:
        folder: folder names below the include path; with the file's name if ``is_file``.
        is_file: whether the table is a single file.
        levels: the number of folder levels below ``folder`` that are partition keys.
        files: the data.
        reason: for the log, why these files are a table.
        apart: for the log, why their neighbours do not belong to it; empty if there are none.
    """

    folder: tuple[str, ...]
    is_file: bool
    levels: int
    files: tuple[CrawledFile, ...]
    reason: str
    apart: str = ""


def grouped(files: Iterable[CrawledFile], how: Grouping) -> list[TableGroup]:
    """Return the tables of one target.

    Args:
        files: its data files, all of them inspected.
        how: the crawler's options.

    Returns:
        Tables in the order of their folders.
    """
    by_folder: dict[tuple[str, ...], list[CrawledFile]] = defaultdict(list)
    for file in files:
        by_folder[file.folders].append(file)
    children: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for folder in by_folder:
        for depth in range(len(folder), 0, -1):
            siblings = children[folder[: depth - 1]]
            if folder[:depth] in siblings:
                break
            siblings.add(folder[:depth])
    tables: list[TableGroup] = []
    outcome: dict[tuple[str, ...], Member | None] = {}
    # Deepest first, by a loop: keys may nest folders deeper than Python's stack.
    for folder in sorted(set(by_folder) | set(children), key=lambda parts: (-len(parts), parts)):
        subfolders = [outcome.pop(child) for child in sorted(children.get(folder, ()))]
        member, leftover = _decided(folder, subfolders, by_folder.get(folder, []), how.rule(len(folder)))
        tables.extend(_table_of(left) for left in leftover)
        if member is not None and how.ends_at(len(folder)):
            tables.append(_table_of(member))
            member = None
        outcome[folder] = member
    return sorted(tables, key=lambda table: (table.folder, table.is_file))


def _decided(
    folder: tuple[str, ...],
    subfolders: Sequence[Member | None],
    files: Sequence[CrawledFile],
    rule: Rule | None,
) -> tuple[Member | None, list[Member]]:
    """Return the folder as a member of its parent, or None; and the members that become tables themselves."""
    members = [member for member in subfolders if member is not None]
    alike: dict[FileSchema, list[CrawledFile]] = defaultdict(list)
    for file in files:
        alike[file.schema].append(file)
    if rule is None and files:
        # Above the table level nothing belongs to the parent, but the files of the folder are still grouped.
        chosen, leftover = _decided(folder, [], files, Rule.SIMILARITY)
        return None, [*members, *leftover, *([chosen] if chosen else [])]
    weights: list[tuple[Member, int]] = [(member, 1) for member in members]
    weights += [(file_member(same), len(same)) for same in alike.values()]
    total = sum(weight for _, weight in weights) + sum(member is None for member in subfolders)
    agreement = agreement_of(weights, total, rule)
    kind = agreement.kind
    left = [member for member in members if member.kind != kind]
    left += [
        file_member((file,)) for schema, same in alike.items() if (schema.file_format, 0) != kind for file in same
    ]
    left = [replace(member, apart=why_apart(member, agreement, rule)) for member in left]
    if kind is None:
        return None, left
    joined = [member for member, _ in weights if member.kind == kind]
    together = tuple(file for member in joined for file in member.files)
    columns = merged_columns(Counter(file.schema for file in together))
    return Member(folder, False, kind[1] + 1, kind[0], columns, together, why_together(agreement, rule)), left


def _table_of(member: Member) -> TableGroup:
    levels = 0 if member.is_file else member.levels - 1
    return TableGroup(member.name, member.is_file, levels, member.files, member.reason, member.apart)
