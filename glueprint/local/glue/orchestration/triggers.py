"""Triggers: definitions, and starting and stopping them (docs/facts/triggers.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from glueprint.facts.defaults import trigger_with_defaults
from glueprint.facts.states import (
    TriggerState,
    TriggerType,
    state_after_start,
    state_after_stop,
    state_on_creation,
)
from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of
from glueprint.local.glue.refusals import refuse_problems
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import ApiError, Runs
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.store import Database
from glueprint.local.store.resources import Document, Resources, remove_tags, tags_of
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.quotas import exceeded_quotas
from glueprint.workflow.rules import TriggerContext, broken_rules, request_of_update
from glueprint.workflow.wire import trigger_from_wire

logger = logging.getLogger(__name__)

_DEFINITION = ("Description", "Schedule", "Actions", "Predicate", "EventBatchingCondition")


class Triggers(Family):
    """Operations on triggers."""

    resources = Resources("trigger")
    _jobs = Resources("job")
    _crawlers = Resources("crawler")
    _workflows = Resources("workflow")

    def __init__(self, database: Database, clock: Clock, engine: Engine) -> None:
        super().__init__(database, clock)
        self._engine = engine

    @operation("CreateTrigger", runs=Runs.IN_THREAD)
    def create_trigger(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateTrigger``."""
        self._engine.write(lambda tx: self.insert(tx, context, request))
        return {"Name": request["Name"]}

    def insert(self, tx: Transaction, context: Context, request: Request) -> None:
        """Create the trigger within the caller's transaction.

        Raises:
            ApiError: the definition breaks rules (the message lists all of them), or the name is taken.
        """
        name, members = request["Name"], without_none(request)
        workflow = members.get("WorkflowName")
        if workflow is not None and not self._workflows.exists(tx, workflow):
            raise not_found(f"Workflow {workflow} not found.")
        before = self.resources.get(tx, name)
        if before is not None:
            raise _name_taken(before, members)
        self._check(tx, members)
        type_ = TriggerType(members["Type"])
        state = state_on_creation(type_, start_on_creation=bool(members.pop("StartOnCreation", False)))
        tags = members.pop("Tags", {})
        self._put(tx, trigger_with_defaults(members) | {"State": state})
        add_tags(tx, _arn(context, name), tags)

    @operation("UpdateTrigger", runs=Runs.IN_THREAD)
    def update_trigger(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateTrigger``: replaces the definition; type, workflow and state stay."""
        name = request["Name"]

        def work(tx: Transaction) -> Document:
            before = self.require(tx, name)
            merged = request_of_update(before, without_none(request["TriggerUpdate"]))
            self._check(tx, merged)
            body = trigger_with_defaults(merged) | {"State": before["State"]}
            self._put(tx, body)
            return body

        return {"Trigger": self._engine.write(work)}

    @operation("DeleteTrigger", runs=Runs.IN_THREAD)
    def delete_trigger(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteTrigger``: a missing trigger is not an error."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            body = self.resources.get(tx, name)
            if body is None:
                return
            self.resources.delete(tx, name)
            self._engine.trigger_deleted(tx, body)
            remove_tags(tx, _arn(context, name))

        self._engine.write(work)
        return {"Name": name}

    @operation("StartTrigger", runs=Runs.IN_THREAD)
    def start_trigger(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartTrigger``: fires an ON_DEMAND trigger, activates others."""

        def work(tx: Transaction) -> None:
            body = self.require(tx, request["Name"])
            if body["Type"] == TriggerType.ON_DEMAND:
                self._engine.firing.fire(tx, trigger_from_wire(body))
                return
            self._set_state(tx, body, _allowed(state_after_start, body))

        self._engine.write(work)
        return {"Name": request["Name"]}

    @operation("StopTrigger", runs=Runs.IN_THREAD)
    def stop_trigger(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopTrigger``."""

        def work(tx: Transaction) -> None:
            body = self.require(tx, request["Name"])
            self._set_state(tx, body, _allowed(state_after_stop, body))

        self._engine.write(work)
        return {"Name": request["Name"]}

    @operation("GetTrigger", runs=Runs.INLINE)
    def get_trigger(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTrigger``."""
        return {"Trigger": self.database.read(lambda tx: self.require(tx, request["Name"]))}

    @operation("GetTriggers", runs=Runs.IN_THREAD)
    def get_triggers(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTriggers``."""
        found, token = page_of(self.database.read(lambda tx: self._listed(tx, request)), request, 200)
        return {"Triggers": found, "NextToken": token}

    @operation("ListTriggers", runs=Runs.IN_THREAD)
    def list_triggers(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListTriggers``: names."""
        wanted = request.get("Tags") or {}

        def work(tx: Transaction) -> list[str]:
            names = [body["Name"] for body in self._listed(tx, request)]
            if not wanted:
                return names
            return [name for name in names if wanted.items() <= tags_of(tx, _arn(context, name)).items()]

        found, token = page_of(self.database.read(work), request, 200)
        return {"TriggerNames": found, "NextToken": token}

    @operation("BatchGetTriggers", runs=Runs.IN_THREAD)
    def batch_get_triggers(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetTriggers``."""
        found = self.database.read(
            lambda tx: {name: self.resources.get(tx, name) for name in request["TriggerNames"]}
        )
        return {
            "Triggers": [body for body in found.values() if body is not None],
            "TriggersNotFound": [name for name, body in found.items() if body is None],
        }

    def require(self, tx: Transaction, name: str) -> Document:
        """Return the trigger.

        Raises:
            ApiError: it does not exist.
        """
        found = self.resources.get(tx, name)
        if found is None:
            raise not_found(f"Trigger {name} not found.")
        return found

    def _set_state(self, tx: Transaction, body: Document, state: TriggerState) -> None:
        """Change the state; a trigger that is already in it keeps its collected events and its next time."""
        if body["State"] != state:
            self._put(tx, body | {"State": state})

    def _put(self, tx: Transaction, body: Document) -> None:
        self.resources.put(tx, body["Name"], body, parent=body.get("WorkflowName"))
        self._engine.trigger_changed(tx, body)
        for sentence in exceeded_quotas(Graph((trigger_from_wire(body),))):
            logger.warning("%s", sentence)

    def _listed(self, tx: Transaction, request: Request) -> list[Document]:
        """Return the triggers that can start DependentJobName; all if none can (service model)."""
        everything, job = self.resources.all(tx), request.get("DependentJobName")
        if job is None:
            return everything
        starting = [
            body for body in everything if any(action.get("JobName") == job for action in body["Actions"])
        ]
        return starting or everything

    def _check(self, tx: Transaction, members: Document) -> None:
        workflow = members.get("WorkflowName")
        siblings: tuple[Trigger, ...] = ()
        if workflow is not None:
            siblings = tuple(trigger_from_wire(body) for body in self.resources.children(tx, workflow))
        found = broken_rules(
            members,
            TriggerContext(
                siblings,
                job_exists=lambda name: self._jobs.exists(tx, name),
                crawler_exists=lambda name: self._crawlers.exists(tx, name),
            ),
        )
        refuse_problems(found)


def _allowed(following: Callable[[TriggerType, TriggerState], TriggerState], body: Document) -> TriggerState:
    """Return the state that follows, or raise AWS's refusal of the change."""
    try:
        return following(TriggerType(body["Type"]), TriggerState(body["State"]))
    except ValueError as error:
        raise invalid_input(str(error)) from error


def _name_taken(before: Document, members: Document) -> ApiError:
    """Return the error for a taken name: AWS distinguishes a repeated request from a different one
    (DG:glue-troubleshooting-errors)."""
    name = members["Name"]
    wanted = trigger_with_defaults(members)
    same = all(before.get(key) == wanted.get(key) for key in (*_DEFINITION, "Type", "WorkflowName"))
    if same:
        return already_exists(f"Trigger with name {name} already exists")
    return ApiError(
        "IdempotentParameterMismatchException",
        f"Trigger with name {name} already submitted with different configuration",
    )


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"trigger/{name}")
