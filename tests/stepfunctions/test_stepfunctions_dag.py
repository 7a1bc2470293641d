"""Exported DAGs: the same nodes run and end as natively, by Airflow's trigger rules."""

from __future__ import annotations

import pytest
from dag_model import execute, load
from export_models import after, begin, natively, workflow, workflows
from hypothesis import given, settings

from glueprint.deploy.definitions.model import WorkflowDefinition
from glueprint.deploy.exporting.cron import airflow_cron
from glueprint.deploy.exporting.dag import dag_of
from glueprint.deploy.exporting.plan import plan_of
from glueprint.deploy.exporting.state_machine import Options
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind


@settings(max_examples=60)
@given(workflows())
def test_the_same_nodes_end_in_the_same_states(case: tuple[WorkflowDefinition, dict[Node, str]]) -> None:
    """Over random workflows and outcomes, the nodes that run and how they end are those of the run machine; the
    DAG run fails if a node failed."""
    definition, outcomes = case
    text, _ = dag_of(plan_of(definition))
    native = natively(definition, outcomes)
    ended, is_good = execute(load(text), outcomes)
    assert ended == native
    assert is_good is (set(native.values()) == {"SUCCEEDED"})


def test_a_chain_of_successes_is_trigger_rules_only() -> None:
    """all_success and one_success say AND and ANY of SUCCEEDED; no gate is needed."""
    plan = plan_of(
        workflow(
            begin("a", "b"),
            after("t", ("a", "SUCCEEDED"), ("b", "SUCCEEDED"), do=("c",)),
            after("u", ("a", "SUCCEEDED"), ("c", "SUCCEEDED"), do=("d",), logical="ANY"),
        )
    )
    text, tasks = dag_of(plan)
    assert [(task.id, task.rule) for task in tasks.tasks][2:] == [("c", "all_success"), ("d", "one_success")]
    assert not tasks.has_gates
    assert [one.id for one in load(text)] == ["a", "b", "c", "d", "all_succeeded"]


def test_states_that_airflow_does_not_know_are_looked_up() -> None:
    """For Airflow a task has succeeded or failed, and a job run that was stopped has succeeded (GlueJobHook,
    provider 9.0 to 9.34): the exported tasks keep how the run ended, and gates look for it."""
    for end in ("STOPPED", "TIMEOUT", "FAILED"):
        conditions = {state: after(state.lower(), ("a", state), do=(state,)) for state in ("STOPPED", "TIMEOUT")}
        text, tasks = dag_of(plan_of(workflow(begin("a"), *conditions.values())))
        assert not tasks.warnings
        jobs = {Node(NodeKind.JOB, name): "SUCCEEDED" for name in conditions}
        ended, is_good = execute(load(text), {Node(NodeKind.JOB, "a"): end, **jobs})
        assert [node.name for node in ended] == ["a", *([end] if end in conditions else [])]
        assert not is_good


def test_values_that_look_like_templates_stay_as_they_are() -> None:
    """Arguments are Jinja templates for Airflow; those of Glue are not."""
    actions = [{"JobName": "a", "Arguments": {"--query": "{{ x }}"}, "Timeout": 3}]
    trigger = {"Name": "begin", "Type": "ON_DEMAND", "Actions": actions}
    text, _ = dag_of(plan_of(workflow(trigger)), Options(passes_properties=True))
    (job,) = load(text)
    assert job.members["script_args"] == {
        "--query": "{% raw %}{{ x }}{% endraw %}",
        "--WORKFLOW_RUN_PROPERTIES": "{{ run_properties(dag_run) }}",
    }
    assert job.members["run_job_kwargs"] == {"Timeout": 3}


@pytest.mark.parametrize(
    ("glue", "airflow"),
    [
        ("cron(15 12 * * ? *)", "15 12 * * *"),
        ("cron(0 3 ? * 2-6 *)", "0 3 * * 1-5"),
        ("cron(0/10 * ? * MON-FRI *)", "0-59/10 * * * MON-FRI"),
        ("cron(0 8 1 * ? *)", "0 8 1 * *"),
    ],
)
def test_schedules_become_airflows(glue: str, airflow: str) -> None:
    """Six fields become five; days of the week count from 0 instead of 1."""
    assert airflow_cron(glue) == (airflow, None)


@pytest.mark.parametrize(
    "glue", ["cron(0 8 L * ? *)", "cron(0 8 ? * 2#1 *)", "cron(0 8 1 1 ? 2027)", "rate(1 day)"]
)
def test_schedules_that_airflow_has_not_are_warnings(glue: str) -> None:
    """The DAG then has no schedule, and the warning names why."""
    schedule, warning = airflow_cron(glue)
    assert schedule is None
    assert glue in str(warning)
