"""Starting the workflow run of a task, or finding the one that the task has already started.

The rules, so that a task instance never has two active runs:

* A run of an earlier sequence (before the task was cleared) that is active is stopped, and its end awaited.
* The task's own run in RUNNING is taken over; one in STOPPING is awaited.
* A retry takes the result of its own run that ended well: only the worker was lost.
* Otherwise a run is started, or the failed one is resumed. The request is sent once; if its answer is lost, the
  run is looked for by its tag before it is sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from glueprint.airflow.runs.lookup import TaggedRun, tagged_runs
from glueprint.airflow.runs.tags import TAG_PROPERTY, TaskTag
from glueprint.airflow.runs.transient import BOTOCORE_ERRORS, Patience, is_transient
from glueprint.airflow.runs.verdict import judge
from glueprint.airflow.runs.watching import DEFAULT_PATIENCE_SECONDS, Log
from glueprint.client.errors import (
    GlueprintError,
    NotFound,
    error_code,
    from_botocore,
    is_not_found,
    is_refused_for_now,
)
from glueprint.client.runs import RunView, workflow_run
from glueprint.facts.states import FINAL_CRAWL_STATES, FINAL_JOB_STATES, CrawlState, JobState

T = TypeVar("T")

_FAILED_STATES = (FINAL_JOB_STATES | FINAL_CRAWL_STATES) - {JobState.SUCCEEDED, CrawlState.SUCCEEDED}

_MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)
"""Between Airflow's clock and Glue's."""


class How(Enum):
    """How a task came to its run."""

    STARTED = "started"
    RESUMED = "resumed"
    TAKEN_OVER = "taken over"
    """The run was active: an earlier try of the task started it."""
    SUCCEEDED_BEFORE = "succeeded before"
    """The run of an earlier try ended well while no one watched it."""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """The run of a task."""

    run_id: str
    how: How


@dataclass(frozen=True)
class Beginning:
    """How the run of a task is found.

    Attributes:
        glue: a Glue client.
        once: a Glue client that sends each request once: a repeated StartWorkflowRun starts a second run.
        workflow: the workflow's full name.
        tag: the task.
        properties: run properties for a new run.
        is_retry: the task ran before in the same sequence.
        resume_failed: resume a failed run from its failed nodes.
        not_before: ended runs that started earlier belong to another DAG run of the same id, which was deleted.
        stop_earlier: stop an active run of an earlier sequence; else its end is awaited.
        presence_key: see :func:`judge`.
        log: receives lines for the task's log.
        poll_seconds: the time between two requests.
        patience_seconds: for how long requests may be lost.
    """

    glue: Any
    once: Any
    workflow: str
    tag: TaskTag
    properties: Mapping[str, str]
    is_retry: bool = False
    resume_failed: bool = False
    not_before: datetime | None = None
    stop_earlier: bool = True
    presence_key: str | None = None
    log: Log = print
    poll_seconds: float = 5.0
    patience_seconds: float = DEFAULT_PATIENCE_SECONDS
    sleep: Callable[[float], None] = time.sleep

    def begin(self) -> TaskRun:
        """Return the task's run: found, resumed or started.

        Raises:
            NotFound: the workflow does not exist.
            GlueprintError: Glue refused to start or resume the run.
        """
        runs = self._answered(self._runs)
        for run in runs:
            if run.sequence != self.tag.sequence and not run.is_final:
                self._end_earlier(run)
        own = [run for run in runs if run.sequence == self.tag.sequence and self._is_recent(run)]
        active = next((run for run in own if not run.is_final), None)
        if active is not None and active.status == "RUNNING":
            self.log(f"an earlier try of this task started run {active.run_id}: it is taken over")
            return TaskRun(active.run_id, How.TAKEN_OVER)
        if active is not None:
            self.log(f"run {active.run_id} of an earlier try is {active.status}: waiting for its end")
            self._wait_for_end(active.run_id)
        if own and (self.is_retry or active is not None):
            ended = self._answered(lambda: workflow_run(self.glue, self.workflow, own[0].run_id))
            if judge(ended, self.presence_key).is_success:
                self.log(f"run {ended.run_id} of an earlier try has succeeded: its result is taken")
                return TaskRun(ended.run_id, How.SUCCEEDED_BEFORE)
            nodes = failed_node_ids(ended) if self.resume_failed and ended.status == "COMPLETED" else []
            if nodes:
                return self._resume(ended, nodes, {run.run_id for run in runs})
        return self._start({run.run_id for run in runs})

    def _start(self, known: set[str]) -> TaskRun:
        properties = {**self.properties, TAG_PROPERTY: self.tag.text}
        run_id = self._sent_once(
            lambda: self.once.start_workflow_run(Name=self.workflow, RunProperties=properties), known
        )
        self.log(f"started workflow {self.workflow} run {run_id}")
        return TaskRun(run_id, How.STARTED)

    def _resume(self, run: RunView, nodes: list[str], known: set[str]) -> TaskRun:
        run_id = self._sent_once(
            lambda: self.once.resume_workflow_run(Name=self.workflow, RunId=run.run_id, NodeIds=nodes), known
        )
        self.log(f"run {run.run_id} is resumed from {len(nodes)} failed nodes as run {run_id}")
        return TaskRun(run_id, How.RESUMED)

    def _sent_once(self, send: Callable[[], Mapping[str, Any]], known: set[str]) -> str:
        """Send a request that starts a run until one of them is known to have been carried out.

        Args:
            send: the request.
            known: the task's runs before it.
        """
        patience = Patience(self.patience_seconds, time.monotonic)
        while True:
            try:
                return str(send()["RunId"])
            except BOTOCORE_ERRORS as error:
                if not is_transient(error):
                    raise self._refused(error) from error
                seconds = patience.lost(error)
                self.log(f"no answer to the start (for {seconds:.0f} s): {from_botocore(error) or error}")
                if is_refused_for_now(error):
                    self.sleep(self.poll_seconds)
                    continue
            self.sleep(self.poll_seconds)
            new = [run for run in self._answered(self._runs) if run.run_id not in known]
            if new:
                self.log(f"run {new[0].run_id} was started although the answer was lost")
                return new[0].run_id

    def _runs(self) -> list[TaggedRun]:
        try:
            return tagged_runs(self.glue, self.workflow, self.tag.task)
        except BOTOCORE_ERRORS as error:
            if is_not_found(error):
                raise NotFound(
                    f"there is no workflow {self.workflow}",
                    "create it, or name another workflow, connection or region",
                ) from error
            raise

    def _refused(self, error: Exception) -> Exception:
        if error_code(error) == "ConcurrentRunsExceededException":
            return GlueprintError(
                f"workflow {self.workflow} has as many active runs as its MaxConcurrentRuns allows",
                "none of them was started by this task: wait for them, or set max_active_tis_per_dag or a pool",
            )
        return from_botocore(error) or error

    def _is_recent(self, run: TaggedRun) -> bool:
        if self.not_before is None or run.started is None or not run.is_final:
            return True
        return run.started >= self.not_before - _MAX_CLOCK_DIFFERENCE

    def _end_earlier(self, run: TaggedRun) -> None:
        self.log(f"run {run.run_id} was started before this task was cleared, and is {run.status}")
        if self.stop_earlier and run.status == "RUNNING":
            stop_run(self.glue, self.workflow, run.run_id, self.log)
        self._wait_for_end(run.run_id)

    def _wait_for_end(self, run_id: str) -> None:
        while not self._answered(
            lambda: RunView.from_wire(self.glue.get_workflow_run(Name=self.workflow, RunId=run_id)["Run"])
        ).is_final:
            self.sleep(self.poll_seconds)

    def _answered(self, request: Callable[[], T]) -> T:
        """Return the answer of a request that may be repeated."""
        patience = Patience(self.patience_seconds, time.monotonic)
        while (answer := self._one_answer(request, patience)) is None:
            self.sleep(self.poll_seconds)
        return answer

    def _one_answer(self, request: Callable[[], T], patience: Patience) -> T | None:
        try:
            return request()
        except BOTOCORE_ERRORS as error:
            seconds = patience.lost(error)
            self.log(f"Glue does not answer (for {seconds:.0f} s): {from_botocore(error) or error}")
            return None


def stop_run(glue: Any, workflow: str, run_id: str, log: Log) -> None:
    """Request that a run stops. One that has ended, or is stopping, is left as it is."""
    try:
        glue.stop_workflow_run(Name=workflow, RunId=run_id)
    except BOTOCORE_ERRORS as error:
        if error_code(error) not in ("IllegalWorkflowStateException", "EntityNotFoundException"):
            raise
        log(f"run {run_id} is not stopped: {from_botocore(error)}")
    else:
        log(f"requested that run {run_id} stops")


def failed_node_ids(run: RunView) -> list[str]:
    """Return the ids of the jobs and crawlers that ran and did not succeed: ResumeWorkflowRun starts from them."""
    ids = {
        (node["Type"], node["Name"]): node["UniqueId"]
        for node in (run.wire.get("Graph") or {}).get("Nodes") or ()
    }
    return [
        ids[view.node.kind.value, view.node.name]
        for view in run.nodes
        if view.state in _FAILED_STATES
    ]

