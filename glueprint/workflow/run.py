"""One workflow run: which triggers fire, what they start, and when the run is over.

``decide`` reads the state, ``evolve`` changes it. The work for an event is proportional to what it touches: the
triggers that watch the node that changed, and the nodes that they start. For that the state contains, in addition
to its rows, the number of true conditions of each trigger (see ``facts.predicate``).

Sources: DG:workflows_overview, DG:about-triggers, docs/facts/workflows.md; service model ``WorkflowRunStatus``.
Where they are silent: docs/fidelity/workflow.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from glueprint.compat import assert_never
from glueprint.facts.predicate import Condition, Node
from glueprint.facts.states import (
    NodeState,
    RunStatus,
    TriggerState,
    TriggerType,
    first_state,
    is_final,
    node_state,
)
from glueprint.workflow.decision import Decision
from glueprint.workflow.model import Action, Graph, Trigger


@dataclass(frozen=True, slots=True)
class Invocation:
    """One start of a job or crawler by a trigger; ``seq`` is its number in the run, through all retries."""

    seq: int
    node: Node
    state: NodeState
    trigger: str
    predecessors: tuple[int, ...] = ()
    """The invocations whose ends made the trigger fire (``PredecessorRuns``)."""
    copied_from: int | None = None
    """In a resumed run: the number that this invocation had in the earlier run, when it was not run again."""

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return is_final(self.state)


@dataclass(frozen=True, slots=True)
class Fired:
    """A trigger that fired in this run, when (epoch seconds), and the invocations that made it fire."""

    trigger: str
    at: float
    because: tuple[int, ...] = ()


# Events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begin:
    """The run starts: its starting trigger fires. Repeating it changes nothing."""

    now: float


@dataclass(frozen=True, slots=True)
class NodeChanged:
    """An invocation's job run or crawl reached ``state``; a final one only after the last attempt."""

    now: float
    seq: int
    state: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """StopWorkflowRun was called."""

    now: float


Event = Begin | NodeChanged | StopRequested


# Changes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The run is now ``status``; ``error`` is set for ERROR only."""

    status: RunStatus
    at: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TriggerFired:
    """``trigger`` fired because these invocations made its predicate true (none: it started the run)."""

    trigger: str
    at: float
    because: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InvocationAdded:
    """A trigger requested a start of ``node``; fields as in :class:`Invocation`."""

    seq: int
    node: Node
    trigger: str
    predecessors: tuple[int, ...]
    state: NodeState
    copied_from: int | None = None


@dataclass(frozen=True, slots=True)
class InvocationChanged:
    """Invocation ``seq`` is now in ``state``."""

    seq: int
    state: NodeState


Change = StatusChanged | TriggerFired | InvocationAdded | InvocationChanged


# Owed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartNode:
    """Start the job run or crawl of invocation ``seq`` as ``action`` says."""

    seq: int
    action: Action
    trigger: str
    predecessors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StopNode:
    """Stop the job run or crawl of invocation ``seq``, also one that has not started yet."""

    seq: int


Owed = StartNode | StopNode
RunDecision = Decision[Change, Owed]
NOTHING: RunDecision = Decision()


@dataclass(slots=True)
class RunState:
    """One workflow run. Made by :meth:`new` or :meth:`restore`, changed by :func:`evolve` alone."""

    graph: Graph
    """The triggers as they stood when the run started."""
    run_id: str = ""
    status: RunStatus = RunStatus.RUNNING
    error: str | None = None
    invocations: dict[int, Invocation] = field(default_factory=dict)
    fired: dict[str, Fired] = field(default_factory=dict)
    latest: dict[Node, int] = field(default_factory=dict)
    """Derived: the newest invocation of each node; its state is the node's."""
    holding: dict[str, int] = field(default_factory=dict)
    """Derived: the number of true conditions of each trigger."""
    active: set[int] = field(default_factory=set)
    """Derived: the invocations that have not ended."""

    @classmethod
    def new(cls, graph: Graph, run_id: str = "") -> RunState:
        """Return a run in which nothing has happened; :class:`Begin` starts it."""
        return cls(graph, run_id, holding=dict.fromkeys(graph.by_name, 0))

    @classmethod
    def restore(
        cls,
        graph: Graph,
        run_id: str,
        status: RunStatus,
        invocations: Iterable[Invocation],
        fired: Iterable[Fired],
        error: str | None = None,
    ) -> RunState:
        """The state that stored rows describe, equal to the one whose changes were stored."""
        state = cls.new(graph, run_id)
        state.status, state.error = status, error
        state.fired.update((one.trigger, one) for one in fired)
        for invocation in sorted(invocations, key=lambda one: one.seq):
            _add(state, invocation)
        return state

    @property
    def has_started(self) -> bool:
        """Whether anything was started or copied into this run."""
        return bool(self.fired or self.invocations)

    def state_of(self, node: Node) -> NodeState | None:
        """The state of the node's newest invocation; None: it was never started."""
        seq = self.latest.get(node)
        return None if seq is None else self.invocations[seq].state


def decide(state: RunState, event: Event) -> RunDecision:
    """What follows from ``event``; ``state`` is only read.

    An event that comes late (the invocation has ended, the run is over) decides nothing.

    Raises:
        ValueError: the event names an invocation that the run does not have, or a state that does not exist.
    """
    match event:
        case Begin():
            return _begin(state, event.now)
        case NodeChanged():
            return _node_changed(state, event)
        case StopRequested():
            return _stop(state, event.now)
        case _:
            assert_never(event)


def refuse_for_concurrency(workflow: str, now: float) -> RunDecision:
    """Return the only decision of a run that exceeds the workflow's MaxConcurrentRuns.

    Its text is the one that the service model documents for ``WorkflowRun.ErrorMessage``.
    """
    error = f"Concurrent runs exceeded for workflow: {workflow}."
    return Decision((StatusChanged(RunStatus.ERROR, now, error),))


def evolve(state: RunState, change: Change) -> None:
    """Apply one change, in place."""
    match change:
        case StatusChanged():
            state.status, state.error = change.status, change.error
        case TriggerFired():
            state.fired[change.trigger] = Fired(change.trigger, change.at, change.because)
        case InvocationAdded():
            _add(
                state,
                Invocation(
                    change.seq,
                    change.node,
                    change.state,
                    change.trigger,
                    change.predecessors,
                    change.copied_from,
                ),
            )
        case InvocationChanged():
            invocation = replace(state.invocations[change.seq], state=change.state)
            state.invocations[change.seq] = invocation
            if invocation.is_final:
                state.active.discard(change.seq)
                if state.latest[invocation.node] == change.seq:
                    _count(state, invocation, 1)
        case _:
            assert_never(change)


def _add(state: RunState, invocation: Invocation) -> None:
    before = state.latest.get(invocation.node)
    if before is not None and state.invocations[before].is_final:
        _count(state, state.invocations[before], -1)
    state.invocations[invocation.seq] = invocation
    state.latest[invocation.node] = invocation.seq
    if invocation.is_final:
        _count(state, invocation, 1)
    else:
        state.active.add(invocation.seq)


def _count(state: RunState, ended: Invocation, step: int) -> None:
    """A node's newest invocation has ended in this state (+1), or is no longer its newest one (-1)."""
    for trigger in state.graph.watchers_of(Condition(ended.node, ended.state)):
        state.holding[trigger.name] += step


def _begin(state: RunState, now: float) -> RunDecision:
    if state.status is not RunStatus.RUNNING or state.has_started:
        return NOTHING
    starting = state.graph.starting
    if starting is None:
        return Decision((StatusChanged(RunStatus.COMPLETED, now),))
    return _fire(state, (), [(starting, ())], now, still_active=0)


def _node_changed(state: RunState, event: NodeChanged) -> RunDecision:
    invocation = state.invocations.get(event.seq)
    if invocation is None:
        raise ValueError(f"workflow run {state.run_id!r} has no invocation {event.seq}")
    reached = node_state(invocation.node.kind, event.state)
    if invocation.is_final or reached == invocation.state:
        return NOTHING
    changed = InvocationChanged(event.seq, reached)
    if not is_final(reached):
        return Decision((changed,))
    firing = _firing(state, invocation, reached) if state.status is RunStatus.RUNNING else []
    return _fire(state, (changed,), firing, event.now, still_active=len(state.active) - 1)


def _firing(state: RunState, ended: Invocation, reached: NodeState) -> list[tuple[Trigger, tuple[int, ...]]]:
    """The triggers that fire because ``ended`` reached its final state, each with the invocations that count.

    All are evaluated before any of them starts a node: a trigger that starts the watched node again does not keep
    other triggers from firing.
    """
    is_latest = state.latest[ended.node] == ended.seq
    now_holding = Condition(ended.node, reached)
    now_true = {t.name for t in state.graph.watchers_of(now_holding)} if is_latest else set()
    firing = []
    for trigger in state.graph.watchers.get(ended.node, ()):
        if trigger.name in state.fired or not _is_live(trigger):
            continue
        holding = state.holding[trigger.name] + (trigger.name in now_true)
        if state.graph.predicates[trigger.name].evaluate_count(holding):
            because = {
                state.latest[condition.node]
                for condition in trigger.conditions
                if (is_latest and condition == now_holding) or state.state_of(condition.node) == condition.state
            }
            firing.append((trigger, tuple(sorted(because))))
    return firing


def _is_live(trigger: Trigger) -> bool:
    return trigger.type is TriggerType.CONDITIONAL and trigger.state is TriggerState.ACTIVATED


def _fire(
    state: RunState,
    before: tuple[Change, ...],
    firing: list[tuple[Trigger, tuple[int, ...]]],
    now: float,
    *,
    still_active: int,
) -> RunDecision:
    """``before``, then everything that the triggers start; the end of the run if nothing is active then."""
    changes: list[Change] = list(before)
    owed: list[Owed] = []
    seq = len(state.invocations)
    for trigger, because in firing:
        changes.append(TriggerFired(trigger.name, now, because))
        for action in trigger.actions:
            first = first_state(action.node.kind)
            changes.append(InvocationAdded(seq, action.node, trigger.name, because, first))
            owed.append(StartNode(seq, action, trigger.name, because))
            seq += 1
    if not owed and still_active == 0:
        stopping = state.status is RunStatus.STOPPING
        changes.append(StatusChanged(RunStatus.STOPPED if stopping else RunStatus.COMPLETED, now))
    return Decision(tuple(changes), tuple(owed))


def _stop(state: RunState, now: float) -> RunDecision:
    if state.status is not RunStatus.RUNNING:
        return NOTHING
    if not state.active:
        return Decision((StatusChanged(RunStatus.STOPPED, now),))
    return Decision(
        (StatusChanged(RunStatus.STOPPING, now),), tuple(StopNode(seq) for seq in sorted(state.active))
    )
