"""A local Glue within the test's own process, without HTTP, at a time that the test moves by hand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_server import ROLE, until

from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import ManualClock
from glueprint.local.datadir import DataDirectory
from glueprint.local.protocol import Context

CONTEXT = Context()
SLEEPS = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"


class GlueHere:
    """Starts on entry, ends on exit; may be ended and started again in between."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock(time.time())

    def __enter__(self) -> GlueHere:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open the data directory and take up what is there."""
        self._data = DataDirectory.open(self.path)
        self.local = LocalGlue(
            self._data,
            self.clock,
            "http://127.0.0.1:9",
            account_id=CONTEXT.account_id,
            region=CONTEXT.region,
            slots=4,
            stop_grace_seconds=0.5,
        )
        self.local.start()

    def stop(self) -> None:
        """An orderly end."""
        self.local.close()
        self._data.close()

    def crash(self) -> None:
        """An end without order: nothing is told, processes go on."""
        self.local.engine.close()
        self.local.abandon()
        self._data.close()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """One operation, with the checks that a client meets."""
        return self.local.glue.call(operation, request, CONTEXT)

    def put_job(self, name: str, script: str, **members: Any) -> None:
        """Create a Python shell job with this script."""
        if "scripts" not in self.local.s3_store.bucket_names():
            self.local.s3_store.create_bucket("scripts")
        self.local.s3_store.put("scripts", f"{name}.py", script.encode())
        command = {"Name": "pythonshell", "ScriptLocation": f"s3://scripts/{name}.py", "PythonVersion": "3.9"}
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
        told = self.call("GetWorkflowRuns", Name=workflow, IncludeGraph=True)
        found: list[dict[str, Any]] = told.get("Runs", [])
        return found

    def ended_run(self, workflow: str, run_id: str) -> dict[str, Any]:
        """The workflow run once it is over."""

        def look() -> dict[str, Any] | None:
            told = self.call("GetWorkflowRun", Name=workflow, RunId=run_id, IncludeGraph=True)
            run: dict[str, Any] = told["Run"]
            return run if run["Status"] in ("COMPLETED", "STOPPED", "ERROR") else None

        run: dict[str, Any] = until(look)
        return run


def condition(job: str, state: str = "SUCCEEDED") -> dict[str, str]:
    """A condition on a job."""
    return {"LogicalOperator": "EQUALS", "JobName": job, "State": state}


def predicate(*conditions: Mapping[str, str], logical: str | None = None) -> dict[str, Any]:
    """A predicate over conditions."""
    told: dict[str, Any] = {"Conditions": list(conditions)}
    return told | ({"Logical": logical} if logical else {})
