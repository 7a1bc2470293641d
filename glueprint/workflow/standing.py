"""Conditional triggers outside workflows ("standing triggers"): they fire each time their predicate becomes true.

Each end of a node counts once: a firing uses up the ends that made the predicate true. So an AND needs every
condition to become true again, and an ANY fires at each end that makes one true. An end in another state replaces
an earlier end of the same node. No source describes this; see docs/fidelity/workflow.md.

Which ends count is documented (DG:about-triggers, DG:workflows_overview): those of runs that a trigger started,
outside of workflow runs. A run that a user starts fires nothing, and a run within a workflow run fires only the
workflow's own triggers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from glueprint.compat import assert_never
from glueprint.facts.predicate import Condition, Node
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.decision import Decision
from glueprint.workflow.model import Action, Trigger


@dataclass(frozen=True, slots=True)
class End:
    """A run of a watched node that ended and has not been used by a firing."""

    state: str
    run: str
    """Id of the job run, or of the crawl."""


# Events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TriggerSet:
    """A trigger was created, updated, started or stopped: it is now this, and no earlier end counts."""

    now: float
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class TriggerRemoved:
    """A trigger was deleted."""

    now: float
    name: str


@dataclass(frozen=True, slots=True)
class NodeEnded:
    """A job run (its last attempt) or a crawl reached a final state."""

    now: float
    node: Node
    state: str
    run: str
    started_by_trigger: bool
    in_workflow_run: bool


Event = TriggerSet | TriggerRemoved | NodeEnded


# Changes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TriggerStored:
    """The trigger is now this; the ends that it had seen do not count any more."""

    trigger: Trigger


@dataclass(frozen=True, slots=True)
class TriggerForgotten:
    """The trigger and the ends that it had seen are removed."""

    name: str


@dataclass(frozen=True, slots=True)
class EndSeen:
    """The newest end of a watched node that counts for the trigger."""

    trigger: str
    node: Node
    end: End


@dataclass(frozen=True, slots=True)
class StandingFired:
    """The trigger fired; the ends that it had seen are used up."""

    trigger: str
    at: float
    because: tuple[str, ...]
    """The runs that made its predicate true."""


Change = TriggerStored | TriggerForgotten | EndSeen | StandingFired


# Owed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartAction:
    """Start a job run or crawl as ``action`` says, outside of any workflow run."""

    trigger: str
    action: Action
    predecessors: tuple[str, ...]


Owed = StartAction
StandingDecision = Decision[Change, Owed]
NOTHING: StandingDecision = Decision()


@dataclass(slots=True)
class StandingState:
    """The conditional triggers that belong to no workflow, and the ends that each has seen."""

    triggers: dict[str, Trigger] = field(default_factory=dict)
    seen: dict[str, dict[Node, End]] = field(default_factory=dict)
    watchers: dict[Node, dict[str, None]] = field(default_factory=dict)
    """Derived: the names of the triggers that watch each node, in the order in which they were set."""

    @classmethod
    def restore(cls, triggers: Iterable[Trigger], seen: Iterable[EndSeen]) -> StandingState:
        """The state that stored rows describe."""
        state = cls()
        for trigger in triggers:
            evolve(state, TriggerStored(trigger))
        for one in seen:
            evolve(state, one)
        return state


def is_standing(trigger: Trigger) -> bool:
    """Whether a trigger is a conditional one outside of workflows."""
    return trigger.workflow is None and trigger.type is TriggerType.CONDITIONAL


def decide(state: StandingState, event: Event) -> StandingDecision:
    """What follows from ``event``; ``state`` is only read."""
    match event:
        case TriggerSet():
            return Decision((TriggerStored(event.trigger),)) if is_standing(event.trigger) else NOTHING
        case TriggerRemoved():
            return Decision((TriggerForgotten(event.name),)) if event.name in state.triggers else NOTHING
        case NodeEnded():
            return _node_ended(state, event)
        case _:
            assert_never(event)


def evolve(state: StandingState, change: Change) -> None:
    """Apply one change, in place."""
    match change:
        case TriggerStored():
            _forget(state, change.trigger.name)
            state.triggers[change.trigger.name] = change.trigger
            state.seen[change.trigger.name] = {}
            for condition in change.trigger.conditions:
                state.watchers.setdefault(condition.node, {})[change.trigger.name] = None
        case TriggerForgotten():
            _forget(state, change.name)
        case EndSeen():
            state.seen[change.trigger][change.node] = change.end
        case StandingFired():
            state.seen[change.trigger].clear()
        case _:
            assert_never(change)


def fire(trigger: Trigger) -> tuple[StartAction, ...]:
    """What a trigger outside workflows starts when it fires by StartTrigger (ON_DEMAND) or on schedule."""
    return tuple(StartAction(trigger.name, action, ()) for action in trigger.actions)


def _forget(state: StandingState, name: str) -> None:
    before = state.triggers.pop(name, None)
    state.seen.pop(name, None)
    for condition in before.conditions if before else ():
        names = state.watchers.get(condition.node, {})
        names.pop(name, None)
        if not names:
            state.watchers.pop(condition.node, None)


def _node_ended(state: StandingState, event: NodeEnded) -> StandingDecision:
    if not event.started_by_trigger or event.in_workflow_run:
        return NOTHING
    changes: list[Change] = []
    owed: list[Owed] = []
    for name in state.watchers.get(event.node, ()):
        trigger = state.triggers[name]
        if trigger.state is not TriggerState.ACTIVATED:
            continue
        end = End(event.state, event.run)
        changes.append(EndSeen(name, event.node, end))
        because = _because(trigger, {**state.seen[name], event.node: end})
        if because:
            changes.append(StandingFired(name, event.now, because))
            owed += [StartAction(name, action, because) for action in trigger.actions]
    return Decision(tuple(changes), tuple(owed))


def _because(trigger: Trigger, seen: dict[Node, End]) -> tuple[str, ...]:
    """Return the runs that make the predicate true; none if it is not true.

    A firing uses up the ends, so an ANY is made true by the newest end alone.
    """

    def met(condition: Condition) -> bool:
        end = seen.get(condition.node)
        return end is not None and end.state == condition.state

    if not trigger.predicate.evaluate(met):
        return ()
    return tuple(dict.fromkeys(seen[condition.node].run for condition in trigger.conditions if met(condition)))
