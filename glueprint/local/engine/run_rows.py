"""A workflow run as rows: loaded once, then written change by change."""

from __future__ import annotations

import json
from typing import assert_never

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind, RunStatus, node_state
from glueprint.local.store.database import Connection
from glueprint.workflow.model import Graph
from glueprint.workflow.run import (
    Change,
    Fired,
    Invocation,
    InvocationAdded,
    InvocationChanged,
    RunState,
    StatusChanged,
    TriggerFired,
    evolve,
)
from glueprint.workflow.wire import trigger_from_wire

_NOTE_ORIGIN = (
    "UPDATE invocation SET (origin_run_id, origin_seq) = ("
    " SELECT coalesce(earlier.origin_run_id, earlier.run_id), coalesce(earlier.origin_seq, earlier.seq)"
    " FROM workflow_run JOIN invocation AS earlier ON earlier.run_id = workflow_run.previous_run_id"
    " WHERE workflow_run.run_id = ? AND earlier.seq = ?"
    ") WHERE run_id = ? AND seq = ?"
)


class RunStates:
    """The states of active runs, mirrored in memory on the writer thread.

    Without the mirror each event would read the complete run again: quadratic work for a large workflow. After a
    rollback, :meth:`forget` must be called, since the mirror may then know more than the file.
    """

    def __init__(self) -> None:
        self._states: dict[str, RunState] = {}

    def get(self, tx: Connection, run_id: str) -> RunState:
        """Return the run's state.

        Raises:
            KeyError: there is no such run.
        """
        state = self._states.get(run_id)
        if state is None:
            state = self._states[run_id] = load(tx, run_id)
        return state

    def begin(self, state: RunState) -> None:
        """Add the state of a new run, whose rows come with its first changes."""
        self._states[state.run_id] = state

    def apply(self, tx: Connection, state: RunState, changes: tuple[Change, ...]) -> None:
        """Write the changes, and apply them to the state in memory."""
        for change in changes:
            store(tx, state.run_id, change)
            evolve(state, change)
        if state.status.is_final:
            self._states.pop(state.run_id, None)

    def forget(self) -> None:
        """Drop what is mirrored; it is read again when it is needed."""
        self._states.clear()


def load(tx: Connection, run_id: str) -> RunState:
    """Return the run's state, from its rows.

    Raises:
        KeyError: there is no such run.
    """
    run = tx.execute("SELECT triggers, status, error FROM workflow_run WHERE run_id = ?", (run_id,)).fetchone()
    if run is None:
        raise KeyError(run_id)
    return RunState.restore(
        graph_of(run["triggers"]),
        run_id,
        RunStatus(run["status"]),
        invocations(tx, run_id),
        [
            Fired(row["trigger_name"], row["at"], tuple(json.loads(row["because"])))
            for row in tx.execute("SELECT * FROM fired_trigger WHERE run_id = ?", (run_id,))
        ],
        run["error"],
    )


def graph_of(triggers: str) -> Graph:
    """Return the graph of a run's frozen triggers (JSON)."""
    return Graph(tuple(trigger_from_wire(trigger) for trigger in json.loads(triggers)))


def invocations(tx: Connection, run_id: str) -> list[Invocation]:
    """Return the run's invocations, in order."""
    rows = tx.execute("SELECT * FROM invocation WHERE run_id = ? ORDER BY seq", (run_id,))
    return [
        Invocation(
            row["seq"],
            Node(NodeKind(row["kind"]), row["name"]),
            node_state(NodeKind(row["kind"]), row["state"]),
            row["trigger_name"],
            tuple(json.loads(row["predecessors"])),
            row["copied_from"],
        )
        for row in rows
    ]


def store(tx: Connection, run_id: str, change: Change) -> None:
    """Write one change."""
    match change:
        case StatusChanged():
            completed = change.at if change.status.is_final else None
            tx.execute(
                "UPDATE workflow_run SET status = ?, completed = ?, error = ? WHERE run_id = ?",
                (change.status, completed, change.error, run_id),
            )
        case TriggerFired():
            tx.execute(
                "INSERT INTO fired_trigger (run_id, trigger_name, at, because) VALUES (?, ?, ?, ?)",
                (run_id, change.trigger, change.at, json.dumps(change.because)),
            )
        case InvocationAdded():
            tx.execute(
                "INSERT INTO invocation"
                " (run_id, seq, kind, name, trigger_name, predecessors, state, copied_from)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id,
                    change.seq,
                    change.node.kind,
                    change.node.name,
                    change.trigger,
                    json.dumps(change.predecessors),
                    change.state,
                    change.copied_from,
                ),
            )
            if change.copied_from is not None:
                tx.execute(_NOTE_ORIGIN, (run_id, change.copied_from, run_id, change.seq))
        case InvocationChanged():
            tx.execute(
                "UPDATE invocation SET state = ? WHERE run_id = ? AND seq = ?", (change.state, run_id, change.seq)
            )
        case _:
            assert_never(change)
