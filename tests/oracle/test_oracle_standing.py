"""Triggers outside workflows: the engine against a naive oracle, under random settings, ends and restarts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import currently_in_test_context, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from oracle_graphs import chance, random_conditional, random_node, random_outcome, random_trigger_state
from oracle_standing_model import OracleStanding
from oracle_walks import Labels, walk_many

from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import TriggerType
from glueprint.workflow import standing as engine
from glueprint.workflow.model import Trigger

WALKS = 250
WALK_STEPS = 40
LEAST_SHARE = {
    "AND fired": 0.15,
    "AND fired twice": 0.03,
    "ANY fired": 0.50,
    "ANY fired twice": 0.40,
    "several fired at once": 0.30,
    "an end that does not count": 0.50,
    "trigger set again while it had seen something": 0.20,
    "restart": 0.50,
}
"""In at least which share of the walks each of these must happen."""


class StandingPair:
    """The same triggers twice."""

    def __init__(self, random: Random) -> None:
        self.nodes = [random_node(random, number) for number in range(random.randint(1, 4))]
        self.labels: Labels = Counter()
        self.real = engine.StandingState.restore((), ())
        self.oracle = OracleStanding()
        self._known: dict[str, Trigger] = {}
        """The last setting of each trigger, also of those that do not belong here."""
        self._triggers: dict[str, Trigger] = {}
        self._seen: dict[tuple[str, Node], engine.EndSeen] = {}
        self._runs = 0
        self._firings: Labels = Counter()

    def apply(self, one: engine.Event) -> None:
        """Give an event to both sides, and compare what fires and what is started."""
        decision = engine.decide(self.real, one)
        assert self.real == self._restored(), "decide changed the state"
        for change in decision.changes:
            self._store(change)
            engine.evolve(self.real, change)
        assert self.real == self._restored(), "the rows do not describe the state"
        fires = self.oracle.replayed(one)
        fired = {
            change.trigger: frozenset(change.because)
            for change in decision.changes
            if isinstance(change, engine.StandingFired)
        }
        assert fired == fires, f"{one}: fired {fired}, not {fires}"
        starts = sorted((a.trigger, repr(a.action), sorted(a.predecessors)) for a in decision.owed)
        assert starts == sorted(
            (name, repr(action), sorted(because))
            for name, because in fires.items()
            for action in self._triggers[name].actions
        )
        assert set(self.real.triggers) == {trigger.name for trigger in self.oracle.triggers()}
        self._label(fires)

    def step(self, random: Random) -> None:
        """A random event, or a restart."""
        dice = random.randrange(100)
        one: engine.Event
        if dice < 5:
            self.labels["restart"] += 1
            self.real = self._restored()
            return
        if dice < 20 or not self._triggers:
            trigger = self._random_trigger(random)
            old = self._known.get(trigger.name)
            if old is not None and (old.type, old.workflow) != (trigger.type, trigger.workflow):
                # An update cannot change these (docs/facts/triggers.md#shapes): it is deleted and created.
                self.apply(engine.TriggerRemoved(0.0, trigger.name))
            self._known[trigger.name] = trigger
            one = engine.TriggerSet(0.0, trigger)
            self.labels["trigger set again while it had seen something"] += any(
                name == one.trigger.name for name, _ in self._seen
            )
        elif dice < 23:
            one = engine.TriggerRemoved(0.0, f"t{random.randrange(5)}")
        else:
            one = self._random_end(random)
        if currently_in_test_context():
            note(repr(one))
        self.apply(one)

    def _random_trigger(self, random: Random) -> Trigger:
        name = f"t{random.randrange(5)}"
        if name in self._triggers and chance(random, 0.5):
            return replace(self._triggers[name], state=random_trigger_state(random))
        within = "w" if chance(random, 0.05) else None
        trigger = random_conditional(random, name, self.nodes, list(self.nodes), within)
        if chance(random, 0.05):
            return replace(trigger, type=TriggerType.ON_DEMAND, conditions=(), logical=None)
        return trigger

    def _random_end(self, random: Random) -> engine.NodeEnded:
        node = random.choice(self.nodes)
        self._runs += 1
        named = [c.state for t in self._triggers.values() for c in t.conditions if c.node == node]
        by_trigger, within = chance(random, 0.9), chance(random, 0.1)
        self.labels["an end that does not count"] += within or not by_trigger
        state = random_outcome(random, node.kind, named).value
        return engine.NodeEnded(0.0, node, state, f"run{self._runs}", by_trigger, within)

    def _restored(self) -> engine.StandingState:
        return engine.StandingState.restore(self._triggers.values(), self._seen.values())

    def _store(self, change: engine.Change) -> None:
        """Write a change as a database would."""
        match change:
            case engine.TriggerStored(trigger):
                self._forget(trigger.name)
                self._triggers[trigger.name] = trigger
            case engine.TriggerForgotten(name):
                self._forget(name)
                self._triggers.pop(name, None)
            case engine.StandingFired(name, _, _):
                self._forget(name)
            case engine.EndSeen(name, node, _):
                self._seen[name, node] = change

    def _forget(self, name: str) -> None:
        self._seen = {key: seen for key, seen in self._seen.items() if key[0] != name}

    def _label(self, fires: dict[str, frozenset[str]]) -> None:
        self.labels["several fired at once"] += len(fires) > 1
        for name in fires:
            trigger = self._triggers[name]
            if len(set(trigger.conditions)) < 2:
                continue
            kind = "ANY" if trigger.logical is Logical.ANY else "AND"
            self._firings[name] += 1
            self.labels[f"{kind} fired"] += 1
            self.labels[f"{kind} fired twice"] += self._firings[name] > 1


class StandingAgrees(RuleBasedStateMachine):
    """Random settings, ends and restarts; :class:`StandingPair` compares after each."""

    @initialize(random=st.randoms(use_true_random=False))
    def begin(self, random: Random) -> None:
        """A few jobs and crawlers, no trigger yet."""
        self.pair = StandingPair(random)

    @rule(random=st.randoms(use_true_random=False))
    def something_happens(self, random: Random) -> None:
        """An event or a restart."""
        self.pair.step(random)

    def teardown(self) -> None:
        """Tell Hypothesis how far this example got."""
        for label in (label for label, count in self.pair.labels.items() if count):
            event(label)


TestStandingAgrees = StandingAgrees.TestCase
TestStandingAgrees.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def standing_walk(random: Random) -> Labels:
    """A few triggers through many events; what was reached."""
    pair = StandingPair(random)
    for _ in range(WALK_STEPS):
        pair.step(random)
    return pair.labels


def test_oracle_standing_triggers_agree_over_many_walks() -> None:
    """Engine and oracle agree over many seeded walks, which are not vacuous."""
    walk_many(standing_walk, WALKS, LEAST_SHARE)
