"""Workflow runs: each event decided by the run machine and stored within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from glueprint.facts.states import ACTIVE_RUN_STATUSES, NodeKind, RunStatus
from glueprint.local.clock import Clock
from glueprint.local.engine.cascade import Cascade, EventQueue
from glueprint.local.engine.run_rows import RunStates
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.identifiers import workflow_run_id
from glueprint.local.store.database import Connection
from glueprint.local.store.literals import text_list
from glueprint.local.store.resources import Document
from glueprint.workflow.resume import nodes_from_ids, resume
from glueprint.workflow.run import (
    Begin,
    Event,
    NodeChanged,
    RunDecision,
    RunState,
    StartNode,
    StopNode,
    StopRequested,
    decide,
    refuse_for_concurrency,
)
from glueprint.workflow.wire import node_id


class NodeStarter(Protocol):
    """Starts and stops the job run or crawl of an invocation."""

    def start_node(self, tx: Connection, run_id: str, workflow: str, owed: StartNode) -> None:
        """Start it; its states are reported to :meth:`WorkflowRuns.node_changed`."""
        ...

    def stop_node(self, tx: Connection, run_id: str, seq: int) -> None:
        """Stop it."""
        ...


class WorkflowRuns:
    """Starts runs, hands them events, and carries out what they decide."""

    def __init__(self, clock: Clock, cascade: Cascade, starter_of: Callable[[NodeKind], NodeStarter]) -> None:
        """``starter_of`` returns what starts the nodes of a kind."""
        self._clock = clock
        self.states = RunStates()
        self._starter_of = starter_of
        self._queue = EventQueue(cascade)

    def start(
        self,
        tx: Connection,
        workflow: Document,
        triggers: list[Document],
        properties: Mapping[str, str],
        batch: Document | None = None,
    ) -> str:
        """Start a run of ``workflow`` with ``triggers`` frozen as they are; return the new run's id.

        The run's properties are the workflow's defaults, overlaid by ``properties``
        (docs/facts/workflows.md#run-properties). ``batch``
        is the StartingEventBatchCondition of a run that events start.
        """
        run_id = self._insert(tx, workflow, triggers, properties, batch)
        reached(FaultPoint.RUN_ADDED)
        self._event(tx, run_id, Begin(self._clock.now()))
        return run_id

    def refuse(
        self,
        tx: Connection,
        workflow: Document,
        triggers: list[Document],
        properties: Mapping[str, str],
        batch: Document | None = None,
    ) -> str:
        """Record a run that a trigger requested and the workflow's limit does not admit; return its id.

        Its properties and ``batch`` are stored: they name the events that are lost with it.
        """
        run_id = self._insert(tx, workflow, triggers, properties, batch)
        refusal = refuse_for_concurrency(workflow["Name"], self._clock.now())
        self._carry_on(tx, self.states.get(tx, run_id), refusal)
        return run_id

    def resume(self, tx: Connection, run_id: str, node_ids: Sequence[str]) -> tuple[str, list[str]]:
        """Resume a run (ResumeWorkflowRun); return the new run's id and the ids of the nodes that start at once.

        Properties are inherited, as they were at the end of the earlier run (a choice: AWS does not document it).

        Raises:
            RunNotResumable, NodesNotResumable: see :mod:`glueprint.workflow.resume`.
        """
        previous = self.states.get(tx, run_id)
        row = tx.execute("SELECT workflow, triggers FROM workflow_run WHERE run_id = ?", (run_id,)).fetchone()
        name, now, new_id = row["workflow"], self._clock.now(), workflow_run_id()
        resumed = resume(previous, nodes_from_ids(previous.graph, name, node_ids), new_id, now)
        tx.execute(
            "INSERT INTO workflow_run (run_id, workflow, status, started, previous_run_id, triggers)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (new_id, name, RunStatus.RUNNING, now, run_id, row["triggers"]),
        )
        put_properties(tx, new_id, properties_of(tx, run_id))
        self.states.begin(resumed.state)
        self._carry_on(tx, resumed.state, resumed.decision)
        return new_id, [node_id(name, node) for node in resumed.restarted]

    def _insert(
        self,
        tx: Connection,
        workflow: Document,
        triggers: list[Document],
        properties: Mapping[str, str],
        batch: Document | None,
    ) -> str:
        """Insert a run in which nothing has happened yet; return its id."""
        run_id = workflow_run_id()
        body = {"StartingEventBatchCondition": batch} if batch else {}
        tx.execute(
            "INSERT INTO workflow_run (run_id, workflow, status, started, triggers, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                run_id,
                workflow["Name"],
                RunStatus.RUNNING,
                self._clock.now(),
                json.dumps(triggers),
                json.dumps(body),
            ),
        )
        put_properties(tx, run_id, {**workflow.get("DefaultRunProperties", {}), **properties})
        return run_id

    def stop(self, tx: Connection, run_id: str) -> None:
        """Stop a run (StopWorkflowRun): running nodes are ended, others never start."""
        self._event(tx, run_id, StopRequested(self._clock.now()))

    def node_changed(self, tx: Connection, run_id: str, seq: int, state: str) -> None:
        """Handle the new state of an invocation's job run or crawl."""
        self._event(tx, run_id, NodeChanged(self._clock.now(), seq, state))

    def active_count(self, tx: Connection, workflow: str) -> int:
        """Return the number of active runs of the workflow."""
        active = text_list(ACTIVE_RUN_STATUSES)
        query = f"SELECT count(*) FROM workflow_run WHERE workflow = ? AND status IN {active}"
        found: int = tx.execute(query, (workflow,)).fetchone()[0]
        return found

    def forget(self) -> None:
        """Drop what mirrors the rows: a transaction was undone."""
        self.states.forget()
        self._queue.clear()

    def _event(self, tx: Connection, run_id: str, event: Event) -> None:
        """Decide and apply. An event that this one causes at once (a job that cannot start) is queued."""
        self._queue.handle(lambda: self._decide(tx, run_id, event))

    def _decide(self, tx: Connection, run_id: str, event: Event) -> None:
        state = self.states.get(tx, run_id)
        self._carry_on(tx, state, decide(state, event))

    def _carry_on(self, tx: Connection, state: RunState, decision: RunDecision) -> None:
        self.states.apply(tx, state, decision.changes)
        if not decision.owed:
            return
        reached(FaultPoint.NODES_TO_START)
        workflow = tx.execute("SELECT workflow FROM workflow_run WHERE run_id = ?", (state.run_id,)).fetchone()[0]
        for owed in decision.owed:
            node = owed.action.node if isinstance(owed, StartNode) else state.invocations[owed.seq].node
            starter = self._starter_of(node.kind)
            match owed:
                case StartNode():
                    starter.start_node(tx, state.run_id, workflow, owed)
                case StopNode():
                    starter.stop_node(tx, state.run_id, owed.seq)


def put_properties(tx: Connection, run_id: str, properties: Mapping[str, str]) -> None:
    """Merge into the run's properties: keys given are written, others stay (service model)."""
    tx.executemany(
        "INSERT INTO run_property (run_id, key, value) VALUES (?, ?, ?)"
        " ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value",
        [(run_id, key, value) for key, value in properties.items()],
    )


def properties_of(tx: Connection, run_id: str) -> dict[str, str]:
    """Return the run's properties."""
    rows = tx.execute("SELECT key, value FROM run_property WHERE run_id = ? ORDER BY key", (run_id,))
    return {row["key"]: row["value"] for row in rows}
