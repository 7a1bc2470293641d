"""Blueprint runs: from parameters to a workflow with all its parts (docs/facts/blueprints.md#runs).

Everything that a layout describes is created in one transaction. So a run that fails, or a server that is killed,
leaves no partial workflow, and a run is never in the state ROLLING_BACK, which takes time on AWS.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from glueprint.blueprint.archive import Archive, read_archive
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_result import LayoutResult
from glueprint.blueprint.spec import ParameterErrors
from glueprint.facts.long_text import shortened
from glueprint.facts.states import BlueprintRunState
from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.crawling.crawlers import Crawlers
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.orchestration.blueprints import Blueprints
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.glue.orchestration.triggers import Triggers
from glueprint.local.glue.orchestration.workflows import Workflows
from glueprint.local.glue.paging import page_of_rows
from glueprint.local.identifiers import blueprint_run_id
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store import Database, Row
from glueprint.local.store.resources import Document

logger = logging.getLogger(__name__)

CheckRequest = Callable[[str, Mapping[str, Any]], Request]
"""Checks a request against the service model, as a client's is checked; raises ApiError."""


class BlueprintRuns(Family):
    """Operations on blueprint runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        blueprints: Blueprints,
        workflows: Workflows,
        crawlers: Crawlers,
        jobs: Jobs,
        triggers: Triggers,
        checked: CheckRequest,
    ) -> None:
        super().__init__(database, clock)
        self._engine = engine
        self._blueprints = blueprints
        self._workflows = workflows
        self._crawlers = crawlers
        self._jobs = jobs
        self._triggers = triggers
        self._checked = checked

    @operation("StartBlueprintRun", runs=Runs.IN_THREAD)
    def start_blueprint_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartBlueprintRun``; all wrong parameters are refused at once (a choice)."""
        name, run_id = request["BlueprintName"], blueprint_run_id()

        digest = self.database.read(lambda tx: self._blueprints.active_version(tx, name)["Digest"])
        archive = self.database.read(lambda tx: self._archive(tx, digest))
        try:
            values = parse_config(archive.config).spec.resolve_text(request.get("Parameters"))
        except ParameterErrors as error:
            raise invalid_input(f"Parameters of blueprint {name}: {error}") from error
        body = {
            "Parameters": request.get("Parameters"),
            "RoleArn": request["RoleArn"],
            "Digest": digest,
            "Values": values,
            "Region": context.region,
            "AccountId": context.account_id,
        }

        def work(tx: Transaction) -> None:
            tx.execute(
                "INSERT INTO blueprint_run (run_id, blueprint, started, state, body) VALUES (?, ?, ?, ?, ?)",
                (run_id, name, self.clock.now(), BlueprintRunState.RUNNING, json.dumps(body)),
            )
            add_action(tx, ActionKind.RUN_BLUEPRINT, run_id)

        self._engine.write(work)
        return {"RunId": run_id}

    @operation("GetBlueprintRun", runs=Runs.INLINE)
    def get_blueprint_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetBlueprintRun``."""

        def work(tx: Transaction) -> Row:
            row = tx.execute("SELECT * FROM blueprint_run WHERE run_id = ?", (request["RunId"],)).fetchone()
            if row is None or row["blueprint"] != request["BlueprintName"]:
                raise not_found(f"Blueprint run {request['RunId']} of {request['BlueprintName']} not found.")
            found: Row = row
            return found

        return {"BlueprintRun": _describe(self.database.read(work))}

    @operation("GetBlueprintRuns", runs=Runs.IN_THREAD)
    def get_blueprint_runs(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetBlueprintRuns``: newest first, as the console lists them."""
        name = request["BlueprintName"]

        def work(tx: Transaction) -> tuple[list[Row], str | None]:
            self._blueprints.require(tx, name)
            select = "SELECT * FROM blueprint_run WHERE blueprint = ?"
            return page_of_rows(tx, select, name, ("started", "rowid"), request, 100)

        rows, token = self.database.read(work)
        return {"BlueprintRuns": [_describe(row) for row in rows], "NextToken": token}

    def create(self, tx: Transaction, row: Row, result: LayoutResult) -> None:
        """Create everything that a layout describes, and end the run, within the caller's transaction.

        Raises:
            ApiError: something cannot be created; the transaction must then be undone.
        """
        body, requests = json.loads(row["body"]), result.requests
        context = Context(body["AccountId"], body["Region"])
        details = {"BlueprintName": row["blueprint"], "RunId": row["run_id"]}
        workflow = self._checked("CreateWorkflow", requests.workflow)
        crawlers = [self._checked("CreateCrawler", one) for one in requests.crawlers]
        jobs = [self._checked("CreateJob", one) for one in requests.jobs]
        triggers = [self._checked("CreateTrigger", one) for one in requests.triggers]
        self._workflows.insert(tx, context, workflow, blueprint=details)
        reached(FaultPoint.BLUEPRINT_CREATING)
        for crawler in crawlers:
            self._crawlers.insert(tx, context, crawler)
        for job in jobs:
            self._jobs.insert(tx, context, job)
        for trigger in triggers:
            self._triggers.insert(tx, context, trigger)
        warnings = [str(warning) for warning in result.warnings]
        done = body | {"WorkflowName": requests.workflow["Name"], "Warnings": warnings, "Output": result.output}
        self._end(tx, row["run_id"], BlueprintRunState.SUCCEEDED, done)
        for warning in warnings:
            logger.warning("blueprint %s: %s", row["blueprint"], warning)

    def fail(self, tx: Transaction, row: Row, reason: str) -> None:
        """End the run without a workflow."""
        body = json.loads(row["body"]) | {"ErrorMessage": shortened(reason)}
        self._end(tx, row["run_id"], BlueprintRunState.FAILED, body)

    def unfinished(self, tx: Transaction, run_id: str) -> tuple[Row, Archive] | None:
        """Return a run that has not ended, and the blueprint version that it started with."""
        row = tx.execute("SELECT * FROM blueprint_run WHERE run_id = ?", (run_id,)).fetchone()
        if row is None or row["state"] != BlueprintRunState.RUNNING:
            return None
        return row, self._archive(tx, json.loads(row["body"])["Digest"])

    def _end(self, tx: Transaction, run_id: str, state: BlueprintRunState, body: Document) -> None:
        ended = json.dumps(body | {"CompletedOn": self.clock.now()})
        tx.execute(
            "UPDATE blueprint_run SET state = ?, body = ? WHERE run_id = ? AND state = ?",
            (state, ended, run_id, BlueprintRunState.RUNNING),
        )

    def _archive(self, tx: Transaction, digest: str) -> Archive:
        row = tx.execute("SELECT stem, data FROM blueprint_zip WHERE digest = ?", (digest,)).fetchone()
        return read_archive(row["data"], row["stem"])


def _describe(row: Row) -> Document:
    body = json.loads(row["body"])
    shown = ("Parameters", "RoleArn", "CompletedOn", "ErrorMessage", "WorkflowName")
    return without_none(
        {
            "BlueprintName": row["blueprint"],
            "RunId": row["run_id"],
            "State": row["state"],
            "StartedOn": row["started"],
            **{key: body.get(key) for key in shown},
        }
    )
