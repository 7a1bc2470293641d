"""Random workflows, and what a run of one does natively, as a state machine and as a DAG: in pure code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.state_machine_runner import run
from hypothesis import strategies as st

from glueprint.deploy.definitions.model import Definition, Kind, WorkflowDefinition
from glueprint.deploy.exporting.plan import Plan
from glueprint.deploy.exporting.state_machine import Options, definition_of, state_of
from glueprint.deploy.exporting.state_names import StateNames
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind, RunStatus
from glueprint.statemachine.faults import StateFault
from glueprint.workflow.model import Graph
from glueprint.workflow.run import Begin, NodeChanged, RunState, StartNode, decide, evolve
from glueprint.workflow.wire import trigger_from_wire

JOB_ENDS = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")
CRAWL_ENDS = ("SUCCEEDED", "FAILED", "CANCELLED")


def workflow(*triggers: Mapping[str, Any], crawlers: tuple[str, ...] = (), **members: Any) -> WorkflowDefinition:
    """A workflow of these CreateTrigger requests, with the jobs and crawlers that they name."""
    names: dict[tuple[Kind, str], None] = {}
    for trigger in triggers:
        for part in (*trigger.get("Actions", ()), *trigger.get("Predicate", {}).get("Conditions", ())):
            if "JobName" in part:
                names[Kind.JOB, part["JobName"]] = None
            else:
                names[Kind.CRAWLER, part["CrawlerName"]] = None
    parts = [Definition(kind, name, {"Timeout": 10} if kind is Kind.JOB else {}) for kind, name in names]
    parts += [Definition.of_request(Kind.TRIGGER, {**one, "WorkflowName": "flow"}) for one in triggers]
    return WorkflowDefinition.of(Definition(Kind.WORKFLOW, "flow", members), tuple(parts))


def begin(*jobs: str, **members: Any) -> dict[str, Any]:
    """The trigger that starts these jobs."""
    return {"Name": "begin", "Type": "ON_DEMAND", "Actions": [{"JobName": job} for job in jobs], **members}


def after(name: str, *conditions: tuple[str, str], do: tuple[str, ...], logical: str = "AND") -> dict[str, Any]:
    """A conditional trigger over jobs."""
    return {
        "Name": name,
        "Type": "CONDITIONAL",
        "StartOnCreation": True,
        "Actions": [{"JobName": job} for job in do],
        "Predicate": {
            "Logical": logical,
            "Conditions": [
                {"LogicalOperator": "EQUALS", "JobName": job, "State": state} for job, state in conditions
            ],
        },
    }


@st.composite
def workflows(draw: st.DrawFn, ends: tuple[str, ...] = JOB_ENDS) -> tuple[WorkflowDefinition, dict[Node, str]]:
    """A workflow without cycles, of up to nine nodes each of which one trigger starts, and how each node ends."""
    count = draw(st.integers(1, 9))
    nodes = [
        Node(NodeKind.CRAWLER if number and draw(st.integers(0, 4)) == 0 else NodeKind.JOB, f"n{number}")
        for number in range(count)
    ]
    outcomes = {
        node: draw(
            st.sampled_from(
                ends
                if node.kind is NodeKind.JOB
                else tuple(e for e in CRAWL_ENDS if e in ends or ends is JOB_ENDS)
            )
        )
        for node in nodes
    }
    starting = draw(st.integers(1, count))
    triggers: list[dict[str, Any]] = [
        {"Name": "begin", "Type": "ON_DEMAND", "Actions": [_named(n) for n in nodes[:starting]]}
    ]
    at = starting
    while at < count:
        size = draw(st.integers(1, min(3, count - at)))
        watched = draw(st.lists(st.sampled_from(nodes[:at]), min_size=1, max_size=3, unique=True))
        conditions = []
        for node in watched:
            wanted = draw(st.sampled_from(ends if node.kind is NodeKind.JOB else ("SUCCEEDED", "FAILED")))
            state = "State" if node.kind is NodeKind.JOB else "CrawlState"
            conditions.append({"LogicalOperator": "EQUALS", **_named(node), state: wanted})
        triggers.append(
            {
                "Name": f"t{at}",
                "Type": "CONDITIONAL",
                "StartOnCreation": True,
                "Actions": [_named(node) for node in nodes[at : at + size]],
                "Predicate": {"Logical": draw(st.sampled_from(["AND", "ANY"])), "Conditions": conditions},
            }
        )
        at += size
    return workflow(*triggers), outcomes


def natively(definition: WorkflowDefinition, outcomes: Mapping[Node, str]) -> dict[Node, str]:
    """The states in which the nodes of a run end; nodes that did not run are not there."""
    wires = []
    for one in definition.triggers:
        request = one.request()
        state = "ACTIVATED" if request.get("StartOnCreation") else "CREATED"
        wires.append(trigger_from_wire({**request, "State": state}))
    state = RunState.new(Graph(tuple(wires)))
    events: list[Any] = [Begin(0)]
    while events:
        decision = decide(state, events.pop(0))
        for change in decision.changes:
            evolve(state, change)
        for owed in decision.owed:
            assert isinstance(owed, StartNode)
            events.append(NodeChanged(0, owed.seq, outcomes[owed.action.node]))
    assert state.status is RunStatus.COMPLETED
    return {node: str(state.state_of(node)) for node in state.latest}


def as_state_machine(plan: Plan, outcomes: Mapping[Node, str], options: Options | None = None) -> dict[Node, str]:
    """The same, of the exported state machine."""
    crawls: dict[str, str] = {}

    def answer(resource: str, given: Any) -> Any:
        match resource:
            case "glue:startJobRun.sync":
                end = outcomes[Node(NodeKind.JOB, given["JobName"])]
                run_ = {"JobName": given["JobName"], "Id": f"jr_{given['JobName']}", "JobRunState": end}
                if end != "SUCCEEDED":
                    raise StateFault("States.TaskFailed", json.dumps(run_))
                return run_
            case "aws-sdk:glue:startCrawler":
                crawls[given["Name"]] = "RUNNING"
                return {}
            case "aws-sdk:glue:getCrawler":
                if crawls[given["Name"]] == "RUNNING":
                    crawls[given["Name"]] = "READY"
                    return {"Crawler": {"State": "RUNNING"}}
                end = outcomes[Node(NodeKind.CRAWLER, given["Name"])]
                return {"Crawler": {"State": "READY", "LastCrawl": {"Status": end}}}
        raise AssertionError(resource)

    ran = run(definition_of(plan, options), {}, answer)
    keys = StateNames(plan.steps)
    if ran.status == "SUCCEEDED":
        nodes = ran.output["nodes"]
        assert all(entry["State"] == "SUCCEEDED" for entry in nodes.values())
    else:
        assert ran.error == "Workflow.NodesFailed", (ran.error, ran.cause)
        nodes = json.loads(str(ran.cause))
        assert any(entry["State"] != "SUCCEEDED" for entry in nodes.values())
    found = {node: state_of({"nodes": nodes}, keys.key(node)) for node in plan.steps}
    return {node: state for node, state in found.items() if state is not None}


def _named(node: Node) -> dict[str, str]:
    return {"JobName" if node.kind is NodeKind.JOB else "CrawlerName": node.name}
