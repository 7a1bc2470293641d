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
from enum import Enum, auto

from glueprint.facts.hive_types import GlueType

from .shapes import Columns, CrawledFile, FileShape, Layout
from .type_merging import merged, settled, widened

SIMILAR = 0.7
"""Two schemas are similar, and a folder's members agree, above this share."""

MAX_CLUSTERS = 5
"""Different schemas that one table can have."""


class Rule(Enum):
    """How a folder decides whether its members are one table."""

    SIMILARITY = auto()
    """The default: the members' schemas must agree."""
    COMBINE = auto()
    """``CombineCompatibleSchemas``: data of one kind is one table, unless two kinds are equally frequent."""
    FORCE = auto()
    """Below ``TableLevelConfiguration``: the folder is part of a table above it, with its most frequent kind."""


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


@dataclass(frozen=True, slots=True)
class _Agreement:
    """What the members of a folder have in common.

    Attributes:
        kind: layout and depth of those that are one table; None if they do not agree.
        share: the share of the largest cluster among all members.
        clusters: the number of different schemas, or of kinds of data where schemas do not count.
        members: the number of members.
        compatible: whether all could be read as one table, whatever their schemas.
    """

    kind: tuple[Layout, int] | None
    share: float
    clusters: int
    members: int
    compatible: bool = False


@dataclass(frozen=True, slots=True)
class _Member:
    """A folder or a file as a member of its parent folder."""

    name: tuple[str, ...]
    is_file: bool
    levels: int
    layout: Layout
    columns: Columns
    files: tuple[CrawledFile, ...]
    reason: str
    apart: str = ""

    @property
    def kind(self) -> tuple[Layout, int]:
        """Members of one kind can share a table: they have the same layout and depth."""
        return self.layout, self.levels

    def settled(self) -> TableGroup:
        levels = 0 if self.is_file else self.levels - 1
        return TableGroup(self.name, self.is_file, levels, self.files, self.reason, self.apart)


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
    outcome: dict[tuple[str, ...], _Member | None] = {}
    # Deepest first, by a loop: keys may nest folders deeper than Python's stack.
    for folder in sorted(set(by_folder) | set(children), key=lambda parts: (-len(parts), parts)):
        subfolders = [outcome.pop(child) for child in sorted(children.get(folder, ()))]
        member, leftover = _decided(folder, subfolders, by_folder.get(folder, []), how.rule(len(folder)))
        tables.extend(left.settled() for left in leftover)
        if member is not None and how.ends_at(len(folder)):
            tables.append(member.settled())
            member = None
        outcome[folder] = member
    return sorted(tables, key=lambda table: (table.folder, table.is_file))


def _decided(
    folder: tuple[str, ...],
    subfolders: Sequence[_Member | None],
    files: Sequence[CrawledFile],
    rule: Rule | None,
) -> tuple[_Member | None, list[_Member]]:
    """Return the folder as a member of its parent, or None; and the members that become tables themselves."""
    members = [member for member in subfolders if member is not None]
    alike: dict[FileShape, list[CrawledFile]] = defaultdict(list)
    for file in files:
        alike[file.shape].append(file)
    if rule is None and files:
        # Above the table level nothing belongs to the parent, but the files of the folder are still grouped.
        chosen, leftover = _decided(folder, [], files, Rule.SIMILARITY)
        return None, [*members, *leftover, *([chosen] if chosen else [])]
    weights: list[tuple[_Member, int]] = [(member, 1) for member in members]
    weights += [(_file_member(same), len(same)) for same in alike.values()]
    total = sum(weight for _, weight in weights) + sum(member is None for member in subfolders)
    agreement = _agreement(weights, total, rule)
    kind = agreement.kind
    left = [member for member in members if member.kind != kind]
    left += [_file_member((file,)) for shape, same in alike.items() if (shape.layout, 0) != kind for file in same]
    left = [replace(member, apart=_why_apart(member, agreement, rule)) for member in left]
    if kind is None:
        return None, left
    joined = [member for member, _ in weights if member.kind == kind]
    together = tuple(file for member in joined for file in member.files)
    columns = merged_columns(Counter(file.shape for file in together))
    return _Member(folder, False, kind[1] + 1, kind[0], columns, together, _why_one(agreement, rule)), left


def _why_one(agreement: _Agreement, rule: Rule | None) -> str:
    if agreement.members == 1:
        return (
            "it is all that lies there" if agreement.kind and agreement.kind[1] == 0 else "all lies in one folder"
        )
    if rule is not Rule.SIMILARITY:
        return f"compatible data is combined ({agreement.share:.0%} of what lies directly in it)"
    schemas = f" ({agreement.clusters} different schemas)" if agreement.clusters > 1 else ""
    return f"{agreement.share:.0%} of what lies directly in it agree in schema{schemas}"


def _why_apart(member: _Member, agreement: _Agreement, rule: Rule | None) -> str:
    """Return why a member is not in the table of the folder above it, or why that folder is not a table."""
    if agreement.kind is not None:
        most, levels = agreement.kind
        this = member.layout
        if this == most:
            return f"this lies {member.levels} folders deep in the folder above, and most of it {levels}"
        if this.classification != most.classification:
            return f"this is {this.classification}, and most of the folder above is {most.classification}"
        if this.compression != most.compression:
            return f"its compression is {this.compression}, and of most of the folder above {most.compression}"
        return f"this has to be read in another way than most of the {most.classification} in the folder above"
    if rule is Rule.COMBINE:
        return "the folder above holds as much of one kind of data as of another"
    if rule is None:
        return ""
    remedy = "; TableGroupingPolicy CombineCompatibleSchemas would make them one" if agreement.compatible else ""
    if agreement.clusters > MAX_CLUSTERS:
        return f"the folder above holds more than {MAX_CLUSTERS} different schemas{remedy}"
    return (
        f"only {agreement.share:.0%} of what lies in the folder above agree in schema, format and depth, and more "
        f"than {SIMILAR:.0%} would have to{remedy}"
    )


def _file_member(files: Sequence[CrawledFile]) -> _Member:
    first = files[0]
    return _Member(
        name=tuple(first.relative.split("/")),
        is_file=True,
        levels=0,
        layout=first.shape.layout,
        columns=first.shape.columns,
        files=tuple(files),
        reason="a single file",
    )


def _agreement(weights: Sequence[tuple[_Member, int]], total: int, rule: Rule | None) -> _Agreement:
    """Return whether the members of a folder, with the number of each, are one table."""
    if rule is None or not weights:
        return _Agreement(None, 0.0, 0, total)
    if rule is not Rule.SIMILARITY:
        kinds: Counter[tuple[Layout, int]] = Counter()
        for member, weight in weights:
            kinds[member.kind] += weight
        ranked = kinds.most_common(2)
        level = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
        largest, count = ranked[0]
        return _Agreement(None if level and rule is Rule.COMBINE else largest, count / total, len(kinds), total)
    compatible = len({member.kind for member, _ in weights}) == 1
    clusters: list[tuple[_Member, int]] = []
    for member, weight in sorted(weights, key=lambda entry: -entry[1]):
        for index, (first, count) in enumerate(clusters):
            if first.kind == member.kind and similarity(first.columns, member.columns) > SIMILAR:
                clusters[index] = (first, count + weight)
                break
        else:
            clusters.append((member, weight))
            if len(clusters) > MAX_CLUSTERS:
                return _Agreement(None, 0.0, len(clusters), total, compatible)
    leader, count = max(clusters, key=lambda entry: entry[1])
    share = count / total
    return _Agreement(leader.kind if share > SIMILAR else None, share, len(clusters), total, compatible)


def similarity(left: Columns, right: Columns) -> float:
    """Return how similar two schemas are, from 0 to 1: the share of all their columns that both have, with types
    that have a common type."""
    if left == right:
        return 1.0
    first, second = dict(left), dict(right)
    names = first.keys() | second.keys()
    if not names:
        return 1.0
    common = sum(widened(first[name], second[name]) is not None for name in first.keys() & second.keys())
    return common / len(names)


def merged_columns(shapes: Counter[FileShape]) -> Columns:
    """Return a table's columns: those of its most frequent schema first, then others; types are merged."""
    columns: dict[str, GlueType] = {}
    for shape, _ in sorted(shapes.items(), key=lambda entry: -entry[1]):
        for name, kind in shape.columns:
            columns[name] = merged(columns[name], kind) if name in columns else kind
    return tuple((name, settled(kind)) for name, kind in columns.items())
