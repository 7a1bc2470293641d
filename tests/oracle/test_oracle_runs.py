"""Workflow runs: the engine against a naive oracle, under random workflows and random events."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import event, note, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from oracle_graphs import chance, random_graph
from oracle_run_pair import RunPair, advance, choose_nodes, late
from oracle_walks import Labels, walk_many

RANDOMS = st.randoms(use_true_random=False)

WALKS = 200
WALK_STEPS = 60
LEAST_SHARE = {
    "trigger of several conditions fired": 0.25,
    "AND fired": 0.08,
    "ANY fired": 0.20,
    "two triggers fired by one event": 0.10,
    "fired by a state that is not SUCCEEDED": 0.10,
    "crawler condition fired": 0.10,
    "node started twice": 0.15,
    "dead trigger whose predicate holds": 0.05,
    "completed, a node never reached": 0.20,
    "late event": 0.50,
    "stop while running": 0.10,
    "restart while running": 0.30,
    "resume": 0.40,
    "resume of a resumed run": 0.20,
    "resume with copies": 0.15,
    "resume refused": 0.10,
    "copied state satisfied a trigger": 0.04,
}
"""In at least which share of the walks each of these must happen."""


class RunsAgree(RuleBasedStateMachine):
    """Random events, in any order, to the engine and to the oracle; :class:`RunPair` compares after each."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: Labels = Counter()
        self.now = 1000.0
        self.pair: RunPair

    def _tick(self) -> float:
        self.now += 1
        return self.now

    @initialize(random=RANDOMS)
    def start(self, random: Random) -> None:
        """A random workflow is started."""
        graph = random_graph(random)
        for trigger in graph.triggers:
            note(repr(trigger))
        self.pair = RunPair(graph, self.labels)
        self.pair.begin(self._tick())

    @rule(random=RANDOMS)
    def node_goes_on(self, random: Random) -> None:
        """A running job run or crawl ends or goes on."""
        advance(self.pair, random, self._tick())

    @rule(random=RANDOMS)
    def nodes_go_on(self, random: Random) -> None:
        """Several of them, so that runs get somewhere."""
        for _ in range(3):
            advance(self.pair, random, self._tick())

    @rule(random=RANDOMS)
    def report_comes_late(self, random: Random) -> None:
        """Any start reports any state."""
        late(self.pair, random, self._tick())

    @rule(random=RANDOMS)
    def report_is_repeated(self, random: Random) -> None:
        """An event is delivered twice."""
        self.pair.repeat(random, self._tick())

    @rule(seq=st.integers(-1, 40), state=st.sampled_from(["SUCCEEDED", "DONE", ""]))
    def nonsense_comes(self, seq: int, state: str) -> None:
        """A start or a state that does not exist."""
        if state == "SUCCEEDED" and seq in self.pair.rows.invocations:
            return
        self.pair.nonsense(self._tick(), seq, state)

    @rule()
    def server_restarts(self) -> None:
        """The state is rebuilt from its rows."""
        self.pair.restart()

    @rule(random=RANDOMS)
    def person_stops(self, random: Random) -> None:
        """StopWorkflowRun: not often, since little follows a stop."""
        if chance(random, 0.2):
            self.pair.stop(self._tick())

    @rule(random=RANDOMS)
    def person_resumes(self, random: Random) -> None:
        """ResumeWorkflowRun, allowed or not; when it works, the events that follow are for the new run."""
        resumed = self.pair.resume(self._tick(), choose_nodes(self.pair, random))
        if resumed is not None:
            note("resumed")
            self.pair = resumed

    def teardown(self) -> None:
        """Tell Hypothesis how far this example got."""
        for label in (label for label, count in self.labels.items() if count):
            event(label)
        target(float(len([label for label, count in self.labels.items() if count])))


TestRunsAgree = RunsAgree.TestCase
TestRunsAgree.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)


def walk(random: Random) -> Labels:
    """One workflow through many events, run after run; what was reached."""
    labels: Labels = Counter()
    pair = RunPair(random_graph(random), labels)
    pair.begin(0.0)
    for step in range(1, WALK_STEPS):
        now = float(step)
        dice = random.randrange(100)
        if dice < 10:
            late(pair, random, now)
        elif dice < 16:
            pair.repeat(random, now)
        elif dice < 24:
            pair.restart()
        elif dice < 25:
            pair.stop(now)
        elif dice < 28 or not pair.oracle.running():
            pair = pair.resume(now, choose_nodes(pair, random)) or pair
        else:
            advance(pair, random, now)
        if pair.oracle.status() == "STOPPED":
            assert pair.resume(now, choose_nodes(pair, random)) is None
            break
    return labels


def test_oracle_many_walks_agree_and_reach_what_matters() -> None:
    """Engine and oracle agree over many seeded walks, which are not vacuous."""
    walk_many(walk, WALKS, LEAST_SHARE)
