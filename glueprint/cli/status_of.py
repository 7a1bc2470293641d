"""``glueprint status`` of a job, a job run, a crawler or a trigger, and of everything that failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.text import Text

from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.graph import condition
from glueprint.cli.render.missed import of_schedule
from glueprint.cli.render.tables import pairs_table, plain_table
from glueprint.cli.render.words import (
    SHORT_ID_LENGTH,
    count,
    duration,
    first_line,
    moment,
    sentence,
    short_id,
    state_text,
)
from glueprint.client.failed_runs import failed_runs
from glueprint.client.job_runs import JobRunView
from glueprint.client.lookup import Lookup
from glueprint.client.missed_times import MissedTimes, missed_times
from glueprint.client.resources import Resource
from glueprint.client.session import Session
from glueprint.workflow.wire import trigger_from_wire

MAX_RUNS = 10
MAX_FAILED = 20
"""How many failed runs are shown to people; JSON has all that were read."""


def show_failed(session: Session, *, as_json: bool) -> None:
    """Show the failed runs of workflows, jobs and crawlers, newest first, with their reasons."""
    found = failed_runs(session)
    if as_json:
        print_json({"Failed": [one.to_json() for one in found]})
        return
    if not found:
        echo("nothing failed among the latest runs of workflows, jobs and crawlers")
        return
    rows = [
        (
            moment(one.when),
            state_text(one.state),
            Text(f"{one.kind}/{one.name}"),
            Text(one.workflow or "-"),
            short_id(one.run_id, short=console().is_terminal),
            Text(first_line(one.reason)),
        )
        for one in found[:MAX_FAILED]
    ]
    show(plain_table(("ENDED", "STATE", "WHAT", "WORKFLOW", "RUN", "REASON"), rows))
    if len(found) > MAX_FAILED:
        echo(f"and {count(len(found) - MAX_FAILED, 'earlier failure')}: --json prints all")
    echo("see more: glueprint explain RUN, glueprint logs RUN", err=True)


def show_resource(session: Session, lookup: Lookup, resource: Resource, now: datetime, *, as_json: bool) -> None:
    """Show a job, a job run, a crawler or a trigger."""
    glue, name = session.glue, resource.name
    if resource.kind == "job run":
        _show_job_run(lookup.job_run(name), now, as_json=as_json)
    elif resource.kind == "job":
        runs = glue.get_job_runs(JobName=name, MaxResults=MAX_RUNS).get("JobRuns", [])
        rows = [
            _row(run["Id"], run["JobRunState"], run.get("StartedOn"), run.get("CompletedOn"), run, now)
            for run in runs
        ]
        _show_runs(f"job {name}", {"JobRuns": runs}, rows, as_json=as_json)
    elif resource.kind == "crawler":
        crawls = glue.list_crawls(CrawlerName=name, MaxResults=MAX_RUNS)["Crawls"]
        rows = [
            _row(crawl["CrawlId"], crawl["State"], crawl.get("StartTime"), crawl.get("EndTime"), crawl, now)
            for crawl in crawls
        ]
        missed = missed_times(session).get(("crawler", name))
        _show_runs(f"crawler {name}", {"Crawls": crawls, **_json(missed)}, rows, as_json=as_json)
        _show_missed(missed, as_json=as_json)
    else:
        missed = missed_times(session).get(("trigger", name))
        _show_trigger(glue.get_trigger(Name=name)["Trigger"], missed, as_json=as_json)
        _show_missed(missed, as_json=as_json)


Row = tuple[Text, Text, str, str, Text]


def _row(
    run_id: str, state: str, started: datetime | None, ended: datetime | None, wire: dict[str, Any], now: datetime
) -> Row:
    seconds = ((ended or now) - started).total_seconds() if started else None
    return (
        short_id(run_id, short=console().is_terminal),
        state_text(state),
        moment(started),
        duration(seconds),
        Text(first_line(wire.get("ErrorMessage"))),
    )


def _show_runs(what: str, wire: dict[str, Any], rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        print_json(wire)
    elif rows:
        show(plain_table(("RUN", "STATE", "STARTED", "DURATION", "REASON"), rows))
    else:
        echo(f"{what} has not run yet")


def _show_job_run(run: JobRunView, now: datetime, *, as_json: bool) -> None:
    if as_json:
        print_json({"JobRun": run.wire})
        return
    wire = run.wire
    started = wire.get("StartedOn")
    seconds = ((wire.get("CompletedOn") or now) - started).total_seconds() if started else None
    show(
        Text.assemble((run.job, "bold"), "  ", run.run_id, "  ", state_text(run.state), "  ", duration(seconds)),
        fold=False,
    )
    if run.error:
        show(Text(run.error, "red"), fold=False)
    members = {"attempt": str(wire.get("Attempt", 0) + 1), "started": moment(started)}
    for name in ("TriggerName", "GlueVersion", "WorkerType", "NumberOfWorkers"):
        if name in wire:
            members[name] = str(wire[name])
    members |= {name: str(value) for name, value in (wire.get("Arguments") or {}).items()}
    show(pairs_table(members))
    echo(f"see what it wrote: glueprint logs {run.run_id[:SHORT_ID_LENGTH]}", err=True)


def _json(missed: MissedTimes | None) -> dict[str, Any]:
    return {"MissedTimes": [] if missed is None else [missed.to_json()]}


def _show_missed(missed: MissedTimes | None, *, as_json: bool) -> None:
    if missed is not None and not as_json:
        show(sentence(of_schedule(missed)), fold=False)


def _show_trigger(shape: dict[str, Any], missed: MissedTimes | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"Trigger": shape, **_json(missed)})
        return
    trigger = trigger_from_wire(shape)
    starts = ", ".join(f"{one.node.kind.value.lower()} {one.node.name}" for one in trigger.actions)
    show(
        pairs_table(
            {
                "state": str(trigger.state),
                "fires": condition(trigger),
                "starts": starts or "nothing",
                "workflow": shape.get("WorkflowName") or "-",
            }
        )
    )
