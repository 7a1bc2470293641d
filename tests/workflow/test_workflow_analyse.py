"""Analysis of a workflow before it runs (for ``check``)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_shapes import chain, crawler, fan, graph, graphs, job, on, start

from glueprint.facts.findings import Finding
from glueprint.facts.predicate import Logical
from glueprint.facts.states import FINAL_CRAWL_STATES, FINAL_JOB_STATES, TriggerState, TriggerType
from glueprint.workflow.analyse import Rule, analyse, to_json
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.run import Begin, NodeChanged, RunState, decide, evolve

A, B, C, D, X = job("a"), job("b"), job("c"), job("d"), crawler("x")
AND = Logical.AND


def problems(*triggers: Trigger) -> list[tuple[str, str]]:
    return [(finding.rule, finding.place.subject) for finding in analyse(graph(*triggers))]


def only(rule: Rule, *triggers: Trigger) -> Finding:
    (found,) = [finding for finding in analyse(graph(*triggers)) if finding.rule == rule]
    return found


def test_sound_workflows_have_no_findings() -> None:
    """A chain, a fan, and a handler beside a success path are all right."""
    assert analyse(chain(20)) == []
    assert analyse(fan(20)) == []
    assert problems(start(A), on("ok", (A, "SUCCEEDED"), do=(B,)), on("bad", (A, "FAILED"), do=(C,))) == []


def test_no_starting_trigger() -> None:
    """Without a starting trigger nothing ever runs, and all consequences are reported, too."""
    found = problems(on("t", (A, "SUCCEEDED"), do=(B,)))
    assert found[0] == (Rule.NO_STARTING_TRIGGER, "")
    assert (Rule.NEVER_RUNS, "b") in found


def test_a_trigger_that_is_not_active() -> None:
    """It is named with its state, and so is what can never run because of it (guide, About triggers)."""
    assert problems(start(A), on("off", (A, "SUCCEEDED"), do=(B,), state=TriggerState.CREATED)) == [
        (Rule.NOT_ACTIVE, "off"),
        (Rule.NEVER_FIRES, "off"),
        (Rule.NEVER_RUNS, "b"),
    ]


def test_a_condition_on_what_nothing_starts() -> None:
    """Runs started elsewhere do not count in a workflow (docs/facts/workflows.md#composition)."""
    found = only(Rule.CONDITION_NEVER_HOLDS, start(A), on("t", (D, "SUCCEEDED"), do=(B,)))
    assert found.message == (
        "Trigger `t` waits for `d` SUCCEEDED, which is impossible: no trigger of the workflow starts `d`."
    )


def test_a_state_that_cannot_be_watched() -> None:
    """ERROR of a job is no state that a trigger can listen for (service model, Condition)."""
    found = only(Rule.CONDITION_NEVER_HOLDS, start(A), on("t", (A, "ERROR"), do=(B,)))
    assert "a trigger cannot listen for ERROR" in found.message


def test_an_and_over_two_states_of_one_node() -> None:
    """A node ends in one state; the counterexample is the two conditions themselves."""
    found = only(Rule.CONTRADICTION, start(A), on("t", (A, "SUCCEEDED"), (A, "FAILED"), do=(B,), logical=AND))
    assert found.place.subject == "t"
    assert found.steps == ("`t` needs `a` SUCCEEDED", "`t` needs `a` FAILED")


def test_an_and_over_branches_that_exclude_each_other() -> None:
    """b runs on success of a, c on its failure: both never come; the witness is the shortest way to each."""
    found = only(
        Rule.CONTRADICTION,
        start(A),
        on("ok", (A, "SUCCEEDED"), do=(B,)),
        on("bad", (A, "FAILED"), do=(C,)),
        on("join", (B, "SUCCEEDED"), (C, "SUCCEEDED"), do=(D,), logical=AND),
    )
    assert found.steps == (
        "`join` needs `b` SUCCEEDED",
        "`b` is started by `ok`",
        "`ok` needs `a` SUCCEEDED",
        "`join` needs `c` SUCCEEDED",
        "`c` is started by `bad`",
        "`bad` needs `a` FAILED",
    )
    assert "needs `a` SUCCEEDED and FAILED" in found.message


def test_a_second_start_makes_both_branches_possible() -> None:
    """When the failing job is started again by its handler, both branches can come: no finding."""
    found = problems(
        start(A),
        on("ok", (A, "SUCCEEDED"), do=(B,)),
        on("bad", (A, "FAILED"), do=(C, A)),
        on("join", (B, "SUCCEEDED"), (C, "SUCCEEDED"), do=(D,), logical=AND),
    )
    assert found == [(Rule.SELF_CONDITION, "a")]


def test_an_any_over_branches_that_exclude_each_other() -> None:
    """ANY needs only one of them."""
    triggers = (
        start(A),
        on("ok", (A, "SUCCEEDED"), do=(B,)),
        on("bad", (A, "FAILED"), do=(C,)),
        on("join", (B, "SUCCEEDED"), (C, "SUCCEEDED"), do=(D,), logical=Logical.ANY),
    )
    assert problems(*triggers) == []


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED"])
def test_what_two_ways_lead_to_needs_neither(state: str) -> None:
    """d is started on success of a and on its failure, so it goes together with both."""
    triggers = (
        start(A),
        on("ok", (A, "SUCCEEDED"), do=(D,)),
        on("bad", (A, "FAILED"), do=(D,)),
        on("join", (D, "SUCCEEDED"), (A, state), do=(B,), logical=AND),
    )
    assert problems(*triggers) == []


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED"])
def test_what_an_any_leads_to_needs_only_what_all_its_ways_need(state: str) -> None:
    """d is started by an ANY over two branches that exclude each other: a may have ended either way."""
    triggers = (
        start(A),
        on("ok", (A, "SUCCEEDED"), do=(B,)),
        on("bad", (A, "FAILED"), do=(C,)),
        on("any", (B, "SUCCEEDED"), (C, "SUCCEEDED"), do=(D,), logical=Logical.ANY),
        on("join", (D, "SUCCEEDED"), (A, state), do=(X,), logical=AND),
    )
    assert problems(*triggers) == []


def test_jobs_that_only_start_each_other() -> None:
    """A cycle without a way in never runs; the shortest way round is the witness."""
    triggers = (start(A), on("t1", (B, "SUCCEEDED"), do=(C,)), on("t2", (C, "SUCCEEDED"), do=(B,)))
    assert [one for one in problems(*triggers) if one[0] == Rule.NEVER_RUNS] == [
        (Rule.NEVER_RUNS, "b"),
        (Rule.NEVER_RUNS, "c"),
    ]
    assert only(Rule.CYCLE, *triggers).steps == ("`b` -> `t1` -> `c`", "`c` -> `t2` -> `b`")


def test_the_shortest_cycle_of_a_knot() -> None:
    """Of two cycles through one node the shorter is reported."""
    found = only(
        Rule.CYCLE,
        start(A),
        on("t1", (A, "SUCCEEDED"), do=(B,)),
        on("t2", (B, "SUCCEEDED"), do=(C,)),
        on("t3", (C, "SUCCEEDED"), do=(A,)),
        on("t4", (B, "FAILED"), do=(A,)),
    )
    assert found.message.startswith("A cycle of 2: `a` -> `b` -> `a`")


def test_a_job_that_is_its_own_condition() -> None:
    """Reported as such, once."""
    found = only(Rule.SELF_CONDITION, start(A), on("loop", (A, "FAILED"), do=(A,)))
    assert found.steps == ("`a` -> `loop` -> `a`",)


def test_findings_are_plain_data() -> None:
    """For --json: names and lists only."""
    found = only(Rule.SELF_CONDITION, start(A), on("loop", (A, "FAILED"), do=(A,)))
    assert to_json(found) == {
        "problem": "SELF_CONDITION",
        "subject": "a",
        "text": found.message,
        "witness": ["`a` -> `loop` -> `a`"],
    }


def test_a_long_chain_is_no_trouble() -> None:
    """1,000 jobs in a row, and 1,000 in a ring, are analysed without recursion."""
    assert analyse(chain(1000)) == []
    ring = Graph((*chain(300).triggers, on("back", (job("j299"), "SUCCEEDED"), do=(job("j0"),))))
    (found,) = analyse(ring)
    assert found.message.startswith("A cycle of 300")


@settings(max_examples=80, deadline=None)
@given(graphs(), st.integers(0, 2**32))
def test_what_is_reported_as_impossible_never_happens(workflow: Graph, seed: int) -> None:
    """Soundness: in runs with random outcomes and orders nothing runs or fires that was reported as impossible."""
    found = analyse(workflow)
    never_runs = {one.place.subject for one in found if one.rule == Rule.NEVER_RUNS}
    never_fires = {one.place.subject for one in found if one.rule in (Rule.NEVER_FIRES, Rule.CONTRADICTION)}
    dice = random.Random(seed)
    for _ in range(10):
        run = RunState.new(workflow)
        for change in decide(run, Begin(0.0)).changes:
            evolve(run, change)
        while run.active:
            seq = dice.choice(sorted(run.active))
            finals = FINAL_JOB_STATES if run.invocations[seq].node.kind == "JOB" else FINAL_CRAWL_STATES
            for change in decide(run, NodeChanged(1.0, seq, dice.choice(sorted(finals)))).changes:
                evolve(run, change)
        assert not {node.name for node in run.latest} & never_runs
        assert not set(run.fired) & never_fires


@given(st.sampled_from([TriggerType.ON_DEMAND, TriggerType.SCHEDULED, TriggerType.EVENT]))
def test_any_kind_of_start_works(type_: TriggerType) -> None:
    """Every starting type begins a run, in whatever state the trigger is."""
    assert analyse(graph(start(A, X, type_=type_))) == []
