"""Small texts: durations, states and their colours, counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from glueprint.client.runs import failed_actions

if TYPE_CHECKING:  # imported where it is used: `check` prints plain lines
    from rich.text import Text

_STYLES = {
    "SUCCEEDED": "green",
    "COMPLETED": "green",
    "ACTIVE": "green",
    "FAILED": "bold red",
    "ERROR": "bold red",
    "TIMEOUT": "bold red",
    "EXPIRED": "bold red",
    "STOPPED": "yellow",
    "STOPPING": "yellow",
    "CANCELLED": "yellow",
    "CANCELLING": "yellow",
    "RUNNING": "cyan",
    "STARTING": "cyan",
    "WAITING": "cyan",
}
NOT_STARTED = "-"


def state_text(state: str | None) -> Text:
    """Return a state in its colour; a dash for what was not started."""
    from rich.text import Text

    return Text(state or NOT_STARTED, _STYLES.get(state or "", "dim" if state is None else ""))


def run_status(status: str | None, statistics: Mapping[str, int]) -> Text:
    """Return a workflow run's status with the number of failed actions: Glue's is COMPLETED also then."""
    from rich.text import Text

    failed = failed_actions(statistics)
    return Text(f"{status}, {failed} failed", "bold red") if status and failed else state_text(status)


def sentence(text: str, indent: int = 0) -> Text:
    """Return a line of prose with states in their colours and names (in backticks) in bold."""
    from rich.text import Text

    line = Text(" " * indent + text)
    line.highlight_regex("`[^`]+`", "bold")
    for state, style in _STYLES.items():
        line.highlight_regex(rf"\b{state}\b", style)
    return line


SHORT_ID_LENGTH = 15
"""Enough of a run's id to be unambiguous: a prefix works everywhere."""


def short_id(run_id: str, *, short: bool) -> Text:
    """Return a run's id; its prefix where a table must fit a terminal."""
    from rich.text import Text

    return Text(run_id[:SHORT_ID_LENGTH] if short else run_id)


def duration(seconds: float | None) -> str:
    """Return ``0.4 s``, ``12.3 s``, ``4 min 05 s``, ``2 h 03 min``; empty for None."""
    if seconds is None:
        return ""
    seconds = max(0.0, seconds)
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def moment(when: datetime | None) -> str:
    """Return local time, to the second; empty for None."""
    return "" if when is None else f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def first_line(text: str | None) -> str:
    """Return the first line of an error message."""
    return (text or "").strip().partition("\n")[0]


def count(number: int, noun: str) -> str:
    """Return ``1 job``, ``2 jobs``, ``1 property``, ``2 properties``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"
