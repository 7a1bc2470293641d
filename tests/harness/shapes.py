"""Shapes of Glue's API for tests: triggers, graphs and workflow runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from glueprint.compat import UTC

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def trigger(name: str, actions: list[str], *conditions: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A Trigger shape: on demand without conditions, active with."""
    shape: dict[str, Any] = {"Name": name, "Type": "ON_DEMAND", "State": "CREATED", "Actions": []}
    for action in actions:
        key = "CrawlerName" if action.startswith("crawl") else "JobName"
        shape["Actions"].append({key: action})
    if conditions:
        shape |= {"Type": "CONDITIONAL", "State": "ACTIVATED"}
        shape["Predicate"] = {
            "Logical": "AND",
            "Conditions": [
                {"LogicalOperator": "EQUALS", "CrawlerName": node, "CrawlState": state}
                if node.startswith("crawl")
                else {"LogicalOperator": "EQUALS", "JobName": node, "State": state}
                for node, state in conditions
            ],
        }
    return {**shape, **more}


TRIGGERS = [
    trigger("start", ["look"]),
    trigger("seen", ["crawl"], ("look", "SUCCEEDED")),
    trigger("crawled", ["load"], ("crawl", "SUCCEEDED")),
]


def graph(triggers: list[dict[str, Any]], states: dict[str, Any] | None = None) -> dict[str, Any]:
    """A WorkflowGraph shape; ``states`` by node: a state, or (state, error)."""
    nodes = [
        {"Type": "TRIGGER", "Name": t["Name"], "UniqueId": f"t-{t['Name']}", "TriggerDetails": {"Trigger": t}}
        for t in triggers
    ]
    starters = {a.get("JobName") or a["CrawlerName"]: t["Name"] for t in triggers for a in t["Actions"]}
    for name, starter in starters.items():
        given = (states or {}).get(name)
        state, error = given if isinstance(given, tuple) else (given, None)
        times = {"StartedOn": START.timestamp(), "CompletedOn": START.timestamp() + 2}
        node: dict[str, Any] = {"Name": name, "UniqueId": f"n-{name}"}
        if name.startswith("crawl"):
            node["Type"] = "CRAWLER"
            if state:
                crawl = {
                    "State": state,
                    "ErrorMessage": error,
                    "LogGroup": "/aws-glue/crawlers",
                    "LogStream": name,
                }
                node["CrawlerDetails"] = {"Crawls": [crawl | times]}
        else:
            node["Type"] = "JOB"
            if state:
                run = {
                    "Id": f"jr_{name}",
                    "JobName": name,
                    "TriggerName": starter,
                    "JobRunState": state,
                    "ErrorMessage": error,
                    "Attempt": 0,
                }
                node["JobDetails"] = {"JobRuns": [run | times | {"LogGroupName": "/aws-glue/jobs"}]}
        nodes.append(node)
    return {"Nodes": nodes, "Edges": []}


def run_frame(status: str, states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A WorkflowRun shape of the workflow ``nightly``."""
    values = [s[0] if isinstance(s, tuple) else s for s in states.values()]
    statistics = {"SucceededActions": values.count("SUCCEEDED"), "FailedActions": values.count("FAILED")}
    return {
        "Name": "nightly",
        "WorkflowRunId": "wr_1",
        "Status": status,
        "StartedOn": START.timestamp(),
        "CompletedOn": START.timestamp() + 5,
        "Statistics": {"TotalActions": 3, **statistics},
        "Graph": graph(TRIGGERS, states),
        **more,
    }
