"""A local Glue within the test's own process, which really runs jobs; and what tests say of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.in_process import GlueInProcess
from harness.local_server import ROLE, until

SLEEPS = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"


class RunningGlue(GlueInProcess):
    """One with an engine and slots for four jobs."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, time.time(), slots=4, has_engine=True, stop_grace_seconds=0.5)

    def put_job(self, name: str, script: str, **members: Any) -> None:
        """Create a Python shell job with this script."""
        location = self.put(f"{name}.py", script.encode(), "scripts")
        command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
        self.call("CreateJob", Name=name, Role=ROLE, Command=command, **members)

    def trigger(self, name: str, type_: str, *jobs: str, **members: Any) -> None:
        """Create a trigger that starts these jobs."""
        actions = [{"JobName": job} for job in jobs]
        self.call("CreateTrigger", Name=name, Type=type_, Actions=actions, **members)

    def runs(self, job: str) -> list[dict[str, Any]]:
        """The job's runs, newest first."""
        found: list[dict[str, Any]] = self.call("GetJobRuns", JobName=job).get("JobRuns", [])
        return found

    def states(self, job: str) -> list[str]:
        """The states of the job's runs, newest first."""
        return [run["JobRunState"] for run in self.runs(job)]

    def in_state(self, job: str, *states: str) -> None:
        """Wait until the job's runs, newest first, are in these states."""
        until(lambda: self.states(job) == list(states) or None, f"{job} in {states}")

    def workflow_runs(self, workflow: str) -> list[dict[str, Any]]:
        """The workflow's runs, newest first, with graphs."""
        answer = self.call("GetWorkflowRuns", Name=workflow, IncludeGraph=True)
        found: list[dict[str, Any]] = answer.get("Runs", [])
        return found

    def ended_run(self, workflow: str, run_id: str) -> dict[str, Any]:
        """The workflow run once it is over."""

        def look() -> dict[str, Any] | None:
            answer = self.call("GetWorkflowRun", Name=workflow, RunId=run_id, IncludeGraph=True)
            run: dict[str, Any] = answer["Run"]
            return run if run["Status"] in ("COMPLETED", "STOPPED", "ERROR") else None

        run: dict[str, Any] = until(look)
        return run


def condition(job: str, state: str = "SUCCEEDED") -> dict[str, str]:
    """A condition on a job."""
    return {"LogicalOperator": "EQUALS", "JobName": job, "State": state}


def predicate(*conditions: Mapping[str, str], logical: str | None = None) -> dict[str, Any]:
    """A predicate over conditions."""
    answer: dict[str, Any] = {"Conditions": list(conditions)}
    return answer | ({"Logical": logical} if logical else {})
