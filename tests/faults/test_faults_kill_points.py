"""SIGKILL of the server at every named fault point, one server each: everything ends as if nothing had happened.

The servers follow each other on one data directory, so that each takes up what the last one left, and is killed
while it does so.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from faults_victim import Kill, Victim, dying
from faults_witness import Witness, attempts_of, outcome, starts_of_user_code
from faults_workload import CRAWLER, ROLE, SMALL, SMALL_JOBS, Job, Step, put_jobs, put_workflow
from local_server import DEADLINE, job_states, until

from glueprint.blueprint.archive import write_archive
from glueprint.local.faults import FAULT_POINTS, Order
from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions, BookmarkRefused
from glueprint.runtime.bookmarks.client import RunRoute

WORKFLOWS = ("s0", "s1")
BATCH = 3
"""Events that start a run of the EVENT workflow."""
LATEST_SECOND = 20
"""A schedule's time that is so many seconds past is within its grace of a minute when the next servers are up."""
# Fifty servers, one after the other, before the first test.
pytestmark = [pytest.mark.kills, pytest.mark.timeout(3600)]
LONG = 3600.0
"""Seconds of a job that is still running when it is looked at, however slow the machine."""
OUTSIDE_JOBS = tuple(
    Job(name, fails="always", members={"MaxRetries": 0}) for name in ("left", "right", "follower", "timely")
)
"""Run outside of workflow runs, where the workload's script has no properties to put: they end before that."""
LAYOUT = """
from awsglue.blueprint.workflow import Workflow, Entities
from awsglue.blueprint.job import Job

def generate_layout(user_params, system_params):
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/job.py", "PythonVersion": "3.9"}
    name = user_params["Name"]
    first = Job(Name=name + "_1", Role=user_params["Role"], Command=command)
    second = Job(Name=name + "_2", Role=user_params["Role"], Command=command, DependsOn={first: "SUCCEEDED"})
    return Workflow(Name=name, Entities=Entities(Jobs=[first, second]))
"""
BLUEPRINT = {
    "layoutGenerator": "made.layout.generate_layout",
    "parameterSpec": {"Name": {"type": "String"}, "Role": {"type": "IAMRoleArn"}},
}


@dataclass
class Scene:
    """The one data directory, and what was asked of its servers."""

    victim: Victim
    witness: Witness
    unkilled: dict[str, Any] = field(default_factory=dict)
    kills: dict[str, Kill] = field(default_factory=dict)
    stopped_runs: list[str] = field(default_factory=list)
    timed_runs: list[str] = field(default_factory=list)
    served_runs: dict[str, str] = field(default_factory=dict)
    """Job runs that an orderly end of the server has met, by fault point."""
    stopped_crawls: int = 0
    outrun_stops: int = 0
    """Crawls that had ended before they could be stopped."""
    names_used: int = 0
    blueprint_runs: dict[str, str] = field(default_factory=dict)
    """The workflow that each makes, by run id."""
    bookmarked_runs: dict[str, str] = field(default_factory=dict)
    """Job runs that took a bookmark up and committed it, by fault point."""
    sent_events: list[str] = field(default_factory=list)
    """The ids of events whose PutEvents was answered."""

    def die(self, case: Case) -> None:
        """Start a server that ends at the case's point, and do what leads there."""
        case.stir.before(self)
        if self.victim.start_armed(case.order):
            # A second run beside one whose start was not answered would find the crawler busy.
            with dying(self.victim):
                self.witness.find_unanswered(*WORKFLOWS)
            case.stir.then(self)
            deadline = time.monotonic() + DEADLINE
            while not self.victim.is_gone():
                assert time.monotonic() < deadline, f"{case.order} was never reached"
                case.stir.again(self)
                self.witness.look()
                time.sleep(0.02)
        self.victim.await_its_end()
        self.kills[case.order] = self.victim.kills[-1]

    def keep_running(self) -> None:
        """A run of each workflow is under way."""
        busy = {self.witness.started[run_id] for run_id in set(self.witness.started) - self.witness.over}
        for workflow in sorted(set(WORKFLOWS) - busy):
            self.witness.start_run(workflow)

    def new_name(self) -> str:
        """A name that no call has used, also none that was not answered."""
        self.names_used += 1
        return f"new{self.names_used}"

    def send_event(self) -> None:
        """Put an event for the EVENT workflow, and note its id."""
        entry = {"Source": "app", "DetailType": "News", "Detail": "{}"}
        answer = self.victim.events().put_events(Entries=[entry])
        self.sent_events.append(answer["Entries"][0]["EventId"])

    def running(self, job: str, run_id: str) -> None:
        """Wait until a job run is RUNNING."""
        glue = self.victim.glue()
        until(lambda: glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING" or None)


def _nothing(scene: Scene) -> None:
    return


@dataclass(frozen=True)
class Stir:
    """What leads a server to a point: before it starts, once it is ready, and again while it lives."""

    before: Callable[[Scene], None] = _nothing
    then: Callable[[Scene], None] = _nothing
    again: Callable[[Scene], None] = _nothing


def _stop_a_run(scene: Scene) -> None:
    with dying(scene.victim):
        glue = scene.victim.glue()
        run_id = glue.start_workflow_run(Name="long")["RunId"]
        scene.stopped_runs.append(run_id)

        def is_running() -> bool | None:
            run = glue.get_workflow_run(Name="long", RunId=run_id, IncludeGraph=True)["Run"]
            return job_states(run)["sleeper"] == ["RUNNING"] or None

        until(is_running)
        glue.stop_workflow_run(Name="long", RunId=run_id)


def _stop_a_crawl(scene: Scene) -> None:
    with dying(scene.victim):
        glue = scene.victim.glue()

        def is_stopped() -> bool | None:
            if glue.get_crawler(Name="long_crawler")["Crawler"]["State"] != "READY":
                return None
            glue.start_crawler(Name="long_crawler")
            scene.stopped_crawls += 1  # also if that is not answered: the server ends behind the stop
            try:
                glue.stop_crawler(Name="long_crawler")
            except glue.exceptions.CrawlerNotRunningException:
                scene.stopped_crawls -= 1
                scene.outrun_stops += 1
                return None
            return True

        until(is_stopped)


def _let_a_timer_come_due(scene: Scene) -> None:
    """A job runs over its Timeout while no server runs: the row's time is moved instead of slept."""
    scene.victim.start()
    run_id = scene.victim.glue().start_job_run(JobName="timed")["JobRunId"]
    scene.timed_runs.append(run_id)
    scene.running("timed", run_id)
    scene.victim.kill()
    assert scene.victim.change("UPDATE timer SET due = ? WHERE subject = ?", time.time(), run_id) == 1


def _send_events(scene: Scene) -> None:
    """As many as fill a batch, one by one: the server ends at one of them."""
    with dying(scene.victim):
        for _ in range(BATCH):
            scene.send_event()


def _let_a_window_end(scene: Scene) -> None:
    """That of the events whose batch the last case did not let start: its time is moved instead of slept."""
    assert scene.victim.change("UPDATE timer SET due = ? WHERE subject = 'window/listening'", time.time()) == 1


def _let_a_schedule_come_due(scene: Scene) -> None:
    """A time of the schedule has come while no server ran, less than the grace ago (decision: workflow.md)."""
    now = time.time()
    at = now - now % 60 + (60 if now % 60 > LATEST_SECOND else 0)
    told = time.gmtime(at)
    schedule = f"cron({told.tm_min} {told.tm_hour} * * ? *)"
    scene.victim.start()
    timely = [{"JobName": "timely"}]
    scene.victim.glue().create_trigger(
        Name="scheduled", Type="SCHEDULED", Schedule=schedule, StartOnCreation=True, Actions=timely
    )
    scene.victim.kill()
    assert scene.victim.change("UPDATE timer SET due = ? WHERE subject = 'trigger/scheduled'", at) == 1


def _start_the_left(scene: Scene) -> None:
    with dying(scene.victim):
        scene.victim.glue().start_trigger(Name="start_left")


def _start_the_right(scene: Scene) -> None:
    with dying(scene.victim):
        scene.victim.glue().start_trigger(Name="start_right")


def _register(scene: Scene) -> None:
    name = scene.new_name()
    with dying(scene.victim):
        scene.victim.glue().create_blueprint(Name=name, BlueprintLocation="s3://data/made.zip")


def _run_a_blueprint(scene: Scene) -> None:
    name = scene.new_name()
    parameters = json.dumps({"Name": name, "Role": ROLE})
    with dying(scene.victim):
        made = scene.victim.glue().start_blueprint_run(BlueprintName="made", RoleArn=ROLE, Parameters=parameters)
        scene.blueprint_runs[made["RunId"]] = name


BOOKMARK = '{"ctx":{}}'
_ENABLED = BookmarkOptions(BookmarkOption.ENABLE)


def _route(scene: Scene, run_id: str, patience: float) -> RunRoute:
    return RunRoute(scene.victim.url, run_id, "us-east-1", "test", "test", patience)


def _keep_a_bookmark(scene: Scene) -> None:
    """A job run, with a bookmark of its own, takes it up and commits it, as its process would."""
    run_id = scene.victim.glue().start_job_run(JobName="served")["JobRunId"]
    scene.running("served", run_id)
    scene.bookmarked_runs[scene.victim.armed] = run_id
    route = _route(scene, run_id, patience=0.0)
    try:
        begun = route.begin(scene.victim.armed, _ENABLED)
        route.commit(scene.victim.armed, begun.version, BOOKMARK)
    except BookmarkRefused:
        until(lambda: scene.victim.is_gone() or None)


def _stop_the_server(scene: Scene) -> None:
    """With nothing else going on: an orderly end would end that too."""
    scene.witness.find_unanswered(*WORKFLOWS)
    scene.witness.finished()
    run_id = scene.victim.glue().start_job_run(JobName="served")["JobRunId"]
    scene.running("served", run_id)
    scene.served_runs[run_id] = scene.victim.armed
    assert scene.victim.process is not None
    scene.victim.process.send_signal(signal.SIGTERM)


RUN = Stir(again=Scene.keep_running)
RECOVER = Stir()
STOP_RUN = Stir(then=_stop_a_run)
STOP_CRAWL = Stir(then=_stop_a_crawl)
TIMER = Stir(before=_let_a_timer_come_due)
SEND_EVENTS = Stir(then=_send_events)
WINDOW = Stir(before=_let_a_window_end)
SCHEDULE = Stir(before=_let_a_schedule_come_due)
START_LEFT = Stir(then=_start_the_left)
START_RIGHT = Stir(then=_start_the_right)
REGISTER = Stir(then=_register)
BLUEPRINT_RUN = Stir(then=_run_a_blueprint)
STOP_SERVER = Stir(then=_stop_the_server)
KEEP_BOOKMARK = Stir(then=_keep_a_bookmark)


@dataclass(frozen=True)
class Case:
    """An order to end, and what makes a server come to it."""

    order: str
    stir: Stir


_ORDERS: dict[str, Stir] = {
    "commit-ahead:2": RUN,
    "commit-ahead:9": RUN,
    "commit-done": RUN,
    "commit-done:8": RUN,
    "run-added": RUN,
    "nodes-owed:2": RUN,
    "nodes-owed:3": RUN,
    "written": RUN,
    "written:5": RUN,
    "owed-taken/launch-job": RUN,
    "owed-done/launch-job:2": RUN,
    "owed-settled/launch-job": RUN,
    "owed-taken/launch-crawl": RUN,
    "owed-done/launch-crawl": RUN,
    "owed-settled/launch-crawl": RUN,
    "recovery-begun": RECOVER,
    "recovery-adopted": RECOVER,
    "recovery-done": RECOVER,
    "files-ready/job": RUN,
    "files-ready/crawl": RUN,
    "process-prepared": RUN,
    "process-started": RUN,
    "start-seen": RUN,
    "start-stored": RUN,
    "end-seen/job": RUN,
    "end-stored/job": RUN,
    "end-seen/crawl": RUN,
    "crawl-applying": RUN,
    "end-stored/crawl": RUN,
    "owed-taken/stop-job": STOP_RUN,
    "stop-asked": STOP_RUN,
    "owed-done/stop-job": STOP_RUN,
    "owed-settled/stop-job": STOP_RUN,
    "owed-taken/stop-crawl": STOP_CRAWL,
    "owed-done/stop-crawl": STOP_CRAWL,
    "timer-due": TIMER,
    "timer-reported": TIMER,
    "event-stored": SEND_EVENTS,
    "event-stored/closed": SEND_EVENTS,
    "event-stored/closed:1": WINDOW,
    "schedule-moved": SCHEDULE,
    "standing-stored": START_LEFT,
    "standing-stored/fired": START_RIGHT,
    "owed-taken/register-blueprint": REGISTER,
    "owed-done/register-blueprint": REGISTER,
    "owed-taken/run-blueprint": BLUEPRINT_RUN,
    "layout-returned": BLUEPRINT_RUN,
    "blueprint-creating": BLUEPRINT_RUN,
    "blueprint-created": BLUEPRINT_RUN,
    "owed-done/run-blueprint": BLUEPRINT_RUN,
    "children-ended": STOP_SERVER,
    "stopping": STOP_SERVER,
    # After the orderly ends: those would end the job runs.
    "bookmark-beginning": KEEP_BOOKMARK,
    "bookmark-committing": KEEP_BOOKMARK,
    "bookmark-committed": KEEP_BOOKMARK,
}
CASES = [Case(order, stir) for order, stir in _ORDERS.items()]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The data directory after every case, with a server that is left alone."""
    with Victim(tmp_path_factory.mktemp("points") / "data") as victim:
        scene = Scene(victim, Witness(victim))
        _prepare(scene)
        victim.kill()
        for case in CASES:
            scene.die(case)
        victim.start()
        scene.witness.find_unanswered(*WORKFLOWS)
        yield scene


def _prepare(scene: Scene) -> None:
    glue, s3 = scene.victim.glue(), scene.victim.s3()
    long = [Job("sleeper", LONG), Job("timed", LONG, members={"Timeout": 1}), Job("served", LONG)]
    put_jobs(glue, s3, [*SMALL_JOBS, *long, *OUTSIDE_JOBS])
    for workflow in WORKFLOWS:
        put_workflow(glue, s3, workflow, SMALL)
    put_workflow(glue, s3, "long", [Step(("sleeper",))])
    files = {"made/blueprint.cfg": json.dumps(BLUEPRINT).encode(), "made/layout.py": LAYOUT.encode()}
    _put_triggers_that_stand(scene)
    s3.put_object(Bucket="data", Key="made.zip", Body=write_archive(files))
    glue.create_blueprint(Name="made", BlueprintLocation="s3://data/made.zip")
    until(lambda: glue.get_blueprint(Name="made")["Blueprint"]["Status"] == "ACTIVE" or None)
    scene.witness.start_run(WORKFLOWS[0])
    (oracle,) = scene.witness.finished().values()
    scene.unkilled = outcome(scene.victim, oracle)


def _put_triggers_that_stand(scene: Scene) -> None:
    """An EVENT workflow with its rule, and an AND outside workflows."""
    glue, events = scene.victim.glue(), scene.victim.events()
    glue.create_workflow(Name="listening")
    batching = {"BatchSize": BATCH, "BatchWindow": 900}
    last = [{"JobName": "last"}]
    glue.create_trigger(
        Name="hears", Type="EVENT", WorkflowName="listening", EventBatchingCondition=batching, Actions=last
    )
    events.put_rule(Name="news", EventPattern=json.dumps({"source": ["app"]}))
    arn = "arn:aws:glue:us-east-1:123456789012:workflow/listening"
    events.put_targets(Rule="news", Targets=[{"Id": "1", "Arn": arn, "RoleArn": ROLE}])
    for side in ("left", "right"):
        glue.create_trigger(Name=f"start_{side}", Type="ON_DEMAND", Actions=[{"JobName": side}])
    conditions = [
        {"LogicalOperator": "EQUALS", "JobName": side, "State": "FAILED"} for side in ("left", "right")
    ]
    glue.create_trigger(
        Name="both",
        Type="CONDITIONAL",
        StartOnCreation=True,
        Predicate={"Logical": "AND", "Conditions": conditions},
        Actions=[{"JobName": "follower"}],
    )


def test_the_cases_are_all_the_fault_points() -> None:
    """Every named point is one at which a server is killed (issue 3)."""
    assert {Order.parse(case.order).point for case in CASES} == set(FAULT_POINTS)


@pytest.mark.parametrize("order", [case.order for case in CASES])
def test_a_server_was_killed_there(scene: Scene, order: str) -> None:
    """One server ended by SIGKILL at this very point."""
    assert order in scene.kills


def test_every_run_ended_as_an_unkilled_one(scene: Scene) -> None:
    """No run lost, no attempt doubled, final states final, no trigger twice, properties kept (issue 3)."""
    runs, starts = scene.witness.finished(), starts_of_user_code(scene.victim)
    assert len(runs) > len(WORKFLOWS)
    for run in runs.values():
        assert outcome(scene.victim, run) == scene.unkilled
        assert {one: starts[one] for one in attempts_of(run)} == dict.fromkeys(attempts_of(run), 1)
    assert max(starts.values()) == 1


def test_what_was_stopped_is_stopped(scene: Scene) -> None:
    """A stop that was answered happens, whenever the server is killed: run STOPPED, its job STOPPED (issue 3)."""
    for run_id in scene.stopped_runs:
        run = scene.victim.finished_run("long", run_id)
        assert (run["Status"], job_states(run)) == ("STOPPED", {"sleeper": ["STOPPED"]})


def test_stopped_crawls_are_cancelled(scene: Scene) -> None:
    """A crawl that was stopped ends CANCELLED, and its crawler is READY again (CrawlState, service model)."""
    glue = scene.victim.glue()
    name = f"long_{CRAWLER}"
    until(lambda: glue.get_crawler(Name=name)["Crawler"]["State"] == "READY" or None)
    crawls = scene.victim.rows("SELECT state FROM crawl WHERE crawler = ? ORDER BY state", name)
    assert [row[0] for row in crawls] == ["CANCELLED"] * scene.stopped_crawls + ["SUCCEEDED"] * scene.outrun_stops


def test_timers_that_came_due_while_no_server_ran_are_reported_once(scene: Scene) -> None:
    """A Timeout that passed while the server was down ends the job run as TIMEOUT (DESIGN: timers are rows)."""
    for run_id in scene.timed_runs:
        assert scene.victim.finished_job_run("timed", run_id)["JobRunState"] == "TIMEOUT"
        assert scene.victim.rows("SELECT * FROM timer WHERE subject = ?", run_id) == []


def test_every_event_that_was_taken_starts_one_run(scene: Scene) -> None:
    """No answered event is lost, none is in two batches, wherever the server dies (issue 3: crash safety)."""
    glue = scene.victim.glue()
    scene.send_event()
    while scene.victim.rows("SELECT * FROM held_event"):
        scene.send_event()
    runs = glue.get_workflow_runs(Name="listening")["Runs"]
    started = [one for run in runs for one in json.loads(run["WorkflowRunProperties"]["aws:eventIds"])]
    assert len(started) == len(set(started))
    assert set(started) >= set(scene.sent_events)
    conditions = [run["StartingEventBatchCondition"] for run in runs]
    assert {"BatchSize": BATCH} in conditions
    assert any("BatchWindow" in condition for condition in conditions)
    for run in runs:
        assert scene.victim.finished_run("listening", run["WorkflowRunId"])["Status"] == "COMPLETED"


def test_a_schedule_fires_once_for_each_of_its_times(scene: Scene) -> None:
    """The time at which the server died fires once; on a machine too slow for the grace it is told as missed."""
    runs = scene.victim.glue().get_job_runs(JobName="timely")["JobRuns"]
    missed = scene.victim.rows("SELECT * FROM missed_time WHERE subject = 'trigger/scheduled'")
    assert len(runs) + len(missed) == 1
    assert [run["TriggerName"] for run in runs] == ["scheduled"] * len(runs)


def test_a_trigger_outside_workflows_fires_once(scene: Scene) -> None:
    """An AND whose two ends were each being counted when the server died fires once, for both (issue 3)."""
    glue = scene.victim.glue()
    ends = {name: glue.get_job_runs(JobName=name)["JobRuns"] for name in ("left", "right")}
    until(lambda: glue.get_job_runs(JobName="follower")["JobRuns"] or None)
    [run] = glue.get_job_runs(JobName="follower")["JobRuns"]
    whole = glue.get_job_run(JobName="follower", RunId=run["Id"], PredecessorsIncluded=True)["JobRun"]
    assert whole["TriggerName"] == "both"
    before = {one["JobName"]: one["RunId"] for one in whole["PredecessorRuns"]}
    assert before == {name: runs[0]["Id"] for name, runs in ends.items()}


def test_blueprints_are_registered_and_run_once(scene: Scene) -> None:
    """A blueprint run makes its whole workflow, or is repeated as if it had never begun (glue-facts 1.7)."""
    glue = scene.victim.glue()
    names = glue.list_blueprints()["Blueprints"]
    assert len(names) > 1  # a call that was not answered may have made none
    for name in names:
        until(lambda name=name: glue.get_blueprint(Name=name)["Blueprint"]["Status"] == "ACTIVE" or None)
    for run_id, workflow in scene.blueprint_runs.items():

        def ended(run_id: str = run_id) -> str | None:
            state: str = glue.get_blueprint_run(BlueprintName="made", RunId=run_id)["BlueprintRun"]["State"]
            return None if state == "RUNNING" else state

        assert until(ended) == "SUCCEEDED"
        details = glue.get_workflow(Name=workflow)["Workflow"]["BlueprintDetails"]
        assert details == {"BlueprintName": "made", "RunId": run_id}
        jobs = [name for name in glue.list_jobs()["JobNames"] if name.startswith(f"{workflow}_")]
        assert len(jobs) == 2


def test_an_orderly_end_that_is_cut_short_loses_no_process(scene: Scene) -> None:
    """Killed before children are asked to end: adopted, goes on. After: its end is recorded (DESIGN, recovery)."""
    glue = scene.victim.glue()
    runs = {armed: run_id for run_id, armed in scene.served_runs.items()}
    ended = glue.get_job_run(JobName="served", RunId=runs["children-ended"])["JobRun"]
    assert ended["JobRunState"] == "FAILED"
    lives = glue.get_job_run(JobName="served", RunId=runs["stopping"])["JobRun"]
    assert lives["JobRunState"] == "RUNNING"
    glue.batch_stop_job_run(JobName="served", JobRunIds=[runs["stopping"]])
    assert scene.victim.finished_job_run("served", runs["stopping"])["JobRunState"] == "STOPPED"


def test_bookmarks_are_taken_up_and_committed_once(scene: Scene) -> None:
    """A job that lost the answer asks again: one beginning, one commit, wherever the server dies (issue 5)."""
    assert set(scene.bookmarked_runs) == {case.order for case in CASES if case.stir is KEEP_BOOKMARK}
    for name, run_id in scene.bookmarked_runs.items():
        route = _route(scene, run_id, patience=30.0)
        if name == "bookmark-beginning":
            assert route.begin(name, _ENABLED).version == 1
        assert route.commit(name, 1, BOOKMARK) == 2
        entry = scene.victim.glue().get_job_bookmark(JobName=name)["JobBookmarkEntry"]
        assert (entry["Version"], entry["Run"], entry["RunId"]) == (2, 2, run_id)
        assert entry["JobBookmark"] == BOOKMARK


def test_nothing_is_owed_at_the_end(scene: Scene) -> None:
    """Every action that was owed has been carried out and settled."""
    until(lambda: scene.victim.rows("SELECT * FROM owed") == [] or None)
