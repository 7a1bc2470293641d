"""One run of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.facts.states import FINAL_JOB_STATES

DEFAULT_LOG_GROUP = "/aws-glue/jobs"
"""The log group of a JobRun that names none."""


@dataclass(frozen=True, slots=True)
class JobRunView:
    """One run of a job.

    Attributes:
        log_group: the log group without ``/output`` or ``/error``; the run's id is the stream.
        wire: the run as GetJobRun returned it.
    """

    job: str
    run_id: str
    state: str
    error: str | None = None
    log_group: str = DEFAULT_LOG_GROUP
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, run: Mapping[str, Any]) -> JobRunView:
        """Read GetJobRun's ``JobRun``."""
        return cls(
            job=run["JobName"],
            run_id=run["Id"],
            state=run["JobRunState"],
            error=run.get("ErrorMessage"),
            log_group=run.get("LogGroupName", DEFAULT_LOG_GROUP),
            wire=run,
        )

    @property
    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.state in FINAL_JOB_STATES


def job_run(glue: Any, job: str, run_id: str) -> JobRunView:
    """Request a job run by its job's name and its id (GetJobRun)."""
    return JobRunView.from_wire(glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])
