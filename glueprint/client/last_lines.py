"""The last log lines of failed jobs and crawlers, read through CloudWatch Logs.

They complement an explanation that does not depend on them: a log that cannot be read is reported, not raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.client.errors import from_botocore
from glueprint.client.job_runs import JobRunView
from glueprint.client.log_streams import LogStream, streams_of_job_run, streams_of_node
from glueprint.client.runs import NodeView, RunView
from glueprint.workflow.explanation import Subject

MAX_STREAMS = 10
"""How many streams are read for one explanation; each costs a request."""
_MAX_EVENTS = 1_000
"""Lines that are read of a stream: a Java exception has hundreds of stack frames, which are not shown."""
_JAVA_FRAME = re.compile(r"\s+(at [\w.$/<>]+\(|\.\.\. \d+ (more|common frames))")
_LIBRARY_FRAME = re.compile(r'  File "[^"]*[/\\](pyspark|py4j)[/\\]')


@dataclass(frozen=True, slots=True)
class LastLines:
    """The last lines of one log stream, without stack frames of Java and PySpark.

    Attributes:
        problem: why it could not be read, or None.
    """

    group: str
    stream: str
    lines: tuple[str, ...] = ()
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the lines and their source as plain data."""
        data = {"source": "CloudWatch Logs", "group": self.group, "stream": self.stream, "lines": list(self.lines)}
        return data if self.problem is None else {**data, "problem": self.problem}


def last_lines_of_failures(
    logs: Any, run: RunView, failed: Iterable[Subject], count: int
) -> Mapping[Subject, LastLines]:
    """Return the last lines of the error streams of failed jobs, and of the streams of failed crawlers.

    Args:
        logs: a CloudWatch Logs client.
        failed: the jobs and crawlers; the first :data:`MAX_STREAMS` that have a stream are read.
        count: the number of lines of each.
    """
    views = {Subject.of(view.node): view for view in run.nodes}
    streams = {subject: stream for subject in failed for stream in _error_stream(views.get(subject))}
    return {subject: _read(logs, stream, count) for subject, stream in list(streams.items())[:MAX_STREAMS]}


def last_lines_of_job_run(logs: Any, run: JobRunView, count: int) -> LastLines:
    """Return the last lines of a job run's error stream."""
    return _read(logs, streams_of_job_run(run)[-1], count)


def _error_stream(view: NodeView | None) -> list[LogStream]:
    """Return the stream with the error: of a job's two streams the second."""
    return streams_of_node(view)[-1:] if view is not None else []


def _read(logs: Any, stream: LogStream, count: int) -> LastLines:
    try:
        answer = logs.get_log_events(
            logGroupName=stream.group,
            logStreamName=stream.stream,
            limit=max(count, _MAX_EVENTS),
            startFromHead=False,
        )
    except Exception as error:
        problem = from_botocore(error)
        if problem is None:
            raise
        return LastLines(stream.group, stream.stream, problem=str(problem))
    lines = [line for event in answer["events"] for line in event["message"].splitlines()]
    return LastLines(stream.group, stream.stream, tuple(without_library_frames(lines)[-count:]))


def without_library_frames(lines: Iterable[str]) -> list[str]:
    """Return log lines without stack frames of Java and of PySpark: the messages between them are the reason."""
    kept: list[str] = []
    within = False
    for line in lines:
        if _JAVA_FRAME.match(line):
            continue
        if _LIBRARY_FRAME.match(line):
            within = True
        elif within and line.startswith("    "):  # the frame's source
            continue
        else:
            within = False
            kept.append(line)
    return kept
