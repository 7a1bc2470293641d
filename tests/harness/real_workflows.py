"""Runs random workflows for real, natively and as their exports: jobs that end as they should, and what ran."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.random_workflows import RandomWorkflow

ROLE = "arn:aws:iam::123456789012:role/glueprint"
BUCKET = "random-workflows"
DATABASE = "random-workflows"
DEADLINE_SECONDS = 500.0
LOOK_SECONDS = 0.4

_HANG = "import sys, time\nopen(sys.argv[sys.argv.index('--mark') + 1], 'w').close()\ntime.sleep(300)\n"
SCRIPTS = {
    "SUCCEEDED": "",
    "FAILED": "raise SystemExit('broken')\n",
    "STOPPED": _HANG,
    "TIMEOUT": "import time\ntime.sleep(300)\n",
}
"""By the state in which a job ends; one that ends with STOPPED makes a file when it can be stopped."""

Ends = Mapping[str, str]
"""The states of the nodes that ran."""


@dataclass
class Tally:
    """What was compared."""

    workflows: int = 0
    nodes: int = 0
    ran: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def add(self, workflow: RandomWorkflow, native: Ends, other: Ends) -> None:
        """Compare a native run with the run of an export."""
        self.workflows += 1
        self.nodes += len(workflow.jobs) + len(workflow.crawlers)
        self.ran += len(native)
        for state in native.values():
            self.by_state[state] = self.by_state.get(state, 0) + 1
        if native != other:
            self.differences.append(f"{workflow.name}: {dict(native)} natively, {dict(other)} exported")

    def __str__(self) -> str:
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.by_state.items()))
        not_run = self.nodes - self.ran
        return f"{self.workflows} workflows, {self.nodes} nodes: {states}, {not_run} not run"


class RealWorkflows:
    """Workflows on a server. A thread stops the job runs that are to be stopped.

    Args:
        client: returns a boto3 client of the server.
        folder: for files of jobs.
    """

    def __init__(self, client: Callable[[str], Any], folder: Path) -> None:
        self.glue = client("glue")
        self.states = client("stepfunctions")
        self._s3 = client("s3")
        self._marks = folder / "marks"
        self._marks.mkdir(parents=True)
        self._is_over = threading.Event()
        self._stopper = threading.Thread(target=self._stop_marked)

    def __enter__(self) -> RealWorkflows:
        self._s3.create_bucket(Bucket=BUCKET)
        for end, text in SCRIPTS.items():
            self._s3.put_object(Bucket=BUCKET, Key=f"scripts/{end}.py", Body=text.encode())
        self._s3.put_object(Bucket=BUCKET, Key="data/a.csv", Body=b"id,name\n1,x\n")
        self.glue.create_database(DatabaseInput={"Name": DATABASE})
        self._stopper.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._stopper.join()

    def make(self, workflow: RandomWorkflow) -> None:
        """Create a workflow with its jobs, crawlers and triggers."""
        for job, end in workflow.jobs.items():
            location = f"s3://{BUCKET}/scripts/{end}.py"
            self.glue.create_job(
                Name=job,
                Role=ROLE,
                Command={"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"},
                DefaultArguments={"--mark": str(self._marks / job)},
                Timeout=1 if end == "TIMEOUT" else 10,
                MaxRetries=0,
            )
        for crawler, end in workflow.crawlers.items():
            bucket = BUCKET if end == "SUCCEEDED" else f"gone-{crawler}"
            self._s3.create_bucket(Bucket=bucket)
            targets = {"S3Targets": [{"Path": f"s3://{bucket}/data/"}]}
            self.glue.create_crawler(Name=crawler, Role=ROLE, DatabaseName=DATABASE, Targets=targets)
            if end == "FAILED":
                self._s3.delete_bucket(Bucket=bucket)
        self.glue.create_workflow(Name=workflow.name)
        for trigger in workflow.triggers:
            self.glue.create_trigger(**trigger, WorkflowName=workflow.name)

    def natively(self, workflow: RandomWorkflow) -> Ends:
        """Run the workflow; how its nodes ended."""
        with self.what_runs(workflow) as ends:
            run = self.glue.start_workflow_run(Name=workflow.name)["RunId"]
            _until(
                lambda: self.glue.get_workflow_run(Name=workflow.name, RunId=run)["Run"]["Status"] == "COMPLETED",
                f"the end of the run of {workflow.name}",
            )
        return ends

    def execute(self, workflow: RandomWorkflow, definition: str) -> Ends:
        """Run its export as a state machine; an execution fails if a node did not succeed."""
        with self.what_runs(workflow) as ends:
            machine = self.states.create_state_machine(name=workflow.name, definition=definition, roleArn=ROLE)
            execution = self.states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
            found: dict[str, Any] = {}

            def is_over() -> bool:
                found.update(self.states.describe_execution(executionArn=execution))
                return bool(found["status"] != "RUNNING")

            _until(is_over, f"the end of {execution}")
        assert found["status"] == verdict(ends), (workflow, found)
        return ends

    @contextlib.contextmanager
    def what_runs(self, workflow: RandomWorkflow) -> Iterator[dict[str, str]]:
        """Yield a dictionary that has the state of each job and crawler that ran meanwhile, at the end.

        Each runs at most once: a second run would be a difference.
        """
        before = self._runs(workflow)
        ends: dict[str, str] = {}
        yield ends
        for node, runs in self._runs(workflow).items():
            new = {run: state for run, state in runs.items() if run not in before[node]}
            assert len(new) <= 1, (workflow, node, new)
            if new:
                ends[node] = next(iter(new.values()))

    def _runs(self, workflow: RandomWorkflow) -> dict[str, dict[str, str]]:
        """Return the states of all runs by node and run id."""
        found = {}
        for job in workflow.jobs:
            runs = self.glue.get_job_runs(JobName=job)["JobRuns"]
            found[job] = {run["Id"]: run["JobRunState"] for run in runs}
        for crawler in workflow.crawlers:
            crawls = self.glue.list_crawls(CrawlerName=crawler)["Crawls"]
            found[crawler] = {
                one["CrawlId"]: {"COMPLETED": "SUCCEEDED"}.get(one["State"], one["State"]) for one in crawls
            }
        return found

    def _stop_marked(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            for mark in self._marks.iterdir():
                runs = self.glue.get_job_runs(JobName=mark.name)["JobRuns"]
                running = [run["Id"] for run in runs if run["JobRunState"] == "RUNNING"]
                if running:
                    mark.unlink()
                    self.glue.batch_stop_job_run(JobName=mark.name, JobRunIds=running)


def verdict(ends: Ends) -> str:
    """Return the status of an export in which the nodes ended so."""
    return "SUCCEEDED" if set(ends.values()) <= {"SUCCEEDED"} else "FAILED"


def _until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {DEADLINE_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
