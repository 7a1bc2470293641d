"""The engine's run and the oracle's run, fed with the same events and compared after each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import oracle_run_model as oracle
from oracle_graphs import chance, random_outcome, random_state, random_way
from oracle_walks import Labels

from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import NodeKind, RunStatus, TriggerState
from glueprint.workflow import run as engine
from glueprint.workflow.model import Graph
from glueprint.workflow.resume import NodesNotResumable, RunNotResumable, resume
from glueprint.workflow.wire import statistics


@dataclass
class Rows:
    """What a database would hold of the run, made from the engine's changes by hand."""

    graph: Graph
    run_id: str
    status: RunStatus = RunStatus.RUNNING
    error: str | None = None
    invocations: dict[int, engine.Invocation] = field(default_factory=dict)
    fired: dict[str, engine.Fired] = field(default_factory=dict)

    def store(self, changes: Iterable[engine.Change]) -> None:
        """Write the changes of one event, refusing what would rewrite something final."""
        for change in changes:
            match change:
                case engine.StatusChanged(status, _, error):
                    assert self.status in ("RUNNING", "STOPPING"), f"a run that is {self.status} goes on"
                    assert status != self.status, "a status that does not change is a row for nothing"
                    self.status, self.error = status, error
                case engine.TriggerFired(trigger, at, because):
                    assert trigger not in self.fired, f"{trigger} fires twice in one run"
                    self.fired[trigger] = engine.Fired(trigger, at, because)
                case engine.InvocationAdded(seq, node, trigger, predecessors, state, copied_from):
                    assert seq == len(self.invocations), "starts are numbered from 0 without gaps"
                    self.invocations[seq] = engine.Invocation(
                        seq, node, state, trigger, predecessors, copied_from
                    )
                case engine.InvocationChanged(seq, state):
                    old = self.invocations[seq]
                    assert not old.is_final, f"start {seq} leaves {old.state}"
                    self.invocations[seq] = engine.Invocation(
                        seq, old.node, state, old.trigger, old.predecessors, old.copied_from
                    )

    def restore(self) -> engine.RunState:
        """The engine's state, as a restarted server would make it."""
        return engine.RunState.restore(
            self.graph, self.run_id, self.status, self.invocations.values(), self.fired.values(), self.error
        )


class RunPair:
    """One run twice."""

    def __init__(self, graph: Graph, labels: Labels, run_id: str = "run") -> None:
        self.graph = graph
        self.labels = labels
        self.rows = Rows(graph, run_id)
        self.real = engine.RunState.new(graph, run_id)
        self.oracle = oracle.OracleRun(graph)
        self.resumed_from: RunPair | None = None
        self._events: list[engine.Event] = [engine.Begin(0.0)]

    # -- events ------------------------------------------------------------------------------------------

    def begin(self, now: float) -> None:
        """StartWorkflowRun."""
        self._apply(engine.Begin(now), self.oracle.begin)

    def change(self, now: float, seq: int, state: str) -> None:
        """A job run or crawl reports a state."""
        if self.oracle.is_over(self._start(seq)):
            self.labels["late event"] += 1
        self._apply(engine.NodeChanged(now, seq, state), lambda: self.oracle.change(seq, state))

    def stop(self, now: float) -> None:
        """StopWorkflowRun."""
        if self.oracle.status() == "RUNNING" and self.oracle.running():
            self.labels["stop while running"] += 1
        self._apply(engine.StopRequested(now), self.oracle.stop)

    def repeat(self, random: Random, now: float) -> None:
        """An event of the past is delivered again, now."""
        match random.choice(self._events):
            case engine.Begin():
                self.begin(now)
            case engine.StopRequested():
                return  # A person who stops twice is not a delivery that is repeated: see `stop`.
            case engine.NodeChanged(_, seq, state):
                self.change(now, seq, state)

    def nonsense(self, now: float, seq: int, state: str) -> None:
        """An event that names a start or a state that does not exist raises ValueError and changes nothing."""
        try:
            engine.decide(self.real, engine.NodeChanged(now, seq, state))
        except ValueError:
            assert self.real == self.rows.restore()
            return
        raise AssertionError(f"start {seq} of {len(self.rows.invocations)} took state {state!r}")

    def restart(self) -> None:
        """The server restarts: the engine's state is rebuilt from its rows."""
        if self.oracle.running():
            self.labels["restart while running"] += 1
        self.real = self.rows.restore()

    def resume(self, now: float, chosen: Sequence[Node]) -> RunPair | None:
        """ResumeWorkflowRun: the new run, or None when both refuse."""
        try:
            plan = oracle.plan_resume(self.oracle, chosen)
        except oracle.RunNotCompleted:
            self._must_refuse(RunNotResumable, now, chosen)
            return None
        except oracle.NoAttempt:
            self._must_refuse(NodesNotResumable, now, chosen)
            return None
        resumed = resume(self.real, chosen, "resumed", now)
        assert set(resumed.restarted) == set(plan.restarted), "other nodes are restarted"
        assert self.real == self.rows.restore(), "resuming changed the resumed run"
        return self._follow(resumed.state, resumed.decision, plan)

    # -- comparing ---------------------------------------------------------------------------------------

    def _apply(self, event: engine.Event, ask: Callable[[], oracle.Answer]) -> None:
        before = self._summary()
        decision = engine.decide(self.real, event)
        assert self.real == self.rows.restore(), "decide changed the state"
        answer = ask()
        self._take(decision.changes)
        self._events.append(event)
        self._number(decision.owed, answer.starts)
        stops = [owed.seq for owed in decision.owed if isinstance(owed, engine.StopNode)]
        assert sorted(stops) == sorted(answer.stops), f"stops {stops}, not {sorted(answer.stops)}"
        self.compare()
        if self._summary() == before and not isinstance(event, engine.Begin):
            assert not decision.changes, f"{event} changes nothing, but writes {decision.changes}"
            assert not decision.owed, f"{event} changes nothing, but owes {decision.owed}"
        self._label(answer)

    def _take(self, changes: Iterable[engine.Change]) -> None:
        changes = tuple(changes)
        self.rows.store(changes)
        for change in changes:
            engine.evolve(self.real, change)
        assert self.real == self.rows.restore(), "the rows do not describe the state"

    def _number(self, owed: Iterable[engine.Owed], wishes: Iterable[oracle.Wish]) -> None:
        """Pair each start that is owed with one that is expected; the oracle learns its number."""
        starts = sorted((_real_key(one), one.seq) for one in owed if isinstance(one, engine.StartNode))
        expected = sorted(((_wish_key(wish), wish) for wish in wishes), key=lambda pair: pair[0])
        assert [key for key, _ in starts] == [key for key, _ in expected], "other starts are owed"
        for (_, seq), (_, wish) in zip(starts, expected, strict=True):
            self.oracle.started(wish, seq)

    def compare(self) -> None:
        """Everything that can be seen of the run is the same on both sides."""
        real, model = self.real, self.oracle
        assert real.status == model.status(), f"{real.status}, not {model.status()}"
        assert real.error is None
        fired = {name: frozenset(one.because) for name, one in real.fired.items()}
        assert fired == model.fired(), f"fired {fired}, not {model.fired()}"
        assert {one.seq: _seen(one) for one in real.invocations.values()} == {
            start.seq: (start.node, model.state(start.seq), start.trigger, start.predecessors)
            for start in model.starts()
        }
        for node in self.graph.nodes:
            assert real.state_of(node) == model.state_of(node), f"state of {node}"
        counted = statistics(self.graph, [one.state for one in real.invocations.values()])
        assert counted == model.statistics()

    def _summary(self) -> tuple[object, ...]:
        states = {start.seq: self.oracle.state(start.seq) for start in self.oracle.starts()}
        return self.oracle.status(), states, self.oracle.fired()

    def _start(self, seq: int) -> oracle.Starts:
        return self.oracle.starts()[seq]

    # -- resuming ----------------------------------------------------------------------------------------

    def _must_refuse(self, error: type[Exception], now: float, chosen: Sequence[Node]) -> None:
        try:
            resume(self.real, chosen, "resumed", now)
        except error:
            self.labels["resume refused"] += 1
            assert self.real == self.rows.restore()
            return
        raise AssertionError(f"resumed {chosen}, instead of {error.__name__}")

    def _follow(
        self, state: engine.RunState, decision: engine.RunDecision, plan: oracle.ResumePlan
    ) -> RunPair:
        new = RunPair(self.graph, self.labels, "resumed")
        new.resumed_from = self
        assert state == new.real, "a resumed run is empty before its decision"
        assert state.graph is self.graph or state.graph == self.graph, "the triggers are those frozen before"
        new.real = state
        new._take(decision.changes)
        new.oracle.facts.append(oracle.Began())
        renumbered = new._copies(self.oracle, plan)
        for trigger, because in plan.fired.items():
            new.oracle.facts.append(oracle.Fires(trigger, frozenset(renumbered[seq] for seq in because)))
        wishes = [
            oracle.Wish(one.action, one.trigger, frozenset(renumbered[seq] for seq in one.predecessors))
            for one in plan.starts
        ]
        new._number(decision.owed, wishes)
        assert not [owed for owed in decision.owed if isinstance(owed, engine.StopNode)]
        new.compare()
        self.labels["resume"] += 1
        self.labels["resume of a resumed run"] += self.resumed_from is not None
        self.labels["resume with copies"] += bool(plan.copies)
        return new

    def _copies(self, previous: oracle.OracleRun, plan: oracle.ResumePlan) -> dict[int, int]:
        """Check that exactly the planned starts are copied; how their numbers go from old to new."""
        copied = {
            one.copied_from: one for one in self.real.invocations.values() if one.copied_from is not None
        }
        assert set(copied) == {copy.seq for copy in plan.copies}, "other starts are copied"
        renumbered = {old: one.seq for old, one in copied.items()}
        for copy in plan.copies:
            old = next(start for start in previous.starts() if start.seq == copy.seq)
            new_seq = renumbered[copy.seq]
            predecessors = frozenset(renumbered[seq] for seq in old.predecessors if seq in renumbered)
            self.oracle.facts += [
                oracle.Starts(new_seq, old.node, old.trigger, predecessors, copy.seq),
                oracle.Reaches(new_seq, copy.state),
            ]
        order = [renumbered[copy.seq] for copy in plan.copies]
        assert order == sorted(order), "copies keep their order, or the newest of a node would be another"
        return renumbered

    # -- what was reached --------------------------------------------------------------------------------

    def _label(self, answer: oracle.Answer) -> None:
        labels, model = self.labels, self.oracle
        live = [self.graph.by_name[name] for name in dict.fromkeys(wish.trigger for wish in answer.starts)]
        conditional = [trigger for trigger in live if trigger.conditions]
        labels["two triggers fired by one event"] += len(conditional) > 1
        for trigger in conditional:
            several = len(set(trigger.conditions)) > 1
            labels["trigger of several conditions fired"] += several
            labels["AND fired"] += several and trigger.logical is not Logical.ANY
            labels["ANY fired"] += several and trigger.logical is Logical.ANY
            labels["fired by a state that is not SUCCEEDED"] += any(
                one.state != "SUCCEEDED" and model.holds(one) for one in trigger.conditions
            )
            labels["crawler condition fired"] += any(
                one.node.kind is NodeKind.CRAWLER for one in trigger.conditions
            )
            because = model.fired()[trigger.name]
            copies = [start.seq for start in model.starts() if start.copied_from is not None]
            labels["copied state satisfied a trigger"] += bool(because & set(copies))
        nodes = [start.node for start in model.starts() if start.copied_from is None]
        labels["node started twice"] += len(set(nodes)) < len(nodes) and bool(answer.starts)
        if (
            model.status() == "COMPLETED"
            and self._events
            and isinstance(self._events[-1], engine.NodeChanged)
        ):
            labels["dead trigger whose predicate holds"] += any(
                model.predicate(one) and one.state is not TriggerState.ACTIVATED
                for one in self.graph.triggers
            )
            labels["completed, a node never reached"] += any(
                model.newest(node) is None for node in self.graph.nodes
            )


def _seen(one: engine.Invocation) -> tuple[Node, str, str, frozenset[int]]:
    return one.node, one.state, one.trigger, frozenset(one.predecessors)


def _real_key(owed: engine.StartNode) -> str:
    return repr((owed.action, owed.trigger, sorted(owed.predecessors)))


def _wish_key(wish: oracle.Wish) -> str:
    return repr((wish.action, wish.trigger, sorted(wish.predecessors)))


def advance(pair: RunPair, random: Random, now: float) -> None:
    """One of the running starts ends (mostly) or goes on."""
    running = pair.oracle.running()
    if running:
        start = random.choice(running)
        if chance(random, 0.3):
            state: str = random_way(random, start.node.kind).value
        else:
            watched = [
                one.state for t in pair.graph.triggers for one in t.conditions if one.node == start.node
            ]
            state = random_outcome(random, start.node.kind, watched).value
        pair.change(now, start.seq, state)


def late(pair: RunPair, random: Random, now: float) -> None:
    """Any start reports any state, whether it has ended or not."""
    starts = pair.oracle.starts()
    if starts:
        start = random.choice(starts)
        pair.change(now, start.seq, random_state(random, start.node.kind).value)


def choose_nodes(pair: RunPair, random: Random) -> list[Node]:
    """Nodes to resume from; now and then one that never ran, or none."""
    ran = list(dict.fromkeys(start.node for start in pair.oracle.starts()))
    pool = list(pair.graph.nodes) if chance(random, 0.15) else ran
    if not pool or chance(random, 0.03):
        return []
    return [random.choice(pool) for _ in range(random.randint(1, 3))]
