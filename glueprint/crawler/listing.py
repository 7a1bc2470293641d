"""Which objects of a listing are data of a target, and which of them are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from glueprint.facts.globs import excluded

from .specification import ObjectEntry, S3Target


@dataclass(frozen=True, slots=True)
class IncludePath:
    """The parts of an include path.

    Attributes:
        bucket: the bucket.
        prefix: the key or folder below it, without a slash at its end; empty for the whole bucket.
    """

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, path: str) -> IncludePath:
        """Parse ``s3://bucket/prefix`` (or ``s3a``, ``s3n``); a slash at the end does not count."""
        bucket, _, prefix = path.rpartition("://")[2].partition("/")
        return cls(bucket, prefix.strip("/"))

    @property
    def level(self) -> int:
        """The level of the folder, where the bucket is 1 (DG:crawler-table-level)."""
        return 1 + (self.prefix.count("/") + 1 if self.prefix else 0)

    def location(self, below: Iterable[str], *, is_file: bool) -> str:
        """Return the location of a folder or file below this path."""
        parts = [part for part in (self.bucket, self.prefix, *below) if part]
        return f"s3://{'/'.join(parts)}{'' if is_file else '/'}"

    def relative(self, key: str) -> str | None:
        """Return ``key`` relative to this path: the empty string for the path itself, None for keys elsewhere."""
        if not self.prefix:
            return key
        if key == self.prefix:
            return ""
        return key[len(self.prefix) + 1 :] if key.startswith(self.prefix + "/") else None


@dataclass(frozen=True, slots=True)
class Selection:
    """The data objects of a target, with their keys relative to the include path (empty: the path is that
    object).
    """

    data: tuple[tuple[str, ObjectEntry], ...]
    hidden: int
    empty: int
    excluded: int


def selected(target: S3Target, include: IncludePath) -> Selection:
    """Return the data objects of a target: neither hidden, nor empty, nor excluded.

    Raises:
        BadGlobError: an exclusion is not valid.
    """
    is_excluded = excluded(target.exclusions)
    data: list[tuple[str, ObjectEntry]] = []
    hidden = empty = left_out = 0
    for entry in target.objects:
        relative = include.relative(entry.key)
        if relative is None:
            continue
        if is_hidden(relative):
            hidden += 1
        elif is_excluded(relative):
            left_out += 1
        elif entry.size == 0 or entry.key.endswith("/"):
            empty += 1
        else:
            data.append((relative, entry))
    data.sort()
    return Selection(tuple(data), hidden, empty, left_out)


def is_hidden(relative: str) -> bool:
    """Whether Hadoop's readers skip a key: a part starts with ``_`` (unless it is ``_key=value``) or ``.``, or it
    is a checksum or a folder marker."""
    if relative.endswith((".crc", "_$folder$")):
        return True
    return any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in relative.split("/"))


def sampled(selection: Selection, sample_size: int | None) -> tuple[list[int], dict[int, list[int]]]:
    """Choose the files to read.

    Args:
        selection: the target's data.
        sample_size: files to read in each leaf folder (service model, ``S3Target.SampleSize``), None for all.

    Returns:
        Numbers of the files to read; and for each other file the numbers of those of its folder that are read.
    """
    folders: dict[str, list[int]] = defaultdict(list)
    for number, (relative, _) in enumerate(selection.data):
        folders[relative.rpartition("/")[0]].append(number)
    read: list[int] = []
    stand_ins: dict[int, list[int]] = {}
    for numbers in folders.values():
        chosen = numbers if sample_size is None else numbers[:sample_size]
        read.extend(chosen)
        stand_ins |= dict.fromkeys(numbers[len(chosen) :], chosen)
    return read, stand_ins
