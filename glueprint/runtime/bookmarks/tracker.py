"""What a job's sources ask while it runs, and what its commit then stores."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from glueprint.runtime.bookmarks.files import DEFAULT_MAX_BAND_MS, FileState, Window
from glueprint.runtime.bookmarks.keys import Key, KeyRange, KeyState, SortOrder
from glueprint.runtime.bookmarks.service import BookmarkOption, BookmarkOptions, BookmarkRefused, BookmarkService
from glueprint.runtime.bookmarks.state import BookmarkState, Element, fingerprint
from glueprint.runtime.s3objects import S3Object


def warn_on_stderr(line: str) -> None:
    """A line in the job's own log."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output


@dataclass(slots=True)
class _Course:
    """The bookmark of a run that has begun.

    ``before`` is what counts as read already; ``until`` ends a range of runs; ``pending`` is what was read since.
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
        """What counts as read once this is committed."""
        return self.before.with_elements(self.pending)


class Bookmarks:
    """The bookmark of one job run, by ``transformation_ctx``.

    Whether bookmarks are enabled, paused or off is settled here; sources ask the same questions always. A source
    without a ``transformation_ctx`` (``""``) has no bookmark, and neither has any before ``Job.init``: everything
    is new to them.
    """

    def __init__(
        self, *, now: Callable[[], float] = time.time, warn: Callable[[str], None] = warn_on_stderr
    ) -> None:
        """``now`` tells epoch seconds; ``warn`` takes lines for the job's log."""
        self._now = now
        self._warn = warn
        self._course: _Course | None = None
        self._lock = threading.Lock()

    def begin(self, job_name: str, options: BookmarkOptions, service: BookmarkService | None) -> None:
        """``Job.init``: take up the bookmark of that name, unless bookmarks are off.

        Args:
            job_name: the bookmark's name.
            options: what the job's arguments say.
            service: keeps the bookmark; None where nobody does: only a run without bookmarks can begin there.

        Raises:
            BookmarkRefused: it cannot be had.
            UnknownElement: it cannot be read.
        """
        if options.option is BookmarkOption.DISABLE:
            self._course = None
            return
        if service is None:
            raise BookmarkRefused(
                f"{options.option} needs a job run of a local Glue, which keeps the bookmark, and the arguments "
                "of getResolvedOptions, which name the run: start the job there and call job.init(name, args), "
                f"or run it with {BookmarkOption.DISABLE}"
            )
        begun = service.begin(job_name, options)
        for note in begun.notes:
            self._warn(note)
        self._course = _Course(
            service,
            job_name,
            begun.version,
            begun.run,
            saves=options.option is BookmarkOption.ENABLE,
            before=BookmarkState.from_json(begun.state),
            until=None if begun.until is None else BookmarkState.from_json(begun.until),
        )

    def commit(self) -> None:
        """``Job.commit``: what was read so far counts as read. Paused or off, nothing is stored.

        Raises:
            BookmarkRefused: another run of the job has changed the bookmark, or this one is over.
        """
        with self._lock:
            course = self._course
            if course is None or not course.saves:
                return
            state = course.with_pending()
            course.version = course.service.commit(course.job_name, course.version, state.to_json(course.run))
            course.before = state
            course.pending = {}

    def new_objects(
        self,
        ctx: str,
        source: str,
        objects: Sequence[S3Object],
        max_band_ms: int = DEFAULT_MAX_BAND_MS,
        max_files_in_band: int | None = None,
        bound: Callable[[list[S3Object]], list[S3Object]] = list,
    ) -> list[S3Object]:
        """Which of a listing's objects this run is to read; exactly these count as read at the next commit.

        Args:
            ctx: the source's ``transformation_ctx``.
            source: what the source reads and how, as text; another text than last time voids the bookmark.
            objects: the listing, after exclusions; in any order.
            max_band_ms: ``maxBand``, milliseconds.
            max_files_in_band: ``maxFilesInBand``; None: no limit.
            bound: takes of the new objects those that one run may read (``boundedFiles``, ``boundedSize``); the
                others stay new.

        Returns:
            The new ones, in the listing's order.
        """
        with self._lock:
            course = self._course
            if course is None or not ctx:
                return bound(list(objects))
            mark, window, now = fingerprint(source), Window(max_band_ms, max_files_in_band), self._now()
            before = course.before.files(ctx, mark) or FileState(mark)
            new = [one for one in objects if before.is_new(one)]
            if course.until is not None:
                until = course.until.files(ctx, mark) or FileState(mark)
                return bound([one for one in new if not until.is_new(one)])
            # A name may be read twice in a run: what the first reading found still counts after the second.
            so_far = course.with_pending().files(ctx, mark) or before
            chosen = bound(so_far.fitting(new, now, window))
            left_over = set(new).difference(chosen)
            self._note(course, ctx, so_far.having_read(chosen, left_over, now, window))
            return chosen

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
        with self._lock:
            course = self._course
            if course is None or not ctx:
                return None
            mark = _table_mark(source, columns, order)
            before = course.before.keys(ctx, mark)
            wanted = KeyRange(tuple(columns), order, None if before is None else before.last)
            if course.until is None:
                return wanted
            end = course.until.keys(ctx, mark)
            return KeyRange(wanted.columns, order, empty=True) if end is None else wanted.until(end.last)

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
        if last is None:
            # Rows that come before Spark reads must not be read and forgotten; the first run may meet rows that
            # have no key.
            return seen if seen.after is None else replace(seen, empty=True)
        with self._lock:
            if self._course is not None and ctx:
                mark = _table_mark(source, seen.columns, seen.order)
                self._note(self._course, ctx, KeyState(mark, seen.columns, seen.order, last))
        return seen.until(last)

    def _note(self, course: _Course, ctx: str, element: Element) -> None:
        earlier = course.pending.get(ctx)
        if earlier is not None and earlier.source != element.source:
            self._warn(
                f"transformation_ctx {ctx!r} is used for two sources: only the last one's bookmark is kept, so "
                "the other one is read from its beginning every time; give each source a name of its own"
            )
        elif (known := course.before.elements.get(ctx)) is not None and known.source != element.source:
            self._warn(
                f"the source of transformation_ctx {ctx!r} is not what it was: its bookmark is void, and "
                "everything is read again"
            )
        course.pending[ctx] = element


def _table_mark(source: str, columns: Sequence[str], order: SortOrder) -> str:
    """The fingerprint of a table's source: other keys or another order void the bookmark as well."""
    return fingerprint("\n".join((source, order, *columns)))
