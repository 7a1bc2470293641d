"""The states of a job run and of a crawl, which of them are final, and which a condition can watch."""

from __future__ import annotations

from enum import StrEnum

from glueprint.workflow.model import NodeKind


class JobState(StrEnum):
    """AWS Glue service model, ``JobRunState``."""

    WAITING = "WAITING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


class CrawlState(StrEnum):
    """AWS Glue service model, ``CrawlState``."""

    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ERROR = "ERROR"


NodeState = JobState | CrawlState

FINAL_JOB_STATES = frozenset(
    {
        JobState.STOPPED,
        JobState.SUCCEEDED,
        JobState.FAILED,
        JobState.TIMEOUT,
        JobState.ERROR,
        JobState.EXPIRED,
    }
)
FINAL_CRAWL_STATES = frozenset({CrawlState.CANCELLED, CrawlState.SUCCEEDED, CrawlState.FAILED, CrawlState.ERROR})

WATCHABLE_JOB_STATES = (JobState.SUCCEEDED, JobState.STOPPED, JobState.FAILED, JobState.TIMEOUT)
"""What a condition on a job may name (service model, ``Condition.State``)."""
WATCHABLE_CRAWL_STATES = (CrawlState.SUCCEEDED, CrawlState.FAILED, CrawlState.CANCELLED)
"""What a condition on a crawler may name (service model, ``Condition.State``)."""


def node_state(kind: NodeKind, text: str) -> NodeState:
    """The state named ``text`` of a job run or of a crawl.

    Raises:
        ValueError: a ``kind`` has no such state.
    """
    return JobState(text) if kind is NodeKind.JOB else CrawlState(text)


def first_state(kind: NodeKind) -> NodeState:
    """The state of a job run or crawl that was just asked for (a crawl has no STARTING)."""
    return JobState.STARTING if kind is NodeKind.JOB else CrawlState.RUNNING


def is_final(state: NodeState) -> bool:
    """Whether nothing follows ``state``."""
    return state in FINAL_JOB_STATES if isinstance(state, JobState) else state in FINAL_CRAWL_STATES


def watchable_states(kind: NodeKind) -> tuple[NodeState, ...]:
    """The states that a condition on a job or a crawler may name."""
    return WATCHABLE_JOB_STATES if kind is NodeKind.JOB else WATCHABLE_CRAWL_STATES
