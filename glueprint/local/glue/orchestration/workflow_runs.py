"""Operations that start, read, stop and resume workflow runs (docs/facts/workflows.md)."""

from __future__ import annotations

import logging

from glueprint.facts.states import ACTIVE_RUN_STATUSES
from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.workflow_runs import properties_of, put_properties
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.glue.orchestration import workflow_run_view
from glueprint.local.glue.orchestration.workflows import Workflows
from glueprint.local.glue.paging import page_of_rows
from glueprint.local.protocol import ApiError, Runs
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store import Database, Row
from glueprint.local.store.resources import Resources
from glueprint.workflow.model import Graph
from glueprint.workflow.quotas import exceeded_quotas
from glueprint.workflow.resume import NodesNotResumable, RunNotResumable
from glueprint.workflow.wire import trigger_from_wire

logger = logging.getLogger(__name__)


class WorkflowRunOperations(Family):
    """Operations on workflow runs."""

    _triggers = Resources("trigger")

    def __init__(self, database: Database, clock: Clock, engine: Engine, workflows: Workflows) -> None:
        super().__init__(database, clock)
        self._engine = engine
        self._workflows = workflows

    @operation("StartWorkflowRun", runs=Runs.IN_THREAD)
    def start_workflow_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartWorkflowRun``; accepted for each type of the starting trigger (a choice)."""
        name = request["Name"]

        def work(tx: Transaction) -> str:
            workflow = self._workflows.require(tx, name)
            triggers = self._triggers.children(tx, name)
            self._check_limit(tx, name)
            for sentence in exceeded_quotas(Graph(tuple(trigger_from_wire(one) for one in triggers))):
                logger.warning("workflow %s: %s", name, sentence)
            properties = request.get("RunProperties") or {}
            return self._engine.workflow_runs.start(tx, workflow, triggers, properties)

        return {"RunId": self._engine.write(work)}

    @operation("GetWorkflowRun", runs=Runs.IN_THREAD)
    def get_workflow_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetWorkflowRun``."""
        graph = bool(request.get("IncludeGraph"))
        return {
            "Run": self.database.read(
                lambda tx: workflow_run_view.describe(
                    tx, self._require(tx, request["Name"], request["RunId"]), graph, self.clock.now()
                )
            )
        }

    @operation("GetWorkflowRuns", runs=Runs.IN_THREAD)
    def get_workflow_runs(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetWorkflowRuns``: newest first (the order is not documented)."""
        name, graph = request["Name"], bool(request.get("IncludeGraph"))

        def work(tx: Transaction) -> Answer:
            self._workflows.require(tx, name)
            select = "SELECT * FROM workflow_run WHERE workflow = ?"
            rows, token = page_of_rows(tx, select, name, ("started", "rowid"), request, 100)
            now = self.clock.now()
            runs = [workflow_run_view.describe(tx, row, graph, now) for row in rows]
            return {"Runs": runs, "NextToken": token}

        return self.database.read(work)

    @operation("GetWorkflowRunProperties", runs=Runs.INLINE)
    def get_workflow_run_properties(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetWorkflowRunProperties``."""

        def work(tx: Transaction) -> dict[str, str]:
            self._require(tx, request["Name"], request["RunId"])
            return properties_of(tx, request["RunId"])

        return {"RunProperties": self.database.read(work)}

    @operation("PutWorkflowRunProperties", runs=Runs.IN_THREAD)
    def put_workflow_run_properties(self, context: Context, request: Request) -> Answer:
        """Service model, ``PutWorkflowRunProperties``: the keys of the request are written, others stay."""

        def work(tx: Transaction) -> None:
            self._require(tx, request["Name"], request["RunId"])
            put_properties(tx, request["RunId"], request["RunProperties"])

        self.database.write(work)
        return {}

    @operation("StopWorkflowRun", runs=Runs.IN_THREAD)
    def stop_workflow_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopWorkflowRun``."""

        def work(tx: Transaction) -> None:
            row = self._require(tx, request["Name"], request["RunId"])
            if row["status"] not in ACTIVE_RUN_STATUSES:
                raise ApiError(
                    "IllegalWorkflowStateException",
                    f"Workflow run {request['RunId']} is {row['status']}: only a running one can be stopped",
                )
            self._engine.workflow_runs.stop(tx, request["RunId"])

        self._engine.write(work)
        return {}

    @operation("ResumeWorkflowRun", runs=Runs.IN_THREAD)
    def resume_workflow_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``ResumeWorkflowRun``: a new run with copies of the nodes that are not run again."""
        name, run_id = request["Name"], request["RunId"]

        def work(tx: Transaction) -> Answer:
            self._require(tx, name, run_id)
            self._check_limit(tx, name)
            try:
                resumed, node_ids = self._engine.workflow_runs.resume(tx, run_id, request["NodeIds"])
            except RunNotResumable as error:
                raise ApiError("IllegalWorkflowStateException", str(error)) from error
            except NodesNotResumable as error:
                raise invalid_input(str(error)) from error
            return {"RunId": resumed, "NodeIds": node_ids}

        return self._engine.write(work)

    def _check_limit(self, tx: Transaction, name: str) -> None:
        limit = self._workflows.require(tx, name).get("MaxConcurrentRuns")
        if limit is not None and self._engine.workflow_runs.active_count(tx, name) >= limit:
            raise ApiError(
                "ConcurrentRunsExceededException", f"Concurrent runs exceeded for workflow: {name}."
            )

    def _require(self, tx: Transaction, name: str, run_id: str) -> Row:
        row: Row | None = tx.execute(
            "SELECT * FROM workflow_run WHERE run_id = ? AND workflow = ?", (run_id, name)
        ).fetchone()
        if row is None:
            self._workflows.require(tx, name)
            raise not_found("Entity not found")
        return row
