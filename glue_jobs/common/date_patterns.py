"""Dates in file patterns: ``orders-{date:%Y-%m-%d}.csv`` names the file of the run's logical date.

``{date-1:%Y%m%d}`` is the day before it, ``{date+7:...}`` a week after. The layouts use this file, too
(``layouts/common/date_patterns.py`` is a link to it).
"""

import re
from datetime import date, datetime, timedelta
from typing import List, Mapping

LOGICAL_DATE = "logical_date"
"""The run property, and the job argument, with which a run is given its date."""
DIRECTIVES = "YymdjGVu"
"""What a format may contain after a percent sign: parts of a date that are the same in every language."""

_DATE = re.compile(r"\{date([+-]\d{1,4})?:([^{}]*)\}")
_GLOB_SYMBOLS = re.compile(r"([*?\[\]{}\\,])")


def fill_in_date(pattern: str, day: date) -> str:
    """The pattern with its dates as text; what is special in a glob is escaped."""

    def text(found: "re.Match[str]") -> str:
        moved = day + timedelta(days=int(found.group(1) or 0))
        return _GLOB_SYMBOLS.sub(r"\\\1", moved.strftime(found.group(2)))

    return _DATE.sub(text, pattern)


def fill_in_date_of_name(name: str, day: date) -> str:
    """The same for the name of one file, which is not a pattern: nothing is escaped."""
    return re.sub(r"\\(.)", r"\1", fill_in_date(re.sub(r"\\", r"\\\\", name), day))


def any_date(pattern: str) -> str:
    """The pattern with a star for each date: files of all days."""
    return _DATE.sub("*", pattern)


def date_problems(pattern: str) -> List[str]:
    """What is wrong with the dates of a pattern, each as the end of a sentence that names it."""
    problems = []
    for found in _DATE.finditer(pattern):
        directives = re.findall(r"%(.?)", found.group(2))
        if not directives or [one for one in directives if one not in DIRECTIVES or not one]:
            problems.append(
                "has the date {}, whose format must consist of %{} and plain characters".format(
                    found.group(0), ", %".join(DIRECTIVES)
                )
            )
    if "{date" in _DATE.sub("", pattern):
        problems.append("has a date that is not written as {date:%Y-%m-%d} or {date-1:%Y-%m-%d}")
    return problems


def logical_date(argument: str, properties: Mapping[str, str], started: datetime) -> date:
    """The date of a run: the argument, else the run property, else the day on which the run started.

    Args:
        argument: the job argument ``--logical_date``; empty if it was not given.
        properties: the run's properties, which may contain ``logical_date``.
        started: when the workflow run started, in UTC.

    Raises:
        ValueError: the date is not an ISO 8601 date or time, such as Airflow's ``ds``, ``ds_nodash`` and ``ts``.
    """
    text = (argument or properties.get(LOGICAL_DATE, "")).strip()
    if not text:
        return started.date()
    found = re.match(r"(\d{4})(-?)(\d\d)\2(\d\d)(?:$|[T ])", text)
    try:
        if found is None:
            raise ValueError("no date at its start")
        return date(int(found.group(1)), int(found.group(3)), int(found.group(4)))
    except ValueError as error:
        raise ValueError(
            "{} is {!r}; it must be a date such as 2024-05-31 ({}).".format(LOGICAL_DATE, text, error)
        ) from error
