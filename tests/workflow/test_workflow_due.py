"""When schedules are due and what happens to missed times (stated and visible)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from glueprint.compat import UTC
from glueprint.workflow.due import MAX_MISSED, Due, due
from glueprint.workflow.schedule import parse

HOURLY = parse("cron(0 * * * ? *)")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-21 {text}").replace(tzinfo=UTC)


def test_before_its_time_nothing_fires() -> None:
    """The next look is the next time."""
    assert due(HOURLY, at("09:10"), at("09:59")) == Due(None, (), at("10:00"))


@pytest.mark.parametrize("now", ["10:00", "10:00:01", "10:01"])
def test_at_its_time_it_fires_once(now: str) -> None:
    """Within the grace of a minute a time fires; looked after up to now, it does not fire again."""
    assert due(HOURLY, at("09:10"), at(now)) == Due(at("10:00"), (), at("11:00"))
    assert due(HOURLY, at(now), at(now)).fire is None


def test_missed_times_are_listed_and_skipped() -> None:
    """After a night without a server nothing starts at once; every missed time is in the answer."""
    found = due(HOURLY, at("06:30"), at("09:30"))
    assert found == Due(None, (at("07:00"), at("08:00"), at("09:00")), at("10:00"))


def test_missed_times_and_one_that_is_due_now() -> None:
    """The present time fires although earlier ones were missed."""
    assert due(HOURLY, at("07:30"), at("09:00:30")) == Due(at("09:00"), (at("08:00"),), at("10:00"))


def test_a_schedule_that_is_over() -> None:
    """No next time: never look again."""
    assert due(parse("cron(0 0 1 1 ? 2020)"), at("09:00"), at("10:00")) == Due(None, (), None)


def test_a_very_long_absence_is_bounded() -> None:
    """Counting stops at a bound, and the next time is right all the same."""
    often = parse("cron(0/5 * * * ? *)")
    found = due(often, at("09:00") - timedelta(days=60), at("09:02"))
    assert len(found.missed) == MAX_MISSED
    assert (found.fire, found.next) == (None, at("09:05"))
