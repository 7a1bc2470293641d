"""Lists of names: read at most every few seconds, in the background if that takes longer than a page may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from console_fake import FakeGlue, FakeSession

pytest.importorskip("starlette")

from glueprint.console.listing import KEPT_SECONDS, MAX_KEPT_SECONDS, NameLists


class SlowGlue(FakeGlue):
    """Its list of workflows takes until ``gate`` is open, and fails while ``problem`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.problem: Exception | None = None
        self.readings = 0

    def get_paginator(self, name: str) -> Any:
        """Pages that wait."""
        if name == "list_workflows":
            self.readings += 1
            assert self.gate.wait(30)
            if self.problem is not None:
                raise self.problem
        return super().get_paginator(name)


@pytest.fixture
def glue() -> SlowGlue:
    """A Glue whose lists can be slow."""
    return SlowGlue()


class Clock:
    """Seconds that a test lets pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the lists."""
    return Clock()


@pytest.fixture
def lists(glue: SlowGlue, clock: Clock) -> Iterator[NameLists]:
    """The lists of the Glue."""
    session: Any = FakeSession(glue)
    made = NameLists(session, clock)
    yield made
    glue.gate.set()
    made.finish()


def test_a_list_is_kept_for_some_seconds(lists: NameLists, glue: SlowGlue, clock: Clock) -> None:
    """A page that is refreshed every second does not read 1,000 names every second."""
    glue.add_workflow("first")
    for _ in range(5):
        assert lists.of("workflow") == ["first"]
    assert glue.readings == 1
    glue.add_workflow("second")
    clock.now += KEPT_SECONDS
    assert lists.of("workflow") == ["first", "second"]
    assert lists.has("workflow", "second")
    assert glue.readings == 2


def test_a_page_does_not_wait_for_a_long_list(lists: NameLists, glue: SlowGlue, clock: Clock) -> None:
    """While a list is being read, pages show the older one; then the new one; one reading at a time."""
    glue.add_workflow("first")
    lists.of("workflow")
    glue.add_workflow("second")
    glue.gate.clear()
    clock.now += KEPT_SECONDS
    assert lists.of("workflow") == ["first"]
    assert lists.of("workflow") == ["first"]
    assert glue.readings == 2
    glue.gate.set()
    lists.finish()
    assert lists.of("workflow") == ["first", "second"]


def test_a_change_is_in_the_next_list(lists: NameLists, glue: SlowGlue) -> None:
    """After a form, the next page has what the form made, also if a reading had started before."""
    assert lists.of("workflow") == []
    glue.add_workflow("made")
    lists.forget()
    assert lists.of("workflow") == ["made"]


def test_a_list_that_is_too_old_is_not_shown(lists: NameLists, glue: SlowGlue, clock: Clock) -> None:
    """A Glue that does not answer is an error on the page, and not an old list for ever."""
    glue.add_workflow("first")
    lists.of("workflow")
    glue.problem = ConnectionError("gone")
    clock.now += KEPT_SECONDS
    assert lists.of("workflow") == ["first"]
    clock.now += MAX_KEPT_SECONDS
    with pytest.raises(ConnectionError):
        lists.of("workflow")
    glue.problem = None
    assert lists.of("workflow") == ["first"]
