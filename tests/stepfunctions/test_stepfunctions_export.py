"""Exported state machines: the same nodes run and end as natively, or the export is refused with the reason."""

from __future__ import annotations

import json

import pytest
from export_models import after, as_state_machine, begin, natively, workflow, workflows
from hypothesis import given, settings

from glueprint.deploy.definitions.model import WorkflowDefinition
from glueprint.deploy.exporting.plan import NotExportable, plan_of
from glueprint.deploy.exporting.state_machine import OnFailure, Options, definition_of
from glueprint.facts.predicate import Node
from glueprint.statemachine.diagnostics import errors
from glueprint.statemachine.parsing import parse


@settings(max_examples=40)
@given(workflows())
def test_the_same_nodes_end_in_the_same_states(case: tuple[WorkflowDefinition, dict[Node, str]]) -> None:
    """Over random workflows and outcomes, a run of the workflow (the run machine) and an execution of its export
    (the machine of Step Functions) agree node by node (docs/facts/triggers.md)."""
    definition, outcomes = case
    assert as_state_machine(plan_of(definition), outcomes) == natively(definition, outcomes)


@pytest.mark.stepfunctions
@settings(max_examples=500)
@given(workflows())
def test_the_same_nodes_end_in_the_same_states_many(case: tuple[WorkflowDefinition, dict[Node, str]]) -> None:
    """The same over many more workflows."""
    definition, outcomes = case
    assert as_state_machine(plan_of(definition), outcomes) == natively(definition, outcomes)


@settings(max_examples=30)
@given(workflows())
def test_exports_are_valid_and_every_task_has_a_timeout(case: tuple[WorkflowDefinition, dict[Node, str]]) -> None:
    """No state has a timeout unless it is given one (SFN:concepts-error-handling); all states are reachable."""
    definition = definition_of(plan_of(case[0]), Options(OnFailure.COMPLETE, True, "s3://bucket/props/"))
    machine, found = parse(json.dumps(definition))
    assert machine is not None, [str(one) for one in errors(found)]
    assert not found, [str(one) for one in found]
    tasks = [state for state in machine.states.values() if state.type == "Task"]
    assert all(state.has_timeout and state.retry and (state.catch or state.name == "Begin") for state in tasks)


@pytest.mark.parametrize(
    ("triggers", "words"),
    [
        ([{**begin("a"), "Type": "EVENT", "EventBatchingCondition": {"BatchSize": 5}}], "waits for 5 events"),
        (
            [begin("a"), after("t", ("b", "SUCCEEDED"), do=("c",)), after("u", ("c", "SUCCEEDED"), do=("b",))],
            "a cycle",
        ),
        ([begin("a"), after("t", ("a", "SUCCEEDED"), do=("a",))], "job a is started by begin, t"),
        ([after("t", ("a", "SUCCEEDED"), do=("b",))], "no trigger starts it"),
    ],
)
def test_what_has_no_translation_is_refused_with_the_reason(triggers: list[dict[str, object]], words: str) -> None:
    """Event batching, cycles and jobs with several starts have no faithful translation."""
    with pytest.raises(NotExportable, match=words):
        plan_of(workflow(*triggers))


def test_what_differs_is_a_warning() -> None:
    """ANY over several nodes, waits that triggers do not have, retries, idle triggers and limits are named."""
    idle = {**after("idle", ("a", "SUCCEEDED"), do=("z",)), "StartOnCreation": False}
    plan = plan_of(
        workflow(
            begin("a", "b", "c"),
            after("any", ("a", "SUCCEEDED"), ("b", "SUCCEEDED"), do=("d",), logical="ANY"),
            after("both", ("b", "SUCCEEDED"), ("c", "SUCCEEDED"), do=("e",)),
            idle,
            MaxConcurrentRuns=1,
        )
    )
    text = " | ".join((*plan.warnings, *plan.waits, *plan.early))
    assert "trigger any fires when the first of a, b ends so" in text
    assert "d also waits for c" in text
    assert "e also waits for a" in text
    assert "trigger idle is not activated" in text
    assert "MaxConcurrentRuns 1" in text


def test_independent_chains_do_not_wait_for_one_another() -> None:
    """Two chains that join at the end are two branches: nothing waits for what it does not depend on."""
    plan = plan_of(
        workflow(
            begin("a1", "b1"),
            after("a", ("a1", "SUCCEEDED"), do=("a2",)),
            after("b", ("b1", "SUCCEEDED"), do=("b2",)),
            after("join", ("a2", "SUCCEEDED"), ("b2", "SUCCEEDED"), do=("end",)),
        )
    )
    assert plan.waits == ()
    states = definition_of(plan)["States"]
    assert [len(one["Branches"]) for one in states.values() if one["Type"] == "Parallel"] == [2]


def test_scripts_that_read_the_run_need_its_properties() -> None:
    """There is no workflow run in an execution: its readers are named, and get the properties as an argument."""
    unchanged = plan_of(workflow(begin("a")), reads_run={"a": frozenset()})
    for options in (Options(), Options(passes_properties=True)):
        with pytest.raises(NotExportable, match="the script of job a reads the workflow run"):
            definition_of(unchanged, options)
    adapted = {"a": frozenset({"--WORKFLOW_RUN_PROPERTIES"})}
    plan = plan_of(workflow(begin("a"), DefaultRunProperties={"day": "it's 1"}), reads_run=adapted)
    with pytest.raises(NotExportable, match="--WORKFLOW_RUN_PROPERTIES_S3 instead"):
        definition_of(plan, Options(passes_properties=True, properties_location="s3://b/p/"))
    states = definition_of(plan, Options(passes_properties=True))["States"]
    assert states["a"]["Parameters"]["Arguments"] == {
        "--WORKFLOW_RUN_PROPERTIES.$": "States.JsonToString($.properties)"
    }
