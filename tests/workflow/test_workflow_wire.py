"""API shapes to nouns and back. Source: service model (``Trigger``, ``WorkflowGraph``, the run statistics)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_shapes import crawler, graph, graphs, job, on, start

from glueprint.facts.predicate import Condition, Logical
from glueprint.facts.states import CrawlState, JobState, NodeState, TriggerState, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.wire import (
    action_from_wire,
    action_to_wire,
    graph_from_wire,
    graph_to_wire,
    node_id,
    statistics,
    trigger_from_wire,
    trigger_id,
    trigger_to_wire,
    unique_id,
)

FULL: dict[str, Any] = {
    "Name": "t",
    "WorkflowName": "flow",
    "Type": "CONDITIONAL",
    "State": "ACTIVATED",
    "Description": "all members",
    "Actions": [
        {
            "JobName": "load",
            "Arguments": {"--day": "1"},
            "Timeout": 5,
            "SecurityConfiguration": "safe",
            "NotificationProperty": {"NotifyDelayAfter": 3},
        },
        {"CrawlerName": "crawl"},
    ],
    "Predicate": {
        "Logical": "ANY",
        "Conditions": [
            {"LogicalOperator": "EQUALS", "JobName": "look", "State": "SUCCEEDED"},
            {"LogicalOperator": "EQUALS", "CrawlerName": "crawl", "CrawlState": "FAILED"},
        ],
    },
}


def test_a_conditional_trigger() -> None:
    """Every member of Trigger, Action and Predicate arrives, and goes back unchanged (service model)."""
    trigger = trigger_from_wire(FULL)
    assert trigger == Trigger(
        "t",
        TriggerType.CONDITIONAL,
        (Action(job("load"), {"--day": "1"}, 5, "safe", 3), Action(crawler("crawl"))),
        TriggerState.ACTIVATED,
        "flow",
        Logical.ANY,
        (Condition(job("look"), "SUCCEEDED"), Condition(crawler("crawl"), "FAILED")),
        description="all members",
    )
    assert trigger_to_wire(trigger) == FULL


@pytest.mark.parametrize(
    "shape",
    [
        {"Name": "s", "Type": "SCHEDULED", "Schedule": "cron(0 1 * * ? *)", "Actions": [{"JobName": "a"}]},
        {
            "Name": "e",
            "Type": "EVENT",
            "WorkflowName": "flow",
            "EventBatchingCondition": {"BatchSize": 5, "BatchWindow": 60},
            "Actions": [{"JobName": "a"}],
        },
        {"Name": "o", "Type": "ON_DEMAND", "Actions": []},
    ],
)
def test_a_create_request_is_read_as_a_trigger_in_created(shape: dict[str, Any]) -> None:
    """CreateTrigger has no State; everything else has the names of Trigger (service model)."""
    trigger = trigger_from_wire(shape)
    assert trigger.state is TriggerState.CREATED
    assert trigger_to_wire(trigger) == {**shape, "State": "CREATED"}


def test_an_action_that_names_nothing_is_an_error() -> None:
    """An action needs JobName or CrawlerName; the shape is in the message."""
    with pytest.raises(ValueError, match="neither JobName nor CrawlerName"):
        action_from_wire({"Timeout": 1})


def test_unique_ids_look_like_glues_and_differ() -> None:
    """``wnode_`` and 64 hex digits (guide, resuming: example node); equal names of two kinds differ."""
    ids = {unique_id("flow", kind, "same") for kind in ("JOB", "CRAWLER", "TRIGGER")}
    assert len(ids) == 3
    assert all(re.fullmatch("wnode_[0-9a-f]{64}", one) for one in ids)
    assert unique_id("flow", "JOB", "same") in ids
    assert unique_id("other", "JOB", "same") not in ids


def test_the_graph_of_a_run() -> None:
    """Edges run trigger to what it starts and node to the trigger that watches it; only nodes that ran have
    details (service model Edge; docs/facts/workflows.md#graph-of-a-run)."""
    workflow = graph(start(job("a")), on("t", (job("a"), "SUCCEEDED"), do=(crawler("x"), job("b"))))
    shape = graph_to_wire(workflow, "flow", {"a": [{"Id": "jr_1"}]}, {"x": [{"State": "RUNNING"}]})
    kinds = {(node["Type"], node["Name"]): node for node in shape["Nodes"]}
    assert list(kinds) == [
        ("TRIGGER", "start"),
        ("TRIGGER", "t"),
        ("JOB", "a"),
        ("CRAWLER", "x"),
        ("JOB", "b"),
    ]
    assert kinds["JOB", "a"]["JobDetails"] == {"JobRuns": [{"Id": "jr_1"}]}
    assert kinds["CRAWLER", "x"]["CrawlerDetails"] == {"Crawls": [{"State": "RUNNING"}]}
    assert "JobDetails" not in kinds["JOB", "b"]
    assert [(edge["SourceId"], edge["DestinationId"]) for edge in shape["Edges"]] == [
        (trigger_id("flow", "start"), node_id("flow", job("a"))),
        (node_id("flow", job("a")), trigger_id("flow", "t")),
        (trigger_id("flow", "t"), node_id("flow", crawler("x"))),
        (trigger_id("flow", "t"), node_id("flow", job("b"))),
    ]


@given(graphs())
def test_a_graph_survives_the_wire(workflow: Graph) -> None:
    """graph_from_wire reads back what graph_to_wire wrote, for any workflow; no node or edge twice."""
    shape = graph_to_wire(workflow, "flow")
    assert graph_from_wire(shape) == workflow
    ids = [node["UniqueId"] for node in shape["Nodes"]]
    assert len(ids) == len(set(ids))
    edges = [tuple(edge.values()) for edge in shape["Edges"]]
    assert len(edges) == len(set(edges))
    assert {one for edge in edges for one in edge} <= set(ids)


@given(graphs())
def test_actions_survive_the_wire(workflow: Graph) -> None:
    """An action that is stored as an API shape is the same when read."""
    for trigger in workflow.triggers:
        for action in trigger.actions:
            assert action_from_wire(action_to_wire(action)) == action


def test_statistics_of_the_documented_kinds() -> None:
    """Each state has its counter, and actions that never ran are in the total
    (docs/facts/workflows.md#statistics)."""
    workflow = graph(start(*(job(f"j{n}") for n in range(12))), on("t", (job("j0"), "FAILED"), do=(job("z"),)))
    counts = statistics(
        workflow,
        [
            JobState.SUCCEEDED,
            CrawlState.SUCCEEDED,
            JobState.FAILED,
            JobState.STOPPED,
            CrawlState.CANCELLED,
            JobState.TIMEOUT,
            JobState.ERROR,
            JobState.WAITING,
            JobState.RUNNING,
            JobState.STARTING,
        ],
    )
    assert counts == {
        "TotalActions": 13,
        "SucceededActions": 2,
        "FailedActions": 1,
        "StoppedActions": 2,
        "TimeoutActions": 1,
        "ErroredActions": 1,
        "WaitingActions": 1,
        "RunningActions": 2,
    }


@given(st.lists(st.sampled_from([*JobState, *CrawlState]), max_size=8))
def test_every_invocation_is_in_one_counter(states: list[NodeState]) -> None:
    """The counters add up to the invocations, and the total is never less."""
    counts = statistics(graph(start(job("a"), job("b"))), states)
    assert sum(value for name, value in counts.items() if name != "TotalActions") == len(states)
    assert counts["TotalActions"] >= max(2, len(states))
