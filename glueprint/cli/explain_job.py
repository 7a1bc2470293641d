"""``glueprint explain`` of a job run, a job or a trigger outside workflows."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from glueprint.cli.output import print_json, show
from glueprint.cli.render.explain import last_lines_texts
from glueprint.cli.render.graph import condition
from glueprint.cli.render.missed import of_schedule
from glueprint.cli.render.words import moment, sentence, state_text
from glueprint.client.event_sources import event_problems
from glueprint.client.job_runs import JobRunView
from glueprint.client.last_lines import last_lines_of_job_run
from glueprint.client.lookup import Lookup
from glueprint.client.missed_times import MissedTimes, missed_times
from glueprint.client.resources import Resource
from glueprint.client.session import Session
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.explain import error_line
from glueprint.workflow.model import Trigger
from glueprint.workflow.wire import trigger_from_wire

EXIT_FAILED = 1
KINDS = ("job/", "trigger/", "jr_")
"""What an argument starts with that names one of them."""


def explain_resource(session: Session, lookup: Lookup, resource: Resource, lines: int, *, as_json: bool) -> None:
    """Explain a job run (of a job, the latest), or a trigger.

    Raises:
        NotFound: there is no such job run.
        click.exceptions.Exit: the job run failed or was stopped.
    """
    if resource.kind == "trigger":
        missed = missed_times(session).get(("trigger", resource.name))
        shape = session.glue.get_trigger(Name=resource.name)["Trigger"]
        _explain_trigger(session, shape, missed, as_json=as_json)
        return
    is_run = resource.kind == "job run"
    run = lookup.job_run(resource.name) if is_run else lookup.latest_job_run(resource.name)
    found = last_lines_of_job_run(session.client("logs"), run, lines) if lines and _failed(run) else None
    if as_json:
        data: dict[str, Any] = {"job": run.job, "run_id": run.run_id, "state": run.state, "error": run.error}
        print_json(data if found is None else {**data, "log": found.to_json()})
    else:
        parts: list[RenderableType] = [
            Text.assemble((run.job, "bold"), "  ", run.run_id, "  ", state_text(run.state)),
            Text(f"  started {moment(run.wire.get('StartedOn')) or 'not yet'}, {_started_by(run)}"),
        ]
        if run.error:
            parts.append(Text.assemble("  ", ("reason: ", "bold red"), error_line(run.error) or run.error))
        show(Group(*parts, *last_lines_texts(found, 4)), fold=False)
    if _failed(run):
        raise click.exceptions.Exit(EXIT_FAILED)


def _failed(run: JobRunView) -> bool:
    return run.is_final and run.state != "SUCCEEDED"


def _started_by(run: JobRunView) -> str:
    trigger = run.wire.get("TriggerName")
    attempt = run.wire.get("Attempt", 0)
    by = f"by trigger {trigger}" if trigger else "by StartJobRun"
    return f"{by}, attempt {attempt + 1}" if attempt else by


def _explain_trigger(
    session: Session, shape: dict[str, Any], missed: MissedTimes | None, *, as_json: bool
) -> None:
    trigger, workflow = trigger_from_wire(shape), shape.get("WorkflowName")
    if trigger.type is TriggerType.EVENT and workflow:
        fires = f"trigger `{trigger.name}` of workflow `{workflow}` fires {condition(trigger)}."
        text = " ".join([fires, *event_problems(session, workflow)])
    else:
        text = why_silent(trigger, workflow)
    if as_json:
        times = [] if missed is None else [missed.to_json()]
        print_json({"trigger": trigger.name, "state": str(trigger.state), "text": text, "missed_times": times})
        return
    show(sentence(text), fold=False)
    if missed is not None:
        show(sentence(of_schedule(missed)), fold=False)


def why_silent(trigger: Trigger, workflow: str | None) -> str:
    """Return when a trigger fires, or why it does not, in one sentence."""
    name = f"trigger `{trigger.name}`"
    if workflow:
        return f"{name} belongs to workflow `{workflow}`: `glueprint explain {workflow} latest {trigger.name}`"
    if trigger.type is TriggerType.ON_DEMAND:
        return f"{name} fires only when StartTrigger is called."
    if trigger.state is not TriggerState.ACTIVATED:
        when = condition(trigger)
        return f"{name} is {trigger.state}: it does not fire until StartTrigger activates it ({when})."
    return f"{name} is {trigger.state} and fires {condition(trigger)}."
