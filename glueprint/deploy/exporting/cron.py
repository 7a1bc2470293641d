"""Schedules of Glue as schedules of Airflow: six fields in UTC become five.

Glue counts days of the week from 1 (Sunday), cron from 0 (DG:monitor-data-warehouse-schedule).
"""

from __future__ import annotations

import re

_CRON = re.compile(r"cron\((.+)\)")
_FIELDS = 6


def airflow_cron(expression: str | None) -> tuple[str | None, str | None]:
    """Return the schedule of a DAG, or why there is none."""
    if expression is None:
        return None, None
    found = _CRON.fullmatch(expression.strip())
    fields = found[1].split() if found else []
    if len(fields) != _FIELDS:
        return None, f"schedule {expression} cannot be read: the DAG has none"
    minute, hour, day, month, weekday, year = fields
    if year != "*":
        return None, f"schedule {expression} names a year, which Airflow's cron has not: the DAG has none"
    if re.search(r"[LW#]", day) or re.search(r"#|L$", weekday):
        return None, f"schedule {expression} uses L, W or #: the DAG has none"
    weekday = re.sub(r"(?<![/\d])[1-7](?!\d)", lambda one: str(int(one[0]) - 1), weekday)
    minute, hour = (_stepped(one, last) for one, last in ((minute, 59), (hour, 23)))
    return " ".join((minute, hour, day.replace("?", "*"), month, weekday.replace("?", "*"))), None


def _stepped(field: str, last: int) -> str:
    """Return ``N/STEP`` as a range, which every cron reads."""
    return re.sub(r"(?<![-\d])(\d+)/(\d+)", lambda one: f"{one[1]}-{last}/{one[2]}", field)
