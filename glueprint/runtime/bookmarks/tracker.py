"""What a job's sources ask while it runs, and what its commit then stores.

Only the interface so far: nothing is remembered yet.
"""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.runtime.bookmarks.keys import Key, KeyRange, SortOrder
from glueprint.runtime.s3objects import S3Object

DEFAULT_MAX_BAND_MS = 900_000
"""``maxBand``: for so many milliseconds before a run its files are remembered one by one (glue-facts 5.1)."""


class Bookmarks:
    """The bookmark of one job run, by ``transformation_ctx``.

    Whether bookmarks are enabled, paused or off is settled here; sources ask the same questions always. A source
    without a ``transformation_ctx`` (``""``) has no bookmark: everything is new to it.
    """

    def new_objects(
        self,
        ctx: str,
        source: str,
        objects: Sequence[S3Object],
        max_band_ms: int = DEFAULT_MAX_BAND_MS,
        max_files_in_band: int | None = None,
    ) -> list[S3Object]:
        """Which of a listing's objects this run is to read; exactly these count as read at the next commit.

        Args:
            ctx: the source's ``transformation_ctx``.
            source: what the source reads and how, as text; another text than last time voids the bookmark.
            objects: the listing, after exclusions; in any order.
            max_band_ms: ``maxBand``, milliseconds.
            max_files_in_band: ``maxFilesInBand``; None: no limit.

        Returns:
            The new ones, in the listing's order.
        """
        return list(objects)

    def key_range(
        self, ctx: str, source: str, columns: Sequence[str], order: SortOrder = SortOrder.ASCENDING
    ) -> KeyRange | None:
        """Which of a table's rows this run is to read; None when there is no bookmark: read all, tell nothing.

        Otherwise the source finds the last key within the range, tells :meth:`saw_keys`, and reads what that
        answers: rows that come while the job runs are left to the next run.

        Args:
            ctx: the source's ``transformation_ctx``.
            source: what the source reads, as text; another text than last time voids the bookmark.
            columns: the bookmark keys.
            order: whether later rows have larger or smaller keys.
        """
        return None

    def saw_keys(self, ctx: str, source: str, seen: KeyRange, last: Key | None) -> KeyRange:
        """Note the last key in the range that :meth:`key_range` gave; the rows up to it count as read at commit.

        Args:
            ctx: as for :meth:`key_range`.
            source: as for :meth:`key_range`.
            seen: what :meth:`key_range` gave.
            last: the last key of the rows within it; None when there are none.

        Returns:
            The range to read, ended at ``last``.
        """
        return seen if last is None else seen.until(last)
