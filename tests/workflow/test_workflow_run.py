"""The run machine, case by case. Sources: Glue guide "About triggers", "Overview of workflows"."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from workflow_shapes import chain, crawler, fan, graph, job, on, start

from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import RunStatus, TriggerState, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.run import (
    Begin,
    Event,
    InvocationChanged,
    NodeChanged,
    Owed,
    RunState,
    StartNode,
    StatusChanged,
    StopNode,
    StopRequested,
    decide,
    evolve,
    refuse_for_concurrency,
)

A, B, C, X = job("a"), job("b"), job("c"), crawler("x")


def send(run: RunState, event: Event) -> tuple[Owed, ...]:
    decision = decide(run, event)
    for change in decision.changes:
        evolve(run, change)
    return decision.owed


def started_run(*triggers: Trigger) -> RunState:
    run = RunState.new(graph(*triggers), "wr_1")
    send(run, Begin(1.0))
    return run


def end(run: RunState, node: Node, state: str, now: float = 2.0) -> list[Node]:
    """The newest invocation of ``node`` ends; returns what is started because of it."""
    owed = send(run, NodeChanged(now, run.latest[node], state))
    return [one.action.node for one in owed if isinstance(one, StartNode)]


def test_starting_trigger_starts_all_its_actions() -> None:
    """Begin fires the starting trigger: each action is owed once, with no predecessors (guide, workflows)."""
    run = RunState.new(graph(start(A, X)), "wr_1")
    owed = send(run, Begin(1.0))
    assert owed == (StartNode(0, Action(A), "start", ()), StartNode(1, Action(X), "start", ()))
    assert [one.state for one in run.invocations.values()] == ["STARTING", "RUNNING"]
    assert run.status is RunStatus.RUNNING


@pytest.mark.parametrize("type_", [TriggerType.ON_DEMAND, TriggerType.SCHEDULED, TriggerType.EVENT])
@pytest.mark.parametrize("state", [TriggerState.CREATED, TriggerState.DEACTIVATED])
def test_any_starting_trigger_begins_a_run(type_: TriggerType, state: TriggerState) -> None:
    """A run begins whatever the type or state of its starting trigger (our choice: StartWorkflowRun)."""
    first = Trigger("s", type_, (Action(A),), state=state)
    assert [one.node for one in started_run(first).invocations.values()] == [A]


def test_a_workflow_without_starting_trigger_completes_at_once() -> None:
    """Nothing can run, so the run is COMPLETED (fidelity/workflow.md)."""
    run = started_run(on("t", (A, "SUCCEEDED"), do=(B,)))
    assert run.status is RunStatus.COMPLETED
    assert not run.invocations


@pytest.mark.parametrize(
    ("node", "state"),
    [(A, state) for state in ("SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT")]
    + [(X, state) for state in ("SUCCEEDED", "FAILED", "CANCELLED")],
)
def test_every_watchable_state_fires_its_trigger(node: Node, state: str) -> None:
    """Every state that a condition may name fires the trigger that names it (service model, Condition)."""
    run = started_run(start(node), on("t", (node, state), do=(B,)))
    assert end(run, node, state) == [B]
    assert run.invocations[1].predecessors == (0,)


@pytest.mark.parametrize(("node", "state"), [(A, "ERROR"), (A, "EXPIRED"), (X, "ERROR")])
def test_states_that_cannot_be_watched_end_the_run(node: Node, state: str) -> None:
    """ERROR and EXPIRED are final: nothing fires and the run is COMPLETED (job run statuses; 2.3)."""
    run = started_run(start(node), on("t", (node, "FAILED"), do=(B,)))
    assert end(run, node, state) == []
    assert run.status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("logical", "expected"), [(Logical.AND, [[], [C]]), (Logical.ANY, [[C], []]), (None, [[], [C]])]
)
def test_and_waits_for_all_any_for_one(logical: Logical | None, expected: list[list[Node]]) -> None:
    """AND fires on the last condition, ANY on the first and not again; without Logical it is AND (choice)."""
    run = started_run(start(A, B), on("t", (A, "SUCCEEDED"), (B, "FAILED"), do=(C,), logical=logical))
    assert [end(run, A, "SUCCEEDED"), end(run, B, "FAILED")] == expected


@pytest.mark.parametrize("state", [state for state in TriggerState if state is not TriggerState.ACTIVATED])
def test_only_activated_triggers_fire(state: TriggerState) -> None:
    """A conditional trigger that is not ACTIVATED does not fire (guide, About triggers: deactivated)."""
    run = started_run(start(A), on("t", (A, "SUCCEEDED"), do=(B,), state=state))
    assert end(run, A, "SUCCEEDED") == []
    assert run.status is RunStatus.COMPLETED


def test_a_job_that_is_its_own_condition_runs_twice() -> None:
    """A trigger fires at most once in a run, so a loop ends after its second turn."""
    run = started_run(start(A), on("loop", (A, "SUCCEEDED"), do=(A,)))
    assert end(run, A, "SUCCEEDED") == [A]
    assert end(run, A, "SUCCEEDED") == []
    assert run.status is RunStatus.COMPLETED


def test_siblings_fire_on_the_same_end_even_if_one_restarts_the_node() -> None:
    """All triggers that an end makes true fire, whichever stands first (in whatever order)."""
    run = started_run(start(A), on("loop", (A, "SUCCEEDED"), do=(A,)), on("t", (A, "SUCCEEDED"), do=(B,)))
    assert end(run, A, "SUCCEEDED") == [A, B]


def test_a_node_that_runs_again_no_longer_meets_its_condition() -> None:
    """A condition holds while the node's newest invocation is in the state (docs/architecture.md)."""
    run = started_run(
        start(A, B),
        on("again", (A, "SUCCEEDED"), do=(A,)),
        on("both", (A, "SUCCEEDED"), (B, "SUCCEEDED"), do=(C,), logical=Logical.AND),
    )
    end(run, A, "SUCCEEDED")
    assert end(run, B, "SUCCEEDED") == []
    assert end(run, A, "SUCCEEDED") == [C]
    assert run.fired["both"].because == (1, 2)


def test_states_on_the_way_are_recorded_and_fire_nothing() -> None:
    """A state that is not final is stored (for statistics) and starts nothing (guide, job run statuses)."""
    run = started_run(start(A), on("t", (A, "SUCCEEDED"), do=(B,)))
    for state in ("WAITING", "STARTING", "RUNNING", "STARTING", "RUNNING", "STOPPING"):
        decision = decide(run, NodeChanged(2.0, 0, state))
        assert decision.owed == ()
        assert [type(change) for change in decision.changes] == [InvocationChanged]
        evolve(run, decision.changes[0])
    assert run.status is RunStatus.RUNNING


def test_late_events_decide_nothing() -> None:
    """Final states stay final: a late state, a second begin and a late stop change nothing."""
    run = started_run(start(A))
    end(run, A, "SUCCEEDED")
    for event in (NodeChanged(3.0, 0, "FAILED"), Begin(3.0), StopRequested(3.0)):
        assert decide(run, event).changes == ()


def test_the_same_state_twice_decides_nothing() -> None:
    """An event that is delivered twice is harmless."""
    run = started_run(start(A))
    send(run, NodeChanged(2.0, 0, "RUNNING"))
    assert decide(run, NodeChanged(3.0, 0, "RUNNING")).changes == ()


def test_stop_ends_what_runs_and_starts_nothing_more() -> None:
    """Stopping: running nodes are ended, unstarted ones never start, then STOPPED (guide, Stopping a run)."""
    run = started_run(start(A, X), on("t", (A, "SUCCEEDED"), do=(B,)))
    assert send(run, StopRequested(2.0)) == (StopNode(0), StopNode(1))
    assert run.status is RunStatus.STOPPING
    assert send(run, StopRequested(2.5)) == ()
    assert end(run, A, "SUCCEEDED") == []
    assert run.status is RunStatus.STOPPING
    end(run, X, "CANCELLED")
    assert str(run.status) == "STOPPED"


def test_stop_before_begin() -> None:
    """A run that is stopped before it began never begins."""
    run = RunState.new(graph(start(A)), "wr_1")
    send(run, StopRequested(1.0))
    assert run.status is RunStatus.STOPPED
    assert send(run, Begin(2.0)) == ()
    assert not run.invocations


def test_error_for_concurrency_has_the_documented_text() -> None:
    """The one documented ErrorMessage of a workflow run (service model, WorkflowRun.ErrorMessage)."""
    run = RunState.new(graph(start(A)), "wr_1")
    decision = refuse_for_concurrency("foo", 1.0)
    assert decision.changes == (
        StatusChanged(RunStatus.ERROR, 1.0, "Concurrent runs exceeded for workflow: foo."),
    )
    evolve(run, decision.changes[0])
    assert send(run, Begin(2.0)) == ()
    assert run.status.is_final


@pytest.mark.parametrize(
    ("event", "text"),
    [(NodeChanged(1.0, 9, "FAILED"), "no invocation 9"), (NodeChanged(1.0, 0, "CANCELLED"), "CANCELLED")],
)
def test_impossible_events_are_errors(event: NodeChanged, text: str) -> None:
    """An impossible number or state is a fault of the caller and raises an error."""
    run = started_run(start(A))
    with pytest.raises(ValueError, match=text):
        decide(run, event)


def test_decide_leaves_the_state_alone() -> None:
    """Only evolve changes a state (docs/architecture.md)."""
    run = started_run(start(A), on("t", (A, "SUCCEEDED"), do=(B,)))
    twin = started_run(start(A), on("t", (A, "SUCCEEDED"), do=(B,)))
    decide(run, NodeChanged(2.0, 0, "SUCCEEDED"))
    assert run == twin


def _lines_run(work: Callable[[], None]) -> int:
    """How many lines of the workflow room are executed: a count of operations that no clock disturbs."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        if "glueprint/workflow" not in frame.f_code.co_filename:
            return None
        if event == "line":
            count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def _run_through(workflow: Graph) -> None:
    run = RunState.new(workflow, "wr_1")
    todo = list(send(run, Begin(0.0)))
    while todo:
        owed = todo.pop()
        assert isinstance(owed, StartNode)
        send(run, NodeChanged(1.0, owed.seq, "RUNNING"))
        todo.extend(send(run, NodeChanged(1.0, owed.seq, "SUCCEEDED")))
    assert run.status is RunStatus.COMPLETED
    assert len(run.invocations) == len(workflow.nodes)


@pytest.mark.parametrize("shape", [chain, fan])
def test_a_run_costs_linear_work(shape: Callable[[int], Graph]) -> None:
    """1,000 nodes cost ten times what 100 cost, in executed lines, not in seconds."""
    small, large = (_lines_run(lambda size=size: _run_through(shape(size))) for size in (100, 1000))  # type: ignore[misc]
    assert large < 10.5 * small
