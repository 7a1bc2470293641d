"""Unusual orders of events: definitions that are deleted, updated, stopped or refused during runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from operations_flow import Flow
from operations_harness import ROLE, Operations, until

from glueprint.facts.states import CrawlState
from glueprint.local.engine.retention import forget_old
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Resources


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Flow]:
    """A Glue without processes: job runs stay STARTING until the test ends them."""
    with Operations(tmp_path / "data") as glue:
        yield Flow(glue)


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[Flow]:
    """The same, with timers."""
    with Operations(tmp_path / "data", has_engine=True) as glue:
        yield Flow(glue)


class TestRefusedAtOnce:
    """Runs that end in the transaction that requests them."""

    def test_many_waiting_runs_of_a_deleted_job_all_end(self, flow: Flow) -> None:
        """Each is ERROR
        (docs/facts/jobs.md#run-states) when the run that they wait for ends, however many they are."""
        flow.jobs("queued", JobRunQueuingEnabled=True)
        first, *_ = [flow.glue.call("StartJobRun", JobName="queued")["JobRunId"] for _ in range(301)]
        flow.glue.call("DeleteJob", JobName="queued")
        flow.end_run(first)
        flow.jobs("queued")
        assert flow.states("queued") == ["ERROR"] * 300 + ["SUCCEEDED"]

    def test_triggers_that_start_each_other_end(
        self, flow: Flow, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Two jobs at their limits, each started when the other FAILED: each trigger fires once
        (docs/decisions/self-triggering.md)."""
        flow.jobs("left", "right")
        flow.starts("go", "left")
        flow.follows("from_left", {"left": "FAILED"}, "right")
        flow.follows("from_right", {"right": "FAILED"}, "left")
        for job in ("left", "right"):
            flow.glue.call("StartJobRun", JobName=job)
        with caplog.at_level(logging.WARNING):
            flow.glue.call("StartTrigger", Name="go")
        assert flow.states("left") == ["FAILED", "FAILED", "STARTING"]
        assert flow.states("right") == ["FAILED", "STARTING"]
        assert "trigger from_left does not start right again" in caplog.text

    def test_an_any_fires_for_each_of_two_ends_that_come_at_once(self, flow: Flow) -> None:
        """Its own firing did not lead to the second end: an ANY fires at each end that meets it
        (docs/fidelity/workflow.md)."""
        flow.jobs("left", "right")
        flow.jobs("after", ExecutionProperty={"MaxConcurrentRuns": 9})
        flow.starts("go", "left", "right")
        flow.follows("either", {"left": "FAILED", "right": "FAILED"}, "after", logical="ANY")
        for job in ("left", "right"):
            flow.glue.call("StartJobRun", JobName=job)
        flow.glue.call("StartTrigger", Name="go")
        assert flow.states("after") == ["STARTING", "STARTING"]

    def test_a_workflow_for_every_failure_is_not_started_by_its_own(
        self, flow: Flow, caplog: pytest.LogCaptureFixture
    ) -> None:
        """While its job runs, the next failure's run is refused: no failure to start it for
        (docs/decisions/self-triggering.md)."""
        flow.jobs("alarm")
        flow.jobs("bad", ExecutionProperty={"MaxConcurrentRuns": 9})
        flow.glue.call("CreateWorkflow", Name="w")
        flow.hears("t", "w", "alarm", size=1, window=900)
        flow.listens("w", {"detail-type": ["Glue Job State Change"], "detail": {"state": ["FAILED"]}})
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                flow.end_run(flow.glue.call("StartJobRun", JobName="bad")["JobRunId"], status=1)
        assert flow.states("alarm") == ["FAILED", "STARTING"]
        assert "workflow w ignores event" in caplog.text
        flow.end("alarm", status=1)  # later: this failure starts it again, as on AWS
        assert flow.states("alarm") == ["FAILED", "FAILED", "STARTING"]

    def test_a_refused_run_for_a_batch_of_events_names_them(self, flow: Flow) -> None:
        """Over the workflow's limit it is ERROR (WorkflowRun.ErrorMessage), and lists the events."""
        flow.jobs("load")
        flow.glue.call("CreateWorkflow", Name="w", MaxConcurrentRuns=1)
        flow.hears("t", "w", "load", size=2, window=900)
        for event in ("e1", "e2", "e3", "e4"):
            flow.arrives("w", event)
        refused, running = flow.glue.call("GetWorkflowRuns", Name="w")["Runs"]
        assert (refused["Status"], running["Status"]) == ("ERROR", "RUNNING")
        assert json.loads(refused["WorkflowRunProperties"]["aws:eventIds"]) == ["e3", "e4"]
        assert refused["StartingEventBatchCondition"] == {"BatchSize": 2}

    def test_a_scheduled_crawl_during_a_crawl_is_reported_on_the_bus(self, timed: Flow) -> None:
        """"Glue Scheduled Crawler Invocation Failure"
        (docs/facts/eventbridge.md#event-types) starts a workflow that listens for it."""
        timed.crawler("hourly", Schedule="cron(0 * * * ? *)")
        timed.jobs("alarm")
        timed.glue.call("CreateWorkflow", Name="w")
        timed.hears("t", "w", "alarm", size=1, window=900)
        pattern = {"source": ["aws.glue"], "detail-type": ["Glue Scheduled Crawler Invocation Failure"]}
        timed.listens("w", pattern)
        timed.glue.local.database.write(_set_crawler_running)
        timed.glue.clock.advance(3600)
        until(lambda: timed.glue.call("GetWorkflowRuns", Name="w").get("Runs") or None)


def _set_crawler_running(tx: Connection) -> None:
    """Make the crawler busy, without a process that would end the crawl."""
    crawlers = Resources("crawler")
    body = crawlers.get(tx, "hourly")
    assert body is not None
    crawlers.put(tx, "hourly", body | {"State": "RUNNING"})


class TestStandingTriggers:
    """Triggers outside workflows."""

    def test_starting_an_active_trigger_again_changes_nothing(self, flow: Flow) -> None:
        """StartTrigger activates; one that is active keeps the half of its AND that it has seen
        (docs/fidelity/workflow.md)."""
        flow.jobs("left", "right", "after")
        flow.starts("start_left", "left")
        flow.starts("start_right", "right")
        flow.follows("both", {"left": "SUCCEEDED", "right": "SUCCEEDED"}, "after")
        flow.glue.call("StartTrigger", Name="start_left")
        flow.end("left")
        flow.glue.call("StartTrigger", Name="both")
        flow.glue.call("StartTrigger", Name="start_right")
        flow.end("right")
        assert flow.states("after") == ["STARTING"]

    def test_a_stopped_trigger_resets(self, flow: Flow) -> None:
        """Conditions that were met before a trigger was stopped do not count afterwards
        (docs/fidelity/workflow.md)."""
        flow.jobs("left", "right", "after")
        flow.starts("start_left", "left")
        flow.starts("start_right", "right")
        flow.follows("both", {"left": "SUCCEEDED", "right": "SUCCEEDED"}, "after")
        flow.glue.call("StartTrigger", Name="start_left")
        flow.end("left")
        flow.glue.call("StopTrigger", Name="both")
        flow.glue.call("StartTrigger", Name="both")
        flow.glue.call("StartTrigger", Name="start_right")
        flow.end("right")
        assert flow.states("after") == []


class TestEventWindows:
    """EVENT triggers that change while their window has events."""

    def test_a_new_trigger_in_place_of_a_deleted_one_has_an_empty_window(self, timed: Flow) -> None:
        """The events of the deleted one are dropped, and the next window ends as it should
        (docs/fidelity/workflow.md)."""
        timed.jobs("load")
        timed.glue.call("CreateWorkflow", Name="w")
        timed.hears("t", "w", "load", size=5, window=60)
        timed.arrives("w", "e1")
        timed.glue.call("DeleteTrigger", Name="t")
        timed.glue.clock.advance(61)
        timed.hears("t", "w", "load", size=5, window=60)
        timed.arrives("w", "e2")
        timed.glue.clock.advance(60)
        [run] = until(lambda: timed.glue.call("GetWorkflowRuns", Name="w").get("Runs") or None)
        assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == ["e2"]
        assert run["StartingEventBatchCondition"] == {"BatchWindow": 60}

    def test_a_smaller_batch_counts_from_the_next_event(self, flow: Flow) -> None:
        """UpdateTrigger while two events wait: the next one makes a batch of all three (service model)."""
        flow.jobs("load")
        flow.glue.call("CreateWorkflow", Name="w")
        flow.hears("t", "w", "load", size=9, window=60)
        flow.arrives("w", "e1")
        flow.arrives("w", "e2")
        batching = {"BatchSize": 2, "BatchWindow": 60}
        update = {"Actions": [{"JobName": "load"}], "EventBatchingCondition": batching}
        flow.glue.call("UpdateTrigger", Name="t", TriggerUpdate=update)
        flow.arrives("w", "e3")
        [run] = flow.glue.call("GetWorkflowRuns", Name="w")["Runs"]
        assert run["StartingEventBatchCondition"] == {"BatchSize": 3}


class TestDuringARun:
    """Workflow runs whose parts change or are stopped during the run."""

    def test_a_deleted_node_is_an_error_and_the_others_continue(self, flow: Flow) -> None:
        """Triggers are frozen, jobs are not (DG: running-workflow); a deleted job is ERROR (job run statuses)."""
        flow.jobs("first", "gone", "never")
        flow.crawler("lost")
        flow.glue.call("CreateWorkflow", Name="w")
        flow.starts("s", "first", WorkflowName="w")
        flow.follows("t", {"first": "SUCCEEDED"}, "gone", "crawler/lost", WorkflowName="w")
        flow.follows("u", {"gone": "FAILED"}, "never", WorkflowName="w")
        run_id = flow.start("w")
        flow.glue.call("DeleteJob", JobName="gone")
        flow.glue.call("DeleteCrawler", Name="lost")
        for trigger in "stu":
            flow.glue.call("DeleteTrigger", Name=trigger)
        flow.glue.call("DeleteWorkflow", Name="w")
        flow.end("first")
        nodes = {"first": ["SUCCEEDED"], "gone": ["ERROR"], "lost": ["ERROR"], "never": []}
        assert flow.seen("w", run_id) == ("COMPLETED", nodes)
        # A new workflow of that name has its history, and the run can be resumed with the current jobs.
        flow.glue.call("CreateWorkflow", Name="w")
        flow.jobs("gone")
        flow.crawler("lost")
        again = flow.resume("w", run_id, "gone", "lost")
        flow.end("gone", status=1)
        flow.end_crawl("lost")
        flow.end("never")
        nodes = {"first": ["SUCCEEDED"], "gone": ["FAILED"], "lost": ["SUCCEEDED"], "never": ["SUCCEEDED"]}
        assert flow.seen("w", again) == ("COMPLETED", nodes)

    def test_a_trigger_that_is_updated_and_stopped_counts_as_it_was(self, flow: Flow) -> None:
        """The snapshot of a run freezes its triggers (DG: creating_running_workflows)."""
        flow.jobs("first", "before", "after")
        flow.glue.call("CreateWorkflow", Name="w")
        flow.starts("s", "first", WorkflowName="w")
        flow.follows("t", {"first": "SUCCEEDED"}, "before", WorkflowName="w")
        run_id = flow.start("w")
        condition = {"LogicalOperator": "EQUALS", "JobName": "first", "State": "FAILED"}
        update = {"Predicate": {"Conditions": [condition]}, "Actions": [{"JobName": "after"}]}
        flow.glue.call("UpdateTrigger", Name="t", TriggerUpdate=update)
        flow.glue.call("StopTrigger", Name="t")
        flow.end("first")
        flow.end("before")
        assert flow.seen("w", run_id) == ("COMPLETED", {"first": ["SUCCEEDED"], "before": ["SUCCEEDED"]})

    def test_a_stop_ends_running_waiting_and_crawling_nodes(self, flow: Flow) -> None:
        """Running nodes are ended, waiting ones never start; STOPPED after the last of them
        (docs/facts/workflows.md#stop)."""
        flow.jobs("runs", "never")
        flow.jobs("waits", JobRunQueuingEnabled=True)
        flow.crawler("crawls")
        flow.glue.call("StartJobRun", JobName="waits")
        flow.glue.call("CreateWorkflow", Name="w")
        flow.starts("s", "runs", "waits", "crawler/crawls", WorkflowName="w")
        flow.follows("t", {"runs": "STOPPED"}, "never", WorkflowName="w")
        run_id = flow.start("w")
        flow.glue.call("StopCrawler", Name="crawls")
        flow.glue.call("StopWorkflowRun", Name="w", RunId=run_id)
        flow.glue.call("StopWorkflowRun", Name="w", RunId=run_id)
        flow.end("runs")
        nodes = {"runs": ["STOPPED"], "waits": ["STOPPED"], "crawls": ["CANCELLING"], "never": []}
        assert flow.seen("w", run_id) == ("STOPPING", nodes)
        flow.end_crawl("crawls")
        assert flow.seen("w", run_id) == ("STOPPED", {**nodes, "crawls": ["CANCELLED"]})
        assert flow.glue.refused("StopWorkflowRun", Name="w", RunId=run_id).code == "IllegalWorkflowStateException"

    def test_an_any_over_a_job_and_a_crawler_fires_once(self, flow: Flow) -> None:
        """Mixed conditions: the first that is met fires it, the second does not fire it again."""
        flow.jobs("job", "after")
        flow.crawler("crawl")
        flow.glue.call("CreateWorkflow", Name="w")
        flow.starts("s", "job", "crawler/crawl", WorkflowName="w")
        either = {"job": "FAILED", "crawler/crawl": "FAILED"}
        flow.follows("t", either, "after", WorkflowName="w", logical="ANY")
        run_id = flow.start("w")
        flow.end_crawl("crawl", CrawlState.FAILED)
        flow.end("job", status=1)
        flow.end("after")
        assert flow.seen("w", run_id)[1]["after"] == ["SUCCEEDED"]


def test_a_run_has_its_notification_property(flow: Flow) -> None:
    """JobRun.NotificationProperty: the run's own, else the action's, else the job's (service model, JobRun)."""
    flow.jobs("late", NotificationProperty={"NotifyDelayAfter": 7}, ExecutionProperty={"MaxConcurrentRuns": 9})
    ids = [
        flow.glue.call("StartJobRun", JobName="late")["JobRunId"],
        flow.glue.call("StartJobRun", JobName="late", NotificationProperty={"NotifyDelayAfter": 3})["JobRunId"],
    ]
    runs = [flow.glue.call("GetJobRun", JobName="late", RunId=one)["JobRun"] for one in ids]
    assert [run["NotificationProperty"] for run in runs] == [{"NotifyDelayAfter": 7}, {"NotifyDelayAfter": 3}]


def test_a_late_run_is_reported_on_the_bus_once_for_each_state(timed: Flow) -> None:
    """NotifyDelayAfter minutes after its start, then in each later state: "Glue Job Run Status"
    (docs/facts/eventbridge.md#event-types)."""
    timed.jobs("late", NotificationProperty={"NotifyDelayAfter": 2})
    timed.jobs("alarm", ExecutionProperty={"MaxConcurrentRuns": 9})
    timed.glue.call("CreateWorkflow", Name="w")
    timed.hears("t", "w", "alarm", size=1, window=900)
    timed.listens("w", {"detail-type": ["Glue Job Run Status"], "detail": {"jobName": ["late"]}})
    timed.glue.call("StartJobRun", JobName="late")
    timed.glue.clock.advance(119)
    assert not timed.glue.call("GetWorkflowRuns", Name="w").get("Runs")
    timed.glue.clock.advance(1)
    until(lambda: timed.glue.call("GetWorkflowRuns", Name="w").get("Runs") or None)
    timed.end("late")  # RUNNING is reported, SUCCEEDED is not
    assert len(timed.glue.call("GetWorkflowRuns", Name="w")["Runs"]) == 2


def test_missed_times_are_kept_as_long_as_runs(flow: Flow) -> None:
    """A missed time that was not made up for is deleted with the history, 365 days after it was noticed
    (docs/fidelity/workflow.md)."""
    database, now = flow.glue.local.database, flow.glue.clock.now()
    for age in (364, 366):
        row = ("trigger/t", now - age * 86_400, now - age * 86_400)
        database.write(lambda tx, row=row: tx.execute("INSERT INTO missed_time VALUES (?, ?, ?)", row))  # type: ignore[misc]
    database.write(lambda tx: forget_old(tx, now))
    left = database.read(lambda tx: [one["noticed"] for one in tx.execute("SELECT noticed FROM missed_time")])
    assert left == [now - 364 * 86_400]


def test_a_schedule_that_never_fires_is_logged(flow: Flow, caplog: pytest.LogCaptureFixture) -> None:
    """31 February is accepted, as no source states that Glue refuses it; the server's log has a warning."""
    flow.jobs("load")
    with caplog.at_level(logging.WARNING):
        flow.glue.call(
            "CreateTrigger",
            Name="t",
            Type="SCHEDULED",
            Schedule="cron(0 12 31 2 ? *)",
            StartOnCreation=True,
            Actions=[{"JobName": "load"}],
        )
    assert "trigger/t: no time to come fits schedule cron(0 12 31 2 ? *): it never fires" in caplog.text


@pytest.mark.parametrize("member", ["DefaultArguments", "NonOverridableArguments"])
def test_arguments_of_more_than_260_kb_are_refused(flow: Flow, member: str) -> None:
    """"Job arguments have a maximum size limit" (guide, job parameters): nothing is stored by any operation."""
    big = {"--x": "x" * 260 * 1024}
    command = {"Name": "pythonshell", "ScriptLocation": "s3://data/job.py", "PythonVersion": "3.9"}
    refused = flow.glue.refused("CreateJob", Name="big", Role=ROLE, Command=command, **{member: big})
    assert (refused.code, "260 KB" in refused.message) == ("InvalidInputException", True)
    flow.jobs("small")
    assert flow.glue.refused("StartJobRun", JobName="small", Arguments=big).code == "InvalidInputException"
    assert flow.glue.call("ListJobs")["JobNames"] == ["small"]
    assert flow.runs("small") == []
