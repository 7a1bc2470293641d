"""Long lists in pages of a fixed length: of names that are all known, or of answers that end in a token."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from glueprint.client.lookup import Lookup
from glueprint.client.session import Session

PAGE_LENGTH = 25
_LOG = logging.getLogger("glueprint.console")
KEPT_SECONDS = 3.0
"""How long a list of names is used as it is: reading that of 1,000 workflows takes 40 requests, and a page is
refreshed every second."""
MAX_KEPT_SECONDS = 600.0
"""How long an older list may be shown while the next one is being read."""
_REST = 5.0
"""The time between two readings is at least this many times as long as one."""
_WAIT_SECONDS = 0.06
"""How long a page waits for a list that is being read, if it has an older one: a small one is read within that."""
_WAIT_AFTER_CHANGE_SECONDS = 1.0
"""The same, after a form has changed something."""


@dataclass(slots=True)
class _Kept:
    """One list of names, when it is due to be read again, and the thread that reads it."""

    names: list[str] = field(default_factory=list)
    read: float = -math.inf
    due: float = -math.inf
    is_changed: bool = False
    reader: threading.Thread | None = None


class NameLists:
    """The names of all workflows, jobs, crawlers and blueprints of a Glue.

    A list is read at most every few seconds, and only while someone looks. If the reading takes longer than a page
    may, the page shows the older list, and the next refresh the new one.

    Args:
        session: its clients.
        clock: monotonic seconds.
    """

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        lookup = Lookup(session)
        self._readers: dict[str, Callable[[], list[str]]] = {
            "workflow": lookup.workflow_names,
            "job": lookup.job_names,
            "crawler": lookup.crawler_names,
            "blueprint": lambda: _blueprint_names(session),
        }
        self._clock = clock
        self._kept = {kind: _Kept() for kind in self._readers}
        self._lock = threading.Lock()

    def of(self, kind: str) -> list[str]:
        """Return the names of a kind: workflow, job, crawler or blueprint."""
        kept = self._kept[kind]
        for _ in range(2):  # a list that was being read when something changed is read once more
            reader, wait = self._due_reader(kind)
            if reader is None:
                break
            reader.join(wait)
            if not kept.is_changed:
                break
        return kept.names

    def _due_reader(self, kind: str) -> tuple[threading.Thread | None, float]:
        """Return the thread that reads a list which is due, and how long to wait for it. One that cannot be used
        any more is read at once."""
        kept = self._kept[kind]
        with self._lock:
            now = self._clock()
            if now < kept.due and not kept.is_changed:
                return None, 0.0
            if now - kept.read < MAX_KEPT_SECONDS:
                if kept.reader is None:
                    kept.reader = threading.Thread(
                        target=self._read_quietly, args=(kind,), name=f"console-{kind}-names", daemon=True
                    )
                    kept.reader.start()
                return kept.reader, _WAIT_AFTER_CHANGE_SECONDS if kept.is_changed else _WAIT_SECONDS
        self._read(kind)
        return None, 0.0

    def _read(self, kind: str) -> None:
        kept = self._kept[kind]
        start = self._clock()
        kept.is_changed = False  # before the reading: a change during it is not in it
        names = self._readers[kind]()
        with self._lock:
            end = self._clock()
            kept.names, kept.read = names, end
            kept.due = end + max(KEPT_SECONDS, _REST * (end - start))

    def _read_quietly(self, kind: str) -> None:
        """Read a list in the background. Why that fails is shown by the page that has to wait for it."""
        kept = self._kept[kind]
        try:
            self._read(kind)
        except Exception as error:  # noqa: BLE001 - an older list is shown; later the page reads it itself
            _LOG.info("the names of %ss cannot be read: %s", kind, error)
            kept.due = self._clock() + KEPT_SECONDS
        finally:
            with self._lock:
                kept.reader = None

    def has(self, kind: str, name: str) -> bool:
        """Whether there is a workflow, job, crawler or blueprint of this name, as far as is known now."""
        return name in self.of(kind)

    def forget(self) -> None:
        """Read all names again: something was changed."""
        for kept in self._kept.values():
            kept.is_changed = True

    def finish(self) -> None:
        """Wait until nothing is being read."""
        for kept in self._kept.values():
            reader = kept.reader
            if reader is not None:
                reader.join()


def _blueprint_names(session: Session) -> list[str]:
    pages = session.glue.get_paginator("list_blueprints").paginate()
    return [str(name) for page in pages for name in page["Blueprints"]]


@dataclass(frozen=True, slots=True)
class NamePage:
    """One page of names.

    Attributes:
        names: those of this page.
        total: the number of names that match.
        number: the page's number, from 1.
        last: the last page's number.
        text: what the names must contain.
    """

    names: tuple[str, ...]
    total: int
    number: int
    last: int
    text: str


def page_of_names(names: Sequence[str], text: str, number: str) -> NamePage:
    """Return a page of the names that contain ``text``, whatever its case.

    Args:
        names: all names.
        text: from the search field.
        number: from the address; what is not the number of a page is the first one.
    """
    found = sorted((one for one in names if text.lower() in one.lower()), key=str.lower)
    last = max(1, -(-len(found) // PAGE_LENGTH))
    page = min(int(number), last) if number.isdecimal() and len(number) < 9 and int(number) else 1
    start = (page - 1) * PAGE_LENGTH
    return NamePage(tuple(found[start : start + PAGE_LENGTH]), len(found), page, last, text)
