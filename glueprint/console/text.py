"""Values as the pages show them: durations, sizes, states, addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from glueprint.client.printable import printable
from glueprint.compat import UTC

_KINDS = {
    "good": ("SUCCEEDED", "COMPLETED", "ACTIVE", "ACTIVATED", "SCHEDULED"),
    "bad": ("FAILED", "ERROR", "TIMEOUT", "EXPIRED"),
    "halted": ("STOPPED", "STOPPING", "CANCELLED", "CANCELLING", "ROLLING_BACK", "DEACTIVATED"),
    "busy": ("RUNNING", "QUEUED", "STARTING", "CREATING", "UPDATING", "ACTIVATING", "WAITING"),
}
_KIND_OF_STATE = {state: kind for kind, states in _KINDS.items() for state in states}
MAX_SHOWN = 20_000
"""Characters of one text, such as an error message or a log line, that a page contains."""


def state_kind(state: str | None) -> str:
    """Return the group of a state, for its colour: good, bad, halted, busy or idle."""
    return _KIND_OF_STATE.get(state or "", "idle")


@dataclass(frozen=True, slots=True)
class Badge:
    """A state with its colour.

    Attributes:
        label: what is shown.
        kind: good, bad, halted, busy or idle.
    """

    label: str
    kind: str


def badge(state: str | None, label: str | None = None) -> Badge:
    """Return the badge of a state; None is "not started"."""
    return Badge(label or state or "not started", state_kind(state))


def run_badge(status: str | None, statistics: Mapping[str, int]) -> Badge:
    """Return the badge of a workflow run. Glue's status is COMPLETED also if actions failed: that is a failure."""
    failed = sum(statistics.get(name, 0) for name in ("FailedActions", "TimeoutActions", "ErroredActions"))
    if failed:
        return Badge(f"{status}, {failed} failed", "bad")
    if status == "COMPLETED" and statistics.get("StoppedActions"):
        return Badge("COMPLETED, stopped", "halted")
    return badge(status, None if status else "never run")


def duration(seconds: float | None) -> str:
    """Return ``0.4 s``, ``12 s``, ``4 min 05 s``, ``2 h 03 min``; empty for None."""
    if seconds is None:
        return ""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def seconds_between(start: datetime | None, end: datetime | None, now: datetime) -> float | None:
    """Return the time from ``start`` to ``end``, or to ``now``; None if it has not started."""
    return None if start is None else ((end or now) - start) / timedelta(seconds=1)


def size(number: int | float | None) -> str:
    """Return a number of bytes as ``512 B``, ``1.5 kB``, ``20 MB``."""
    if number is None:
        return ""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"


def iso(when: datetime) -> str:
    """Return a moment in UTC, for the ``datetime`` attribute of ``<time>``."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc(when: datetime) -> str:
    """Return a moment in UTC for people: the script shows it in the reader's zone."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def url(path: str, **values: Any) -> str:
    """Return an address of the console; values without content are left out.

    Names are values of the query, not parts of the path: they may contain slashes.
    """
    pairs = [
        f"{quote(key)}={quote(str(value), safe='/:')}" for key, value in values.items() if value not in (None, "")
    ]
    return path + (f"?{'&'.join(pairs)}" if pairs else "")


_LONG_ID = re.compile(r"\b((?:jr|wr|br)_[0-9a-f]{8})[0-9a-f]{12,}\b")


def sentence(value: str) -> Markup:
    """Return an explanation as HTML: names in backticks are bold, ids of runs are short."""
    pieces = _LONG_ID.sub(r"\1…", printable(shortened(value, 2000))).split("`")
    parts = [Markup("<b>{}</b>").format(one) if index % 2 else escape(one) for index, one in enumerate(pieces)]
    return Markup("").join(parts)


def shortened(value: str, most: int = MAX_SHOWN) -> str:
    """Return text that is not longer than ``most``; what is missing is stated."""
    return value if len(value) <= most else f"{value[:most]} ... ({len(value) - most:,} more characters)"
