"""The resting states of a trigger: on creation, after StartTrigger, after StopTrigger.

Source: Glue guide "About triggers" (states per type), "Starting an AWS Glue workflow with an Amazon EventBridge
event" (EVENT triggers are live on creation). The transient states (ACTIVATING, DEACTIVATING, UPDATING,
DELETING) have no documented duration and last no time here.
"""

from __future__ import annotations

from glueprint.workflow.model import TriggerState, TriggerType


def state_on_creation(type_: TriggerType, *, start_on_creation: bool) -> TriggerState:
    """The state in which CreateTrigger leaves a trigger."""
    if type_ is TriggerType.EVENT:
        return TriggerState.ACTIVATED
    if type_ is TriggerType.ON_DEMAND or not start_on_creation:
        return TriggerState.CREATED
    return TriggerState.ACTIVATED


def state_after_start(type_: TriggerType, state: TriggerState) -> TriggerState:
    """The state in which StartTrigger leaves a trigger; an ON_DEMAND one fires instead, and stays CREATED."""
    return state if type_ is TriggerType.ON_DEMAND else TriggerState.ACTIVATED


def state_after_stop(type_: TriggerType, state: TriggerState) -> TriggerState:
    """The state in which StopTrigger leaves a trigger; one that is not active stays what it is."""
    if type_ is TriggerType.ON_DEMAND or state is not TriggerState.ACTIVATED:
        return state
    return TriggerState.DEACTIVATED
