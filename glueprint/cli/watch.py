"""Follows a workflow run to its end, on a terminal or line by line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live

from glueprint.cli import lookup
from glueprint.cli.render.run import changes, progress
from glueprint.cli.render.words import duration
from glueprint.cli.runs import RunView, run_view


def watch_run(glue: Any, workflow: str, run_id: str, *, poll_seconds: float, console: Console) -> RunView:
    """Show a run's progress until it has ended, and return it as it ended.

    Args:
        glue: a Glue client.
        poll_seconds: between two looks.
        console: a terminal gets a table that moves, anything else a line for each change.
    """
    if console.is_terminal:
        return _watch_live(glue, workflow, run_id, poll_seconds, console)
    return _watch_lines(glue, workflow, run_id, poll_seconds, console)


def _look(glue: Any, workflow: str, run_id: str) -> RunView:
    return run_view(lookup.workflow_run(glue, workflow, run_id))


def _watch_live(glue: Any, workflow: str, run_id: str, poll_seconds: float, console: Console) -> RunView:
    run = _look(glue, workflow, run_id)
    with Live(progress(run, _now()), console=console, refresh_per_second=8, transient=True) as live:
        while not run.is_final:
            time.sleep(poll_seconds)
            run = _look(glue, workflow, run_id)
            live.update(progress(run, _now()))
    return run


def _watch_lines(glue: Any, workflow: str, run_id: str, poll_seconds: float, console: Console) -> RunView:
    begun = time.monotonic()
    before = None
    while True:
        run = _look(glue, workflow, run_id)
        for line in changes(before, run):
            console.print(f"{duration(time.monotonic() - begun):>8}  {line}")
        if run.is_final:
            return run
        before = run
        time.sleep(poll_seconds)


def _now() -> datetime:
    return datetime.now(UTC)
