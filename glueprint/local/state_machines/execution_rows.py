"""Executions as rows, in transactions that the caller opens."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glueprint.local.store.database import Connection
from glueprint.statemachine.definition import StateMachine
from glueprint.statemachine.execution import (
    Branch,
    BranchRemoved,
    BranchSet,
    Change,
    ExecutionState,
    ExecutionStatus,
    HistoryAdded,
    Origin,
    Phase,
    StatusChanged,
)
from glueprint.statemachine.parsing import parse
from glueprint.statemachine.paths import json_text


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task that has not ended, or whose job run is still to be stopped (``closed``)."""

    execution: str
    visit: int
    resource: str
    parameters: Any
    job_run: str | None
    closed: bool


def put_definition(tx: Connection, text: str) -> str:
    """Store a definition; return its hash."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    tx.execute("INSERT OR IGNORE INTO state_machine_definition (digest, text) VALUES (?, ?)", (digest, text))
    return digest


def definition_of(tx: Connection, digest: str) -> str:
    """Return a definition by its hash."""
    query = "SELECT text FROM state_machine_definition WHERE digest = ?"
    text: str = tx.execute(query, (digest,)).fetchone()["text"]
    return text


def insert(tx: Connection, origin: Origin, machine: str, digest: str) -> str:
    """Store a new execution in which nothing has happened; return its id."""
    id_ = f"{machine}:{origin.name}"
    body = {
        "executionArn": origin.execution_id,
        "stateMachineArn": origin.machine_id,
        "roleArn": origin.role_arn,
        "input": json_text(origin.input),
    }
    tx.execute(
        "INSERT INTO execution (id, machine, name, status, started, digest, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id_, machine, origin.name, ExecutionStatus.RUNNING, origin.started, digest, json.dumps(body)),
    )
    return id_


def load(tx: Connection, id_: str) -> ExecutionState | None:
    """Return the state of an execution; None: there is none."""
    row = tx.execute("SELECT * FROM execution WHERE id = ?", (id_,)).fetchone()
    if row is None:
        return None
    body = json.loads(row["body"])
    origin = Origin(
        body["executionArn"],
        row["name"],
        body["stateMachineArn"],
        row["machine"],
        body["roleArn"],
        json.loads(body["input"]),
        row["started"],
    )
    branches = tx.execute("SELECT body FROM execution_branch WHERE execution = ? ORDER BY id", (id_,))
    read = (_branch(json.loads(one["body"])) for one in branches)
    return ExecutionState(
        _machine(definition_of(tx, row["digest"])),
        origin,
        ExecutionStatus(row["status"]),
        {branch.id: branch for branch in read},
        row["last_event"],
    )


def store(tx: Connection, id_: str, changes: Iterable[Change]) -> None:
    """Store changes: of a branch the last one counts."""
    branches: dict[int, Branch | None] = {}
    last = None
    for change in changes:
        match change:
            case BranchSet():
                branches[change.branch.id] = change.branch
            case BranchRemoved():
                branches[change.id] = None
            case HistoryAdded():
                event = last = change.event
                tx.execute(
                    "INSERT INTO execution_event (execution, id, previous, type, at, details)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (id_, event.id, event.previous, event.type, event.at, json.dumps(event.details)),
                )
            case StatusChanged():
                _end(tx, id_, change)
    for branch_id, branch in branches.items():
        if branch is None:
            tx.execute("DELETE FROM execution_branch WHERE execution = ? AND id = ?", (id_, branch_id))
        else:
            tx.execute(
                "INSERT INTO execution_branch (execution, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (execution, id) DO UPDATE SET body = excluded.body",
                (id_, branch_id, json.dumps(dataclasses.asdict(branch))),
            )
    if last is not None:
        tx.execute("UPDATE execution SET last_event = ? WHERE id = ?", (last.id, id_))


def add_task(tx: Connection, id_: str, visit: int, resource: str, parameters: Any) -> None:
    """Store a task that is to be carried out."""
    tx.execute(
        "INSERT INTO execution_task (execution, visit, resource, parameters) VALUES (?, ?, ?, ?)",
        (id_, visit, resource, json_text(parameters)),
    )


def find_task(tx: Connection, id_: str, visit: int) -> TaskRow | None:
    """Return a task; None: it has ended."""
    query = "SELECT * FROM execution_task WHERE execution = ? AND visit = ?"
    return _task(tx.execute(query, (id_, visit)).fetchone())


def task_of_job_run(tx: Connection, run_id: str) -> TaskRow | None:
    """Return the task that waits for a job run."""
    query = "SELECT * FROM execution_task WHERE job_run = ? AND closed = 0"
    return _task(tx.execute(query, (run_id,)).fetchone())


def task_waits(tx: Connection, id_: str, visit: int, job_run: str) -> None:
    """Store the job run that a task waits for."""
    tx.execute("UPDATE execution_task SET job_run = ? WHERE execution = ? AND visit = ?", (job_run, id_, visit))


def close_task(tx: Connection, id_: str, visit: int) -> bool:
    """Store that a task is no longer waited for; return whether it has a job run, which is to be stopped."""
    task = find_task(tx, id_, visit)
    if task is None:
        return False
    if task.job_run is None:
        remove_task(tx, id_, visit)
        return False
    tx.execute("UPDATE execution_task SET closed = 1 WHERE execution = ? AND visit = ?", (id_, visit))
    return True


def remove_task(tx: Connection, id_: str, visit: int) -> None:
    """Delete a task that has ended."""
    tx.execute("DELETE FROM execution_task WHERE execution = ? AND visit = ?", (id_, visit))


def _task(row: Any) -> TaskRow | None:
    if row is None:
        return None
    parameters = json.loads(row["parameters"])
    return TaskRow(
        row["execution"], row["visit"], row["resource"], parameters, row["job_run"], bool(row["closed"])
    )


def _end(tx: Connection, id_: str, change: StatusChanged) -> None:
    body = json.loads(tx.execute("SELECT body FROM execution WHERE id = ?", (id_,)).fetchone()["body"])
    if change.status is ExecutionStatus.SUCCEEDED:
        body["output"] = json_text(change.output)
    body |= {
        name: value for name, value in (("error", change.error), ("cause", change.cause)) if value is not None
    }
    tx.execute(
        "UPDATE execution SET status = ?, stopped = ?, body = ? WHERE id = ?",
        (change.status, change.at, json.dumps(body), id_),
    )


def _branch(body: dict[str, Any]) -> Branch:
    body["phase"] = Phase(body["phase"])
    for name in ("retries", "item", "items"):
        body[name] = tuple(body[name])
    return Branch(**body)


@lru_cache(maxsize=64)
def _machine(text: str) -> StateMachine:
    machine, found = parse(text)
    if machine is None:  # it was checked when it was stored
        raise ValueError(f"a stored definition cannot be read: {'; '.join(map(str, found))}")
    return machine
