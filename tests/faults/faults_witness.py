"""Watches runs through the API while servers die, and says at the end whether anything gives the kills away."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from faults_victim import Victim, dying
from faults_workload import BUCKET
from harness.local_server import FINAL_RUN, crawl_states, job_states, until

FINAL = frozenset({*FINAL_RUN, "SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED", "CANCELLED"})


class Witness:
    """Knows the runs that were started, and every final state that a client has seen."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self.started: dict[str, str] = {}
        """Workflow by run id, of every run whose start was answered."""
        self.over: set[str] = set()
        self._seen: dict[str, str] = {}

    def start_run(self, workflow: str) -> None:
        """Start a run; a server that dies meanwhile may have started it nevertheless."""
        with dying(self._victim):
            given = {"given": workflow}
            run_id = self._victim.glue().start_workflow_run(Name=workflow, RunProperties=given)["RunId"]
            self.started[run_id] = workflow

    def look(self) -> None:
        """See how the runs stand; what is final must stay as it was seen first."""
        with dying(self._victim), contextlib.closing(self._victim.glue()) as glue:
            for run_id in set(self.started) - self.over:
                run = glue.get_workflow_run(Name=self.started[run_id], RunId=run_id, IncludeGraph=True)["Run"]
                self._note(run)
                if run["Status"] in FINAL_RUN:
                    self.over.add(run_id)

    def find_unanswered(self, *workflows: str) -> None:
        """Take note of runs that began although their start was not answered."""
        glue = self._victim.glue()
        for workflow in workflows:
            for run in glue.get_workflow_runs(Name=workflow).get("Runs", []):
                self.started[run["WorkflowRunId"]] = workflow

    def finished(self) -> dict[str, dict[str, Any]]:
        """Every run, once all are over."""

        def look() -> bool | None:
            self.look()
            return True if self.over == set(self.started) else None

        until(look, "the end of every run")
        self.look_again()
        glue = self._victim.glue()
        return {
            run_id: glue.get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
            for run_id, name in self.started.items()
        }

    def look_again(self) -> None:
        """Once more at all runs, also those that are over."""
        self.over.clear()
        self.look()

    def _note(self, run: Mapping[str, Any]) -> None:
        self._see(run["WorkflowRunId"], run["Status"])
        for node in run["Graph"]["Nodes"]:
            for job_run in node.get("JobDetails", {}).get("JobRuns", []):
                self._see(job_run["Id"], job_run["JobRunState"])
            for number, crawl in enumerate(node.get("CrawlerDetails", {}).get("Crawls", [])):
                self._see(f"{run['WorkflowRunId']} {node['Name']} {number}", crawl["State"])

    def _see(self, subject: str, state: str) -> None:
        seen = self._seen.get(subject)
        assert seen is None or seen == state, f"{subject} was {seen}, which is final, and is {state} now"
        if state in FINAL:
            self._seen[subject] = state


def outcome(victim: Victim, run: Mapping[str, Any]) -> dict[str, Any]:
    """All that an unkilled run of the same workflow must have in common with this one."""
    name = run["Name"]
    jobs = {
        node["Name"]: [
            (one["JobRunState"], one["Attempt"], one["TriggerName"].removeprefix(name), one.get("ErrorMessage"))
            for one in node.get("JobDetails", {}).get("JobRuns", [])
        ]
        for node in run["Graph"]["Nodes"]
        if node["Type"] == "JOB"
    }
    run_id = run["WorkflowRunId"]
    fired = victim.rows("SELECT trigger_name FROM fired_trigger WHERE run_id = ?", run_id)
    return {
        "status": run["Status"],
        "statistics": run["Statistics"],
        "jobs": jobs,
        "crawls": {crawler.removeprefix(name): states for crawler, states in crawl_states(run).items()},
        "properties": {**run["WorkflowRunProperties"], "given": run["WorkflowRunProperties"]["given"] == name},
        "fired": sorted(row[0].removeprefix(name) for row in fired),
    }


def starts_of_user_code(victim: Victim) -> Counter[str]:
    """How often the user code of each attempt was started."""
    pages = victim.s3().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return Counter(found["Key"].partition("/")[0] for page in pages for found in page.get("Contents", []))


def attempts_of(run: Mapping[str, Any]) -> list[str]:
    """The ids of a run's attempts."""
    nodes = run["Graph"]["Nodes"]
    return [one["Id"] for node in nodes for one in node.get("JobDetails", {}).get("JobRuns", [])]


__all__ = ["Witness", "attempts_of", "job_states", "outcome", "starts_of_user_code"]
