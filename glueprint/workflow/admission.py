"""Whether a job run may start now: the job's MaxConcurrentRuns and job run queuing.

Sources: DG:job-run-queuing, DG:job-run-statuses; service model, ``ExecutionProperty``. How many processes this
machine runs at once is a matter of the engine: a run that has to wait for one stays STARTING.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from glueprint.facts.states import JobState


class StartedBy(Enum):
    """Who requested the run; a refusal depends on it."""

    CALL = "StartJobRun"
    TRIGGER = "a trigger"


@dataclass(frozen=True, slots=True)
class Request:
    """A job run that is to start."""

    job: str
    started_by: StartedBy
    exists: bool = True
    """Whether the job is (still) defined."""
    max_concurrent_runs: int = 1
    queuing_enabled: bool = False
    """``JobRunQueuingEnabled`` of the run, or of the job."""


@dataclass(frozen=True, slots=True)
class Admit:
    """Start it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It is WAITING and ``reason`` is its StateDetail; decide again when a run of the job has ended."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """StartJobRun raises ConcurrentRunsExceededException with this message; there is no run."""

    message: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The run exists and is over: ``state`` is FAILED or ERROR, ``message`` its ErrorMessage."""

    state: JobState
    message: str


Verdict = Admit | Wait | Refuse | Fail


def admit(request: Request, running: int) -> Verdict:
    """Decide whether a run starts.

    Args:
        request: the run.
        running: the other runs of the job that have been admitted and have not ended.
    """
    if not request.exists:
        return Fail(JobState.ERROR, f"Job {request.job} was deleted before a trigger could start it.")
    return Admit() if running < request.max_concurrent_runs else _over_the_limit(request)


def _over_the_limit(request: Request) -> Verdict:
    if request.queuing_enabled:
        return Wait(
            f"Job run is queued: the maximum of concurrent runs ({request.max_concurrent_runs}) of job "
            f"{request.job} is reached."
        )
    message = f"Concurrent runs exceeded for {request.job}"
    if request.started_by is StartedBy.CALL:
        return Refuse(message)
    return Fail(JobState.FAILED, message)
