"""Whether the members of a folder - subfolders and files - are one table, and the reasons for the log. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from .inspection import Columns, CrawledFile, FileFormat
from .similarity import SIMILAR, TEXT_SERDES, similarity

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
class Member:
    """A folder or a file as a member of its parent folder.

    Attributes:
        name: folder names below the include path, with the file's name if ``is_file``.
        is_file: whether it is a file, or several files with one schema.
        levels: the number of folder levels from it to its files.
        file_format: how its files are read.
        columns: their merged columns.
        files: its files.
        reason: why its files are one table, if it becomes one.
        apart: why it is not in the table of the folder above.
    """

    name: tuple[str, ...]
    is_file: bool
    levels: int
    file_format: FileFormat
    columns: Columns
    files: tuple[CrawledFile, ...]
    reason: str
    apart: str = ""

    @property
    def kind(self) -> tuple[FileFormat, int]:
        """Members of one kind can share a table: they have the same format and depth."""
        return self.file_format, self.levels


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the members of a folder have in common.

    Attributes:
        kind: format and depth of those that are one table; None if they do not agree.
        share: the share of the largest cluster among all members.
        clusters: the number of different schemas, or of kinds of data where schemas do not count.
        members: the number of members.
        compatible: whether all could be read as one table, whatever their schemas.
    """

    kind: tuple[FileFormat, int] | None
    share: float
    clusters: int
    members: int
    compatible: bool = False


def file_member(files: Sequence[CrawledFile]) -> Member:
    """Return files with one schema as a member of their folder."""
    first = files[0]
    return Member(
        name=tuple(first.relative.split("/")),
        is_file=True,
        levels=0,
        file_format=first.schema.file_format,
        columns=first.schema.columns,
        files=tuple(files),
        reason="a single file",
    )


def agreement_of(weights: Sequence[tuple[Member, int]], total: int, rule: Rule | None) -> Agreement:
    """Return whether the members of a folder, with the number of each, are one table."""
    if rule is None or not weights:
        return Agreement(None, 0.0, 0, total)
    if rule is not Rule.SIMILARITY:
        kinds: Counter[tuple[FileFormat, int]] = Counter()
        for member, weight in weights:
            kinds[member.kind] += weight
        ranked = kinds.most_common(2)
        is_tie = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
        largest, count = ranked[0]
        return Agreement(None if is_tie and rule is Rule.COMBINE else largest, count / total, len(kinds), total)
    compatible = len({member.kind for member, _ in weights}) == 1
    clusters: list[tuple[Member, int]] = []
    for member, weight in sorted(weights, key=lambda entry: -entry[1]):
        for index, (first, count) in enumerate(clusters):
            if first.kind == member.kind and _similar(first, member):
                clusters[index] = (first, count + weight)
                break
        else:
            clusters.append((member, weight))
            if len(clusters) > MAX_CLUSTERS:
                return Agreement(None, 0.0, len(clusters), total, compatible)
    leader, count = max(clusters, key=lambda entry: entry[1])
    share = count / total
    return Agreement(leader.kind if share > SIMILAR else None, share, len(clusters), total, compatible)


def _similar(first: Member, member: Member) -> bool:
    guessed = first.file_format.serde in TEXT_SERDES
    return similarity(first.columns, member.columns, guessed_types=guessed) > SIMILAR


def why_together(agreement: Agreement, rule: Rule | None) -> str:
    """Return why the members of a folder are one table."""
    if agreement.members == 1:
        return (
            "it is all that lies there" if agreement.kind and agreement.kind[1] == 0 else "all lies in one folder"
        )
    if rule is not Rule.SIMILARITY:
        return f"compatible data is combined ({agreement.share:.0%} of what lies directly in it)"
    schemas = f" ({agreement.clusters} different schemas)" if agreement.clusters > 1 else ""
    return f"{agreement.share:.0%} of what lies directly in it agree in schema{schemas}"


def why_apart(member: Member, agreement: Agreement, rule: Rule | None) -> str:
    """Return why a member is not in the table of the folder above it, or why that folder is not a table."""
    if agreement.kind is not None:
        most, levels = agreement.kind
        this = member.file_format
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
