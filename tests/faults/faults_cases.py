"""For each fault point the requests that make a server reach it, and the data directory for all of them."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faults_victim import Kill, Victim, dying
from faults_witness import Witness, outcome
from faults_workload import ROLE, SMALL, SMALL_JOBS, Job, Step, put_jobs, put_workflow
from harness.local_server import DEADLINE, job_states, until

from glueprint.blueprint.archive import write_archive
from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions, BookmarkRefused
from glueprint.runtime.bookmarks.client import BookmarkClient

WORKFLOWS = ("s0", "s1")
BATCH = 3
"""Events that start a run of the EVENT workflow."""
LATEST_SECOND = 20
"""A scheduled time this many seconds ago is within its grace of a minute when the next servers are up."""
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
    """The data directory, and what its servers were requested to do."""

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
    stopped_evaluations: list[str] = field(default_factory=list)
    """Data quality runs that were cancelled."""
    sent_events: list[str] = field(default_factory=list)
    """The ids of events whose PutEvents was answered."""

    def die(self, case: Case) -> None:
        """Start a server that ends at the case's point, and do what leads there."""
        case.stir.before(self)
        if self.victim.start_armed(case.order):
            # A second run, next to one whose start was not answered, would find the crawler busy.
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
    time_of_day = time.gmtime(at)
    schedule = f"cron({time_of_day.tm_min} {time_of_day.tm_hour} * * ? *)"
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


def _start_evaluation(scene: Scene) -> str:
    run_id = scene.victim.glue().start_data_quality_ruleset_evaluation_run(
        DataSource={"GlueTable": {"DatabaseName": "shop", "TableName": "orders"}},
        Role=ROLE,
        RulesetNames=["orders"],
    )["RunId"]
    return str(run_id)


def _evaluate(scene: Scene) -> None:
    with dying(scene.victim):
        _start_evaluation(scene)


def _stop_an_evaluation(scene: Scene) -> None:
    with dying(scene.victim):
        run_id = _start_evaluation(scene)
        scene.stopped_evaluations.append(run_id)
        scene.victim.glue().cancel_data_quality_ruleset_evaluation_run(RunId=run_id)


BOOKMARK = '{"ctx":{}}'
ENABLED = BookmarkOptions(BookmarkOption.ENABLE)


def route_of(scene: Scene, run_id: str, retry_seconds: float) -> BookmarkClient:
    """The private route of a job run."""
    return BookmarkClient(scene.victim.url, run_id, "us-east-1", "test", "test", retry_seconds)


def _keep_a_bookmark(scene: Scene) -> None:
    """A job run, with a bookmark of its own, takes it up and commits it, as its process would."""
    run_id = scene.victim.glue().start_job_run(JobName="served")["JobRunId"]
    scene.running("served", run_id)
    scene.bookmarked_runs[scene.victim.armed] = run_id
    route = route_of(scene, run_id, retry_seconds=0.0)
    try:
        started = route.begin(scene.victim.armed, ENABLED)
        route.commit(scene.victim.armed, started.version, BOOKMARK)
    except BookmarkRefused:
        until(lambda: scene.victim.is_gone() or None)


_ACTIVE_EVALUATIONS = "SELECT id FROM quality_run WHERE status IN ('STARTING', 'RUNNING', 'STOPPING')"


def _stop_the_server(scene: Scene) -> None:
    """With nothing else going on: an orderly end would end that too."""
    scene.witness.find_unanswered(*WORKFLOWS)
    scene.witness.finished()
    until(lambda: not scene.victim.rows(_ACTIVE_EVALUATIONS) or None)
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
EVALUATE = Stir(then=_evaluate)
STOP_EVALUATION = Stir(then=_stop_an_evaluation)


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
    "nodes-to-start:2": RUN,
    "nodes-to-start:3": RUN,
    "written": RUN,
    "written:5": RUN,
    "action-taken/launch-job": RUN,
    "action-done/launch-job:2": RUN,
    "action-removed/launch-job": RUN,
    "action-taken/launch-crawl": RUN,
    "action-done/launch-crawl": RUN,
    "action-removed/launch-crawl": RUN,
    "recovery-started": RECOVER,
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
    "action-taken/stop-job": STOP_RUN,
    "stop-requested": STOP_RUN,
    "action-done/stop-job": STOP_RUN,
    "action-removed/stop-job": STOP_RUN,
    "action-taken/stop-crawl": STOP_CRAWL,
    "action-done/stop-crawl": STOP_CRAWL,
    "timer-due": TIMER,
    "timer-reported": TIMER,
    "event-stored": SEND_EVENTS,
    "event-stored/closed": SEND_EVENTS,
    "event-stored/closed:1": WINDOW,
    "schedule-moved": SCHEDULE,
    "standing-stored": START_LEFT,
    "standing-stored/fired": START_RIGHT,
    "action-taken/register-blueprint": REGISTER,
    "action-done/register-blueprint": REGISTER,
    "action-taken/run-blueprint": BLUEPRINT_RUN,
    "layout-returned": BLUEPRINT_RUN,
    "blueprint-creating": BLUEPRINT_RUN,
    "blueprint-created": BLUEPRINT_RUN,
    "action-done/run-blueprint": BLUEPRINT_RUN,
    "action-taken/launch-quality": EVALUATE,
    "files-ready/quality": EVALUATE,
    "action-done/launch-quality": EVALUATE,
    "end-seen/quality": EVALUATE,
    "quality-storing": EVALUATE,
    "end-stored/quality": EVALUATE,
    "action-taken/stop-quality": STOP_EVALUATION,
    "action-done/stop-quality": STOP_EVALUATION,
    "children-ended": STOP_SERVER,
    "stopping": STOP_SERVER,
    # After the orderly ends: those would end the job runs.
    "bookmark-beginning": KEEP_BOOKMARK,
    "bookmark-committing": KEEP_BOOKMARK,
    "bookmark-committed": KEEP_BOOKMARK,
}
CASES = [Case(order, stir) for order, stir in _ORDERS.items()]


def prepare(scene: Scene) -> None:
    """Store the definitions, and record how a run of each ends in a server that is not killed."""
    glue, s3 = scene.victim.glue(), scene.victim.s3()
    long = [Job("sleeper", LONG), Job("timed", LONG, members={"Timeout": 1}), Job("served", LONG)]
    put_jobs(glue, s3, [*SMALL_JOBS, *long, *OUTSIDE_JOBS])
    for workflow in WORKFLOWS:
        put_workflow(glue, s3, workflow, SMALL)
    put_workflow(glue, s3, "long", [Step(("sleeper",))])
    files = {"made/blueprint.cfg": json.dumps(BLUEPRINT).encode(), "made/layout.py": LAYOUT.encode()}
    _put_triggers_that_stand(scene)
    _put_a_table_with_a_ruleset(scene)
    s3.put_object(Bucket="data", Key="made.zip", Body=write_archive(files))
    glue.create_blueprint(Name="made", BlueprintLocation="s3://data/made.zip")
    until(lambda: glue.get_blueprint(Name="made")["Blueprint"]["Status"] == "ACTIVE" or None)
    scene.witness.start_run(WORKFLOWS[0])
    (oracle,) = scene.witness.finished().values()
    scene.unkilled = outcome(scene.victim, oracle)


def _put_a_table_with_a_ruleset(scene: Scene) -> None:
    glue, s3 = scene.victim.glue(), scene.victim.s3()
    s3.put_object(Bucket="data", Key="orders/a.json", Body=b'{"id": 1}\n{"id": 2}\n')
    glue.create_database(DatabaseInput={"Name": "shop"})
    storage = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://data/orders/"}
    table = {"Name": "orders", "Parameters": {"classification": "json"}, "StorageDescriptor": storage}
    glue.create_table(DatabaseName="shop", TableInput=table)
    glue.create_data_quality_ruleset(Name="orders", Ruleset="Rules = [ RowCount = 2 ]")


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
