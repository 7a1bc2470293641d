"""Admission. Sources: Glue guide "Job run queuing", "Job run statuses"; service model ``ExecutionProperty``."""

from __future__ import annotations

import pytest

from glueprint.facts.states import JobState
from glueprint.workflow.admission import Admit, Fail, Refuse, Request, StartedBy, Wait, admit

CALL, TRIGGER = StartedBy.CALL, StartedBy.TRIGGER


@pytest.mark.parametrize("by", list(StartedBy))
def test_a_free_job_is_admitted(by: StartedBy) -> None:
    """Below every limit a run starts, whoever requests it."""
    assert admit(Request("j", by), 0) == Admit()


def test_too_many_runs_by_call_is_an_exception() -> None:
    """StartJobRun raises ConcurrentRunsExceededException above MaxConcurrentRuns, default 1 (model)."""
    assert admit(Request("j", CALL), 1) == Refuse("Concurrent runs exceeded for j")


def test_too_many_runs_by_trigger_is_a_failed_run() -> None:
    """A trigger's start becomes a FAILED run (guide, job run statuses: exceeded its concurrent runs)."""
    assert admit(Request("j", TRIGGER), 1) == Fail(JobState.FAILED, "Concurrent runs exceeded for j")


@pytest.mark.parametrize("by", list(StartedBy))
def test_queuing_makes_it_wait_with_a_reason(by: StartedBy) -> None:
    """With JobRunQueuingEnabled the run is WAITING and StateDetail says why (guide, job run queuing)."""
    verdict = admit(Request("j", by, max_concurrent_runs=3, queuing_enabled=True), 3)
    assert isinstance(verdict, Wait)
    assert "maximum of concurrent runs (3) of job j" in verdict.reason


def test_a_deleted_job_is_an_error_run() -> None:
    """A trigger that starts a deleted job leaves a run in ERROR (guide, job run statuses)."""
    verdict = admit(Request("j", TRIGGER, exists=False), 0)
    assert isinstance(verdict, Fail)
    assert verdict.state == "ERROR"
    assert "j was deleted" in verdict.message
