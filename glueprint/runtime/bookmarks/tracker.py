"""The bookmark of a job run while it runs: which data is new to its sources, and what its commit stores."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from glueprint.runtime.bookmarks.files import DEFAULT_MAX_BAND_MS, BandOptions, FileState
from glueprint.runtime.bookmarks.keys import Key, KeyRange, KeyState, SortOrder
from glueprint.runtime.bookmarks.service import BookmarkOption, BookmarkOptions, BookmarkRefused, BookmarkService
from glueprint.runtime.bookmarks.state import BookmarkState, Element, fingerprint
from glueprint.runtime.s3objects import S3Object


def warn_on_stderr(line: str) -> None:
    """Write a line to the job's error log."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output


@dataclass
class ActiveBookmark:
    """The bookmark of a run that has called ``Job.init``.

    Attributes:
        saves: whether a commit stores anything; it does not while bookmarks are paused.
        before: what counted as read at the last commit, or when the run started.
        until: the end of a range of runs.
        pending: what was read since the last commit, by ``transformation_ctx``.
    """

    service: BookmarkService
    job_name: str
    version: int
    run: int
    saves: bool
    before: BookmarkState
    until: BookmarkState | None
    pending: dict[str, Element] = field(default_factory=dict)

    def with_pending(self) -> BookmarkState:
        """Return what counts as read after the next commit."""
        return self.before.with_elements(self.pending)


class Bookmarks:
    """The bookmark of one job run, by ``transformation_ctx``.

    This class decides whether bookmarks are enabled, paused or disabled; sources always make the same calls. A
    source without a ``transformation_ctx`` (``""``) has no bookmark, and no source has one before ``Job.init``:
    everything is new to them.
    """

    def __init__(
        self, *, now: Callable[[], float] = time.time, warn: Callable[[str], None] = warn_on_stderr
    ) -> None:
        """``now`` returns epoch seconds; ``warn`` receives lines for the job's log."""
        self._now = now
        self._warn = warn
        self._active: ActiveBookmark | None = None
        self._lock = threading.Lock()

    def begin(self, job_name: str, options: BookmarkOptions, service: BookmarkService | None) -> None:
        """``Job.init``: load the bookmark of that name, unless bookmarks are disabled.

        Args:
            job_name: the bookmark's name.
            options: from the job's arguments.
            service: stores the bookmark; None outside a job run, where bookmarks must be disabled.

        Raises:
            BookmarkRefused: there is no service, or it rejects the call.
            UnreadableBookmark: the stored bookmark cannot be read.
        """
        if options.option is BookmarkOption.DISABLE:
            self._active = None
            return
        if service is None:
            raise BookmarkRefused(
                f"{options.option} requires a job run of a local Glue, which stores the bookmark, and the "
                "arguments of getResolvedOptions, which identify the run: start the job there and call "
                f"job.init(name, args), or run it with {BookmarkOption.DISABLE}"
            )
        started = service.begin(job_name, options)
        for note in started.notes:
            self._warn(note)
        self._active = ActiveBookmark(
            service,
            job_name,
            started.version,
            started.run,
            saves=options.option is BookmarkOption.ENABLE,
            before=BookmarkState.from_json(started.state),
            until=None if started.until is None else BookmarkState.from_json(started.until),
        )

    def commit(self) -> None:
        """``Job.commit``: store what was read. If bookmarks are paused or disabled, nothing is stored.

        Raises:
            BookmarkRefused: another run of the job has changed the bookmark, or this run has ended.
        """
        with self._lock:
            active = self._active
            if active is None or not active.saves:
                return
            state = active.with_pending()
            active.version = active.service.commit(active.job_name, active.version, state.to_json(active.run))
            active.before = state
            active.pending = {}

    def new_objects(
        self,
        ctx: str,
        source: str,
        objects: Sequence[S3Object],
        max_band_ms: int = DEFAULT_MAX_BAND_MS,
        max_files_in_band: int | None = None,
        bound: Callable[[list[S3Object]], list[S3Object]] = list,
    ) -> list[S3Object]:
        """Return the objects of a listing that this run must read; exactly these count as read at the next commit.

        Args:
            ctx: the source's ``transformation_ctx``.
            source: text that describes the source; a text that differs from the last run's voids the bookmark.
            objects: the listing, after exclusions; in any order.
            max_band_ms: ``maxBand``, milliseconds.
            max_files_in_band: ``maxFilesInBand``; None: no limit.
            bound: selects from the new objects those that one run may read (``boundedFiles``, ``boundedSize``);
                the others stay new.

        Returns:
            The new objects, in the order of the listing.
        """
        with self._lock:
            active = self._active
            if active is None or not ctx:
                return bound(list(objects))
            source_id, band, now = fingerprint(source), BandOptions(max_band_ms, max_files_in_band), self._now()
            before = active.before.files(ctx, source_id) or FileState(source_id)
            new = [one for one in objects if before.is_new(one)]
            if active.until is not None:
                until = active.until.files(ctx, source_id) or FileState(source_id)
                return bound([one for one in new if not until.is_new(one)])
            # A run may read a transformation_ctx twice: the objects of both reads count.
            current = active.with_pending().files(ctx, source_id) or before
            chosen = bound(current.limit_to_band(new, now, band))
            left_over = set(new).difference(chosen)
            self._record(active, ctx, current.after_reading(chosen, left_over, now, band))
            return chosen

    def key_range(
        self, ctx: str, source: str, columns: Sequence[str], order: SortOrder = SortOrder.ASCENDING
    ) -> KeyRange | None:
        """Return the range of a table's rows that this run must read, or None if there is no bookmark.

        With a range, the source finds the last key within it, calls :meth:`record_last_key`, and reads the range
        that this call returns: rows that are inserted while the job runs are left to the next run. Without one,
        the source reads everything and records nothing.

        Args:
            ctx: the source's ``transformation_ctx``.
            source: text that describes the source; a text that differs from the last run's voids the bookmark.
            columns: the bookmark keys.
            order: whether later rows have larger or smaller keys.
        """
        with self._lock:
            active = self._active
            if active is None or not ctx:
                return None
            source_id = _table_fingerprint(source, columns, order)
            before = active.before.keys(ctx, source_id)
            wanted = KeyRange(tuple(columns), order, None if before is None else before.last)
            if active.until is None:
                return wanted
            end = active.until.keys(ctx, source_id)
            return KeyRange(wanted.columns, order, empty=True) if end is None else wanted.ending_at(end.last)

    def record_last_key(self, ctx: str, source: str, seen: KeyRange, last: Key | None) -> KeyRange:
        """Record the last key in the range of :meth:`key_range`; the rows up to it count as read at the commit.

        Args:
            ctx: as for :meth:`key_range`.
            source: as for :meth:`key_range`.
            seen: the range that :meth:`key_range` returned.
            last: the last key of the rows within it; None if there are none.

        Returns:
            The range to read, ended at ``last``.
        """
        if last is None:
            # Rows that are inserted before Spark reads must not be read without a record of their keys. The first
            # run may find rows without a key.
            return seen if seen.after is None else replace(seen, empty=True)
        with self._lock:
            if self._active is not None and ctx:
                source_id = _table_fingerprint(source, seen.columns, seen.order)
                self._record(self._active, ctx, KeyState(source_id, seen.columns, seen.order, last))
        return seen.ending_at(last)

    def _record(self, active: ActiveBookmark, ctx: str, element: Element) -> None:
        earlier = active.pending.get(ctx)
        if earlier is not None and earlier.source != element.source:
            self._warn(
                f"transformation_ctx {ctx!r} is used for two sources: only the last one's bookmark is stored, so "
                "the other one is read from the beginning every time; give each source its own transformation_ctx"
            )
        elif (known := active.before.elements.get(ctx)) is not None and known.source != element.source:
            self._warn(
                f"the source of transformation_ctx {ctx!r} has changed: its bookmark is void, and everything is "
                "read again"
            )
        active.pending[ctx] = element


def _table_fingerprint(source: str, columns: Sequence[str], order: SortOrder) -> str:
    """Return the fingerprint of a table's source: other keys or another order void the bookmark, too."""
    return fingerprint("\n".join((source, order, *columns)))
