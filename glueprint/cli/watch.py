"""The progress of a workflow run, as a table on a terminal or line by line elsewhere."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.live import Live

from glueprint.cli.render.run import changes, progress
from glueprint.cli.render.words import duration
from glueprint.client.runs import RunView, workflow_run
from glueprint.client.waiting import wait_until
from glueprint.compat import UTC


def watch_run(glue: Any, workflow: str, run_id: str, *, poll_seconds: float, console: Console) -> RunView:
    """Show a run's progress until it has ended, and return it as it ended.

    Args:
        glue: a Glue client.
        workflow: the workflow's full name.
        run_id: the run's full id.
        poll_seconds: the time between two requests.
        console: a terminal shows a table that changes, anything else a line for each change.
    """

    def request() -> RunView:
        return workflow_run(glue, workflow, run_id)

    if console.is_terminal:
        with Live(console=console, refresh_per_second=8, transient=True) as live:

            def draw(run: RunView) -> None:
                live.update(progress(run, datetime.now(UTC)))

            ended = wait_until(request, lambda run: run.is_final, poll_seconds=poll_seconds, progress=draw)
            draw(ended)
            return ended
    lines = _Lines(console)
    ended = wait_until(request, lambda run: run.is_final, poll_seconds=poll_seconds, progress=lines.show)
    lines.show(ended)
    return ended


class _Lines:
    """Prints what has changed between two states of a run."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._before: RunView | None = None

    def show(self, run: RunView) -> None:
        for line in changes(self._before, run):
            self._console.print(f"{duration(time.monotonic() - self._started):>8}  {line}")
        self._before = run
