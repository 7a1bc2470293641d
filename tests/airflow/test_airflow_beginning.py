"""A task never has two active runs, whatever is lost, killed, retried or cleared."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from fake_runs import AFTER, BEFORE, WORKFLOW, FakeRuns
from hypothesis import given
from hypothesis import strategies as st

from glueprint.airflow.runs.beginning import Beginning, How, TaskRun
from glueprint.airflow.runs.tags import TaskTag, is_retry
from glueprint.client.errors import NotFound


@dataclass
class Task:
    """A task instance as Airflow numbers its tries (``clear_task_instances`` of Airflow 2.10 and 3.3)."""

    retries: int = 2
    try_number: int = 1
    max_tries: int = 2
    dag_id: str = "d"
    run_id: str = "scheduled__2026-11-30"
    task_id: str = "load"
    map_index: int = -1

    def retry(self) -> None:
        """The next try."""
        self.try_number += 1

    def clear(self) -> None:
        """A user clears it; then it runs."""
        self.max_tries = self.try_number + self.retries
        self.try_number += 1


@dataclass
class Tries:
    """Tries of one task on one Glue."""

    glue: FakeRuns
    task: Task = field(default_factory=Task)

    def begin(self, **members: Any) -> TaskRun:
        """What the task does first."""
        return Beginning(
            self.glue,
            self.glue,
            members.pop("workflow", WORKFLOW),
            TaskTag.of(self.task),
            {"day": "2026-11-30"},
            is_retry=is_retry(self.task, self.task.retries),
            log=lambda line: None,
            poll_seconds=0.0,
            sleep=lambda seconds: None,
            **members,
        ).begin()


def test_a_retry_takes_over_the_run_that_goes_on() -> None:
    """The worker died: the run did not (apache/airflow#59075, for jobs)."""
    tries = Tries(FakeRuns())
    first = tries.begin()
    tries.task.retry()
    assert tries.begin() == TaskRun(first.run_id, How.TAKEN_OVER)
    assert len(tries.glue.runs) == 1


@pytest.mark.parametrize(
    ("status", "failed", "marker", "how"),
    [
        ("COMPLETED", 0, "true", How.SUCCEEDED_BEFORE),
        ("STOPPED", 0, "false", How.SUCCEEDED_BEFORE),
        ("STOPPED", 0, "true", How.STARTED),
        ("COMPLETED", 1, "true", How.STARTED),
        ("ERROR", 0, None, How.STARTED),
    ],
)
def test_a_retry_takes_a_good_result_and_repeats_a_bad_one(
    status: str, failed: int, marker: str | None, how: How
) -> None:
    """A run that ended well while no one watched is not repeated; one that failed is."""
    tries = Tries(FakeRuns())
    tries.begin()
    tries.glue.end(status, failed, marker)
    tries.task.retry()
    assert tries.begin().how is how


def test_a_stopping_run_is_awaited_before_the_next_one() -> None:
    """A run in STOPPING counts as active: the new run starts after its end."""
    tries = Tries(FakeRuns())
    first = tries.begin()
    tries.glue.stop_workflow_run(WORKFLOW, first.run_id)
    tries.task.retry()
    assert tries.begin().how is How.STARTED
    assert tries.glue.most_active == 1


def test_a_cleared_task_starts_over() -> None:
    """Its old run is stopped if it is active; a good result of the old run does not count."""
    tries = Tries(FakeRuns())
    first = tries.begin()
    tries.task.clear()
    second = tries.begin()
    assert (second.how, tries.glue.run(first.run_id)["Status"]) == (How.STARTED, "STOPPED")
    tries.glue.end("COMPLETED", marker="true")
    tries.task.clear()
    assert tries.begin().how is How.STARTED
    assert tries.glue.most_active == 1


def test_a_failed_run_is_resumed_if_the_answer_is_lost_too() -> None:
    """The resumed run is found by its PreviousRunId: run properties need not be copied (DG:resuming-workflow)."""
    tries = Tries(FakeRuns(["", AFTER]))
    tries.begin(resume_failed=True)
    tries.glue.end("COMPLETED", failed=1, marker="true")
    tries.task.retry()
    assert tries.begin(resume_failed=True) == TaskRun("wr_1", How.RESUMED)
    tries.task.retry()
    assert tries.begin(resume_failed=True) == TaskRun("wr_1", How.TAKEN_OVER)
    assert [run.get("PreviousRunId") for run in tries.glue.runs] == [None, "wr_0"]


def test_another_task_of_the_same_workflow_is_left_alone() -> None:
    """Mapped tasks, other DAG runs and runs that people started have other tags, or none."""
    glue = FakeRuns()
    glue.start_workflow_run(WORKFLOW, {})
    other, mapped = Tries(glue), Tries(glue, Task(map_index=1))
    assert {other.begin().how, mapped.begin().how} == {How.STARTED}
    assert glue.active == ["wr_0", "wr_1", "wr_2"]


def test_a_workflow_that_does_not_exist_is_named() -> None:
    """GetWorkflowRuns of an unknown workflow is EntityNotFoundException (service model)."""
    with pytest.raises(NotFound, match="there is no workflow nothing; create it"):
        Tries(FakeRuns()).begin(workflow="nothing")


EVENTS = st.lists(
    st.sampled_from(["retry", "clear", "succeed", "fail", "stop", "missing", "person stops"]), max_size=12
)


@given(EVENTS, st.lists(st.sampled_from(["", BEFORE, AFTER]), max_size=12), st.booleans())
def test_no_run_is_doubled(events: list[str], lost: list[str], resume: bool) -> None:
    """Whatever happens to the worker, the run and the answers: at most one run is active, and a good result is
    repeated only after the task was cleared.
    """
    tries = Tries(FakeRuns(lost))
    glue, done, current = tries.glue, False, tries.begin(resume_failed=resume).run_id
    for event in events:
        if event in ("retry", "clear"):
            getattr(tries.task, event)()
            before = len(glue.runs)
            found = tries.begin(resume_failed=resume)
            if event == "retry" and done:
                assert (found.run_id, len(glue.runs)) == (current, before)
            done = done and event == "retry"
            current = found.run_id
        elif glue.active:
            if event == "person stops":
                with contextlib.suppress(ClientError):  # it is stopping already
                    glue.stop_workflow_run(WORKFLOW, glue.active[-1])
            else:
                status = "STOPPED" if event in ("stop", "missing") else "COMPLETED"
                marker = "false" if event == "missing" else "true"
                glue.end(status, int(event == "fail"), marker)
                done = event in ("succeed", "missing")
    assert glue.most_active == 1
    assert len(glue.active) <= 1
