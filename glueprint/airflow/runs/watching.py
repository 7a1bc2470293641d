"""Polling a workflow run to its end, and passing its log lines on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from glueprint.airflow.runs.transient import BOTOCORE_ERRORS, Patience
from glueprint.client.errors import from_botocore
from glueprint.client.log_streams import LogReader, LogStream, streams_of_node
from glueprint.client.runs import RunView, workflow_run
from glueprint.facts.states import FINAL_CRAWL_STATES, FINAL_JOB_STATES

Log = Callable[[str], None]
"""Receives a line for the task's log."""

DEFAULT_PATIENCE_SECONDS = 600.0
"""How long Glue may not answer before a task fails: longer than a restart or a failover takes."""
_LATE_SECONDS = 60.0
"""How long after a node's end its log events may still arrive."""
_FINAL_NODE_STATES = FINAL_JOB_STATES | FINAL_CRAWL_STATES


class NodeLogs:
    """The log lines of all nodes of a run, each once. A log that cannot be read never raises.

    Args:
        logs: returns a CloudWatch Logs client; called when there is something to read.
        log: receives the lines.
        now: returns monotonic seconds.
    """

    def __init__(
        self, logs: Callable[[], Any], log: Log, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._logs = logs
        self._log = log
        self._now = now
        self._reader: LogReader | None = None
        self._ended: dict[LogStream, float] = {}
        self._problems: set[str] = set()

    def read(self, run: RunView) -> None:
        """Log the new lines. A node's streams are read until a while after its end: events arrive late."""
        now = self._now()
        for view in run.nodes:
            for stream in streams_of_node(view):
                if now - self._ended.get(stream, now) <= _LATE_SECONDS:
                    self._read_stream(stream)
                if view.state in _FINAL_NODE_STATES:
                    self._ended.setdefault(stream, now)

    def _read_stream(self, stream: LogStream) -> None:
        try:
            if self._reader is None:
                self._reader = LogReader(self._logs())
            for line in self._reader.new_lines([stream]):
                self._log(f"[{stream.label}] {line.message}")
        except Exception as error:  # noqa: BLE001 - a log is never a reason to fail, or to repeat, work
            problem = f"logs of {stream.group} cannot be read: {from_botocore(error) or error!r}"
            if problem not in self._problems:
                self._problems.add(problem)
                self._log(problem)


class RunWatcher:
    """Polls one run.

    Args:
        glue: a Glue client.
        workflow: the workflow's name.
        run_id: the run.
        log: receives lines for the task's log.
        node_logs: None reads no logs.
        is_over: when polling ends; by default at the run's end.
        reports: log the states of the nodes as they change.
        patience_seconds: for how long polls may be lost.
        now: returns monotonic seconds.
    """

    def __init__(
        self,
        glue: Any,
        workflow: str,
        run_id: str,
        *,
        log: Log,
        node_logs: NodeLogs | None = None,
        is_over: Callable[[RunView], bool] = lambda run: run.is_final,
        reports: bool = True,
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._glue = glue
        self._workflow = workflow
        self._run_id = run_id
        self._log = log
        self._node_logs = node_logs
        self._is_over = is_over
        self._reports = reports
        self._patience = Patience(patience_seconds, now)
        self._states: dict[object, str] = {}

    def poll(self) -> RunView | None:
        """Request the run once.

        Returns:
            The run if it is over; None if it goes on, or if the request was lost.

        Raises:
            Exception: what botocore raised: the run does not exist, or requests were lost for too long.
        """
        try:
            run = workflow_run(self._glue, self._workflow, self._run_id)
        except BOTOCORE_ERRORS as error:
            seconds = self._patience.lost(error)
            self._log(f"Glue does not answer (for {seconds:.0f} s): {from_botocore(error) or error}")
            return None
        self._patience.answered()
        if self._reports:
            self._report(run)
        if self._node_logs is not None:
            self._node_logs.read(run)
        return run if self._is_over(run) else None

    def watch(self, poll_seconds: float, sleep: Callable[[float], None] = time.sleep) -> RunView:
        """Poll until the run has ended, and return it."""
        while (run := self.poll()) is None:
            sleep(poll_seconds)
        return run

    def _report(self, run: RunView) -> None:
        for view in run.nodes:
            key = (view.node, view.attempt)
            if view.state is not None and self._states.get(key) != view.state:
                self._states[key] = view.state
                attempt = f" (attempt {view.attempt})" if view.attempt else ""
                self._log(f"{view.node.kind.value.lower()} {view.node.name}{attempt}: {view.state}")
        if self._states.get("run") != run.status:
            self._states["run"] = run.status
            self._log(f"workflow {run.workflow} run {run.run_id}: {run.status}")

