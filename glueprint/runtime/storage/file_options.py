"""Options of a file source (developer guide, "S3 connection option reference")."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glueprint.facts.globs import BadGlobError, excluded
from glueprint.runtime.bookmarks import DEFAULT_MAX_BAND_MS
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.options import Options

_ALWAYS_GROUPED = 50_000
"""Above this number of files Glue groups them always (guide, "Reading input files in larger groups")."""
_GROUPING = ("inPartition", "none", "inMemory")


@dataclass(frozen=True)
class Bounds:
    """``boundedFiles`` and ``boundedSize``: the most that one run reads; None: no bound. Sizes in bytes."""

    files: int | None = None
    size: int | None = None

    def limit(self, objects: Sequence[S3Object]) -> list[S3Object]:
        """Return the oldest of ``objects`` that fit, at least one: else a file above the bound is never read."""
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


@dataclass(frozen=True)
class FileOptions:
    """Options of a file source, read once.

    Attributes:
        recurse: whether folders within a path are included.
        exclusions: glob patterns.
        bounds: the most that one run reads.
        grouped: whether files are read in groups (``groupFiles``); None: if there are more than 50,000.
        group_size: bytes per group of files; None: so that all cores have work.
        max_band_ms: for the bookmark, milliseconds.
        max_files_in_band: for the bookmark; None: no limit.
    """

    recurse: bool
    exclusions: tuple[str, ...]
    bounds: Bounds
    grouped: bool | None
    group_size: int | None
    max_band_ms: int
    max_files_in_band: int | None

    @staticmethod
    def of(options: Options, *, recurse: bool) -> FileOptions:
        """Read the options; ``recurse`` is its default.

        Raises:
            BadOption: an option has a wrong value.
        """
        grouping = options.text("groupFiles", "none")
        if grouping not in _GROUPING:
            raise BadOption("groupFiles", grouping, f"one of {', '.join(_GROUPING)}")
        band = options.number("maxBand")
        return FileOptions(
            options.flag("recurse", recurse),
            options.texts("exclusions"),
            Bounds(options.number("boundedFiles"), options.number("boundedSize")),
            None if options.get("groupFiles") is None else grouping != "none",
            options.number("groupSize") or None,
            DEFAULT_MAX_BAND_MS if band is None else band,
            options.number("maxFilesInBand"),
        )

    def groups(self, files: int, size: int, cores: int) -> int | None:
        """Return the number of groups in which files are read; None: Spark decides.

        Args:
            files: the number of files.
            size: their bytes.
            cores: the number of tasks that can run at once.
        """
        if self.group_size is not None:
            return max(1, math.ceil(size / self.group_size))
        return cores if self.grouped or (self.grouped is None and files > _ALWAYS_GROUPED) else None

    def is_excluded(self) -> Callable[[S3Object, str], bool]:
        """Return a test for objects: a pattern may match the complete address, the key, or the key below the path.

        AWS has examples of each kind and does not state which one is right.

        Raises:
            StorageError: a pattern that cannot be read.
        """
        try:
            matches = excluded(self.exclusions)
        except BadGlobError as error:
            raise StorageError(f"option 'exclusions': {error}") from error
        return lambda one, below: matches(one.uri) or matches(one.key) or matches(below)
