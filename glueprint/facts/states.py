"""States of everything that Glue runs, and which of them are final.

Names and values are those of the service model. Where the model does not say which state follows which:
docs/fidelity/workflow.md.
"""

from __future__ import annotations

from typing import Union

from glueprint.compat import StrEnum


class NodeKind(StrEnum):
    """What a trigger can start and watch (service model, ``NodeType`` without TRIGGER)."""

    JOB = "JOB"
    CRAWLER = "CRAWLER"


class JobState(StrEnum):
    """State of a job run (service model, ``JobRunState``), in the order of its life."""

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
    """State of one crawl (service model, ``CrawlState``)."""

    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ERROR = "ERROR"


class CrawlerState(StrEnum):
    """State of a crawler (service model, ``CrawlerState``); it has no final one."""

    READY = "READY"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"


class CrawlerHistoryState(StrEnum):
    """State of a crawl as ListCrawls shows it (service model, ``CrawlerHistoryState``)."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


class ScheduleState(StrEnum):
    """State of a crawler's schedule (service model, ``ScheduleState``)."""

    SCHEDULED = "SCHEDULED"
    NOT_SCHEDULED = "NOT_SCHEDULED"
    TRANSITIONING = "TRANSITIONING"


class PartitionIndexStatus(StrEnum):
    """Status of a partition index (service model, ``PartitionIndexStatus``)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"
    FAILED = "FAILED"


class RunStatus(StrEnum):
    """Status of a workflow run (service model, ``WorkflowRunStatus``)."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    ERROR = "ERROR"

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self in FINAL_RUN_STATUSES


class BlueprintStatus(StrEnum):
    """Status of a blueprint (service model, ``BlueprintStatus``)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    FAILED = "FAILED"


class BlueprintRunState(StrEnum):
    """State of a blueprint run (service model, ``BlueprintRunState``)."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ROLLING_BACK = "ROLLING_BACK"


class TriggerType(StrEnum):
    """What fires a trigger (service model, ``TriggerType``)."""

    SCHEDULED = "SCHEDULED"
    CONDITIONAL = "CONDITIONAL"
    ON_DEMAND = "ON_DEMAND"
    EVENT = "EVENT"


class TriggerState(StrEnum):
    """State of a trigger (service model, ``TriggerState``)."""

    CREATING = "CREATING"
    CREATED = "CREATED"
    ACTIVATING = "ACTIVATING"
    ACTIVATED = "ACTIVATED"
    DEACTIVATING = "DEACTIVATING"
    DEACTIVATED = "DEACTIVATED"
    DELETING = "DELETING"
    UPDATING = "UPDATING"


NodeState = Union[JobState, CrawlState]
"""State of the job run or crawl that a workflow's node started."""

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
FINAL_RUN_STATUSES = frozenset({RunStatus.COMPLETED, RunStatus.STOPPED, RunStatus.ERROR})
FINAL_BLUEPRINT_STATUSES = frozenset({BlueprintStatus.ACTIVE, BlueprintStatus.FAILED})
"""In which a blueprint stays until it is updated."""
FINAL_BLUEPRINT_RUN_STATES = frozenset({BlueprintRunState.SUCCEEDED, BlueprintRunState.FAILED})

ACTIVE_JOB_STATES = tuple(state for state in JobState if state not in FINAL_JOB_STATES)
ADMITTED_JOB_STATES = tuple(state for state in ACTIVE_JOB_STATES if state is not JobState.WAITING)
"""Active and not queued; these count towards a job's ``MaxConcurrentRuns``."""
ACTIVE_CRAWL_STATES = tuple(state for state in CrawlState if state not in FINAL_CRAWL_STATES)
ACTIVE_RUN_STATUSES = tuple(status for status in RunStatus if status not in FINAL_RUN_STATUSES)

WATCHABLE_JOB_STATES = (JobState.SUCCEEDED, JobState.STOPPED, JobState.FAILED, JobState.TIMEOUT)
"""What a condition on a job may name (service model, ``Condition.State``)."""
WATCHABLE_CRAWL_STATES = (CrawlState.SUCCEEDED, CrawlState.FAILED, CrawlState.CANCELLED)
"""What a condition on a crawler may name (service model, ``Condition.State``)."""

_HISTORY_STATES = {
    CrawlState.RUNNING: CrawlerHistoryState.RUNNING,
    CrawlState.CANCELLING: CrawlerHistoryState.RUNNING,
    CrawlState.CANCELLED: CrawlerHistoryState.STOPPED,
    CrawlState.SUCCEEDED: CrawlerHistoryState.COMPLETED,
    CrawlState.FAILED: CrawlerHistoryState.FAILED,
    CrawlState.ERROR: CrawlerHistoryState.FAILED,
}


def node_state(kind: NodeKind, text: str) -> NodeState:
    """Return the state named ``text`` of a job run or of a crawl.

    Raises:
        ValueError: a ``kind`` has no such state.
    """
    return JobState(text) if kind is NodeKind.JOB else CrawlState(text)


def first_state(kind: NodeKind) -> NodeState:
    """Return the state of a job run or crawl that was just requested (a crawl has no STARTING)."""
    return JobState.STARTING if kind is NodeKind.JOB else CrawlState.RUNNING


def is_final(state: NodeState) -> bool:
    """Return whether no other state follows ``state``."""
    return state in FINAL_JOB_STATES if isinstance(state, JobState) else state in FINAL_CRAWL_STATES


def watchable_states(kind: NodeKind) -> tuple[NodeState, ...]:
    """Return the states that a condition on a job or a crawler may name."""
    return WATCHABLE_JOB_STATES if kind is NodeKind.JOB else WATCHABLE_CRAWL_STATES


def history_state(state: CrawlState) -> CrawlerHistoryState:
    """Return the state of a crawl as ListCrawls shows it."""
    return _HISTORY_STATES[state]


# The resting states of a trigger. Sources: DG:about-triggers (states per type), DG:starting-workflow-eventbridge
# (EVENT triggers are active on creation). The transient states (ACTIVATING, DEACTIVATING, UPDATING, DELETING) have
# no documented duration and take no time in Glueprint.


def state_on_creation(type_: TriggerType, *, start_on_creation: bool) -> TriggerState:
    """Return the state in which CreateTrigger leaves a trigger; an EVENT one is active, and always CREATED."""
    if type_ in (TriggerType.ON_DEMAND, TriggerType.EVENT) or not start_on_creation:
        return TriggerState.CREATED
    return TriggerState.ACTIVATED


def state_after_start(type_: TriggerType, state: TriggerState) -> TriggerState:
    """Return the state in which StartTrigger leaves a trigger; an ON_DEMAND one fires and stays CREATED.

    Raises:
        ValueError: an EVENT trigger, in AWS's words (docs/facts/triggers.md#event-triggers).
    """
    if type_ is TriggerType.EVENT:
        raise ValueError("Trigger Type EVENT cannot be started")
    return state if type_ is TriggerType.ON_DEMAND else TriggerState.ACTIVATED


def state_after_stop(type_: TriggerType, state: TriggerState) -> TriggerState:
    """Return the state in which StopTrigger leaves a trigger; one that is not active keeps its state.

    Raises:
        ValueError: a trigger in CREATED, in AWS's words (docs/facts/triggers.md#states).
    """
    if state is TriggerState.CREATED:
        raise ValueError("The operation is not allowed when trigger is in state: CREATED")
    if type_ is TriggerType.ON_DEMAND or state is not TriggerState.ACTIVATED:
        return state
    return TriggerState.DEACTIVATED
