"""Deleting a workflow with its triggers, and with the jobs and crawlers that its blueprint run created.

Glue's DeleteWorkflow deletes nothing but the workflow: triggers, jobs and crawlers remain
(DG:blueprint_workflow_troubleshoot). A :class:`DeletionPlan` lists what belongs to it; :func:`delete_resources`
carries it out, through the API of any Glue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from glueprint.client.errors import (
    GlueprintError,
    NotFound,
    RequestFailed,
    error_code,
    is_not_found,
    is_refused_for_now,
)
from glueprint.client.names import did_you_mean, listed
from glueprint.client.session import Session
from glueprint.client.waiting import TimedOut, wait_until
from glueprint.facts.predicate import Node
from glueprint.facts.states import FINAL_JOB_STATES, FINAL_RUN_STATUSES, NodeKind

WORKFLOW = "WORKFLOW"
TRIGGER = "TRIGGER"
MAX_ATTEMPTS = 6
MAX_DELETION_SECONDS = 180.0
_READY = "READY"


@dataclass(frozen=True, slots=True)
class Resource:
    """A workflow, trigger, job or crawler."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.lower()} {self.name}"


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What is deleted with a workflow, and what is not.

    Attributes:
        resources: what is deleted, in that order: jobs and crawlers, triggers, the workflow.
        kept: jobs and crawlers of its triggers that are not deleted, with the reason.
        triggers: the definitions of its triggers.
        definition: the workflow as GetWorkflow returned it; None if only its triggers remain.
    """

    workflow: str
    resources: tuple[Resource, ...]
    kept: Mapping[Resource, str]
    triggers: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    definition: Mapping[str, Any] | None = field(default=None, repr=False)


class StillRunning(GlueprintError):
    """Something that would be deleted is running."""


def plan_deletion(session: Session, name: str, *, all_nodes: bool = False) -> DeletionPlan:
    """Return what belongs to the workflow with this full name. Nothing is changed.

    Jobs and crawlers are deleted if the workflow comes from a blueprint, they are not older than its blueprint
    run, and no trigger outside the workflow uses them.

    Args:
        session: the Glue.
        name: the workflow's name; one that was deleted already can have triggers that remain.
        all_nodes: also delete jobs and crawlers that no blueprint run created.

    Raises:
        NotFound: there is neither a workflow nor a trigger of that workflow.
        StillRunning: a run of the workflow, or of one of the jobs and crawlers, has not ended.
    """
    glue = session.glue
    definition = workflow_definition(glue, name)
    every = [trigger for page in glue.get_paginator("get_triggers").paginate() for trigger in page["Triggers"]]
    own = tuple(trigger for trigger in every if trigger.get("WorkflowName") == name)
    if definition is None and not own:
        names = [one for page in glue.get_paginator("list_workflows").paginate() for one in page["Workflows"]]
        remedy = did_you_mean(name, names) or (f"there are: {listed(names)}" if names else None)
        raise NotFound(f"there is neither a workflow {name!r} nor a trigger of it", remedy)
    if definition is not None:
        _refuse_running(glue, name)
    users = _users(trigger for trigger in every if trigger.get("WorkflowName") != name)
    started = blueprint_run_start(glue, definition or {})
    deleted: list[Resource] = []
    kept: dict[Resource, str] = {}
    for node in sorted(
        {node for trigger in own for node in _nodes(trigger)}, key=lambda one: (one.kind.value, one.name)
    ):
        resource = Resource(node.kind.value, node.name)
        found = node_definition(glue, node)
        if found is None:
            continue  # it does not exist any more
        is_older = started is not None and "Created" in found and found["Created"] < started
        reason = _reason_to_keep(node, users, definition, is_older=is_older, all_nodes=all_nodes)
        if reason is None:
            _refuse_busy(glue, node)
            deleted.append(resource)
        else:
            kept[resource] = reason
    deleted += [Resource(TRIGGER, trigger["Name"]) for trigger in own]
    if definition is not None:
        deleted.append(Resource(WORKFLOW, name))
    return DeletionPlan(name, tuple(deleted), kept, own, definition)


def delete_resources(session: Session, plan: DeletionPlan, *, nodes: bool = True) -> None:
    """Delete what the plan lists, and wait until its triggers are gone.

    Activated starting triggers are stopped first, so that no run starts meanwhile. Jobs and crawlers come before
    triggers: if one cannot be deleted, the triggers remain, and a second plan contains what is left.

    Args:
        session: the Glue of the plan.
        plan: what to delete.
        nodes: also delete the jobs and crawlers.

    Raises:
        RequestFailed: Glue refused a deletion; the message lists what was deleted.
    """
    glue = session.glue
    for trigger in plan.triggers:
        if trigger["Type"] == "SCHEDULED" and trigger.get("State") == "ACTIVATED":
            repeated(
                session, lambda name=trigger["Name"]: glue.stop_trigger(Name=name), f"trigger {trigger['Name']}"
            )
    done: list[Resource] = []
    for resource in plan.resources:
        if not nodes and resource.kind in (NodeKind.JOB.value, NodeKind.CRAWLER.value):
            continue
        if resource.kind == WORKFLOW:
            _wait_for_triggers(session, plan)
        try:
            repeated(session, lambda one=resource: _delete(glue, one), str(resource))
        except RequestFailed as error:
            raise RequestFailed(
                f"{resource} could not be deleted: {error.message}",
                f"deleted so far: {', '.join(map(str, done)) or 'nothing'}; the same command deletes the rest",
                operation=error.operation,
                code=error.code,
            ) from error
        done.append(resource)
    if plan.definition is None:
        _wait_for_triggers(session, plan)


def delete_nodes(session: Session, plan: DeletionPlan) -> None:
    """Delete only the jobs and crawlers of a plan, as :func:`delete_resources` does."""
    kinds = (NodeKind.JOB.value, NodeKind.CRAWLER.value)
    chosen = tuple(one for one in plan.resources if one.kind in kinds)
    delete_resources(session, DeletionPlan(plan.workflow, chosen, {}))


def nodes_in_use(glue: Any) -> frozenset[Resource]:
    """Return the jobs and crawlers that a trigger starts or waits for."""
    pages = glue.get_paginator("get_triggers").paginate()
    nodes = (node for page in pages for trigger in page["Triggers"] for node in _nodes(trigger))
    return frozenset(Resource(node.kind.value, node.name) for node in nodes)


def workflow_definition(glue: Any, name: str) -> Mapping[str, Any] | None:
    """Return a workflow as GetWorkflow returns it; None if there is none."""
    try:
        return glue.get_workflow(Name=name)["Workflow"]  # type: ignore[no-any-return]
    except glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return None


def _nodes(trigger: Mapping[str, Any]) -> Iterator[Node]:
    """Return the jobs and crawlers that a trigger starts or waits for."""
    for one in (*trigger.get("Actions", ()), *trigger.get("Predicate", {}).get("Conditions", ())):
        if one.get("JobName"):
            yield Node(NodeKind.JOB, one["JobName"])
        elif one.get("CrawlerName"):
            yield Node(NodeKind.CRAWLER, one["CrawlerName"])


def _users(triggers: Iterator[Mapping[str, Any]]) -> dict[Node, str]:
    users: dict[Node, str] = {}
    for trigger in triggers:
        workflow = trigger.get("WorkflowName")
        for node in _nodes(trigger):
            users.setdefault(node, f"workflow {workflow}" if workflow else f"trigger {trigger['Name']}")
    return users


def blueprint_run_start(glue: Any, definition: Mapping[str, Any]) -> datetime | None:
    """Return when the blueprint run that made a workflow was started; None if none made it, or it is not known."""
    details = definition.get("BlueprintDetails") or {}
    if not details.get("RunId") or not details.get("BlueprintName"):
        return None
    try:
        run = glue.get_blueprint_run(BlueprintName=details["BlueprintName"], RunId=details["RunId"])
    except glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return None
    started: datetime | None = run["BlueprintRun"].get("StartedOn")
    return started


def node_definition(glue: Any, node: Node) -> dict[str, Any] | None:
    """Return a job or crawler with the time of its creation as ``Created``; None if it does not exist."""
    try:
        if node.kind is NodeKind.JOB:
            found, member = glue.get_job(JobName=node.name)["Job"], "CreatedOn"
        else:
            found, member = glue.get_crawler(Name=node.name)["Crawler"], "CreationTime"
    except glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return None
    return {**found, "Created": found[member]} if found.get(member) else found


def _reason_to_keep(
    node: Node,
    users: Mapping[Node, str],
    definition: Mapping[str, Any] | None,
    *,
    is_older: bool,
    all_nodes: bool,
) -> str | None:
    if node in users:
        return f"{users[node]} uses it"
    if all_nodes:
        return None
    if definition is None:
        return "whether a blueprint made it is not known, because the workflow is gone"
    if not definition.get("BlueprintDetails"):
        return "no blueprint made the workflow"
    if is_older:
        return "it is older than the blueprint run"
    return None


def _refuse_running(glue: Any, name: str) -> None:
    pages = glue.get_paginator("get_workflow_runs").paginate(Name=name)
    active = [run for page in pages for run in page.get("Runs", ()) if run["Status"] not in FINAL_RUN_STATUSES]
    if active:
        run_id, status = active[0]["WorkflowRunId"], active[0]["Status"]
        raise StillRunning(
            f"workflow {name} cannot be deleted: its run {run_id} is {status}; nothing was deleted",
            f"wait for its end, or stop it with `glueprint stop {name} {run_id}`",
        )


def _refuse_busy(glue: Any, node: Node) -> None:
    if node.kind is NodeKind.CRAWLER:
        state = glue.get_crawler(Name=node.name)["Crawler"]["State"]
        if state != _READY:
            raise StillRunning(f"crawler {node.name} is {state}; nothing was deleted", "wait for its end")
        return
    for run in glue.get_job_runs(JobName=node.name, MaxResults=100).get("JobRuns", ()):
        if run["JobRunState"] not in FINAL_JOB_STATES:
            raise StillRunning(
                f"job {node.name} cannot be deleted: its run {run['Id']} is {run['JobRunState']}; "
                "nothing was deleted",
                f"wait for its end, or stop it with `glueprint stop {run['Id']}`",
            )


def _delete(glue: Any, resource: Resource) -> None:
    if resource.kind == WORKFLOW:
        glue.delete_workflow(Name=resource.name)
    elif resource.kind == TRIGGER:
        glue.delete_trigger(Name=resource.name)
    elif resource.kind == NodeKind.JOB.value:
        glue.delete_job(JobName=resource.name)
    else:
        try:
            glue.delete_crawler(Name=resource.name)
        except glue.exceptions.ClientError as error:
            if not is_not_found(error):  # unlike the others, it refuses a name that does not exist
                raise


def repeated(session: Session, request: Any, what: str) -> None:
    """Send a request, again if Glue throttles it, or something else modified the workflow at the same time."""
    attempts = 0

    def send() -> bool:
        nonlocal attempts
        attempts += 1
        try:
            request()
        except session.glue.exceptions.ClientError as error:
            if not is_refused_for_now(error) or attempts >= MAX_ATTEMPTS:
                raise RequestFailed(
                    _message(error), operation=error.operation_name, code=error_code(error)
                ) from error
            return False
        return True

    wait_until(send, lambda sent: sent, poll_seconds=session.poll_seconds)


def _message(error: Any) -> str:
    code = error_code(error)
    return f"{error.response.get('Error', {}).get('Message') or code} ({code})"


def _wait_for_triggers(session: Session, plan: DeletionPlan) -> None:
    """A trigger is DELETING for a while (service model): a new one of that name would be refused."""
    names = [one.name for one in plan.resources if one.kind == TRIGGER]
    try:
        wait_until(
            lambda: [name for batch in _batches(names) for name in _existing(session.glue, batch)],
            lambda left: not left,
            poll_seconds=session.poll_seconds,
            timeout_seconds=MAX_DELETION_SECONDS,
        )
    except TimedOut as error:
        raise RequestFailed(
            f"triggers of {plan.workflow} are still being deleted", "repeat the command"
        ) from error


def _existing(glue: Any, names: Sequence[str]) -> list[str]:
    found = glue.batch_get_triggers(TriggerNames=list(names))["Triggers"]
    return [trigger["Name"] for trigger in found]


def _batches(names: Sequence[str], size: int = 25) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
