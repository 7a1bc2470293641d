"""What the options of a file source mean (developer guide, "S3 connection option reference")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glueprint.facts.globs import BadGlobError, excluded
from glueprint.runtime.bookmarks import DEFAULT_MAX_BAND_MS
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.options import Options

_GROUPING = ("inPartition", "none", "inMemory")


@dataclass(frozen=True, slots=True)
class Bounds:
    """``boundedFiles`` and ``boundedSize``: how much one run takes; None is no bound. Sizes in bytes."""

    files: int | None = None
    size: int | None = None

    def limit(self, objects: Sequence[S3Object]) -> list[S3Object]:
        """The oldest of ``objects`` that fit, at least one: a file larger than the bound must be read some day."""
        taken: list[S3Object] = []
        size = 0
        for one in sorted(objects, key=lambda found: (found.modified, found.uri)):
            size += one.size
            too_many = self.files is not None and len(taken) >= self.files
            too_large = self.size is not None and size > self.size
            if taken and (too_many or too_large):
                break
            taken.append(one)
        chosen = set(taken)
        return [one for one in objects if one in chosen]


@dataclass(frozen=True, slots=True)
class FileOptions:
    """Options of a source of files, read once.

    Attributes:
        recurse: folders within a path count.
        exclusions: glob patterns.
        bounds: how much one run takes.
        group_size: bytes per group of files; None: as Spark likes.
        max_band_ms: for the bookmark, milliseconds.
        max_files_in_band: for the bookmark; None: no limit.
    """

    recurse: bool
    exclusions: tuple[str, ...]
    bounds: Bounds
    group_size: int | None
    max_band_ms: int
    max_files_in_band: int | None

    @staticmethod
    def of(options: Options, *, recurse: bool) -> FileOptions:
        """Read the options; ``recurse`` is what holds when they do not say.

        Raises:
            BadOption: naming the option and what it must be.
        """
        grouping = options.text("groupFiles", "none")
        if grouping not in _GROUPING:
            raise BadOption("groupFiles", grouping, f"one of {', '.join(_GROUPING)}")
        band = options.number("maxBand")
        return FileOptions(
            options.flag("recurse", recurse),
            options.texts("exclusions"),
            Bounds(options.number("boundedFiles"), options.number("boundedSize")),
            options.number("groupSize") or None,
            DEFAULT_MAX_BAND_MS if band is None else band,
            options.number("maxFilesInBand"),
        )

    def is_excluded(self) -> Callable[[S3Object, str], bool]:
        """A test for objects: a pattern may speak of the whole address, the key, or the key below the path.

        AWS gives patterns of each kind in examples and does not say which one holds.

        Raises:
            StorageError: a pattern that cannot be read.
        """
        try:
            matches = excluded(self.exclusions)
        except BadGlobError as error:
            raise StorageError(f"option 'exclusions': {error}") from error
        return lambda one, below: matches(one.uri) or matches(one.key) or matches(below)
