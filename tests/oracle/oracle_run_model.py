"""A naive model of workflow runs, written from docs/facts/workflows.md and docs/fidelity/workflow.md alone.

A run is a list of facts that only grows. Every question is answered by reading the complete list again: there are
no counters, no indexes, no remembered status. Slow and plain on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import NodeKind, TriggerState, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger

RESTING_JOB = ["STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"]
"""Terminal job run states (docs/facts/jobs.md#run-states)."""
RESTING_CRAWL = ["CANCELLED", "SUCCEEDED", "FAILED", "ERROR"]
"""Terminal crawl states (docs/facts/workflows.md#shapes: the others are RUNNING and CANCELLING)."""

COUNTER = {
    "SUCCEEDED": "SucceededActions",
    "FAILED": "FailedActions",
    "EXPIRED": "FailedActions",
    "STOPPED": "StoppedActions",
    "CANCELLED": "StoppedActions",
    "TIMEOUT": "TimeoutActions",
    "ERROR": "ErroredActions",
    "WAITING": "WaitingActions",
    "STARTING": "RunningActions",
    "RUNNING": "RunningActions",
    "STOPPING": "RunningActions",
    "CANCELLING": "RunningActions",
}
"""Which counter of the statistics a start is in
(docs/facts/workflows.md#statistics; fidelity table "Other counters")."""


class RunNotCompleted(Exception):
    """Only COMPLETED runs can be resumed (docs/facts/workflows.md#resume)."""


class NoAttempt(Exception):
    """A chosen node must have run at least once (docs/facts/workflows.md#resume)."""


@dataclass(frozen=True)
class Began:
    """The run began."""


@dataclass(frozen=True)
class Fires:
    """A trigger fired, because of these starts."""

    trigger: str
    because: frozenset[int]


@dataclass(frozen=True)
class Starts:
    """A trigger started a node; ``seq`` is the number that the start got."""

    seq: int
    node: Node
    trigger: str
    predecessors: frozenset[int]
    copied_from: int | None = None


@dataclass(frozen=True)
class Reaches:
    """A start is now in ``state``."""

    seq: int
    state: str


@dataclass(frozen=True)
class StopCalled:
    """The run was stopped."""


Fact = Began | Fires | Starts | Reaches | StopCalled


@dataclass(frozen=True)
class Wish:
    """A start that a trigger now wants; it has no number yet."""

    action: Action
    trigger: str
    predecessors: frozenset[int]


@dataclass(frozen=True)
class Answer:
    """What must follow from one event."""

    starts: tuple[Wish, ...] = ()
    stops: frozenset[int] = frozenset()


@dataclass
class OracleRun:
    """One run."""

    graph: Graph
    facts: list[Fact] = field(default_factory=list)

    # -- questions ---------------------------------------------------------------------------------------

    def starts(self) -> list[Starts]:
        """Every start so far, by number."""
        return sorted((fact for fact in self.facts if isinstance(fact, Starts)), key=lambda one: one.seq)

    def state(self, seq: int) -> str:
        """The state of a start: the last one it reached."""
        return [fact.state for fact in self.facts if isinstance(fact, Reaches) and fact.seq == seq][-1]

    def is_over(self, start: Starts) -> bool:
        """Whether a start is in a final state."""
        resting = RESTING_JOB if start.node.kind is NodeKind.JOB else RESTING_CRAWL
        return self.state(start.seq) in resting

    def newest(self, node: Node) -> Starts | None:
        """The newest start of a node."""
        return next((start for start in reversed(self.starts()) if start.node == node), None)

    def state_of(self, node: Node) -> str | None:
        """The state of a node: that of its newest start."""
        newest = self.newest(node)
        return None if newest is None else self.state(newest.seq)

    def fired(self) -> dict[str, frozenset[int]]:
        """The triggers that fired, and why."""
        return {fact.trigger: fact.because for fact in self.facts if isinstance(fact, Fires)}

    def running(self) -> list[Starts]:
        """The starts that are not over."""
        return [start for start in self.starts() if not self.is_over(start)]

    def status(self) -> str:
        """The run's status: it follows from what runs, and from whether a stop was requested."""
        if StopCalled() in self.facts:
            return "STOPPING" if self.running() else "STOPPED"
        if Began() not in self.facts:
            return "RUNNING"
        return "RUNNING" if self.running() else "COMPLETED"

    def statistics(self) -> dict[str, int]:
        """The counters that GetWorkflowRun shows."""
        counters = {"TotalActions": 0, **dict.fromkeys(COUNTER.values(), 0)}
        for trigger in self.graph.triggers:
            counters["TotalActions"] += len(trigger.actions)
        for start in self.starts():
            counters[COUNTER[self.state(start.seq)]] += 1
        # Never less than what was started: a resumed node in a cycle is started, and started again by a trigger.
        counters["TotalActions"] = max(counters["TotalActions"], len(self.starts()))
        return counters

    # -- events ------------------------------------------------------------------------------------------

    def begin(self) -> Answer:
        """The starting trigger fires, whatever its type and state (fidelity table)."""
        if self.facts:
            return Answer()
        self.facts.append(Began())
        return self._fire(
            [(t, frozenset()) for t in self.graph.triggers if t.type != TriggerType.CONDITIONAL]
        )

    def change(self, seq: int, state: str) -> Answer:
        """A start is reported to be in ``state``; what has ended keeps its state."""
        start = next(start for start in self.starts() if start.seq == seq)
        if self.is_over(start):
            return Answer()
        self.facts.append(Reaches(seq, state))
        if StopCalled() in self.facts:
            return Answer()
        return self._fire([(t, self.meeting(t)) for t in self.graph.triggers if self._must_fire(t)])

    def stop(self) -> Answer:
        """A run that is RUNNING stops: all that runs is ended, nothing more starts."""
        if self.status() != "RUNNING":
            return Answer()
        self.facts.append(StopCalled())
        return Answer(stops=frozenset(start.seq for start in self.running()))

    def started(self, wish: Wish, seq: int) -> None:
        """A wish got its number."""
        self.facts.append(Starts(seq, wish.action.node, wish.trigger, wish.predecessors))
        self.facts.append(Reaches(seq, "STARTING" if wish.action.node.kind is NodeKind.JOB else "RUNNING"))

    # -- rules -------------------------------------------------------------------------------------------

    def holds(self, condition: Condition) -> bool:
        """The newest start of the node is in that state."""
        return self.state_of(condition.node) == condition.state

    def predicate(self, trigger: Trigger) -> bool:
        """AND: every condition met; ANY: one met; without Logical: as AND. Of nothing, nothing follows."""
        met = [self.holds(condition) for condition in trigger.conditions]
        return bool(met) and (any(met) if trigger.logical == Logical.ANY else all(met))

    def meeting(self, trigger: Trigger) -> frozenset[int]:
        """The starts that meet a condition of the trigger."""
        newest = [self.newest(one.node) for one in trigger.conditions if self.holds(one)]
        return frozenset(start.seq for start in newest if start is not None)

    def _must_fire(self, trigger: Trigger) -> bool:
        if trigger.type != TriggerType.CONDITIONAL or trigger.state != TriggerState.ACTIVATED:
            return False
        if trigger.name in self.fired() or not self.predicate(trigger):
            return False
        # Copies alone do not fire a trigger: a node of its own that ran in this run must have ended.
        watched = [condition.node for condition in trigger.conditions]
        return any(s.node in watched and s.copied_from is None and self.is_over(s) for s in self.starts())

    def _fire(self, firing: list[tuple[Trigger, frozenset[int]]]) -> Answer:
        wishes = []
        for trigger, because in firing:
            self.facts.append(Fires(trigger.name, because))
            wishes += [Wish(action, trigger.name, because) for action in trigger.actions]
        return Answer(tuple(wishes))


# -- resuming --------------------------------------------------------------------------------------------


def after(graph: Graph, node: Node) -> set[Node]:
    """What a run of ``node`` may lead to, by the edges of the graph; ``node`` itself only in a cycle."""
    found: set[Node] = set()
    frontier = {node}
    while frontier:
        frontier = {
            action.node
            for trigger in graph.triggers
            if any(condition.node in frontier for condition in trigger.conditions)
            for action in trigger.actions
        } - found
        found |= frontier
    return found


def kept(graph: Graph, chosen: Sequence[Node]) -> list[Node]:
    """The chosen nodes that are not downstream of another chosen one (in a cycle: of one named earlier)."""
    order = list(dict.fromkeys(chosen))

    def dropped(node: Node) -> bool:
        for other in order:
            if other == node or node not in after(graph, other):
                continue
            mutual = other in after(graph, node)
            if not mutual or order.index(other) < order.index(node):
                return True
        return False

    return [node for node in order if not dropped(node)]


@dataclass(frozen=True)
class Copy:
    """A start that the new run takes over as it was; ``seq`` is its number in the previous run."""

    seq: int
    state: str


@dataclass(frozen=True)
class ResumePlan:
    """What ResumeWorkflowRun must do: numbers here are those of the previous run."""

    restarted: tuple[Node, ...]
    copies: tuple[Copy, ...]
    fired: dict[str, frozenset[int]]
    starts: tuple[Wish, ...]


def plan_resume(previous: OracleRun, chosen: Sequence[Node]) -> ResumePlan:
    """Run the chosen nodes and all downstream again, copy the rest.

    Raises:
        RunNotCompleted, NoAttempt: it may not be resumed so.
    """
    if previous.status() != "COMPLETED":
        raise RunNotCompleted
    if not chosen or any(previous.newest(node) is None for node in chosen):
        raise NoAttempt
    first = kept(previous.graph, chosen)
    again = set(first).union(*(after(previous.graph, node) for node in first))
    judged_again = {
        t.name for t in previous.graph.triggers if any(condition.node in again for condition in t.conditions)
    }
    copies = tuple(Copy(s.seq, previous.state(s.seq)) for s in previous.starts() if s.node not in again)
    fired = {name: because for name, because in previous.fired().items() if name not in judged_again}
    there = {copy.seq for copy in copies}
    wishes = []
    for node in first:
        starts = [start for start in previous.starts() if start.node == node]
        settled = [start for start in starts if start.trigger not in judged_again]
        model = (settled or starts)[-1]
        trigger = previous.graph.by_name[model.trigger]
        action = next(action for action in trigger.actions if action.node == node)
        wishes.append(Wish(action, model.trigger, frozenset(model.predecessors & there)))
    return ResumePlan(tuple(first), copies, fired, tuple(wishes))
