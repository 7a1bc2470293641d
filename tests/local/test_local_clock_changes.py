"""Schedules while the system's clock is set, sleeps, or changes between summer and winter time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glueprint.compat import UTC
from glueprint.local import clock as clock_module
from glueprint.local.clock import ManualClock, SystemClock
from glueprint.local.engine.schedules import Schedules
from glueprint.local.engine.timer_rows import TriggerSchedule, due_timers
from glueprint.local.engine.timers import Timers
from glueprint.local.store import Database
from glueprint.local.store.schema import GLUE_SCHEMA
from glueprint.workflow.schedule import parse

KEY = TriggerSchedule("t")
START = datetime(2026, 10, 24, 9, 10, 30, tzinfo=UTC).timestamp()
"""The day before clocks in Europe go back."""
HOUR, DAY = 3600.0, 86400.0


class Scheduled:
    """A schedule over a store and a clock, looked at as the timers' thread does."""

    def __init__(self, database: Database, expression: str) -> None:
        self.clock = ManualClock(START)
        self.fired: list[float] = []
        self.latest = START
        self._expression = expression
        self._database = database
        self._schedules = Schedules(self.clock, lambda tx, schedule: expression)
        database.write(lambda tx: tx.execute("DELETE FROM timer"))
        database.write(lambda tx: tx.execute("DELETE FROM missed_time"))
        database.write(lambda tx: self._schedules.changed(tx, KEY))

    def look(self) -> None:
        """Report what is due; a schedule that fires has fired for its latest time."""
        self.latest = max(self.latest, self.clock.now())
        for timer in self._database.read(lambda tx: due_timers(tx, self.clock.now())):
            if self._database.write(lambda tx, due=timer.due: self._schedules.due(tx, KEY, due)):  # type: ignore[misc]
                passed = [at for at in self.times() if at <= self.clock.now()]
                self.fired.append(passed[-1])

    def missed(self) -> list[float]:
        return self._database.read(lambda tx: [row["at"] for row in tx.execute("SELECT at FROM missed_time")])

    def times(self) -> list[float]:
        """Every time of the schedule from its activation to the latest time that the clock has shown."""
        schedule, found = parse(self._expression), []
        at = schedule.next_after(datetime.fromtimestamp(START, UTC))
        while at is not None and at.timestamp() <= self.latest:
            found.append(at.timestamp())
            at = schedule.next_after(at)
        return found


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(tmp_path_factory.mktemp("clock") / "state.sqlite", (GLUE_SCHEMA,), durable=False)
    yield database
    database.close()


JUMPS = st.lists(
    st.sampled_from([-DAY, -HOUR, -60.0, -1.0, 1.0, 29.0, 60.0, 61.0, HOUR, HOUR + 1, 7 * HOUR, DAY]), max_size=30
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=JUMPS, expression=st.sampled_from(["cron(0 * * * ? *)", "cron(0/5 * * * ? *)", "cron(30 2 * * ? *)"]))
def test_no_time_fires_twice_and_none_is_lost_without_a_note(
    database: Database, jumps: list[float], expression: str
) -> None:
    """However the clock is set, back and forth: each time that it has shown or jumped over has fired once, or is
    among the missed times (docs/fidelity/workflow.md).
    """
    scheduled = Scheduled(database, expression)
    for jump in jumps:
        scheduled.clock.advance(jump)
        scheduled.look()
    missed = scheduled.missed()
    assert len(set(scheduled.fired)) == len(scheduled.fired)
    assert sorted([*scheduled.fired, *missed]) == scheduled.times()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
def test_summer_and_winter_time_change_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Schedules are in UTC (DG:monitor-data-warehouse-schedule): 24 hours a day, whatever the machine's zone."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        scheduled = Scheduled(database, "cron(0 * * * ? *)")
        for _ in range(2 * 24 * 60):
            scheduled.clock.advance(60)
            scheduled.look()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert len(scheduled.fired) == 48
    assert {later - earlier for earlier, later in pairwise(scheduled.fired)} == {HOUR}
    assert scheduled.missed() == []


@pytest.mark.parametrize("jump", [HOUR, DAY])
def test_a_clock_that_is_set_forward_is_noticed_within_the_grace(
    monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """The kernel's timeout goes on counting old seconds: the system's time is read again every few of them."""
    monkeypatch.setattr(clock_module, "STEP_SECONDS", 0.02)
    offset, real = [0.0], time.time
    monkeypatch.setattr(clock_module.time, "time", lambda: real() + offset[0])
    clock, wake = SystemClock(), threading.Event()
    waiting = threading.Thread(target=clock.wait, args=(wake, clock.now() + jump))
    waiting.start()
    offset[0] = jump
    waiting.join(30)
    assert not waiting.is_alive()
    assert not wake.is_set()


def test_a_clock_that_is_set_back_is_named_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Once; a second or two are an adjustment."""
    clock = ManualClock(START)
    timers = Timers(database, clock, lambda timer: None)
    with caplog.at_level(logging.WARNING):
        for jump in (0.0, -2.0, 1.0, -HOUR, 10.0):
            clock.advance(jump)
            database.read(timers._due)
    (record,) = caplog.records
    assert "clock was set back by 3601 s" in record.getMessage()
