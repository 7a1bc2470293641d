"""Triggers outside workflows. Sources: Glue guide "About triggers"; docs/fidelity/workflow.md."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_shapes import NODES, conditions, crawler, job, on, start

from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.model import Action, Trigger
from glueprint.workflow.standing import (
    End,
    EndSeen,
    Event,
    NodeEnded,
    StandingState,
    StartAction,
    TriggerRemoved,
    TriggerSet,
    decide,
    evolve,
    fire,
    is_standing,
)

A, B, C, X = job("a"), job("b"), job("c"), crawler("x")


def standing(*wanted: tuple[Node, str], do: tuple[Node, ...] = (C,), logical: Logical | None = None) -> Trigger:
    return replace(on("t", *wanted, do=do, logical=logical), workflow=None)


def send(state: StandingState, *events: Event) -> list[StartAction]:
    owed: list[StartAction] = []
    for event in events:
        decision = decide(state, event)
        for change in decision.changes:
            evolve(state, change)
        owed += decision.owed
    return owed


def ended(node: Node, state: str, run: str, *, by_trigger: bool = True, inside: bool = False) -> NodeEnded:
    return NodeEnded(5.0, node, state, run, by_trigger, inside)


def with_trigger(trigger: Trigger) -> StandingState:
    state = StandingState()
    send(state, TriggerSet(1.0, trigger))
    return state


def test_it_fires_at_each_end_that_meets_it() -> None:
    """One condition: every run that ends so fires it, with that run as predecessor."""
    state = with_trigger(standing((A, "SUCCEEDED"), do=(B, C)))
    starts = send(state, ended(A, "SUCCEEDED", "jr_1"))
    assert starts == [StartAction("t", Action(B), ("jr_1",)), StartAction("t", Action(C), ("jr_1",))]
    assert send(state, ended(A, "FAILED", "jr_2")) == []
    assert [one.predecessors for one in send(state, ended(A, "SUCCEEDED", "jr_3"))] == [("jr_3",)] * 2


def test_an_and_needs_every_condition_again() -> None:
    """A firing uses up its ends; one side alone does not fire it again (docs/fidelity/workflow.md)."""
    state = with_trigger(standing((A, "SUCCEEDED"), (B, "SUCCEEDED"), logical=Logical.AND))
    assert send(state, ended(A, "SUCCEEDED", "1")) == []
    assert [one.predecessors for one in send(state, ended(B, "SUCCEEDED", "2"))] == [("1", "2")]
    assert send(state, ended(B, "SUCCEEDED", "3")) == []
    assert [one.predecessors for one in send(state, ended(A, "SUCCEEDED", "4"))] == [("4", "3")]


def test_a_later_failure_takes_a_success_back() -> None:
    """The newest end of a node is what counts."""
    state = with_trigger(standing((A, "SUCCEEDED"), (B, "SUCCEEDED"), logical=Logical.AND))
    assert send(state, ended(A, "SUCCEEDED", "1"), ended(A, "FAILED", "2"), ended(B, "SUCCEEDED", "3")) == []


def test_an_any_fires_at_each_of_its_ends() -> None:
    """ANY is met by one condition, each time it comes."""
    state = with_trigger(standing((A, "SUCCEEDED"), (X, "FAILED"), logical=Logical.ANY))
    starts = send(state, ended(A, "SUCCEEDED", "1"), ended(X, "FAILED", "2"), ended(X, "SUCCEEDED", "3"))
    assert [one.predecessors for one in starts] == [("1",), ("2",)]


def test_runs_started_by_hand_fire_nothing() -> None:
    """Only what a trigger started fires conditional triggers (guide, About triggers, Important)."""
    state = with_trigger(standing((A, "SUCCEEDED")))
    assert send(state, ended(A, "SUCCEEDED", "1", by_trigger=False)) == []


def test_runs_of_a_workflow_fire_only_inside() -> None:
    """A node watched inside and outside, started inside, fires only the inside trigger
    (docs/facts/workflows.md#composition)."""
    state = with_trigger(standing((A, "SUCCEEDED")))
    assert send(state, ended(A, "SUCCEEDED", "1", inside=True)) == []


@pytest.mark.parametrize("state", [one for one in TriggerState if one is not TriggerState.ACTIVATED])
def test_only_activated_ones_fire_or_remember(state: TriggerState) -> None:
    """What happened while a trigger was not active does not count later (our choice)."""
    trigger = standing((A, "SUCCEEDED"), (B, "SUCCEEDED"), logical=Logical.AND)
    machine = with_trigger(replace(trigger, state=state))
    assert send(machine, ended(A, "SUCCEEDED", "1")) == []
    assert send(machine, TriggerSet(2.0, trigger), ended(B, "SUCCEEDED", "2")) == []


def test_an_update_starts_with_a_clean_slate_and_a_deletion_ends_it() -> None:
    """UpdateTrigger replaces the definition whole; what the old one had seen is not its business."""
    trigger = standing((A, "SUCCEEDED"), (B, "SUCCEEDED"), logical=Logical.AND)
    state = with_trigger(trigger)
    assert send(state, ended(A, "SUCCEEDED", "1"), TriggerSet(2.0, trigger), ended(B, "SUCCEEDED", "2")) == []
    assert send(state, TriggerRemoved(3.0, "t"), ended(A, "SUCCEEDED", "3")) == []
    assert send(state, TriggerRemoved(4.0, "t")) == []
    assert state == StandingState()


@pytest.mark.parametrize("type_", list(TriggerType))
def test_who_stands_here(type_: TriggerType) -> None:
    """Conditional triggers without a workflow; the others are not kept."""
    trigger = Trigger("t", type_, (Action(A),))
    assert is_standing(trigger) is (type_ is TriggerType.CONDITIONAL)
    assert not is_standing(replace(trigger, workflow="flow"))
    assert decide(StandingState(), TriggerSet(1.0, replace(trigger, workflow="flow"))).changes == ()


def test_firing_on_demand() -> None:
    """StartTrigger of an ON_DEMAND trigger outside workflows starts its actions at once (guide)."""
    assert fire(start(A, X)) == (StartAction("start", Action(A), ()), StartAction("start", Action(X), ()))


_triggers = st.builds(
    lambda name, wanted, logical: Trigger(
        name,
        TriggerType.CONDITIONAL,
        (Action(C),),
        TriggerState.ACTIVATED,
        None,
        logical,
        tuple(wanted),
    ),
    st.sampled_from("tuv"),
    st.lists(conditions(), min_size=1, max_size=3),
    st.sampled_from(Logical),
)
_ends = st.tuples(st.sampled_from(NODES), st.sampled_from(["SUCCEEDED", "FAILED", "STOPPED", "CANCELLED"]))


def naive_firings(trigger: Trigger, ends: list[tuple[Node, str]]) -> list[int]:
    """At which ends the trigger fires: everything since the last firing is looked at again each time."""
    firings: list[int] = []
    unused: list[tuple[Node, str]] = []
    for number, (node, state) in enumerate(ends):
        if not any(condition.node == node for condition in trigger.conditions):
            continue
        unused.append((node, state))

        def holds(condition: Condition, unused: list[tuple[Node, str]] = unused) -> bool:
            own = [state for node, state in unused if node == condition.node]
            return bool(own) and own[-1] == condition.state

        truths = [holds(condition) for condition in trigger.conditions]
        if any(truths) if trigger.logical is Logical.ANY else all(truths):
            firings.append(number)
            unused = []
    return firings


@given(st.lists(_triggers, max_size=3, unique_by=lambda trigger: trigger.name), st.lists(_ends, max_size=25))
def test_any_order_of_ends_against_a_naive_reading(triggers: list[Trigger], ends: list[tuple[Node, str]]) -> None:
    """Random triggers and ends fire exactly as in a reading of the complete history, also over restarts."""
    state = StandingState()
    send(state, *(TriggerSet(0.0, trigger) for trigger in triggers))
    fired: dict[str, list[int]] = {trigger.name: [] for trigger in triggers}
    for number, (node, ending) in enumerate(ends):
        for one in send(state, ended(node, ending, str(number))):
            fired[one.trigger].append(number)
        rows = [
            EndSeen(name, seen, End(end.state, end.run))
            for name, ends_seen in state.seen.items()
            for seen, end in ends_seen.items()
        ]
        state = StandingState.restore(state.triggers.values(), rows)
    assert fired == {trigger.name: naive_firings(trigger, ends) for trigger in triggers}
