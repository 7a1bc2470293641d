"""Log streams of runs, read through CloudWatch Logs."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.cli.runs import NodeView, RunView
from glueprint.client.errors import error_code
from glueprint.facts.states import NodeKind


@dataclass(frozen=True, slots=True)
class Source:
    """One stream, and whose it is."""

    label: str
    group: str
    stream: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One log event."""

    timestamp: int
    source: Source
    message: str


def of_job_run(run: Mapping[str, Any]) -> list[Source]:
    """The streams of a JobRun: output and error are two groups, the run's id is the stream
    (docs/facts/jobs.md#log-streams)."""
    group, run_id, name = run.get("LogGroupName", "/aws-glue/jobs"), run["Id"], run.get("JobName", run["Id"])
    return [
        Source(name, f"{group}/output", run_id, is_error=False),
        Source(name, f"{group}/error", run_id, is_error=True),
    ]


def of_workflow_run(run: RunView, node: str | None) -> list[Source]:
    """The streams of everything that has run, or of one node."""
    return [source for view in run.nodes if node in (None, view.node.name) for source in of_node(view)]


def of_node(view: NodeView) -> list[Source]:
    """The streams of one job or crawler in its latest attempt; none when it has not been started."""
    if view.log is None:
        return []
    group, stream = view.log
    if view.node.kind is NodeKind.CRAWLER:
        return [Source(view.node.name, group, stream, is_error=False)]
    return of_job_run({"LogGroupName": group, "Id": stream, "JobName": view.node.name})


class Reader:
    """Reads streams forward, each event once.

    Args:
        logs: a CloudWatch Logs client.
    """

    def __init__(self, logs: Any) -> None:
        self._logs = logs
        self._tokens: dict[Source, str] = {}

    def new(self, sources: Iterable[Source]) -> Iterator[Line]:
        """What has come to ``sources`` since the last call, by time; a stream that does not exist is empty."""
        return heapq.merge(*[self._new(source) for source in sources], key=lambda line: line.timestamp)

    def _new(self, source: Source) -> list[Line]:
        lines: list[Line] = []
        while True:
            token = self._tokens.get(source)
            position = {"nextToken": token} if token is not None else {}
            try:
                answer = self._logs.get_log_events(
                    logGroupName=source.group, logStreamName=source.stream, startFromHead=True, **position
                )
            except self._logs.exceptions.ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise
                return lines
            lines += [Line(event["timestamp"], source, event["message"]) for event in answer["events"]]
            self._tokens[source] = answer["nextForwardToken"]
            if answer["nextForwardToken"] == token:
                return lines
