"""Replacing a workflow by one of the same name, so that no interruption loses the old one.

The names of a workflow and its triggers clash with those of its replacement, so they are deleted first. Before
that, their definitions are recorded in Glue itself, in a workflow ``replacing-NAME`` without triggers: whatever
ends the command, the old workflow can be created again, from any machine. The next replacement of that name takes
the record over; it also deletes the jobs and crawlers that the interrupted one left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.client.blueprints import BlueprintRunView, blueprint_runs
from glueprint.client.deletion import (
    MAX_DELETION_SECONDS,
    TRIGGER,
    WORKFLOW,
    DeletionPlan,
    Resource,
    delete_nodes,
    delete_resources,
    nodes_in_use,
    plan_deletion,
    repeated,
    workflow_definition,
)
from glueprint.client.errors import NotFound, is_not_found
from glueprint.client.session import Session
from glueprint.client.waiting import wait_until

RECORD_PREFIX = "replacing-"
_PROPERTY = "glueprint.replaced"
_MAX_NAME_LENGTH = 255
_WORKFLOW_MEMBERS = ("Name", "Description", "DefaultRunProperties", "MaxConcurrentRuns")
_TRIGGER_MEMBERS = (
    "Name",
    "WorkflowName",
    "Type",
    "Schedule",
    "Predicate",
    "Actions",
    "Description",
    "EventBatchingCondition",
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The replacement of one workflow.

    Attributes:
        old: the old workflow, its triggers, and its jobs and crawlers.
        present: what is there now; less than ``old`` after an interrupted replacement. None: nothing.
        left: jobs and crawlers that an interrupted replacement had still to delete.
        is_resumed: it takes an interrupted replacement over.
    """

    session: Session
    old: DeletionPlan
    present: DeletionPlan | None
    left: tuple[Resource, ...] = ()
    is_resumed: bool = False

    def delete_old(self) -> None:
        """Record workflow and triggers, then delete them; their jobs and crawlers stay."""
        delete_nodes(self.session, DeletionPlan(self.old.workflow, self.left, {}))
        _write_record(self.session, self.old)
        if self.present is not None:
            delete_resources(self.session, self.present, nodes=False)

    def finish(self) -> None:
        """Delete the old jobs and crawlers, and the record: the new workflow is there."""
        delete_nodes(self.session, self.old)
        _delete_record(self.session, self.old.workflow)

    def undo(self, blueprint: str) -> bool:
        """Create again what was deleted, once no blueprint run of that workflow is active.

        The new workflow does not refer to a blueprint: no operation sets BlueprintDetails. If the blueprint run
        succeeded, the replacement is finished instead.

        Returns:
            Whether the old workflow is there.
        """
        _wait_for_blueprint_runs(self.session, blueprint, self.old.workflow)
        found = workflow_definition(self.session.glue, self.old.workflow)
        if found is not None and _blueprint_run_of(found) != _blueprint_run_of(self.old.definition):
            self.finish()
            return False
        _restore(self.session, self.old)
        _delete_record(self.session, self.old.workflow)
        return True


def record_name(workflow: str) -> str:
    """Return the name of the workflow that records a replacement."""
    return (RECORD_PREFIX + workflow)[:_MAX_NAME_LENGTH]


def begin(session: Session, name: str) -> Replacement | None:
    """Return the replacement of the workflow with this full name; None if there is nothing to replace.

    Raises:
        StillRunning: a run of the workflow, or of one of its jobs and crawlers, has not ended.
    """
    recorded = _read_record(session, name)
    try:
        present = plan_deletion(session, name)
    except NotFound:
        present = None
    if recorded is None:
        return None if present is None else Replacement(session, present, present)
    if present is None or present.definition is None:
        return Replacement(session, recorded, present, is_resumed=True)
    # The interrupted command had not deleted anything yet, or had finished but for the old jobs and crawlers.
    used = nodes_in_use(session.glue)
    left = tuple(one for one in recorded.resources if one.kind not in (WORKFLOW, TRIGGER) and one not in used)
    return Replacement(session, present, present, left, is_resumed=True)


def _restore(session: Session, plan: DeletionPlan) -> None:
    """Create what does not exist of a workflow and its triggers, and activate the triggers that were active."""
    glue, definition = session.glue, plan.definition
    if definition is not None and workflow_definition(glue, plan.workflow) is None:
        glue.create_workflow(**{name: definition[name] for name in _WORKFLOW_MEMBERS if name in definition})
    for trigger in plan.triggers:
        name, found = trigger["Name"], _settled_trigger(session, trigger["Name"])
        is_active = trigger["Type"] in ("SCHEDULED", "CONDITIONAL") and trigger.get("State") == "ACTIVATED"
        if found is None:
            request = {member: trigger[member] for member in _TRIGGER_MEMBERS if member in trigger}
            if is_active:
                request["StartOnCreation"] = True
            repeated(session, lambda request=request: glue.create_trigger(**request), f"trigger {name}")
        elif is_active and found.get("State") != "ACTIVATED":
            repeated(session, lambda name=name: glue.start_trigger(Name=name), f"trigger {name}")


def _settled_trigger(session: Session, name: str) -> Mapping[str, Any] | None:
    """Return a trigger, or None; one that is being deleted is waited for."""

    def request() -> Mapping[str, Any] | None:
        try:
            return session.glue.get_trigger(Name=name)["Trigger"]  # type: ignore[no-any-return]
        except session.glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return None

    return wait_until(
        request,
        lambda found: found is None or found.get("State") not in ("DELETING", "DEACTIVATING"),
        poll_seconds=session.poll_seconds,
        timeout_seconds=MAX_DELETION_SECONDS,
    )


def _wait_for_blueprint_runs(session: Session, blueprint: str, workflow: str) -> None:
    """Wait for the blueprint's runs that would create this workflow: they cannot be stopped."""

    def active() -> list[BlueprintRunView]:
        runs = blueprint_runs(session.glue, blueprint)
        return [run for run in runs if not run.is_final and workflow in _texts(run.wire.get("Parameters"))]

    wait_until(
        active,
        lambda runs: not runs,
        poll_seconds=session.poll_seconds,
        timeout_seconds=MAX_DELETION_SECONDS,
    )


def _texts(parameters: str | None) -> list[Any]:
    try:
        found = json.loads(parameters or "{}")
    except ValueError:
        return []
    return [one for one in found.values() if isinstance(one, str)] if isinstance(found, dict) else []


def _blueprint_run_of(definition: Mapping[str, Any] | None) -> str | None:
    return ((definition or {}).get("BlueprintDetails") or {}).get("RunId")


def _write_record(session: Session, plan: DeletionPlan) -> None:
    definition = plan.definition or {}
    kept = {name: definition[name] for name in (*_WORKFLOW_MEMBERS, "BlueprintDetails") if name in definition}
    content = {
        "definition": kept or None,
        "triggers": list(plan.triggers),
        "resources": [[one.kind, one.name] for one in plan.resources],
    }
    request = {
        "Name": record_name(plan.workflow),
        "Description": f"glueprint create --replace replaces {plan.workflow}; if nothing does, repeat it",
        "DefaultRunProperties": {_PROPERTY: json.dumps(content, default=str)},
    }
    try:
        session.glue.create_workflow(**request)
    except session.glue.exceptions.AlreadyExistsException:
        session.glue.update_workflow(**request)


def _read_record(session: Session, name: str) -> DeletionPlan | None:
    found = workflow_definition(session.glue, record_name(name))
    text = ((found or {}).get("DefaultRunProperties") or {}).get(_PROPERTY)
    if text is None:
        return None
    content = json.loads(text)
    return DeletionPlan(
        name,
        tuple(Resource(kind, one) for kind, one in content["resources"]),
        {},
        tuple(content["triggers"]),
        content["definition"],
    )


def _delete_record(session: Session, name: str) -> None:
    session.glue.delete_workflow(Name=record_name(name))
