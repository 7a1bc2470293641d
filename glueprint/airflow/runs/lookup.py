"""The workflow runs that a task instance of Airflow has started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from glueprint.airflow.runs.tags import TAG_PROPERTY, TaskTag
from glueprint.compat import UTC
from glueprint.facts.states import FINAL_RUN_STATUSES

MAX_RUNS_READ = 5_000
"""How many runs of a workflow are read at most."""
_PAGE = 200
MAX_AGE = timedelta(days=8)
"""Older runs are not looked at, where the pages are sorted: a retry comes sooner. The order of GetWorkflowRuns is
not documented, so it is not relied on."""


@dataclass(frozen=True, slots=True)
class TaggedRun:
    """A workflow run that a task started.

    Attributes:
        sequence: of the tag; None if the run was resumed from a tagged one and has no tag itself.
        wire: the run as GetWorkflowRuns returned it, without its graph.
    """

    run_id: str
    status: str
    sequence: int | None
    started: datetime | None
    wire: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.status in FINAL_RUN_STATUSES


def tagged_runs(glue: Any, workflow: str, task: str) -> list[TaggedRun]:
    """Return the runs of a workflow that a task started, the newest first.

    A run that was resumed from one of them belongs to it, too: whether ResumeWorkflowRun copies run properties is
    not documented, PreviousRunId is.

    Args:
        glue: a Glue client.
        workflow: the workflow's full name.
        task: :attr:`TaskTag.task`.
    """
    runs = list(_recent_runs(glue, workflow))
    sequences: dict[str, int] = {}
    for run in runs:
        tag = TaskTag.from_text((run.get("WorkflowRunProperties") or {}).get(TAG_PROPERTY, ""))
        if tag is not None and tag.task == task:
            sequences[run["WorkflowRunId"]] = tag.sequence
    for run in sorted(runs, key=_start):  # a resumed run is younger than the one that it continues
        previous = run.get("PreviousRunId")
        if previous in sequences:
            sequences.setdefault(run["WorkflowRunId"], sequences[previous])
    return [
        TaggedRun(
            run["WorkflowRunId"], run["Status"], sequences[run["WorkflowRunId"]], run.get("StartedOn"), run
        )
        for run in sorted(runs, key=_start, reverse=True)
        if run["WorkflowRunId"] in sequences
    ]


def _recent_runs(glue: Any, workflow: str) -> Iterator[Mapping[str, Any]]:
    """Yield the runs of a workflow: all up to :data:`MAX_RUNS_READ`, or the recent ones if pages are sorted so."""
    oldest = (datetime.now(UTC) - MAX_AGE).timestamp()
    token: dict[str, str] = {}
    number = 0
    is_sorted = True
    while True:
        page = glue.get_workflow_runs(Name=workflow, MaxResults=_PAGE, **token)
        runs: Sequence[Mapping[str, Any]] = page.get("Runs", [])
        yield from runs
        number += len(runs)
        starts = [_start(run) for run in runs]
        is_sorted = is_sorted and starts == sorted(starts, reverse=True)
        is_past = is_sorted and bool(starts) and starts[-1] < oldest
        if not page.get("NextToken") or number >= MAX_RUNS_READ or is_past:
            return
        token = {"NextToken": page["NextToken"]}


def _start(run: Mapping[str, Any]) -> float:
    return float(run["StartedOn"].timestamp()) if run.get("StartedOn") else 0.0
