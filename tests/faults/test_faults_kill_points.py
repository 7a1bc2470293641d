"""SIGKILL of the server at every named fault point, one server each: everything ends as if nothing had happened.

The servers follow each other on one data directory, so that each takes up what the last one left, and is killed
while it does so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from faults_cases import BATCH, BOOKMARK, CASES, ENABLED, KEEP_BOOKMARK, WORKFLOWS, Scene, prepare, route_of
from faults_victim import Victim
from faults_witness import Witness, attempts_of, outcome, starts_of_user_code
from faults_workload import CRAWLER
from harness.local_server import job_states, until

from glueprint.local.faults import Fault, FaultPoint

# Fifty servers, one after the other, before the first test.
pytestmark = [pytest.mark.kills, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The data directory after every case, with a server that is left alone."""
    with Victim(tmp_path_factory.mktemp("points") / "data") as victim:
        scene = Scene(victim, Witness(victim))
        prepare(scene)
        victim.kill()
        for case in CASES:
            scene.die(case)
        victim.start()
        scene.witness.find_unanswered(*WORKFLOWS)
        yield scene


def test_the_cases_are_all_the_fault_points() -> None:
    """Every named point is one at which a server is killed."""
    assert {Fault.parse(case.order).point for case in CASES} == set(FaultPoint)


@pytest.mark.parametrize("order", [case.order for case in CASES])
def test_a_server_was_killed_there(scene: Scene, order: str) -> None:
    """One server ended by SIGKILL at this very point."""
    assert order in scene.kills


def test_every_run_ended_as_an_unkilled_one(scene: Scene) -> None:
    """No run lost, no attempt doubled, final states final, no trigger twice, properties kept."""
    runs, starts = scene.witness.finished(), starts_of_user_code(scene.victim)
    assert len(runs) > len(WORKFLOWS)
    for run in runs.values():
        assert outcome(scene.victim, run) == scene.unkilled
        assert {one: starts[one] for one in attempts_of(run)} == dict.fromkeys(attempts_of(run), 1)
    assert max(starts.values()) == 1


def test_what_was_stopped_is_stopped(scene: Scene) -> None:
    """A stop that was answered happens, whenever the server is killed: run STOPPED, its job STOPPED."""
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
    """A Timeout that passed while the server was down ends the job run as TIMEOUT (timers are rows)."""
    for run_id in scene.timed_runs:
        assert scene.victim.finished_job_run("timed", run_id)["JobRunState"] == "TIMEOUT"
        assert scene.victim.rows("SELECT * FROM timer WHERE subject = ?", run_id) == []


def test_every_event_that_was_taken_starts_one_run(scene: Scene) -> None:
    """No answered event is lost, none is in two batches, wherever the server dies (crash safety)."""
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
    """The time at which the server died fires once; on a machine too slow for that it is recorded as missed."""
    runs = scene.victim.glue().get_job_runs(JobName="timely")["JobRuns"]
    missed = scene.victim.rows("SELECT * FROM missed_time WHERE subject = 'trigger/scheduled'")
    assert len(runs) + len(missed) == 1
    assert [run["TriggerName"] for run in runs] == ["scheduled"] * len(runs)


def test_a_trigger_outside_workflows_fires_once(scene: Scene) -> None:
    """An AND whose two ends were each being counted when the server died fires once, for both."""
    glue = scene.victim.glue()
    ends = {name: glue.get_job_runs(JobName=name)["JobRuns"] for name in ("left", "right")}
    until(lambda: glue.get_job_runs(JobName="follower")["JobRuns"] or None)
    [run] = glue.get_job_runs(JobName="follower")["JobRuns"]
    run_view = glue.get_job_run(JobName="follower", RunId=run["Id"], PredecessorsIncluded=True)["JobRun"]
    assert run_view["TriggerName"] == "both"
    before = {one["JobName"]: one["RunId"] for one in run_view["PredecessorRuns"]}
    assert before == {name: runs[0]["Id"] for name, runs in ends.items()}


def test_blueprints_are_registered_and_run_once(scene: Scene) -> None:
    """A blueprint run creates its complete workflow, or is repeated as if it had never started
    (docs/facts/blueprints.md#runs)."""
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


def test_an_orderly_end_that_is_interrupted_loses_no_process(scene: Scene) -> None:
    """Killed before children are requested to end: adopted, goes on. After: its end is recorded."""
    glue = scene.victim.glue()
    runs = {armed: run_id for run_id, armed in scene.served_runs.items()}
    ended = glue.get_job_run(JobName="served", RunId=runs["children-ended"])["JobRun"]
    assert ended["JobRunState"] == "FAILED"
    lives = glue.get_job_run(JobName="served", RunId=runs["stopping"])["JobRun"]
    assert lives["JobRunState"] == "RUNNING"
    glue.batch_stop_job_run(JobName="served", JobRunIds=[runs["stopping"]])
    assert scene.victim.finished_job_run("served", runs["stopping"])["JobRunState"] == "STOPPED"


def test_bookmarks_are_taken_up_and_committed_once(scene: Scene) -> None:
    """A job that lost the answer asks again: one beginning, one commit, wherever the server dies."""
    assert set(scene.bookmarked_runs) == {case.order for case in CASES if case.stir is KEEP_BOOKMARK}
    for name, run_id in scene.bookmarked_runs.items():
        route = route_of(scene, run_id, retry_seconds=30.0)
        if name == "bookmark-beginning":
            assert route.begin(name, ENABLED).version == 1
        assert route.commit(name, 1, BOOKMARK) == 2
        entry = scene.victim.glue().get_job_bookmark(JobName=name)["JobBookmarkEntry"]
        assert (entry["Version"], entry["Run"], entry["RunId"]) == (2, 2, run_id)
        assert entry["JobBookmark"] == BOOKMARK


def test_every_evaluation_ends_once_with_one_result(scene: Scene) -> None:
    """A data quality run that was started is evaluated, and its result is stored once; one that was cancelled is
    STOPPED, without a result (service model, TaskStatusType)."""
    glue = scene.victim.glue()

    def ended(run_id: str) -> dict[str, Any] | None:
        run: dict[str, Any] = glue.get_data_quality_ruleset_evaluation_run(RunId=run_id)
        return None if run["Status"] in ("STARTING", "RUNNING", "STOPPING") else run

    started = {row[0] for row in scene.victim.rows("SELECT id FROM quality_run")}  # also if that was not answered
    finished = sorted(started - set(scene.stopped_evaluations))
    runs = [until(lambda run_id=run_id: ended(run_id)) for run_id in finished]
    assert [run["Status"] for run in runs] == ["SUCCEEDED"] * len(runs)
    assert runs  # fewer than there were kills: a server takes up the run of the one before
    stored = scene.victim.rows("SELECT run_id, id FROM quality_result ORDER BY run_id")
    assert stored == sorted((run["RunId"], result) for run in runs for result in run["ResultIds"])
    assert len(stored) == len(runs)
    stopped = [until(lambda run_id=run_id: ended(run_id)) for run_id in scene.stopped_evaluations]
    assert {run["Status"] for run in stopped} == {"STOPPED"}


def test_no_action_is_pending_at_the_end(scene: Scene) -> None:
    """Every action that was owed has been carried out and settled."""
    until(lambda: scene.victim.rows("SELECT * FROM owed") == [] or None)
