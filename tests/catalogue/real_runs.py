"""Real runs of the catalogue's blueprints: a local Glue, workflows made from the built zips, and random kills.

Tests with these have the marker ``catalogue`` (``make catalogue``) and use the fixture ``real`` of this folder::

    @pytest.mark.catalogue
    def test_it_survives(real: RealRuns) -> None:
        bucket = real.bucket("orders")
        workflow = real.create("file_presence", Location=f"s3://{bucket}/in/", ...)
        run = real.run(workflow)
        assert run.succeeded
        assert run.properties["file_presence"] == "true"
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from harness.local_server import FINAL_RUN, ROLE, Server, until

from glueprint.blueprint.archive import write_archive
from glueprint.blueprint.bundler import bundle

ROOT = Path(__file__).parents[2]
SCRIPTS = "catalogue-scripts"
RUN_MARK = "GLUEPRINT_RUN_DIR"
"""The environment variable of a run's processes."""
MAX_RUNS = 40
DEADLINE_SECONDS = 240.0
KILLS = int(os.environ.get("GLUEPRINT_KILLS", "0"))
"""Kills per test instead of the number that each test has: ``make catalogue KILLS=50`` takes an hour."""


@dataclass(frozen=True)
class FinishedRun:
    """A workflow run that has ended.

    Attributes:
        run_id: its id.
        status: COMPLETED, STOPPED or ERROR.
        properties: its run properties.
        states: by step (the part of a node's name after the workflow's), the states of its runs, retries included.
        errors: by step, the error messages of its job runs and crawls.
    """

    run_id: str
    status: str
    properties: dict[str, str]
    states: dict[str, list[str]]
    errors: dict[str, list[str]]

    @property
    def succeeded(self) -> bool:
        """Whether every step has run and its last attempt succeeded."""
        return self.status == "COMPLETED" and all(
            states and states[-1] == "SUCCEEDED" for states in self.states.values()
        )


class RealRuns:
    """Workflows of the catalogue's blueprints on a running server.

    Args:
        server: the server; the object builds and registers each blueprint when it is first used.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.s3 = server.client("s3")
        self.glue = server.client("glue")
        self._registered: set[str] = set()
        self._numbers = itertools.count(1)
        self.bucket(SCRIPTS)

    def bucket(self, name: str) -> str:
        """Create a bucket if it does not exist; its name."""
        with contextlib.suppress(self.s3.exceptions.BucketAlreadyOwnedByYou):
            self.s3.create_bucket(Bucket=name)
        return name

    def put(self, bucket: str, objects: dict[str, bytes]) -> None:
        """Store objects."""
        for key, body in objects.items():
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys below a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def register(self, blueprint: str) -> None:
        """Build and register a blueprint, once."""
        if blueprint in self._registered:
            return
        key = f"zips/{blueprint}.zip"
        self.s3.put_object(Bucket=SCRIPTS, Key=key, Body=write_archive(bundle(ROOT, blueprint)))
        self.glue.create_blueprint(Name=blueprint, BlueprintLocation=f"s3://{SCRIPTS}/{key}")

        def active() -> bool | None:
            found = self.glue.get_blueprint(Name=blueprint)["Blueprint"]
            assert found["Status"] != "FAILED", found
            return found["Status"] == "ACTIVE" or None

        until(active)
        self._registered.add(blueprint)

    def create(self, blueprint: str, **parameters: Any) -> str:
        """Create a workflow from a blueprint; its name.

        ``WorkflowName``, ``IAMRole`` and ``ScriptBucket`` have values here; what the layout refuses is an
        AssertionError with its message.
        """
        self.register(blueprint)
        name = f"{blueprint.replace('_', '')}{next(self._numbers)}"
        values = {"WorkflowName": name, "IAMRole": ROLE, "ScriptBucket": SCRIPTS, **parameters}
        started = self.glue.start_blueprint_run(
            BlueprintName=blueprint, RoleArn=ROLE, Parameters=json.dumps(values)
        )

        def made() -> bool | None:
            run = self.glue.get_blueprint_run(BlueprintName=blueprint, RunId=started["RunId"])["BlueprintRun"]
            assert run["State"] not in ("FAILED", "ROLLING_BACK"), run
            return run["State"] == "SUCCEEDED" or None

        until(made)
        return str(values["WorkflowName"])

    def start(self, workflow: str, **properties: str) -> str:
        """Start a run, with run properties; its id."""
        run_id: str = self.glue.start_workflow_run(Name=workflow, RunProperties=properties)["RunId"]
        return run_id

    def is_over(self, workflow: str, run_id: str) -> bool:
        """Whether the run has ended."""
        status: str = self.glue.get_workflow_run(Name=workflow, RunId=run_id)["Run"]["Status"]
        return status in FINAL_RUN

    def finished(self, workflow: str, run_id: str) -> FinishedRun:
        """Wait for the end of a run."""
        run = self.server.finished_run(workflow, run_id)
        states: dict[str, list[str]] = {}
        errors: dict[str, list[str]] = {}
        for node in run["Graph"]["Nodes"]:
            if node["Type"] == "TRIGGER":
                continue
            jobs = node.get("JobDetails", {}).get("JobRuns", [])
            crawls = node.get("CrawlerDetails", {}).get("Crawls", [])
            step = node["Name"][len(workflow) + 1 :].rpartition("_")[0]  # the layout host adds a suffix
            found = [*((one["JobRunState"], one) for one in jobs), *((one["State"], one) for one in crawls)]
            states[step] = [state for state, _ in found]
            errors[step] = [one["ErrorMessage"] for _, one in found if one.get("ErrorMessage")]
        return FinishedRun(run_id, run["Status"], run["WorkflowRunProperties"], states, errors)

    def run(self, workflow: str, **properties: str) -> FinishedRun:
        """Start a run and wait for its end."""
        return self.finished(workflow, self.start(workflow, **properties))

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The processes of the job runs that are at work, by their run directory."""
        found: dict[str, list[psutil.Process]] = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                mark = process.environ().get(RUN_MARK, "")
                if mark.startswith(str(self.server.data_dir)):
                    found.setdefault(mark, []).append(process)
        return {mark: processes for mark, processes in found.items() if _is_at_work(Path(mark))}


def _is_at_work(run_dir: Path) -> bool:
    return (run_dir / "started.json").exists() and not (run_dir / "status.json").exists()


@dataclass
class Disturbed:
    """What happened while a workflow was disturbed.

    Attributes:
        last: the run that succeeded at the end.
        kills: how many processes were killed.
        runs: how many runs that took.
        reads: how often the reader has read.
    """

    last: FinishedRun
    kills: int
    runs: int
    reads: int = 0


@dataclass
class Reader:
    """Reads in a thread all the while; a failed assertion of the read is raised at the end."""

    read: Callable[[], None]
    reads: int = 0
    error: BaseException | None = field(default=None)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read as long as the context lasts.

        Raises:
            AssertionError: what the reader has seen was wrong; also any other error of it.
        """
        over = threading.Event()
        thread = threading.Thread(target=self._repeat, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if self.error is not None:
            raise self.error

    def _repeat(self, over: threading.Event) -> None:
        while not over.wait(0.05) and self.error is None:
            try:
                self.read()
                self.reads += 1
            except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
                self.error = error


def kill_at_random(
    real: RealRuns,
    workflow: str,
    kills: int,
    *,
    seed: int = 0,
    longest_seconds: float = 3.0,
    read: Callable[[], None] | None = None,
    properties: dict[str, str] | None = None,
    is_good: Callable[[FinishedRun], bool] | None = None,
) -> Disturbed:
    """Run a workflow and SIGKILL its jobs' processes at random moments; then let a run succeed undisturbed.

    Retries of the job go on by themselves; when a run has ended without success, a new one is started. All
    processes of a job run are killed at once, as the end of its container would.

    Args:
        real: where the workflow is.
        workflow: the workflow.
        kills: how many times to kill.
        seed: of the random moments, which every failure can be repeated with.
        longest_seconds: the latest moment after a job's process was seen.
        read: reads the destination and asserts what a reader may see; called all the while.
        properties: run properties of each run.
        is_good: whether a run has succeeded; without it every step must have, which excludes failure branches.

    Raises:
        AssertionError: the last run did not succeed, or the reader saw something wrong.
    """
    kills = KILLS or kills
    runs = max(MAX_RUNS, 2 * kills)
    choice = random.Random(seed)
    reader = Reader(read or (lambda: None))
    done = 0
    with reader.reading():
        for count in range(1, runs + 1):
            run_id = real.start(workflow, **(properties or {}))
            deadline = time.monotonic() + DEADLINE_SECONDS
            while not real.is_over(workflow, run_id):
                assert time.monotonic() < deadline, "the run does not end"
                assert reader.error is None, reader.error
                if done < kills and _kill_one(real, choice.uniform(0, longest_seconds)):
                    done += 1
                time.sleep(0.05)
            last = real.finished(workflow, run_id)
            if done >= kills and (is_good(last) if is_good else last.succeeded):
                return Disturbed(last, done, count, reader.reads)
    raise AssertionError(f"no run of {runs} succeeded; the last one: {last}")


def _kill_one(real: RealRuns, seconds: float) -> bool:
    """Wait, then kill a job run that is at work, if there is one."""
    time.sleep(seconds)
    victims = real.processes()
    for processes in victims.values():
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
    return bool(victims)
