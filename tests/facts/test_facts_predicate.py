"""The trigger predicate (service model, ``Predicate``; DG:about-triggers)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.facts.predicate import Condition, Logical, Node, Predicate
from glueprint.facts.states import NodeKind

A, B = Node(NodeKind.JOB, "a"), Node(NodeKind.CRAWLER, "b")
A_OK, A_BAD, B_OK = Condition(A, "SUCCEEDED"), Condition(A, "FAILED"), Condition(B, "SUCCEEDED")
CONDITIONS = st.builds(
    Condition,
    st.builds(Node, st.sampled_from(NodeKind), st.sampled_from("ab")),
    st.sampled_from(["SUCCEEDED", "FAILED"]),
)
PREDICATES = st.builds(
    Predicate, st.sampled_from([None, *Logical]), st.lists(CONDITIONS, max_size=5).map(tuple)
)


@pytest.mark.parametrize(
    ("logical", "true", "holds"),
    [
        (Logical.AND, (A_OK, B_OK), True),
        (Logical.AND, (A_OK,), False),
        (None, (A_OK,), False),
        (None, (A_OK, B_OK), True),
        (Logical.ANY, (A_OK,), True),
        (Logical.ANY, (), False),
    ],
)
def test_and_needs_all_and_any_needs_one(logical: Logical, true: tuple[Condition, ...], holds: bool) -> None:
    """AND needs every condition, ANY one; without Logical it is AND (DG:about-triggers)."""
    predicate = Predicate(logical, (A_OK, B_OK))
    assert predicate.evaluate(true.__contains__) is holds


@pytest.mark.parametrize("logical", [None, *Logical])
def test_a_predicate_without_conditions_is_never_true(logical: Logical | None) -> None:
    """Nothing makes such a trigger fire (docs/fidelity/workflow.md)."""
    assert not Predicate(logical, ()).evaluate(lambda _: True)


@given(PREDICATES, st.sets(CONDITIONS))
def test_missing_conditions_are_what_keeps_it_from_being_true(predicate: Predicate, true: set[Condition]) -> None:
    """A true predicate misses nothing; a false one becomes true with what it misses."""
    missing = predicate.missing(true.__contains__)
    assert not true.intersection(missing)
    if predicate.evaluate(true.__contains__):
        assert not missing
    elif predicate.conditions:
        assert predicate.evaluate(lambda condition: condition in true or condition in missing)


@given(PREDICATES, st.lists(st.tuples(st.sampled_from(NodeKind), st.sampled_from("ab"), st.booleans())))
def test_counting_changes_is_evaluating_all(
    predicate: Predicate, ends: list[tuple[NodeKind, str, bool]]
) -> None:
    """The count of true conditions, kept while nodes change, decides as a look at all conditions does."""
    states: dict[Node, str] = {}
    count = 0
    watched = Counter(predicate.conditions)
    for kind, name, succeeded in ends:
        node, state = Node(kind, name), "SUCCEEDED" if succeeded else "FAILED"
        before = states.get(node)
        count += watched[Condition(node, state)] - (before is not None and watched[Condition(node, before)])
        states[node] = state
        assert predicate.evaluate_count(count) is predicate.evaluate(lambda one: states.get(one.node) == one.state)


@given(PREDICATES)
def test_no_run_meets_a_contradiction(predicate: Predicate) -> None:
    """An AND that needs two states of one node is true in no assignment of one state to each node."""
    contradictions = predicate.contradictions()
    nodes = sorted({condition.node for condition in predicate.conditions})
    possible = any(
        predicate.evaluate(lambda one, number=number: _state(nodes.index(one.node), number) == one.state)
        for number in range(2 ** len(nodes))
    )
    assert possible is (bool(predicate.conditions) and not contradictions)
    assert all(len(states) > 1 for states in contradictions.values())


def _state(place: int, number: int) -> str:
    return "SUCCEEDED" if number >> place & 1 else "FAILED"


def test_a_contradiction_names_node_and_states() -> None:
    """For the message of an analysis."""
    assert Predicate(Logical.AND, (A_OK, B_OK, A_BAD)).contradictions() == {A: ("SUCCEEDED", "FAILED")}
    assert Predicate(Logical.ANY, (A_OK, A_BAD)).contradictions() == {}
