"""The attempts of a job run: the engine against a naive oracle, under random reports, stops and timers."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from random import Random

from hypothesis import currently_in_test_context, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from oracle_attempt_model import ENDED, Must, Story, replayed
from oracle_graphs import chance
from oracle_walks import Labels, walk_many

from glueprint.facts.states import JobState
from glueprint.workflow import attempt as engine

WALKS = 500
WALK_STEPS = 14
LEAST_SHARE = {
    "retried": 0.20,
    "timed out": 0.03,
    "stopped": 0.10,
    "queued, then admitted": 0.05,
    "refused": 0.03,
    "late event": 0.30,
    "event of an older attempt": 0.10,
    "notified as late": 0.05,
    "end while stopping": 0.05,
    "restart": 0.20,
}
"""In at least which share of the walks each of these must happen."""


class AttemptPair:
    """One job run twice."""

    def __init__(self, spec: engine.AttemptSpec) -> None:
        self.spec = spec
        self.labels: Labels = Counter()
        self.now = 1000.0
        self.real = engine.AttemptsState.restore(())
        self._events: list[engine.Event] = []
        self._timers: dict[str, float] = {}
        self._rows: list[engine.Attempt] = []
        self.apply(engine.Submitted(self.now, spec))

    @property
    def story(self) -> Story:
        """The oracle's answer so far."""
        return replayed(self._events)

    def apply(self, one: engine.Event) -> None:
        """Give an event to both sides, and compare all that can be seen."""
        self._label_before(one)
        decision = engine.decide(self.real, one)
        assert self.real == engine.AttemptsState.restore(self._rows), "decide changed the state"
        states = [row.state for row in self._rows]
        for change in decision.changes:
            self._store(change)
            engine.evolve(self.real, change)
        assert self.real == engine.AttemptsState.restore(self._rows), "the rows do not describe the state"
        finals = [old for old in states if old in ENDED]
        assert [row.state for row in self.real.attempts][: len(finals)] == finals, "a final state changed"
        self._events.append(one)
        story = self.story
        self._keep_timers(one, decision.owed)
        assert _sorted(_as_musts(decision.owed)) == _sorted(story.musts), f"{one}: owed {decision.owed}"
        assert set(self._timers) >= story.timers, "a timer is missing"
        over = {name for name in self._timers if story.tries[int(name.split("/")[1])].state in ENDED}
        assert not over, f"{over} are left of attempts that have ended"
        assert [_seen(row) for row in self.real.attempts] == [
            (one.state, one.started_on, one.completed_on, one.error) for one in story.tries
        ]
        assert self.real.state == story.tries[-1].state
        if not decision.changes:
            assert not decision.owed, "something is owed that no row explains"

    def restart(self) -> None:
        """The server restarts: the state is rebuilt from its rows."""
        self.labels["restart"] += 1
        self.real = engine.AttemptsState.restore(tuple(self._rows))

    def _store(self, change: engine.Change) -> None:
        """Write a change as a database would: by the names of its fields."""
        if isinstance(change, engine.AttemptAdded):
            self._rows.append(engine.Attempt(change.number, change.spec, change.at, changed_at=change.at))
            return
        names = {field.name for field in fields(change)} - {"number", "at"}
        values = {name: getattr(change, name) for name in names}
        self._rows[change.number] = replace(self._rows[change.number], changed_at=change.at, **values)

    def _keep_timers(self, one: engine.Event, owed: tuple[engine.Owed, ...]) -> None:
        if isinstance(one, engine.TimerDue):
            self._timers.pop(one.timer, None)
        for each in owed:
            if isinstance(each, engine.SetTimer):
                self._timers[each.timer] = each.due
            if isinstance(each, engine.CancelTimer):
                self._timers.pop(each.timer, None)

    def random_event(self, random: Random) -> engine.Event:
        """What may be reported next: mostly about the newest attempt, in an order that makes sense or not."""
        story = self.story
        number = story.number
        if number and chance(random, 0.1):
            number = random.randrange(number)
        self.now = max([self.now, *(due for due in self._timers.values() if chance(random, 0.2))]) + 1.0
        now = self.now
        dice = random.randrange(100)
        if dice < 25:
            return engine.Started(now, number)
        if dice < 45:
            started = now - 0.5 if story.tries[-1].started_on is None and chance(random, 0.5) else None
            status = random.choice([0, 1, 1, 137])
            ended = now - 0.25 if chance(random, 0.3) else None
            return engine.Exited(now, number, status, f"exit {status}" if status else None, started, ended)
        if dice < 52:
            return engine.Lost(now, number, "no trace of the process")
        if dice < 64:
            return engine.Queued(now, number, "concurrent runs exceeded")
        if dice < 76:
            return engine.Admitted(now, number)
        if dice < 80:
            why = random.choice([JobState.FAILED, JobState.ERROR, JobState.EXPIRED])
            return engine.Refused(now, number, why, "refused")
        if dice < 85:
            return engine.StopRequested(now)
        if dice < 87:
            return engine.Submitted(now, self.spec)
        timers = list(self._timers) or [engine.timeout_timer(number), engine.notify_timer(number)]
        return engine.TimerDue(now, random.choice(timers))

    def is_possible(self, one: engine.Event) -> bool:
        """Leave out what no shell reports: a process of an attempt that waits in the queue, or a refusal of
        one that has started or is to end."""
        newest = self.story.tries[-1]
        if newest.state == "WAITING":
            return not isinstance(one, (engine.Started, engine.Exited, engine.Lost))
        if newest.state == "STOPPING":
            return not isinstance(one, (engine.Refused, engine.Started))
        if newest.state == "RUNNING":
            return not isinstance(one, engine.Refused)
        return True

    def step(self, random: Random) -> None:
        """One random event that is possible, or a restart."""
        if chance(random, 0.07):
            self.restart()
            return
        one = self.random_event(random)
        if self.is_possible(one):
            if currently_in_test_context():
                note(repr(one))
            self.apply(one)

    def _label_before(self, one: engine.Event) -> None:
        if not self._events:
            return
        story, labels = self.story, self.labels
        newest = story.tries[-1]
        number = getattr(one, "number", story.number)
        labels["event of an older attempt"] += number < story.number
        if newest.state in ENDED:
            labels["late event"] += 1
            return
        after = replayed([*self._events, one])
        last = after.tries[-1]
        labels["retried"] += after.number > story.number
        labels["timed out"] += last.state == "TIMEOUT"
        labels["stopped"] += last.state == "STOPPED"
        labels["queued, then admitted"] += newest.state == "WAITING" and last.state == "STARTING"
        labels["refused"] += isinstance(one, engine.Refused) and last.state in ENDED
        labels["notified as late"] += any(must.what == "notify" for must in after.musts)
        labels["end while stopping"] += newest.state == "STOPPING" and last.state in ENDED


def _as_musts(owed: tuple[engine.Owed, ...]) -> list[Must]:
    """What is owed in the oracle's words; cancelled timers are judged by what is left of them."""
    musts = []
    for one in owed:
        match one:
            case engine.Launch(number):
                musts.append(Must("launch", number))
            case engine.Terminate(number):
                musts.append(Must("terminate", number))
            case engine.SetTimer(timer, due):
                kind, number_text = timer.split("/")
                musts.append(Must("timer", int(number_text), (kind, due)))
            case engine.NotifyDelay(number, state):
                musts.append(Must("notify", number, state.value))
            case engine.Ended(state):
                musts.append(Must("ended", -1, state.value))
    return musts


def _sorted(musts: list[Must]) -> list[tuple[str, int, str]]:
    return sorted((one.what, -1 if one.what == "ended" else one.number, str(one.detail)) for one in musts)


def _seen(row: engine.Attempt) -> tuple[str, float | None, float | None, str | None]:
    if row.started_on is not None and row.completed_on is not None:
        assert row.execution_seconds == row.completed_on - row.started_on
    return row.state, row.started_on, row.completed_on, row.error


def random_spec(random: Random) -> engine.AttemptSpec:
    """A job's definition."""
    return engine.AttemptSpec(
        random.choice([0, 0, 1, 2, 3]), random.choice([None, 1, 2]), random.choice([None, 1, 2])
    )


class AttemptsAgree(RuleBasedStateMachine):
    """Random reports, stops, timers and restarts; :class:`AttemptPair` compares after each."""

    @initialize(random=st.randoms(use_true_random=False))
    def submit(self, random: Random) -> None:
        """A job run is requested."""
        spec = random_spec(random)
        note(repr(spec))
        self.pair = AttemptPair(spec)

    @rule(random=st.randoms(use_true_random=False))
    def something_happens(self, random: Random) -> None:
        """An event or a restart."""
        self.pair.step(random)

    def teardown(self) -> None:
        """Tell Hypothesis how far this example got."""
        for label in (label for label, count in self.pair.labels.items() if count):
            event(label)


TestAttemptsAgree = AttemptsAgree.TestCase
TestAttemptsAgree.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def attempts_walk(random: Random) -> Labels:
    """One job run through many events; what was reached."""
    pair = AttemptPair(random_spec(random))
    for _ in range(WALK_STEPS):
        pair.step(random)
    return pair.labels


def test_oracle_attempts_agree_over_many_walks() -> None:
    """Engine and oracle agree over many seeded walks, which are not vacuous."""
    walk_many(attempts_walk, WALKS, LEAST_SHARE)
