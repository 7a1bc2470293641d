"""ResumeWorkflowRun. Source: Glue guide "Repairing and resuming a workflow run" (its example is W1)."""

from __future__ import annotations

import pytest
from workflow_shapes import graph, job, on, start

from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import RunStatus
from glueprint.workflow.model import Action, Trigger
from glueprint.workflow.resume import (
    NodesNotResumable,
    Resumed,
    RunNotResumable,
    nodes_from_ids,
    resume,
)
from glueprint.workflow.run import Begin, InvocationAdded, NodeChanged, RunState, StartNode
from glueprint.workflow.run import decide as decide_run
from glueprint.workflow.run import evolve as evolve_run
from glueprint.workflow.wire import node_id, trigger_id

J1, J2, J3, J4, J5 = (job(f"J{n}") for n in range(1, 6))
W1 = (
    start(J1, name="T1"),
    on("T2", (J1, "SUCCEEDED"), do=(J2,)),
    on("T3", (J1, "SUCCEEDED"), do=(J3,)),
    on("T4", (J2, "SUCCEEDED"), do=(J4,)),
    on("T5", (J3, "SUCCEEDED"), do=(J5,)),
)


def play(run: RunState, outcomes: dict[Node, str]) -> list[Node]:
    """Let everything that runs end as given (else SUCCEEDED), until nothing runs; returns what ended, in order."""
    ended = []
    while run.active:
        seq = min(run.active)
        node = run.invocations[seq].node
        ended.append(node)
        for change in decide_run(run, NodeChanged(5.0, seq, outcomes.get(node, "SUCCEEDED"))).changes:
            evolve_run(run, change)
    return ended


def completed(*triggers: Trigger, **outcomes: str) -> RunState:
    run = RunState.new(graph(*triggers), "wr_old")
    for change in decide_run(run, Begin(1.0)).changes:
        evolve_run(run, change)
    play(run, {job(name): state for name, state in outcomes.items()})
    return run


def filled(resumed: Resumed) -> RunState:
    for change in resumed.decision.changes:
        evolve_run(resumed.state, change)
    return resumed.state


def test_the_guides_example() -> None:
    """J2 and J3 run again, then T4 and T5 fire; J1 is copied with its details (guide, How it works)."""
    old = completed(*W1, J2="FAILED", J3="FAILED")
    assert set(old.fired) == {"T1", "T2", "T3"}
    resumed = resume(old, [J2, J3], "wr_new", 10.0)
    run = filled(resumed)
    assert resumed.restarted == (J2, J3)
    assert [one.action for one in resumed.decision.owed if isinstance(one, StartNode)] == [
        Action(J2),
        Action(J3),
    ]
    assert run.invocations[0].copied_from == 0
    assert run.invocations[0].state == "SUCCEEDED"
    assert play(run, {}) == [J2, J3, J4, J5]
    assert run.status is RunStatus.COMPLETED
    assert set(run.fired) == {"T1", "T2", "T3", "T4", "T5"}
    assert old.run_id == "wr_old"
    assert run.run_id == "wr_new"


def test_a_downstream_choice_is_dropped() -> None:
    """Of two chosen nodes the downstream one is redundant and not in the answer (guide, resume example)."""
    old = completed(*W1)
    resumed = resume(old, [J4, J2], "wr_new", 10.0)
    assert resumed.restarted == (J2,)
    assert play(filled(resumed), {}) == [J2, J4]


def test_in_a_cycle_the_first_choice_stays() -> None:
    """Two chosen nodes that follow each other: the one named first is restarted (our choice)."""
    old = completed(start(J1), on("t", (J1, "SUCCEEDED"), do=(J2,)), on("back", (J2, "SUCCEEDED"), do=(J1,)))
    assert resume(old, [J2, J1], "wr_new", 10.0).restarted == (J2,)
    assert resume(old, [J1, J2], "wr_new", 10.0).restarted == (J1,)


def test_copied_successes_satisfy_an_and() -> None:
    """A node that is not run again counts with the state it had (our choice: docs/facts/workflows.md#resume)."""
    old = completed(
        start(J1, J2),
        on("join", (J1, "SUCCEEDED"), (J2, "SUCCEEDED"), do=(J3,), logical=Logical.AND),
        J2="FAILED",
    )
    run = filled(resume(old, [J2], "wr_new", 10.0))
    assert play(run, {}) == [J2, J3]
    assert run.fired["join"].because == (0, 1)


def test_an_any_that_holds_by_copies_waits_for_the_node_that_runs_again() -> None:
    """What lies downstream is run after the restarted node, not before it (our choice; guide: "then run")."""
    old = completed(
        start(J1, J2),
        on("either", (J1, "SUCCEEDED"), (J2, "SUCCEEDED"), do=(J3,), logical=Logical.ANY),
        J2="FAILED",
    )
    resumed = resume(old, [J2], "wr_new", 10.0)
    assert [one.action.node for one in resumed.decision.owed if isinstance(one, StartNode)] == [J2]
    assert play(filled(resumed), {J2: "FAILED"}) == [J2, J3]


def test_the_node_starts_again_as_its_own_trigger_started_it() -> None:
    """The restart takes the action of the trigger that does not fire again, with its arguments (choice)."""
    action = Action(J2, arguments={"--from": "first"})
    first = Trigger("first", start(J1).type, (Action(J1), action))
    old = completed(first, on("again", (J2, "SUCCEEDED"), do=(J3,)), on("loop", (J3, "SUCCEEDED"), do=(J2,)))
    resumed = resume(old, [J2], "wr_new", 10.0)
    (owed,) = resumed.decision.owed
    assert isinstance(owed, StartNode)
    assert (owed.trigger, owed.action) == ("first", action)


def test_a_resumed_run_can_be_resumed() -> None:
    """A resumed run that only partly ran may be resumed as well (guide, Notes and limitations)."""
    old = completed(*W1, J2="FAILED")
    middle = filled(resume(old, [J2], "wr_2", 10.0))
    play(middle, {J4: "FAILED"})
    last = filled(resume(middle, [J4], "wr_3", 20.0))
    assert play(last, {}) == [J4]
    assert len(last.invocations) == 5


def test_a_node_that_succeeded_may_be_chosen() -> None:
    """Any node that was attempted can be resumed from (guide, Notes and limitations)."""
    old = completed(*W1)
    assert play(filled(resume(old, [J1], "wr_new", 10.0)), {}) == [J1, J2, J3, J4, J5]


def test_only_completed_runs() -> None:
    """Any status but COMPLETED is refused (guide, Notes and limitations)."""
    run = RunState.new(graph(*W1), "wr_old")
    for change in decide_run(run, Begin(1.0)).changes:
        evolve_run(run, change)
    with pytest.raises(RunNotResumable, match="wr_old is RUNNING"):
        resume(run, [J1], "wr_new", 10.0)


def test_every_node_that_cannot_be_resumed_is_named() -> None:
    """A node needs a run attempt in that run (service model, NodeIds); all faults are reported at once."""
    old = completed(*W1, J2="FAILED", J3="FAILED")
    with pytest.raises(NodesNotResumable) as caught:
        resume(old, [J4, J2, J5], "wr_new", 10.0)
    assert len(caught.value.problems) == 2
    with pytest.raises(NodesNotResumable, match="NodeIds is empty"):
        resume(old, [], "wr_new", 10.0)


def test_ids_of_triggers_and_strangers_are_refused() -> None:
    """A workflow cannot be resumed from a trigger (guide); an unknown id is named."""
    workflow = graph(*W1)
    assert nodes_from_ids(workflow, "flow", [node_id("flow", J2)]) == (J2,)
    with pytest.raises(NodesNotResumable) as caught:
        nodes_from_ids(workflow, "flow", [trigger_id("flow", "T2"), "wnode_0"])
    assert "trigger 'T2'" in caught.value.problems[0]
    assert "wnode_0 is not in the graph" in caught.value.problems[1]


def test_copies_keep_their_predecessors_under_new_numbers() -> None:
    """The copied part of the graph is whole in itself: numbers count from 0 without gaps."""
    old = completed(*W1, J3="FAILED")
    added = [
        change
        for change in resume(old, [J3], "wr_new", 10.0).decision.changes
        if isinstance(change, InvocationAdded)
    ]
    assert [(one.seq, one.node, one.predecessors) for one in added] == [
        (0, J1, ()),
        (1, J2, (0,)),
        (2, J4, (1,)),
        (3, J3, (0,)),
    ]
