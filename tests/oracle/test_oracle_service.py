"""Whole runs through the local Glue's API, without processes: API, store and shell against the oracles."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import oracle_run_model as oracle
import pytest
from oracle_attempt_model import replayed
from oracle_graphs import chance, random_graph
from oracle_service import Service, World
from oracle_walks import Labels, walk_many

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.local.datadir import DataDirectory
from glueprint.local.protocol.errors import ApiError
from glueprint.workflow.attempt_events import AttemptSpec, Event, Exited, Started, StopRequested, Submitted
from glueprint.workflow.model import Graph
from glueprint.workflow.wire import graph_from_wire, trigger_to_wire

ROLE = "arn:aws:iam::123456789012:role/glueprint"
WALKS = 15
WALK_STEPS = 30
LEAST_SHARE = {
    "retried": 0.25,
    "restart": 0.40,
    "resume": 0.20,
    "stop": 0.10,
    "trigger fired": 0.30,
    "completed": 0.40,
}
"""In at least which share of the walks each of these must happen."""


@dataclass
class Run:
    """One workflow run: the oracle's, and the events of each of its job runs."""

    run_id: str
    model: oracle.OracleRun
    events: dict[int, list[Event]] = field(default_factory=dict)


class ServiceWalk:
    """One workflow of jobs, run through the API."""

    def __init__(self, service: Service, name: str, random: Random) -> None:
        self.service = service
        self.name = name
        self.labels: Labels = Counter()
        self._retries: dict[str, int] = {}
        self._random = random
        self.graph = self._create(random_graph(random, crawlers=0.0))
        started = service.call("StartWorkflowRun", Name=name)
        self.run = Run(started["RunId"], oracle.OracleRun(self.graph))
        self._number(self.run.model.begin())
        self.compare()

    def _create(self, graph: Graph) -> Graph:
        """Create what the API accepts of a random workflow."""
        nodes = graph.nodes or (Node(NodeKind.JOB, "job0"),)
        for node in nodes:
            self._retries[node.name] = self._random.choice([0, 0, 1, 2])
            self.service.call(
                "CreateJob",
                Name=self._job(node),
                Role=ROLE,
                Command={"Name": "pythonshell", "ScriptLocation": "s3://b/k.py", "PythonVersion": "3.9"},
                MaxRetries=self._retries[node.name],
                ExecutionProperty={"MaxConcurrentRuns": 1000},
            )
        self.service.call("CreateWorkflow", Name=self.name)
        for trigger in graph.triggers:
            shape = self._renamed(trigger_to_wire(trigger))
            live = shape.pop("State") == "ACTIVATED"
            if shape["Type"] == "SCHEDULED":
                shape["Schedule"] = "cron(0 0 1 1 ? 2100)"
            if shape["Type"] in ("SCHEDULED", "CONDITIONAL"):
                shape["StartOnCreation"] = live
            try:
                self.service.call("CreateTrigger", **shape)
            except ApiError as error:
                assert error.code == "InvalidInputException", error  # noqa: PT017 (others are a failure)
                self.labels["trigger refused"] += 1
        if not any(one.starts_workflow for one in self._stored().triggers):
            self.service.call(
                "CreateTrigger",
                Name=f"{self.name}-begin",
                WorkflowName=self.name,
                Type="ON_DEMAND",
                Actions=[{"JobName": self._job(nodes[0])}],
            )
        return self._stored()

    def _stored(self) -> Graph:
        workflow = self.service.call("GetWorkflow", Name=self.name, IncludeGraph=True)["Workflow"]
        return graph_from_wire(workflow["Graph"])

    def _job(self, node: Node) -> str:
        return f"{self.name}-{node.name}"

    def _renamed(self, shape: dict[str, Any]) -> dict[str, Any]:
        """Jobs and triggers are global: give them names of this workflow."""
        text = json.dumps({**shape, "WorkflowName": self.name, "Name": f"{self.name}-{shape['Name']}"})
        for node in self._retries:
            text = text.replace(f'"JobName": "{node}"', f'"JobName": "{self.name}-{node}"')
        renamed: dict[str, Any] = json.loads(text)
        return renamed

    # -- steps -------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Something happens to the run."""
        self.service.clock.advance(10.0)
        dice = self._random.randrange(100)
        model = self.run.model
        if dice < 6:
            self.labels["restart"] += 1
            self.service.restart()
        elif dice < 8 and model.status() == "RUNNING":
            self._stop()
        elif dice < 11 or not model.running():
            self._resume()
        else:
            self._report(self._random.choice(model.running()))
        self.compare()

    def _report(self, start: oracle.Starts) -> None:
        """A running job run starts, or ends well or badly."""
        events = self.run.events[start.seq]
        before = replayed(events)
        job_run = self._job_runs(start.seq)[-1]["id"]
        self.service.world.wait(lambda: job_run in self.service.world.launched, f"launch of {job_run}")
        now = self.service.clock.now()
        state = before.tries[-1].state
        if state == "STARTING" and chance(self._random, 0.5):
            self.service.started(job_run)
            events.append(Started(now, before.number))
        else:
            if state == "STOPPING":
                self.service.world.wait(lambda: job_run in self.service.world.stopped, f"stop of {job_run}")
            status = self._random.choice([0, 0, 1])
            self.service.ended(job_run, status)
            events.append(Exited(now, before.number, status, None, now - 1.0, now))
        self._tell_run(start.seq)

    def _stop(self) -> None:
        self.labels["stop"] += 1
        # A run that was stopped before its launch never starts: let all come up, so that ends can be reported.
        for start in self.run.model.running():
            job_run = self._job_runs(start.seq)[-1]["id"]
            self.service.world.wait(lambda one=job_run: one in self.service.world.launched, "launches")  # type: ignore[misc]
        self.service.call("StopWorkflowRun", Name=self.name, RunId=self.run.run_id)
        for seq in self.run.model.stop().stops:
            self.run.events[seq].append(StopRequested(self.service.clock.now()))
            self._tell_run(seq)

    def _tell_run(self, seq: int) -> None:
        """What the attempts became is what is reported to the workflow run: final only after the last attempt."""
        story = replayed(self.run.events[seq])
        self.labels["retried"] += story.number > 0
        self._number(self.run.model.change(seq, story.tries[-1].state))

    def _resume(self) -> None:
        """ResumeWorkflowRun of some nodes, allowed or not."""
        model = self.run.model
        chosen = [self._random.choice(self.graph.nodes) for _ in range(self._random.randint(1, 2))]
        run = self._get_run()
        ids = {one["Name"]: one["UniqueId"] for one in run["Graph"]["Nodes"] if one["Type"] == "JOB"}
        request = {"Name": self.name, "RunId": self.run.run_id, "NodeIds": [ids[one.name] for one in chosen]}
        try:
            plan = oracle.plan_resume(model, chosen)
        except (oracle.RunNotCompleted, oracle.NoAttempt) as refusal:
            code = (
                "IllegalWorkflowStateException"
                if isinstance(refusal, oracle.RunNotCompleted)
                else "InvalidInputException"
            )
            with pytest.raises(ApiError) as refused:
                self.service.call("ResumeWorkflowRun", **request)
            assert refused.value.code == code
            return
        self.labels["resume"] += 1
        answer = self.service.call("ResumeWorkflowRun", **request)
        assert sorted(answer["NodeIds"]) == sorted(ids[one.name] for one in plan.restarted)
        self._follow(answer["RunId"], plan)

    def _follow(self, run_id: str, plan: oracle.ResumePlan) -> None:
        previous = self.run
        self.run = Run(run_id, oracle.OracleRun(self.graph, [oracle.Began()]))
        rows = self._invocations()
        renumbered = {row["copied_from"]: row["seq"] for row in rows if row["copied_from"] is not None}
        assert set(renumbered) == {copy.seq for copy in plan.copies}
        for copy in plan.copies:
            old = next(one for one in previous.model.starts() if one.seq == copy.seq)
            before = frozenset(renumbered[seq] for seq in old.predecessors if seq in renumbered)
            seq = renumbered[copy.seq]
            self.run.model.facts += [
                oracle.Starts(seq, old.node, old.trigger, before, copy.seq),
                oracle.Reaches(seq, copy.state),
            ]
        for name, because in plan.fired.items():
            fact = oracle.Fires(name, frozenset(renumbered[seq] for seq in because))
            self.run.model.facts.append(fact)
        wishes = tuple(
            oracle.Wish(one.action, one.trigger, frozenset(renumbered[seq] for seq in one.predecessors))
            for one in plan.starts
        )
        self._number(oracle.Answer(wishes))
        assert self._get_run()["PreviousRunId"] == previous.run_id

    # -- comparing ---------------------------------------------------------------------------------------

    def _number(self, answer: oracle.Answer) -> None:
        """Pair the new starts of the store with those that the oracle wants."""
        known = {start.seq for start in self.run.model.starts()}
        new = sorted(
            ([row["name"], row["trigger_name"], sorted(json.loads(row["predecessors"]))], row["seq"])
            for row in self._invocations()
            if row["seq"] not in known
        )
        wanted = sorted(
            (([one.action.node.name, one.trigger, sorted(one.predecessors)], one) for one in answer.starts),
            key=lambda pair: pair[0],
        )
        assert [key for key, _ in new] == [key for key, _ in wanted]
        self.labels["trigger fired"] += any(one.predecessors for one in answer.starts)
        for (_, seq), (_, wish) in zip(new, wanted, strict=True):
            self.run.model.started(wish, seq)
            retries = self._retries[wish.action.node.name.removeprefix(f"{self.name}-")]
            self.run.events[seq] = [Submitted(self.service.clock.now(), AttemptSpec(retries))]

    def compare(self) -> None:
        """Everything that the API and the store say is what the oracle says."""
        model = self.run.model
        run = self._get_run()
        assert run["Status"] == model.status()
        assert run["Statistics"] == model.statistics()
        self.labels["completed"] += model.status() == "COMPLETED"
        fired = self.service.rows("SELECT * FROM fired_trigger WHERE run_id = ?", self.run.run_id)
        assert {row["trigger_name"]: frozenset(json.loads(row["because"])) for row in fired} == model.fired()
        assert {row["seq"]: row["state"] for row in self._invocations()} == {
            start.seq: model.state(start.seq) for start in model.starts()
        }
        for start in model.starts():
            if start.copied_from is None:
                self._compare_attempts(start)

    def _compare_attempts(self, start: oracle.Starts) -> None:
        tries = replayed(self.run.events[start.seq]).tries
        rows = self._job_runs(start.seq)
        assert [row["state"] for row in rows] == [one.state for one in tries], start
        newest = rows[-1]["id"]
        found = self.service.call(
            "GetJobRun", JobName=start.node.name, RunId=newest, PredecessorsIncluded=True
        )["JobRun"]
        assert found["TriggerName"] == start.trigger
        assert found["Attempt"] == len(tries) - 1
        before = sorted(self.run.model.starts()[seq].node.name for seq in start.predecessors)
        assert sorted(one["JobName"] for one in found.get("PredecessorRuns", ())) == before

    def _get_run(self) -> dict[str, Any]:
        run: dict[str, Any] = self.service.call(
            "GetWorkflowRun", Name=self.name, RunId=self.run.run_id, IncludeGraph=True
        )["Run"]
        return run

    def _invocations(self) -> list[Any]:
        return self.service.rows("SELECT * FROM invocation WHERE run_id = ? ORDER BY seq", self.run.run_id)

    def _job_runs(self, seq: int) -> list[Any]:
        query = (
            "SELECT job_run.* FROM job_run JOIN submission ON submission.id = submission_id"
            " WHERE workflow_run_id = ? AND seq = ? ORDER BY attempt"
        )
        return self.service.rows(query, self.run.run_id, seq)


def test_oracle_whole_runs_through_the_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """API, store and shell do what the oracles say, through retries, stops, resumes and restarts."""
    world = World()
    with DataDirectory.open(tmp_path / "data") as data:
        service = Service(data, world, monkeypatch)
        names = iter(f"w{number}" for number in range(WALKS))

        def walk(random: Random) -> Labels:
            one = ServiceWalk(service, next(names), random)
            for _ in range(WALK_STEPS):
                if one.run.model.status() == "STOPPED":
                    break
                one.step()
            return one.labels

        try:
            walk_many(walk, WALKS, LEAST_SHARE)
        finally:
            service.cut()
    assert len(world.launches) == len(set(world.launches)), "a job run was launched twice"
