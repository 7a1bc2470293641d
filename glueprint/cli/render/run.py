"""A workflow run on the screen."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from glueprint.cli.render.tables import pairs_table, plain_table
from glueprint.cli.render.words import count, duration, first_line, moment, run_status, short_id, state_text
from glueprint.client.runs import NodeView, RunView


def node_table(run: RunView, now: datetime) -> Table:
    """Return a table of the jobs and crawlers of a run."""
    return plain_table(
        ("NODE", "KIND", "STATE", "DURATION", "DETAIL"),
        [
            (
                Text(view.node.name),
                view.node.kind.value.lower(),
                state_text(view.state),
                Text(duration(view.seconds(now)), justify="right"),
                Text(_detail(view)),
            )
            for view in run.nodes
        ],
    )


def headline(run: RunView, now: datetime) -> Text:
    """Return the run in one line."""
    seconds = None if run.started is None else ((run.completed or now) - run.started).total_seconds()
    status = run_status(run.status, run.statistics)
    return Text.assemble((run.workflow, "bold"), "  ", run.run_id, "  ", status, "  ", duration(seconds))


def progress(run: RunView, now: datetime) -> RenderableType:
    """Return what a terminal shows while a run is watched."""
    return Group(headline(run, now), node_table(run, now))


def report(run: RunView, now: datetime) -> RenderableType:
    """Return everything about one run."""
    parts: list[RenderableType] = [headline(run, now)]
    if run.error:
        parts.append(Text(run.error, "red"))
    parts += [Text(), node_table(run, now)]
    if run.properties:
        parts += [Text(), Text("RUN PROPERTIES", "bold"), pairs_table(run.properties)]
    return Group(*parts)


def changes(before: RunView | None, after: RunView) -> list[str]:
    """Return a line for each node whose state has changed; for a new attempt with why the previous one failed."""
    known = {view.node: (view.state, view.attempt) for view in before.nodes} if before else {}
    lines = []
    for view in after.nodes:
        if view.state is None or known.get(view.node) == (view.state, view.attempt):
            continue
        again = f" (attempt {view.attempt + 1})" if view.attempt else ""
        known_attempt = known.get(view.node, (None, None))[1]
        why = view.error or (view.previous_error if known_attempt != view.attempt else None)
        detail = f": {first_line(why)}" if view.error else f", previous attempt: {first_line(why)}" if why else ""
        lines.append(f"{view.node.kind.value.lower()} {view.node.name} {view.state}{again}{detail}")
    return lines


def verdict(run: RunView) -> str:
    """Return the counts that decide the exit code."""
    names = (("FailedActions", "failed"), ("TimeoutActions", "timed out"), ("ErroredActions", "in error"),
             ("StoppedActions", "stopped"))  # fmt: skip
    wrong = [f"{run.statistics[key]} {word}" for key, word in names if run.statistics.get(key)]
    never = sum(view.state is None for view in run.nodes)
    parts = [count(run.statistics.get("SucceededActions", 0), "action") + " succeeded", *wrong]
    if never:
        parts.append(f"{never} not started")
    return ", ".join(parts)


def run_list(runs: list[RunView], now: datetime, *, short: bool = False) -> Table:
    """Return a table of runs of a workflow, in the order given; ``short`` shortens their ids."""
    return plain_table(
        ("RUN", "STATUS", "STARTED", "DURATION", "ACTIONS"),
        [
            (
                short_id(run.run_id, short=short),
                run_status(run.status, run.statistics),
                moment(run.started),
                duration(((run.completed or now) - run.started).total_seconds() if run.started else None),
                verdict(run),
            )
            for run in runs
        ],
    )


def _detail(view: NodeView) -> str:
    again = f"attempt {view.attempt + 1}" if view.attempt else ""
    return "; ".join(part for part in (again, first_line(view.error)) if part)
