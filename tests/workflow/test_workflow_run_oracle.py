"""The run machine against the naive oracle: random workflows, outcomes, orders, stops, restarts, resumes."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from workflow_oracle import Oracle
from workflow_shapes import graphs

from glueprint.facts.states import CrawlState, JobState, NodeKind, RunStatus
from glueprint.workflow.model import Graph
from glueprint.workflow.resume import resume
from glueprint.workflow.run import (
    Begin,
    Event,
    InvocationAdded,
    NodeChanged,
    RunState,
    StartNode,
    StatusChanged,
    StopNode,
    StopRequested,
    TriggerFired,
    decide,
    evolve,
)


class RunAgainstOracle(RuleBasedStateMachine):
    """Every event goes to both; after each, both must tell the same story."""

    @initialize(graph=graphs())
    def begin(self, graph: Graph) -> None:
        self.now = 0.0
        self.run, self.oracle = RunState.new(graph, "wr_1"), Oracle(graph)
        self.oracle.begin()
        self._send(Begin(self._tick()), begins=True)

    def _tick(self) -> float:
        self.now += 1
        return self.now

    def _send(self, event: Event, *, begins: bool = False) -> list[StopNode]:
        started_before = 0 if begins else len(self.run.invocations)
        decision = decide(self.run, event)
        final_before = self.run.status.is_final
        fired_before = set(self.run.fired)
        for change in decision.changes:
            if isinstance(change, TriggerFired):
                assert change.trigger not in fired_before
                fired_before.add(change.trigger)
            if isinstance(change, StatusChanged):
                assert not final_before
            evolve(self.run, change)
        starts = [one for one in decision.owed if isinstance(one, StartNode)]
        assert [one.seq for one in starts] == list(range(started_before, len(self.run.invocations)))
        return [one for one in decision.owed if isinstance(one, StopNode)]

    @rule(data=st.data())
    def node_changes(self, data: st.DataObject) -> None:
        """Any invocation, ended or not, is reported to be in any state."""
        if not self.oracle.starts:
            return
        active = self.oracle.running()
        pool = active * 4 + list(range(len(self.oracle.starts)))
        seq = data.draw(st.sampled_from(pool))
        kind = self.oracle.starts[seq].node.kind
        states = list(JobState) if kind is NodeKind.JOB else list(CrawlState)
        favoured = [state for state in states if state == "SUCCEEDED"] * 6
        state = data.draw(st.sampled_from(favoured + states))
        self.oracle.node_changed(seq, state)
        self._send(NodeChanged(self._tick(), seq, state))

    @rule()
    def begins_again(self) -> None:
        """The owed begin is carried out twice, as after a crash."""
        self._send(Begin(self._tick()))

    @rule(whether=st.integers(0, 4))
    def stops(self, whether: int) -> None:
        if whether:
            return
        to_stop = self.oracle.stop()
        assert [one.seq for one in self._send(StopRequested(self._tick()))] == to_stop

    @rule()
    def restarts(self) -> None:
        """Rows alone carry the run over a restart."""
        run = self.run
        restored = RunState.restore(
            run.graph, run.run_id, run.status, reversed(run.invocations.values()), run.fired.values()
        )
        assert restored == run
        self.run = restored

    @precondition(lambda self: self.run.status is RunStatus.COMPLETED and self.run.latest)
    @rule(data=st.data())
    def resumes(self, data: st.DataObject) -> None:
        choices = st.lists(st.sampled_from(sorted(self.run.latest)), min_size=1, max_size=3, unique=True)
        nodes = data.draw(choices)
        resumed = resume(self.run, nodes, "wr_2", self._tick())
        self.oracle, restarted = self.oracle.resumed(nodes)
        assert list(resumed.restarted) == restarted
        self.run = resumed.state
        for change in resumed.decision.changes:
            evolve(self.run, change)
        added = [c for c in resumed.decision.changes if isinstance(c, InvocationAdded)]
        assert {one.seq for one in resumed.decision.owed if isinstance(one, StartNode)} == {
            one.seq for one in added if one.copied_from is None
        }

    @invariant()
    def same_story(self) -> None:
        assert self.run.status == self.oracle.status
        assert sorted(self.run.fired) == sorted(self.oracle.fired)
        found = [
            (one.node, one.state, one.trigger, list(one.predecessors), one.copied_from)
            for one in self.run.invocations.values()
        ]
        expected = [(s.node, s.state, s.trigger, s.because, s.copied_from) for s in self.oracle.starts]
        assert found == expected
        assert self.run.active == set(self.oracle.running())


RunAgainstOracle.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestRunAgainstOracle = RunAgainstOracle.TestCase
