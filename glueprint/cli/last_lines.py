"""What failed jobs and crawlers wrote last, read through CloudWatch Logs: a help beside the explanation.

The explanation stands without it, so a log that cannot be read is told, not raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.cli.errors import as_click_error
from glueprint.cli.runs import NodeView, RunView
from glueprint.cli.streams import Source, of_node
from glueprint.workflow.explanation import Subject

MOST_STREAMS = 10
"""How many streams are read for one explanation: each is a request."""


@dataclass(frozen=True, slots=True)
class LastLines:
    """The end of one stream."""

    group: str
    stream: str
    lines: tuple[str, ...] = ()
    problem: str | None = None
    """Why it could not be read."""

    def to_json(self) -> dict[str, Any]:
        """Plain data, with where it comes from."""
        told = {"source": "CloudWatch Logs", "group": self.group, "stream": self.stream, "lines": list(self.lines)}
        return told if self.problem is None else {**told, "problem": self.problem}


def of_failures(logs: Any, run: RunView, failed: Iterable[Subject], count: int) -> Mapping[Subject, LastLines]:
    """The last lines of the error streams of failed jobs, and of the streams of failed crawlers.

    Args:
        logs: a CloudWatch Logs client.
        failed: of them, the first :data:`MOST_STREAMS` that have a stream are read.
        count: lines of each.
    """
    views = {Subject.of(view.node): view for view in run.nodes}
    sources = {subject: source for subject in failed for source in _telling(views.get(subject))}
    chosen = list(sources.items())[:MOST_STREAMS]
    return {subject: _read(logs, source, count) for subject, source in chosen}


def _telling(view: NodeView | None) -> list[Source]:
    """The stream that says why it failed, if there is one."""
    return of_node(view)[-1:] if view is not None else []  # of a job's two the second is its errors


def _read(logs: Any, source: Source, count: int) -> LastLines:
    try:
        answer = logs.get_log_events(
            logGroupName=source.group, logStreamName=source.stream, limit=count, startFromHead=False
        )
    except Exception as error:
        told = as_click_error(error)
        if told is None:
            raise
        return LastLines(source.group, source.stream, problem=told.message)
    lines = [line for event in answer["events"] for line in event["message"].splitlines()]
    return LastLines(source.group, source.stream, tuple(lines[-count:]))
