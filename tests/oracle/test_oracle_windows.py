"""Event windows: the engine against a naive oracle, under random events, timers, settings and restarts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import currently_in_test_context, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from oracle_standing_model import Batch, OracleWindow, window_due
from oracle_walks import Labels, walk_many

from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow import windows as engine
from glueprint.workflow.model import Trigger

WALKS = 250
WALK_STEPS = 40
LEAST_SHARE = {
    "started by size": 0.60,
    "started by window": 0.30,
    "batch of several events": 0.40,
    "dropped by deletion": 0.10,
    "late timer": 0.30,
    "restart": 0.50,
}
"""In at least which share of the walks each of these must happen."""


class WindowPair:
    """One window twice."""

    def __init__(self, random: Random) -> None:
        self.labels: Labels = Counter()
        self.now = 1000.0
        self.real = engine.WindowState.restore(0, ())
        self.oracle = OracleWindow()
        self.trigger = Trigger("e", TriggerType.EVENT, (), TriggerState.CREATED, workflow="w")
        self._number = 0
        self._held: list[engine.EventQueued] = []
        self._timers: dict[int, float] = {}
        self.set_trigger(random)

    def set_trigger(self, random: Random) -> None:
        """The trigger is updated."""
        self.trigger = replace(
            self.trigger,
            batch_size=random.choice([None, 1, 2, 3, 5]),
            batch_window=random.choice([None, 1, 20]),
        )

    def arrive(self, event_id: str) -> None:
        """An event is delivered; the same id may come twice (events are not de-duplicated)."""
        opens = not self.oracle.held()
        batch = self.oracle.arrive(self.now, event_id, self.trigger)
        owed = self._apply(engine.EventArrived(self.now, event_id, self.trigger), batch)
        timers = [one for one in owed if isinstance(one, engine.SetTimer)]
        if opens and self.oracle.held():
            due = window_due(self.oracle.held(), self.trigger)
            assert timers == [engine.SetTimer(self.oracle.number(), due)]
        else:
            assert not timers

    def due(self, number: int) -> None:
        """A timer comes: that of the open window, or one that should have been cancelled."""
        self.labels["late timer"] += number != self.oracle.number()
        if number == self.oracle.number() and self.oracle.held():
            self.now = max(self.now, self._timers[number])
        batch = self.oracle.due(self.now, number, self.trigger)
        self._timers.pop(number, None)
        self._apply(engine.WindowDue(self.now, number, self.trigger), batch)

    def delete_trigger(self, random: Random) -> None:
        """The trigger is deleted, and another made in its place."""
        self.labels["dropped by deletion"] += bool(self.oracle.held())
        self.oracle.trigger_deleted()
        self._apply(engine.TriggerDeleted(), None)
        self.set_trigger(random)

    def restart(self) -> None:
        """The server restarts: the state is rebuilt from its rows."""
        self.labels["restart"] += 1
        self.real = self._restored()

    def step(self, random: Random) -> None:
        """A random event, a change of the trigger, or a restart."""
        self.now += random.randint(0, 30)
        dice = random.randrange(100)
        if dice < 8:
            self.restart()
        elif dice < 16:
            self.set_trigger(random)
        elif dice < 19:
            self.delete_trigger(random)
        elif dice < 65:
            self.arrive(f"e{random.randrange(30)}")
        elif self._timers and dice < 90:
            self.due(random.choice(list(self._timers)))
        else:
            self.due(random.randint(0, self.oracle.number() + 1))

    def _apply(self, one: engine.Event, batch: Batch | None) -> tuple[engine.Owed, ...]:
        if currently_in_test_context():
            note(repr(one))
        decision = engine.decide(self.real, one)
        assert self.real == self._restored(), "decide changed the state"
        for change in decision.changes:
            self._store(change)
            engine.evolve(self.real, change)
        assert self.real == self._restored(), "the rows do not describe the state"
        starts = [
            Batch(tuple(owed.event_ids), owed.batch_size, owed.batch_window)
            for owed in decision.owed
            if isinstance(owed, engine.StartWorkflow)
        ]
        assert starts == ([] if batch is None else [batch]), f"{one}: {starts}, not {batch}"
        assert [(row.event_id, row.at) for row in self._held] == self.oracle.held()
        for owed in decision.owed:
            if isinstance(owed, engine.SetTimer):
                self._timers[owed.number] = owed.due
            elif isinstance(owed, engine.CancelTimer):
                self._timers.pop(owed.number, None)
        assert set(self._timers) == ({self.oracle.number()} if self.oracle.held() else set())
        if batch is not None:
            self.labels["started by size" if batch.size is not None else "started by window"] += 1
            self.labels["batch of several events"] += len(batch.event_ids) > 1
        return decision.owed

    def _restored(self) -> engine.WindowState:
        return engine.WindowState.restore(self._number, tuple(self._held))

    def _store(self, change: engine.Change) -> None:
        """Write a change as a database would."""
        match change:
            case engine.EventQueued():
                self._held.append(change)
            case engine.WindowClosed(number):
                assert number == self._number
                self._number, self._held = number + 1, []


class WindowsAgree(RuleBasedStateMachine):
    """Random events, timers, settings and restarts; :class:`WindowPair` compares after each."""

    @initialize(random=st.randoms(use_true_random=False))
    def begin(self, random: Random) -> None:
        """A workflow with an EVENT trigger."""
        self.pair = WindowPair(random)

    @rule(random=st.randoms(use_true_random=False))
    def something_happens(self, random: Random) -> None:
        """An event, a timer, a change or a restart."""
        self.pair.step(random)

    def teardown(self) -> None:
        """Tell Hypothesis how far this example got."""
        for label in (label for label, count in self.pair.labels.items() if count):
            event(label)


TestWindowsAgree = WindowsAgree.TestCase
TestWindowsAgree.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def windows_walk(random: Random) -> Labels:
    """One window through many events; what was reached."""
    pair = WindowPair(random)
    for _ in range(WALK_STEPS):
        pair.step(random)
    return pair.labels


def test_oracle_windows_agree_over_many_walks() -> None:
    """Engine and oracle agree over many seeded walks, which are not vacuous."""
    walk_many(windows_walk, WALKS, LEAST_SHARE)
