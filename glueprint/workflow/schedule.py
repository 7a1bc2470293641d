"""Glue's schedules: ``cron(Minutes Hours Day-of-month Month Day-of-week Year)``, in UTC.

Source: DG:monitor-data-warehouse-schedule (fields, ranges, wildcards, the five-minute rule). One of the two day
fields is ``?``; Sunday is 1; ``L`` is the last day of the month, or of the week; ``6L`` is the last Friday of the
month; ``15W`` is the weekday nearest the 15th, within the month.
"""

from __future__ import annotations

import calendar
import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from glueprint.compat import UTC

MIN_INTERVAL = timedelta(minutes=5)
"""Glue refuses schedules that fire more often."""


class ScheduleError(ValueError):
    """A schedule that Glue would refuse; ``problems`` lists everything that is wrong, as text."""

    def __init__(self, expression: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"schedule {expression!r}: {'; '.join(problems)}")
        self.expression = expression
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    special: str = ""
    """Which of ``?``, ``L``, ``W`` it takes in addition to ``, - * /``."""


def _numbered(names: str) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names.split(), 1)}


_MINUTES = _Field("Minutes", 0, 59)
_HOURS = _Field("Hours", 0, 23)
_DAYS = _Field("Day-of-month", 1, 31, special="?LW")
_MONTHS = _Field("Month", 1, 12, _numbered("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"))
_WEEKDAYS = _Field("Day-of-week", 1, 7, _numbered("SUN MON TUE WED THU FRI SAT"), special="?L")
_YEARS = _Field("Year", 1970, 2199)
_FIELDS = (_MINUTES, _HOURS, _DAYS, _MONTHS, _WEEKDAYS, _YEARS)
_FORM = f"cron({' '.join(one.name for one in _FIELDS)})"

_DayRule = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed schedule; made by :func:`parse`."""

    expression: str
    _times: tuple[time, ...]
    """Of the days on which it fires, ascending."""
    _months: tuple[int, ...]
    _years: tuple[int, ...]
    _day_rules: tuple[_DayRule, ...]
    """A day counts if one of them is true for it."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time at which the schedule fires strictly after ``moment``; None: it never fires again.

        Args:
            moment: any aware time; the answer is in UTC, on a whole minute.

        Raises:
            ValueError: ``moment`` has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("a schedule needs a datetime with a time zone: its times are UTC")
        after = moment.astimezone(UTC)
        for day in self._days_from(after.date()):
            later = bisect_right(self._times, after.time()) if day == after.date() else 0
            if later < len(self._times):
                return datetime.combine(day, self._times[later], UTC)
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        for year in self._years[bisect_left(self._years, first.year) :]:
            for month in self._months:
                if (year, month) < (first.year, first.month):
                    continue
                begin = first.day if (year, month) == (first.year, first.month) else 1
                for number in range(begin, calendar.monthrange(year, month)[1] + 1):
                    day = date(year, month, number)
                    if any(rule(day) for rule in self._day_rules):
                        yield day


def parse(expression: str) -> Schedule:
    """Read a schedule.

    Args:
        expression: such as ``cron(0/15 8-17 ? * MON-FRI *)``.

    Raises:
        ScheduleError: with everything that is wrong with it.
    """
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    if match is None:
        raise ScheduleError(expression, (f"it is not of the form {_FORM}",))
    texts = match[1].upper().split()
    if len(texts) != len(_FIELDS):
        raise ScheduleError(expression, (f"it has {len(texts)} fields and needs six: {_FORM}",))
    minutes, hours, days, months, weekdays, years = texts
    reader = _FieldReader()
    hour_numbers, minute_numbers = reader.numbers(_HOURS, hours), reader.numbers(_MINUTES, minutes)
    month_numbers, year_numbers = reader.numbers(_MONTHS, months), reader.numbers(_YEARS, years)
    day_rules = reader.day_rules(days, weekdays)
    if reader.found:
        raise ScheduleError(expression, tuple(reader.found))
    times = tuple(time(hour, minute) for hour in sorted(hour_numbers) for minute in sorted(minute_numbers))
    schedule = Schedule(expression, times, tuple(sorted(month_numbers)), tuple(sorted(year_numbers)), day_rules)
    _check_interval(schedule)
    return schedule


class _FieldReader:
    """Reads fields and collects what is wrong, so that all of it is reported at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def numbers(self, one: _Field, text: str) -> frozenset[int]:
        """The numbers that a field without day wildcards allows."""
        return frozenset(number for item in text.split(",") for number in self._item(one, item))

    def day_rules(self, days: str, weekdays: str) -> tuple[_DayRule, ...]:
        """The rules of the day field that is not ``?``."""
        if (days == "?") == (weekdays == "?"):
            self.found.append(
                f"exactly one of {_DAYS.name} and {_WEEKDAYS.name} must be ?, and they are {days} and {weekdays}"
            )
        rules: list[_DayRule] = []
        if days != "?":
            rules += [self._day_rule(item) for item in days.split(",")]
        if weekdays != "?":
            rules += [self._weekday_rule(item) for item in weekdays.split(",")]
        return tuple(rules)

    def _day_rule(self, item: str) -> _DayRule:
        if item == "L":
            return lambda day: day.day == _last_day(day)
        nearest = re.fullmatch(r"(\d+)W", item)
        if nearest is not None:
            wanted = self._number(_DAYS, nearest[1])
            return lambda day: day.day == _nearest_weekday(day.year, day.month, wanted)
        numbers = frozenset(self._item(_DAYS, item))
        return lambda day: day.day in numbers

    def _weekday_rule(self, item: str) -> _DayRule:
        if item == "L":
            item = "SAT"
        last = re.fullmatch(r"(\w+)L", item)
        if last is not None:
            wanted = self._number(_WEEKDAYS, last[1])
            return lambda day: _weekday(day) == wanted and day.day + 7 > _last_day(day)
        numbers = frozenset(self._item(_WEEKDAYS, item))
        return lambda day: _weekday(day) in numbers

    def _item(self, one: _Field, item: str) -> range:
        """What one item between commas allows: ``*``, a number, a range, each perhaps with a step."""
        span, slash, step_text = item.partition("/")
        first_text, dash, last_text = span.partition("-")
        if span == "*":
            first, last = one.low, one.high
        else:
            first = self._number(one, first_text)
            last = self._number(one, last_text) if dash else (one.high if slash else first)
        if first > last:
            self.found.append(f"{one.name}: range {span} runs backwards")
        step = 1
        if slash:
            step = int(step_text) if step_text.isascii() and step_text.isdigit() else 0
            if step == 0:
                self.found.append(f"{one.name}: the step of {item} must be a whole number of at least 1")
        return range(first, last + 1, max(step, 1))

    def _number(self, one: _Field, text: str) -> int:
        number = one.names.get(text)
        if number is None and text.isascii() and text.isdigit():
            number = int(text)
        if number is None:
            self.found.append(f"{one.name}: {_unknown(one, text)}")
            return one.low
        if not one.low <= number <= one.high:
            self.found.append(f"{one.name}: {text} is not in {one.low}-{one.high}")
            return one.low
        return number


def _unknown(one: _Field, text: str) -> str:
    if "#" in text:
        return f"{text}: # is not among the wildcards that Glue documents"
    names = f" or {'-'.join([*one.names][:: len(one.names) - 1])}" if one.names else ""
    known = " ".join(",-*/" + one.special)
    what = f"{text} is not" if text else "an item is empty, where there should be"
    return f"{what} a number in {one.low}-{one.high}{names} (wildcards here: {known})"


def _weekday(day: date) -> int:
    """1 is Sunday."""
    return day.isoweekday() % 7 + 1


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(year: int, month: int, number: int) -> int | None:
    """The day of the month on which ``numberW`` falls; None: the month has no such day."""
    last = calendar.monthrange(year, month)[1]
    if number > last:
        return None
    weekday = _weekday(date(year, month, number))
    if weekday == 7:
        return number - 1 if number > 1 else 3
    if weekday == 1:
        return number + 1 if number < last else number - 2
    return number


def _check_interval(schedule: Schedule) -> None:
    """Refuse two firings closer than five minutes."""
    times = [timedelta(hours=one.hour, minutes=one.minute) for one in schedule._times]
    gaps = [(later - earlier, earlier) for earlier, later in itertools.pairwise(times)]
    over_midnight = times[0] + timedelta(days=1) - times[-1]
    if over_midnight < MIN_INTERVAL and _has_neighbouring_days(schedule):
        gaps.append((over_midnight, times[-1]))
    if gaps and min(gaps)[0] < MIN_INTERVAL:
        gap, earlier = min(gaps)
        clock = (datetime.min + earlier).strftime("%H:%M")
        raise ScheduleError(
            schedule.expression,
            (
                f"it fires {gap.seconds // 60} minutes after {clock}: a schedule cannot be faster than every "
                f"{MIN_INTERVAL.seconds // 60} minutes",
            ),
        )


def _has_neighbouring_days(schedule: Schedule) -> bool:
    """Whether it ever fires on two days in a row.

    Nine years from its first day contain every pair of consecutive days: up to eight years have no 29th of
    February.
    """
    before: date | None = None
    first: date | None = None
    for day in schedule._days_from(date(_YEARS.low, 1, 1)):
        if before is not None and (day - before).days == 1:
            return True
        first = first or day
        if (day - first).days > 9 * 366:
            return False
        before = day
    return False
