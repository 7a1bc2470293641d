"""The bars of a run over time. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from glueprint.client.runs import NodeView, RunView
from glueprint.console.text import duration, seconds_between, state_kind

WIDTH = 1000.0
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MAX_TICKS = 8
MIN_WIDTH = 3.0
MAX_BARS = 500


@dataclass(frozen=True, slots=True)
class Bar:
    """A job or crawler: ``start`` and ``width`` are in units of the picture, whose width is :data:`WIDTH`."""

    view: NodeView
    state: str
    start: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, and the marks of the axis: their place and label."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    hidden: int = 0


def timeline(run: RunView, now: datetime) -> Timeline:
    """Return the bars of a run, in the order in which the jobs and crawlers started."""
    views = sorted((one for one in run.nodes if one.started is not None), key=lambda one: str(one.started))
    if not views:
        return Timeline((), ())
    first = min(one.started for one in views if one.started is not None)
    ends = [one.completed or now for one in views]
    total = max(0.1, max((end - first) / timedelta(seconds=1) for end in ends))
    scale = WIDTH / total
    bars = []
    for view in views[:MAX_BARS]:
        assert view.started is not None
        seconds = seconds_between(view.started, view.completed, now) or 0.0
        start = (view.started - first) / timedelta(seconds=1) * scale
        width = max(MIN_WIDTH, seconds * scale)
        bars.append(
            Bar(view, state_kind(view.state), round(min(start, WIDTH - MIN_WIDTH), 1), round(width, 1), seconds)
        )
    step = next((one for one in _STEPS if total / one <= _MAX_TICKS), math.ceil(total / _MAX_TICKS))
    ticks = tuple(
        (round(index * step * scale, 1), duration(index * step)) for index in range(int(total / step) + 1)
    )
    return Timeline(tuple(bars), ticks, max(0, len(views) - MAX_BARS))
