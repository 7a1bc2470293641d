"""Schedules. Source: Glue guide "Time-based schedules for jobs and crawlers"
(docs/facts/triggers.md#schedules)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.compat import UTC
from glueprint.workflow.schedule import ScheduleError, parse


def fires(expression: str, after: str, count: int = 3) -> list[str]:
    """The next times, as text to the minute."""
    schedule, moment, found = parse(expression), datetime.fromisoformat(after).replace(tzinfo=UTC), []
    for _ in range(count):
        following = schedule.next_after(moment)
        if following is None:
            break
        found.append(following.strftime("%Y-%m-%d %H:%M"))
        moment = following
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 10 * * ? *)", ["2026-11-21 10:00", "2026-11-22 10:00"]),
        ("cron(15 12 * * ? *)", ["2026-11-21 12:15", "2026-11-22 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-11-23 18:00", "2026-11-24 18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["2026-11-21 09:30", "2026-11-21 09:45"]),
        ("cron(0/10 * ? * MON-FRI *)", ["2026-11-23 00:00", "2026-11-23 00:10"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-23 08:00", "2026-11-23 08:05"]),
    ],
)
def test_the_guides_examples(expression: str, expected: list[str]) -> None:
    """Each example of the guide fires when its text says; 2026-11-21 is a Saturday."""
    assert fires(expression, "2026-11-21 09:15", 2) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 0 L * ? *)", ["2026-01-31 00:00", "2026-02-28 00:00", "2026-03-31 00:00"]),
        ("cron(0 0 ? * L *)", ["2026-01-03 00:00", "2026-01-10 00:00", "2026-01-17 00:00"]),
        ("cron(0 0 ? * 6L *)", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-27 00:00"]),
        ("cron(0 0 ? * FRIL *)", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-27 00:00"]),
        ("cron(0 0 3W * ? *)", ["2026-01-02 00:00", "2026-02-03 00:00", "2026-03-03 00:00"]),
        ("cron(0 0 1W 2,8 ? *)", ["2026-02-02 00:00", "2026-08-03 00:00", "2027-02-01 00:00"]),
        ("cron(0 0 31W 5 ? *)", ["2026-05-29 00:00", "2027-05-31 00:00", "2028-05-31 00:00"]),
        ("cron(0 0 31 * ? *)", ["2026-01-31 00:00", "2026-03-31 00:00", "2026-05-31 00:00"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("cron(0 0 ? * 1 *)", ["2026-01-04 00:00", "2026-01-11 00:00", "2026-01-18 00:00"]),
        ("cron(0 0 1,15,L * ? *)", ["2026-01-15 00:00", "2026-01-31 00:00", "2026-02-01 00:00"]),
        ("cron(5/30 6-8/2 2 1 ? *)", ["2026-01-02 06:05", "2026-01-02 06:35", "2026-01-02 08:05"]),
        ("cron(0 0 1 1 ? 2027-2028)", ["2027-01-01 00:00", "2028-01-01 00:00"]),
        ("cron(0 0 30 2 ? *)", []),
    ],
)
def test_wildcards(expression: str, expected: list[str]) -> None:
    """L, W, names, steps, lists and years, worked out by hand from a calendar (guide, wildcards table)."""
    assert fires(expression, "2026-01-01 00:00") == expected


@pytest.mark.parametrize(
    ("expression", "problems"),
    [
        ("0 10 * * ? *", ["not of the form cron(Minutes Hours Day-of-month Month Day-of-week Year)"]),
        ("rate(5 minutes)", ["not of the form"]),
        ("cron(0 10 * * ?)", ["it has 5 fields and needs six"]),
        ("cron(0 10 * * * *)", ["exactly one of Day-of-month and Day-of-week must be ?"]),
        ("cron(0 10 ? * ? *)", ["exactly one of Day-of-month and Day-of-week must be ?"]),
        ("cron(60 24 * * ? *)", ["Hours: 24 is not in 0-23", "Minutes: 60 is not in 0-59"]),
        ("cron(0 0 32 13 ? 1969)", ["Month: 13", "Year: 1969", "Day-of-month: 32"]),
        ("cron(0 0 ? * 0 *)", ["Day-of-week: 0 is not in 1-7"]),
        ("cron(0 0 ? * FRI-MON *)", ["Day-of-week: range FRI-MON runs backwards"]),
        ("cron(0/0 * * * ? *)", ["Minutes: the step of 0/0 must be a whole number"]),
        ("cron(0 0 ? * 2#1 *)", ["Day-of-week: 2#1: # is not among the wildcards"]),
        ("cron(0 0 ? FOO MON *)", ["Month: FOO is not a number in 1-12 or JAN-DEC"]),
        ("cron(0, 1 * * ? *)", ["Minutes: an item is empty"]),
        ("cron(L ? * * ? *)", ["Hours: ? is not a number", "Minutes: L is not a number"]),
        ("cron(0 0 L-2 * ? *)", ["Day-of-month: L is not a number in 1-31 (wildcards here: , - * / ? L W)"]),
    ],
)
def test_every_fault_is_reported_at_once(expression: str, problems: list[str]) -> None:
    """One sentence for each fault, with the field's name (every error at once)."""
    with pytest.raises(ScheduleError) as caught:
        parse(expression)
    assert len(caught.value.problems) == len(problems)
    for problem, expected in zip(caught.value.problems, problems, strict=True):
        assert expected in problem
    assert expression in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("cron(* * * * ? *)", "1 minutes after 00:00"),
        ("cron(0/4 1 * * ? *)", "4 minutes after 01:00"),
        ("cron(0,58 * * * ? *)", "2 minutes after 00:58"),
        ("cron(0,59 0,23 * * ? *)", "1 minutes after 23:59"),
        ("cron(0,58 0,23 1,29 2,3 ? *)", "2 minutes after 23:58"),
    ],
)
def test_faster_than_five_minutes_is_refused(expression: str, gap: str) -> None:
    """Two firings closer than five minutes, across hours and midnight too, are refused (guide)."""
    with pytest.raises(ScheduleError, match=gap):
        parse(expression)


@pytest.mark.parametrize(
    "expression",
    ["cron(0/5 * * * ? *)", "cron(0,59 0,23 1 * ? *)", "cron(0,59 0,23 ? * MON,WED *)"],
)
def test_slow_enough(expression: str) -> None:
    """Every five minutes is allowed; days that never follow each other have no midnight between them."""
    parse(expression)


def test_other_time_zones_are_converted() -> None:
    """Schedules are UTC; a moment elsewhere is the same moment (guide: UTC)."""
    berlin = timezone(timedelta(hours=1))
    moment = datetime(2026, 11, 21, 0, 30, tzinfo=berlin)
    assert parse("cron(0 0 * * ? *)").next_after(moment) == datetime(2026, 11, 21, tzinfo=UTC)


def test_a_naive_time_is_refused() -> None:
    """A time without zone is a mistake of the caller."""
    with pytest.raises(ValueError, match="time zone"):
        parse("cron(0 0 * * ? *)").next_after(datetime(2026, 1, 1))


def test_the_answer_is_strictly_later() -> None:
    """At the very moment of a firing the answer is the next one; a second before, it is that moment."""
    schedule = parse("cron(0 10 * * ? *)")
    ten = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert schedule.next_after(ten - timedelta(seconds=1)) == ten
    assert schedule.next_after(ten) == ten + timedelta(days=1)


@st.composite
def _numeric(draw: st.DrawFn, low: int, high: int) -> str:
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, high))
    forms = [
        "*",
        f"{first}",
        f"{first}-{last}",
        f"{first}/{step}",
        f"{first}-{last}/{step}",
        f"*/{step}",
        f"{first},{last}",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """The six fields, in the grammar that the oracle reads right (no lists with L or W, no lone L weekday)."""
    day, weekday = draw(_numeric(1, 31)), "?"
    match draw(st.sampled_from("dDLWwl")):
        case "L":
            day = "L"
        case "W":
            day = f"{draw(st.integers(1, 31))}W"
        case "w":
            day, weekday = "?", draw(st.one_of(_numeric(1, 7), st.sampled_from(["MON-FRI", "SUN,SAT"])))
        case "l":
            day, weekday = "?", f"{draw(st.integers(1, 7))}L"
    months = draw(st.one_of(_numeric(1, 12), st.sampled_from(["JAN", "FEB-APR", "JUN,DEC"])))
    minute = draw(st.sampled_from(["0", "7", "0/5", "*/10", "1/10", "3,33", "59", "10-50/20"]))
    return f"{minute} {draw(_numeric(0, 23))} {day} {months} {weekday} *"


ORACLE_FAULTS = ("this shouldn't happen, but iter", "day is out of range for month")
"""What pyawscron 1.0.7 says of schedules that fire very seldom, and of the 31st of short months."""


def _oracle_next(oracle: Any, after: datetime) -> datetime | None:
    """pyawscron's answer; None where one of its own faults is in the way."""
    try:
        found: datetime | None = oracle.occurrence(after).next()
    except Exception as error:  # the oracle raises bare Exceptions
        if not any(fault in str(error) for fault in ORACLE_FAULTS):
            raise
        return None
    return found


@settings(deadline=None, max_examples=300)
@given(expressions(), st.datetimes(datetime(1999, 1, 1), datetime(2080, 1, 1)))
def test_next_fire_times_agree_with_pyawscron(expression: str, moment: datetime) -> None:
    """Five next times of any schedule are those of pyawscron, an independent reading of AWS's grammar.

    Where the oracle gives up by a fault of its own, nothing is compared.
    """
    awscron = pytest.importorskip("pyawscron.awscron")
    try:
        schedule = parse(f"cron({expression})")
    except ScheduleError as error:
        if "faster" not in str(error):
            raise
        return
    oracle, after = awscron.AWSCron(expression), moment.replace(tzinfo=UTC)
    for _ in range(5):
        expected = _oracle_next(oracle, after)
        if expected is None:
            return
        assert schedule.next_after(after) == expected
        after = expected
