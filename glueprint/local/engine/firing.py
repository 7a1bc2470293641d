"""What triggers start: a run of their workflow, or outside of workflows their jobs and crawlers."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from glueprint.facts.states import NodeKind
from glueprint.local.engine.attempt_rows import Invoker
from glueprint.local.engine.crawls import Crawls
from glueprint.local.engine.job_runs import JobRuns, RunRequest
from glueprint.local.engine.workflow_runs import WorkflowRuns
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.model import Trigger
from glueprint.workflow.standing import StartAction, fire

logger = logging.getLogger(__name__)


class Firing:
    """Starts the actions of triggers, within the caller's transaction."""

    _workflows = Resources("workflow")
    _triggers = Resources("trigger")

    def __init__(self, workflow_runs: WorkflowRuns, job_runs: JobRuns, crawls: Crawls) -> None:
        self._workflow_runs = workflow_runs
        self._job_runs = job_runs
        self._crawls = crawls

    def fire(self, tx: Connection, trigger: Trigger) -> None:
        """Fire an ON_DEMAND trigger that is started, or a SCHEDULED one that is due."""
        if trigger.workflow is not None:
            self.start_workflow(tx, trigger.workflow, {})
            return
        for action in fire(trigger):
            self.start_action(tx, action)

    def start_workflow(
        self, tx: Connection, name: str, properties: Mapping[str, str], batch: Document | None = None
    ) -> None:
        """Start a run of a trigger's workflow; over the workflow's limit the run is recorded as ERROR."""
        workflow = self._workflows.get(tx, name)
        if workflow is None:
            logger.warning("a trigger of workflow %s fired, but the workflow was deleted: nothing starts", name)
            return
        triggers = self._triggers.children(tx, name)
        limit = workflow.get("MaxConcurrentRuns")
        if limit is not None and self._workflow_runs.active_count(tx, name) >= limit:
            self._workflow_runs.refuse(tx, workflow, triggers, properties, batch)
        else:
            self._workflow_runs.start(tx, workflow, triggers, properties, batch)

    def start_action(self, tx: Connection, start: StartAction) -> None:
        """Start one action; a refusal is recorded as a run that failed."""
        action = start.action
        if action.node.kind is NodeKind.CRAWLER:
            self._crawls.start_by_trigger(tx, action.node.name, start.trigger)
            return
        request = RunRequest(
            action.arguments,
            action.timeout,
            action.notify_delay_after,
            {"SecurityConfiguration": action.security_configuration},
        )
        predecessors = tuple(self._job_runs.named(tx, run) for run in start.predecessors)
        invoker = Invoker(trigger=start.trigger, predecessors=tuple(one for one in predecessors if one))
        self._job_runs.submit(tx, action.node.name, request, invoker)
