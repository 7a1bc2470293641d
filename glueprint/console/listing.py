"""Long lists in pages of a fixed length: of names that are all known, or of answers that end in a token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glueprint.client.lookup import Lookup
from glueprint.client.session import Session

PAGE_LENGTH = 25


KEPT_SECONDS = 3.0
"""How long a list of names is used: reading that of 1,000 workflows takes 40 requests, and a page is refreshed
every second."""


class NameLists:
    """The names of all workflows, jobs, crawlers and blueprints of a Glue, read at most every few seconds.

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
        self._kept: dict[str, tuple[float, list[str]]] = {}
        self._lock = threading.Lock()

    def of(self, kind: str) -> list[str]:
        """Return the names of a kind: workflow, job, crawler or blueprint."""
        with self._lock:
            kept = self._kept.get(kind)
        if kept is not None and self._clock() - kept[0] < KEPT_SECONDS:
            return kept[1]
        names = self._readers[kind]()
        with self._lock:
            self._kept[kind] = (self._clock(), names)
        return names

    def forget(self) -> None:
        """Read all names again: something was changed."""
        with self._lock:
            self._kept.clear()


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
