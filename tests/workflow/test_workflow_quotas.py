"""What exceeds advice and quotas is reported; what AWS refuses is refused with its text."""

from __future__ import annotations

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.quotas import exceeded_quotas
from glueprint.workflow.rules import broken_rules


def _starter(jobs: int) -> Trigger:
    actions = tuple(Action(Node(NodeKind.JOB, f"job{number}")) for number in range(jobs))
    return Trigger("start", TriggerType.ON_DEMAND, actions)


def test_a_trigger_of_fifty_jobs_is_within_the_quota() -> None:
    """50 jobs a trigger is the default quota (docs/facts/quotas.md#quotas): nothing is reported."""
    assert exceeded_quotas(Graph((_starter(50),))) == []


def test_both_limits_are_reported_with_their_figures() -> None:
    """More than 50 jobs in a trigger and more than 100 nodes are reported, each in a sentence
    (docs/facts/quotas.md)."""
    found = exceeded_quotas(Graph((_starter(100),)))
    assert len(found) == 2
    assert found[0].startswith("101 jobs, crawlers and triggers")
    assert "starts 100 jobs" in found[1]


def test_a_job_that_waits_for_itself_is_refused_in_awss_words() -> None:
    """A job in both predicate and actions is refused (terraform-provider-aws #39571 quotes the message)."""
    condition = {"LogicalOperator": "EQUALS", "JobName": "a", "State": "SUCCEEDED"}
    request = {
        "Name": "t",
        "Type": "CONDITIONAL",
        "Predicate": {"Conditions": [condition]},
        "Actions": [{"JobName": "a"}, {"JobName": "b"}],
    }
    assert broken_rules(request) == ["Job cannot be a Predicate and Action for Conditional Trigger: a"]
    assert broken_rules(request | {"Actions": [{"JobName": "b"}]}) == []
