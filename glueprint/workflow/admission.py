"""Whether a job run may start now: the job's MaxConcurrentRuns, job run queuing, and this machine's slots.

Sources: Glue guide "Job run queuing", "Job run statuses"; service model ``ExecutionProperty``. The local slots
are ours: a laptop is not a cluster, and an excess run simply stays STARTING, as one that waits for capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from glueprint.workflow.states import JobState


class StartedBy(Enum):
    """Who asked for the run; it decides how a refusal looks."""

    CALL = "StartJobRun"
    TRIGGER = "a trigger"


@dataclass(frozen=True, slots=True)
class Request:
    """A job run that wants to start."""

    job: str
    started_by: StartedBy
    exists: bool = True
    """Whether the job is (still) defined."""
    max_concurrent_runs: int = 1
    queuing_enabled: bool = False
    """``JobRunQueuingEnabled`` of the run, or of the job."""


@dataclass(frozen=True, slots=True)
class Load:
    """What goes on at this moment, this run itself left out."""

    runs_of_job: int
    """Runs of the same job that have neither ended nor WAIT."""
    slots_taken: int
    """Job runs on this machine that have been admitted and have not ended."""
    slots: int


@dataclass(frozen=True, slots=True)
class Admit:
    """Start it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """It stays STARTING until a local slot is free; ask again then."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It is WAITING, ``reason`` is its StateDetail; ask again when a run of the job has ended."""

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


Verdict = Admit | Hold | Wait | Refuse | Fail


def admit(request: Request, load: Load) -> Verdict:
    """What becomes of a run that wants to start. Asked again, with the load of then, after Hold and Wait."""
    if not request.exists:
        return Fail(JobState.ERROR, f"Job {request.job} was deleted before a trigger could start it.")
    if load.runs_of_job >= request.max_concurrent_runs:
        return _over_the_limit(request)
    return Admit() if load.slots_taken < load.slots else Hold()


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
