"""A submission of a job and its attempts as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, assert_never

from glueprint.facts.states import JobState
from glueprint.local.identifiers import attempt_id
from glueprint.local.store.database import Connection, Row
from glueprint.workflow.attempt import Attempt, AttemptsState
from glueprint.workflow.attempt_events import AttemptAdded, AttemptChanged, AttemptSpec, Change


@dataclass(frozen=True)
class Invoker:
    """What started a submission: an invocation of a workflow run, or a trigger outside workflows."""

    workflow_run_id: str | None = None
    seq: int | None = None
    trigger: str | None = None
    predecessors: tuple[Mapping[str, str], ...] = ()
    """``PredecessorRuns``: JobName and RunId of the runs that made the trigger fire."""


@dataclass(frozen=True)
class Submission:
    """One submission of a job: its attempts are the job runs that the API shows."""

    id: str
    job_name: str
    spec: AttemptSpec
    settings: Mapping[str, Any]
    """Members of ``JobRun`` that do not change: Arguments, capacity, GlueVersion, ..."""
    invoker: Invoker = field(default_factory=Invoker)


def insert(tx: Connection, submission: Submission) -> None:
    """Store a new submission; the machine's changes add its attempts."""
    invoker = submission.invoker
    tx.execute(
        "INSERT INTO submission"
        " (id, job_name, workflow_run_id, seq, trigger_name, spec, settings, predecessors)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            submission.id,
            submission.job_name,
            invoker.workflow_run_id,
            invoker.seq,
            invoker.trigger,
            json.dumps(asdict(submission.spec)),
            json.dumps(submission.settings),
            json.dumps(invoker.predecessors),
        ),
    )


def submission_of(tx: Connection, job_run_id: str) -> Submission | None:
    """Return the submission to which a job run belongs, or None."""
    row = tx.execute(
        "SELECT submission.* FROM submission JOIN job_run ON job_run.submission_id = submission.id"
        " WHERE job_run.id = ?",
        (job_run_id,),
    ).fetchone()
    return None if row is None else _submission(row)


def submission_for(tx: Connection, workflow_run_id: str, seq: int) -> Submission | None:
    """Return the submission of an invocation, also of one that a resumed run copied; None for a crawl."""
    row = tx.execute(
        "SELECT submission.* FROM invocation JOIN submission"
        " ON submission.workflow_run_id = coalesce(invocation.origin_run_id, invocation.run_id)"
        " AND submission.seq = coalesce(invocation.origin_seq, invocation.seq)"
        " WHERE invocation.run_id = ? AND invocation.seq = ?",
        (workflow_run_id, seq),
    ).fetchone()
    return None if row is None else _submission(row)


def load(tx: Connection, submission: Submission) -> AttemptsState:
    """Return the attempts so far."""
    rows = tx.execute("SELECT * FROM job_run WHERE submission_id = ?", (submission.id,))
    return AttemptsState.restore(_attempt(row, submission.spec) for row in rows)


def store(tx: Connection, submission: Submission, change: Change) -> None:
    """Write one change."""
    match change:
        case AttemptAdded():
            tx.execute(
                "INSERT INTO job_run (id, submission_id, job_name, attempt, state, submitted, modified)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    attempt_id(submission.id, change.number),
                    submission.id,
                    submission.job_name,
                    change.number,
                    JobState.STARTING,
                    change.at,
                    change.at,
                ),
            )
        case AttemptChanged():
            tx.execute(
                "UPDATE job_run SET state = ?, modified = ?, started = ?, completed = ?, execution_seconds = ?,"
                " error = ?, detail = ?, ending = ?, delayed = ? WHERE id = ?",
                (
                    change.state,
                    change.at,
                    change.started_on,
                    change.completed_on,
                    change.execution_seconds,
                    change.error,
                    change.detail,
                    change.ending,
                    change.delayed,
                    attempt_id(submission.id, change.number),
                ),
            )
        case _:
            assert_never(change)


def _submission(row: Row) -> Submission:
    return Submission(
        row["id"],
        row["job_name"],
        AttemptSpec(**json.loads(row["spec"])),
        json.loads(row["settings"]),
        Invoker(
            row["workflow_run_id"], row["seq"], row["trigger_name"], tuple(json.loads(row["predecessors"]))
        ),
    )


def _attempt(row: Row, spec: AttemptSpec) -> Attempt:
    return Attempt(
        number=row["attempt"],
        spec=spec,
        added_at=row["submitted"],
        state=JobState(row["state"]),
        changed_at=row["modified"],
        started_on=row["started"],
        completed_on=row["completed"],
        execution_seconds=row["execution_seconds"],
        error=row["error"],
        detail=row["detail"],
        ending=None if row["ending"] is None else JobState(row["ending"]),
        delayed=bool(row["delayed"]),
    )
