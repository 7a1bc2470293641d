"""Job runs as the API returns and starts them (docs/facts/jobs.md#job-runs)."""

from __future__ import annotations

import json

from glueprint.facts.defaults import DEFAULT_COMMAND, DEFAULT_GLUE_VERSION
from glueprint.facts.states import JobState, is_final
from glueprint.local.clock import Clock
from glueprint.local.engine.capacity import with_capacity
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.job_runs import DPUS, RunRequest
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.glue.paging import page_of_rows
from glueprint.local.glue.refusals import refuse_problems, unsupported
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import not_found
from glueprint.local.store import Database, Row
from glueprint.local.store.resources import Document
from glueprint.workflow.arguments import argument_faults
from glueprint.workflow.job_rules import capacity_conflicts, capacity_problems

_OVERRIDES = (
    "MaxCapacity",
    "WorkerType",
    "NumberOfWorkers",
    "SecurityConfiguration",
    "ExecutionClass",
    "JobRunQueuingEnabled",
)
_RUN_COLUMNS = (
    "SELECT job_run.*, submission.settings, submission.predecessors, submission.trigger_name"
    " FROM job_run JOIN submission ON submission.id = job_run.submission_id"
)


class JobRunOperations(Family):
    """Operations on job runs."""

    def __init__(self, database: Database, clock: Clock, engine: Engine, jobs: Jobs) -> None:
        super().__init__(database, clock)
        self._engine = engine
        self._jobs = jobs

    @operation("StartJobRun", runs=Runs.IN_THREAD)
    def start_job_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartJobRun``."""
        refuse_problems(_problems(request))
        run = RunRequest(
            request.get("Arguments") or {},
            request.get("Timeout"),
            (request.get("NotificationProperty") or {}).get("NotifyDelayAfter"),
            _overrides(request),
        )

        def work(tx: Transaction) -> str:
            _check_capacity(self._jobs.require(tx, request["JobName"]), request)
            if request.get("JobRunId") is not None:
                _require_run(tx, request["JobName"], request["JobRunId"])
            return self._engine.job_runs.submit(tx, request["JobName"], run)

        return {"JobRunId": self._engine.write(work)}

    @operation("GetJobRun", runs=Runs.INLINE)
    def get_job_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetJobRun``."""
        name, run_id = request["JobName"], request["RunId"]

        def work(tx: Transaction) -> Document:
            self._jobs.require(tx, name)
            row = _require_run(tx, name, run_id)
            return describe(row, self.clock.now(), predecessors=bool(request.get("PredecessorsIncluded")))

        return {"JobRun": self.database.read(work)}

    @operation("GetJobRuns", runs=Runs.IN_THREAD)
    def get_job_runs(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetJobRuns``: newest first."""
        name = request["JobName"]

        def work(tx: Transaction) -> tuple[list[Row], str | None]:
            self._jobs.require(tx, name)
            select, order = f"{_RUN_COLUMNS} WHERE job_run.job_name = ?", ("job_run.submitted", "job_run.id")
            return page_of_rows(tx, select, name, order, request, 200)

        rows, token = self.database.read(work)
        now = self.clock.now()
        return {"JobRuns": [describe(row, now) for row in rows], "NextToken": token}

    @operation("BatchStopJobRun", runs=Runs.IN_THREAD)
    def batch_stop_job_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchStopJobRun``: asynchronous; runs that cannot be stopped are listed."""
        name = request["JobName"]

        def stop(tx: Transaction, run_id: str) -> str | None:
            row = tx.execute("SELECT job_name, state FROM job_run WHERE id = ?", (run_id,)).fetchone()
            if row is None or row["job_name"] != name:
                return "EntityNotFoundException"
            if is_final(JobState(row["state"])):
                return "InvalidInputException"
            self._engine.job_runs.stop(tx, run_id)
            return None

        def work(tx: Transaction) -> dict[str, str | None]:
            return {run_id: stop(tx, run_id) for run_id in request["JobRunIds"]}

        outcome = self._engine.write(work)
        messages = {
            "EntityNotFoundException": "Job run not found",
            "InvalidInputException": "Job run is already in a terminal state",
        }
        return {
            "SuccessfulSubmissions": [
                {"JobName": name, "JobRunId": run_id} for run_id, code in outcome.items() if code is None
            ],
            "Errors": [
                {
                    "JobName": name,
                    "JobRunId": run_id,
                    "ErrorDetail": {"ErrorCode": code, "ErrorMessage": messages[code]},
                }
                for run_id, code in outcome.items()
                if code is not None
            ],
        }


def describe(row: Row, now: float, *, predecessors: bool = False) -> Document:
    """Return the API's ``JobRun`` of a row that :data:`_RUN_COLUMNS` selects."""
    settings = json.loads(row["settings"])
    rate = settings.pop(DPUS, None)
    seconds = row["execution_seconds"]
    if seconds is None:
        seconds = max(0.0, now - row["started"]) if row["started"] is not None else 0
    return without_none(
        {
            **with_capacity(settings),
            "Id": row["id"],
            "Attempt": row["attempt"],
            "PreviousRunId": _previous(row) or settings.get("PreviousRunId"),
            "TriggerName": row["trigger_name"],
            "JobName": row["job_name"],
            "StartedOn": row["submitted"],
            "LastModifiedOn": row["modified"],
            "CompletedOn": row["completed"],
            "JobRunState": row["state"],
            "ErrorMessage": row["error"],
            "StateDetail": row["detail"],
            "ExecutionTime": int(seconds),
            "DPUSeconds": None if rate is None else round(rate * seconds, 3),
            "PredecessorRuns": json.loads(row["predecessors"]) if predecessors else [],
        }
    )


def runs_of_workflow_run(tx: Transaction, workflow_run_id: str, now: float) -> dict[str, list[Document]]:
    """Return the job runs of a workflow run, by job name, in the order in which they were requested.

    Those that a resumed run copied are the earlier run's.
    """
    rows = tx.execute(
        f"{_RUN_COLUMNS} JOIN invocation"
        " ON submission.workflow_run_id = coalesce(invocation.origin_run_id, invocation.run_id)"
        " AND submission.seq = coalesce(invocation.origin_seq, invocation.seq)"
        " WHERE invocation.run_id = ? ORDER BY invocation.seq, job_run.attempt",
        (workflow_run_id,),
    )
    found: dict[str, list[Document]] = {}
    for row in rows:
        found.setdefault(row["job_name"], []).append(describe(row, now, predecessors=True))
    return found


def _overrides(request: Request) -> Document:
    """Return the run's overrides of its job; AllocatedCapacity is MaxCapacity's old name (service model)."""
    named = {name: request.get(name) for name in _OVERRIDES} | {"PreviousRunId": request.get("JobRunId")}
    if named["MaxCapacity"] is None and request.get("AllocatedCapacity") is not None:
        named["MaxCapacity"] = float(request["AllocatedCapacity"])
    return without_none(named)


def _require_run(tx: Transaction, job: str, run_id: str) -> Row:
    row: Row | None = tx.execute(f"{_RUN_COLUMNS} WHERE job_run.id = ?", (run_id,)).fetchone()
    if row is None or row["job_name"] != job:
        raise not_found(f"Entity not found: job run {run_id} of job {job}")
    return row


def _previous(row: Row) -> str | None:
    if row["attempt"] == 0:
        return None
    submission, before = row["submission_id"], row["attempt"] - 1
    return submission if before == 0 else f"{submission}_attempt_{before}"


_MIN_WORKERS = 2
"""Of a run of a Spark job, one of them the driver; CreateJob accepts fewer (aws-samples/cql-replicator #181)."""


def _check_capacity(job: Document, request: Request) -> None:
    """Raise ApiError if a job of this kind cannot have the capacity that the run requests."""
    kind, version = job["Command"].get("Name", DEFAULT_COMMAND), job.get("GlueVersion", DEFAULT_GLUE_VERSION)
    refuse_problems(capacity_problems(kind, version, request))
    workers = request.get("NumberOfWorkers", job.get("NumberOfWorkers"))
    if kind == DEFAULT_COMMAND and workers is not None and workers < _MIN_WORKERS:
        worker_type = request.get("WorkerType", job.get("WorkerType"))
        refuse_problems(
            [f"To use Worker Type {worker_type}, minimum allowed value of Number of Workers is {_MIN_WORKERS}."]
        )


def _problems(request: Request) -> list[str]:
    found = list(argument_faults({"Arguments": request.get("Arguments") or {}}))
    found.extend(capacity_conflicts(request))
    if request.get("AllocatedCapacity") and request.get("MaxCapacity"):
        found.append("Please set only Allocated Capacity or Max Capacity")
    if request.get("ExecutionRoleSessionPolicy"):
        raise unsupported("ExecutionRoleSessionPolicy")
    return found
