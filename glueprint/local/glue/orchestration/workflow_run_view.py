"""Workflow runs as the API returns them: status, statistics, properties, graph (docs/facts/workflows.md)."""

from __future__ import annotations

import json
from typing import Any

from glueprint.local.engine.run_rows import graph_of, invocations
from glueprint.local.engine.workflow_runs import properties_of
from glueprint.local.glue.family import Transaction, without_none
from glueprint.local.glue.orchestration.job_runs import runs_of_workflow_run
from glueprint.local.store import Row
from glueprint.local.store.resources import Document
from glueprint.workflow.model import Graph
from glueprint.workflow.wire import graph_to_wire, statistics, trigger_from_wire


def latest(tx: Transaction, workflow: str) -> Row | None:
    """Return the newest run of a workflow."""
    row: Row | None = tx.execute(
        "SELECT * FROM workflow_run WHERE workflow = ? ORDER BY started DESC, rowid DESC LIMIT 1", (workflow,)
    ).fetchone()
    return row


def describe(tx: Transaction, row: Row, include_graph: bool, now: float) -> Document:
    """Return the API's ``WorkflowRun`` of a ``workflow_run`` row, at the time ``now``."""
    run_id = row["run_id"]
    graph = graph_of(row["triggers"])
    body: Document = without_none(
        {
            **json.loads(row["body"]),
            "Name": row["workflow"],
            "WorkflowRunId": run_id,
            "PreviousRunId": row["previous_run_id"],
            "WorkflowRunProperties": properties_of(tx, run_id),
            "StartedOn": row["started"],
            "CompletedOn": row["completed"],
            "Status": row["status"],
            "ErrorMessage": row["error"],
            "Statistics": statistics(graph, [one.state for one in invocations(tx, run_id)]),
        }
    )
    if include_graph:
        job_runs, crawls = runs_of_workflow_run(tx, run_id, now), crawls_of(tx, run_id)
        body["Graph"] = graph_to_wire(graph, row["workflow"], job_runs, crawls)
    return body


def static_graph(workflow: str, triggers: list[Document]) -> dict[str, Any]:
    """Return the graph of a workflow's current triggers."""
    return graph_to_wire(Graph(tuple(trigger_from_wire(one) for one in triggers)), workflow)


def crawls_of(tx: Transaction, run_id: str) -> dict[str, list[Document]]:
    """Return the crawls of a workflow run, by crawler name, in the order in which they were requested."""
    found: dict[str, list[Document]] = {}
    rows = tx.execute(
        "SELECT crawl.* FROM invocation JOIN crawl"
        " ON crawl.workflow_run_id = coalesce(invocation.origin_run_id, invocation.run_id)"
        " AND crawl.seq = coalesce(invocation.origin_seq, invocation.seq)"
        " WHERE invocation.run_id = ? ORDER BY invocation.seq",
        (run_id,),
    )
    for row in rows:
        found.setdefault(row["crawler"], []).append(
            without_none(
                {
                    "State": row["state"],
                    "StartedOn": row["started"],
                    "CompletedOn": row["completed"],
                    "ErrorMessage": row["error"],
                    "LogGroup": "/aws-glue/crawlers",
                    "LogStream": row["crawler"],
                }
            )
        )
    return found
