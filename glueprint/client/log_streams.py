"""The log streams of runs, read through CloudWatch Logs."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from glueprint.client.errors import error_code
from glueprint.client.job_runs import JobRunView
from glueprint.client.runs import NodeView, RunView
from glueprint.facts.log_groups import LAYOUT_OUTPUT_GROUP, LAYOUT_WARNINGS_GROUP
from glueprint.facts.states import NodeKind


@dataclass(frozen=True, slots=True)
class LogStream:
    """One log stream.

    Attributes:
        label: the job, crawler or blueprint that writes to it.
        is_error: whether it receives a job's error output.
    """

    label: str
    group: str
    stream: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log event. ``timestamp`` is in milliseconds since the epoch."""

    timestamp: int
    stream: LogStream
    message: str


def streams_of_job_run(run: JobRunView) -> list[LogStream]:
    """Return the output stream and the error stream of a job run."""
    return _job_streams(run.job, run.log_group, run.run_id)


def streams_of_node(view: NodeView) -> list[LogStream]:
    """Return the streams of a job or crawler in its latest attempt; none if it has not been started."""
    if view.log is None:
        return []
    group, stream = view.log
    if view.node.kind is NodeKind.CRAWLER:
        return [LogStream(view.node.name, group, stream, is_error=False)]
    return _job_streams(view.node.name, group, stream)


def streams_of_run(run: RunView, node: str | None = None) -> list[LogStream]:
    """Return the streams of every node of a workflow run that was started, or of one node."""
    return [stream for view in run.nodes if node in (None, view.node.name) for stream in streams_of_node(view)]


def streams_of_layout(blueprint: str, run_id: str) -> list[LogStream]:
    """Return the streams of a blueprint run of a local Glue: what the layout printed, and warnings."""
    return [
        LogStream(blueprint, LAYOUT_OUTPUT_GROUP, run_id, is_error=False),
        LogStream(blueprint, LAYOUT_WARNINGS_GROUP, run_id, is_error=True),
    ]


def _job_streams(job: str, group: str, run_id: str) -> list[LogStream]:
    return [
        LogStream(job, f"{group}/output", run_id, is_error=False),
        LogStream(job, f"{group}/error", run_id, is_error=True),
    ]


class LogReader:
    """Reads log streams forward, each event once.

    Args:
        logs: a CloudWatch Logs client.
    """

    def __init__(self, logs: Any) -> None:
        self._logs = logs
        self._tokens: dict[LogStream, str] = {}

    def new_lines(self, streams: Iterable[LogStream]) -> Iterator[LogLine]:
        """Return the events that ``streams`` have received since the last call, sorted by time.

        A stream that does not exist counts as empty.
        """
        return heapq.merge(*[self._read(stream) for stream in streams], key=lambda line: line.timestamp)

    def _read(self, stream: LogStream) -> Iterator[LogLine]:
        """Yield the new events page by page: if a page cannot be read, those before it are not lost."""
        while True:
            token = self._tokens.get(stream)
            position = {"nextToken": token} if token is not None else {}
            try:
                answer = self._logs.get_log_events(
                    logGroupName=stream.group, logStreamName=stream.stream, startFromHead=True, **position
                )
            except self._logs.exceptions.ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise
                return
            self._tokens[stream] = answer["nextForwardToken"]
            for event in answer["events"]:
                yield LogLine(event["timestamp"], stream, event["message"].rstrip("\r\n"))
            if answer["nextForwardToken"] == token:
                return
