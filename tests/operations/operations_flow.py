"""Jobs, crawlers and triggers of a Glue without processes: the test decides how each run ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from operations_harness import CONTEXT, ROLE, Operations

from glueprint.facts.states import CrawlState
from glueprint.local.engine.crawls import CrawlEnd
from glueprint.local.store.database import Connection
from glueprint.workflow.attempt_events import Exited, Started

COMMAND = {"Name": "pythonshell", "ScriptLocation": "s3://data/job.py", "PythonVersion": "3.9"}


class Flow:
    """Creates definitions, and ends runs."""

    def __init__(self, glue: Operations) -> None:
        self.glue = glue

    def jobs(self, *names: str, **members: Any) -> None:
        """Create jobs."""
        for name in names:
            self.glue.call("CreateJob", Name=name, Role=ROLE, Command=COMMAND, **members)

    def crawler(self, name: str, **members: Any) -> None:
        """Create a crawler over a bucket."""
        self.glue.put("in/part.csv", b"id\n1\n")
        targets = {"S3Targets": [{"Path": "s3://data/in/"}]}
        self.glue.call("CreateCrawler", Name=name, Role=ROLE, DatabaseName="d", Targets=targets, **members)

    def starts(self, name: str, *nodes: str, **members: Any) -> None:
        """Create an ON_DEMAND trigger; ``crawler/NAME`` is a crawler."""
        self._trigger(name, "ON_DEMAND", nodes, members)

    def follows(self, name: str, conditions: dict[str, str], *nodes: str, **members: Any) -> None:
        """Create a CONDITIONAL trigger that waits for these states, all of them unless ``logical`` is ANY."""
        logical = members.pop("logical", "AND") if len(conditions) > 1 else None
        shapes = [_condition(node, state) for node, state in conditions.items()]
        members["Predicate"] = {"Conditions": shapes, **({"Logical": logical} if logical else {})}
        self._trigger(name, "CONDITIONAL", nodes, {"StartOnCreation": True, **members})

    def hears(self, name: str, workflow: str, job: str, size: int, window: int) -> None:
        """Create an EVENT trigger."""
        batching = {"BatchSize": size, "BatchWindow": window}
        self._trigger(name, "EVENT", (job,), {"WorkflowName": workflow, "EventBatchingCondition": batching})

    def listens(self, workflow: str, pattern: Mapping[str, Any]) -> None:
        """Create a rule that sends matching events to a workflow."""
        arn = f"arn:aws:glue:{CONTEXT.region}:{CONTEXT.account_id}:workflow/{workflow}"
        self._events("PutRule", Name="rule", EventPattern=json.dumps(pattern))
        self._events("PutTargets", Rule="rule", Targets=[{"Id": "1", "Arn": arn, "RoleArn": ROLE}])

    def resume(self, workflow: str, run_id: str, *names: str) -> str:
        """Resume a run from nodes; return the new run's id."""
        run = self.glue.call("GetWorkflowRun", Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
        ids = [node["UniqueId"] for node in run["Graph"]["Nodes"] if node["Name"] in names]
        new: str = self.glue.call("ResumeWorkflowRun", Name=workflow, RunId=run_id, NodeIds=ids)["RunId"]
        return new

    def arrives(self, workflow: str, event_id: str) -> None:
        """Deliver an event to a workflow."""
        engine = self.glue.local.engine
        assert engine.write(lambda tx: engine.windows.arrived(tx, workflow, event_id))

    def end(self, job: str, status: int = 0) -> None:
        """End the process of the one active run of ``job`` with this exit status."""
        [run] = [one for one in self.runs(job) if one["JobRunState"] in ("STARTING", "RUNNING", "STOPPING")]
        self.end_run(run["Id"], status, run["Attempt"])

    def end_run(self, run_id: str, status: int = 0, attempt: int = 0) -> None:
        """Start and end the process of a job run."""
        engine, now = self.glue.local.engine, self.glue.clock.now()
        engine.write(lambda tx: engine.job_runs.event(tx, run_id, Started(now, attempt)))
        engine.write(lambda tx: engine.job_runs.event(tx, run_id, Exited(now, attempt, status)))

    def end_crawl(self, crawler: str, state: CrawlState = CrawlState.SUCCEEDED) -> None:
        """End the active crawl."""
        engine = self.glue.local.engine

        def work(tx: Connection) -> None:
            row = tx.execute("SELECT id FROM crawl WHERE crawler = ? AND completed IS NULL", (crawler,)).fetchone()
            engine.crawls.end(tx, row["id"], CrawlEnd(state))

        engine.write(work)

    def runs(self, job: str) -> list[dict[str, Any]]:
        """Return the runs of a job from all pages."""
        answer = self.glue.call("GetJobRuns", JobName=job)
        found: list[dict[str, Any]] = answer["JobRuns"]
        while "NextToken" in answer:
            answer = self.glue.call("GetJobRuns", JobName=job, NextToken=answer["NextToken"])
            found += answer["JobRuns"]
        return found

    def states(self, job: str) -> list[str]:
        """Return the states of a job's runs, sorted."""
        return sorted(run["JobRunState"] for run in self.runs(job))

    def start(self, workflow: str) -> str:
        """Start a workflow run; return its id."""
        run_id: str = self.glue.call("StartWorkflowRun", Name=workflow)["RunId"]
        return run_id

    def seen(self, workflow: str, run_id: str) -> tuple[str, dict[str, list[str]]]:
        """Return a workflow run's status, and the states of the runs of each of its nodes."""
        run = self.glue.call("GetWorkflowRun", Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
        nodes = {}
        for node in run["Graph"]["Nodes"]:
            if node["Type"] == "JOB":
                nodes[node["Name"]] = [one["JobRunState"] for one in node.get("JobDetails", {}).get("JobRuns", [])]
            elif node["Type"] == "CRAWLER":
                nodes[node["Name"]] = [one["State"] for one in node.get("CrawlerDetails", {}).get("Crawls", [])]
        return run["Status"], nodes

    def _events(self, operation: str, **request: Any) -> None:
        status, answer = self.glue.local.events.handle(
            f"AWSEvents.{operation}", json.dumps(request).encode(), CONTEXT
        )
        assert (status, answer.get("FailedEntryCount", 0)) == (200, 0), answer

    def _trigger(self, name: str, type_: str, nodes: tuple[str, ...], members: dict[str, Any]) -> None:
        actions = [_named(node) for node in nodes]
        self.glue.call("CreateTrigger", Name=name, Type=type_, Actions=actions, **members)


def _named(node: str) -> dict[str, str]:
    kind, _, name = node.rpartition("/")
    return {"CrawlerName": name} if kind == "crawler" else {"JobName": name}


def _condition(node: str, state: str) -> dict[str, str]:
    return {"LogicalOperator": "EQUALS", **_named(node), "CrawlState" if "/" in node else "State": state}
