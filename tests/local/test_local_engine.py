"""The engine's shell with real job processes and a clock moved by hand: schedules, events, timeouts, resume."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from harness.local_server import job_states, until
from harness.running_glue import SLEEPS, RunningGlue, condition, predicate

from glueprint.local.protocol import ApiError

OK = "print('done')"
FAILS = "raise SystemExit('on purpose')"


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[RunningGlue]:
    """A local Glue of this test alone."""
    with RunningGlue(tmp_path / "data") as glue:
        yield glue


def _move_to(glue: RunningGlue, minute: int) -> None:
    """Move the clock just behind the next time at which the minute of the hour is ``minute``."""
    now = datetime.fromtimestamp(glue.clock.now(), UTC)
    ahead = (minute - now.minute) % 60 * 60 - now.second
    glue.clock.advance(ahead + 1 if ahead > 0 else ahead + 3601)


def _eventually(glue: RunningGlue, workflow: str, count: int) -> list[dict[str, Any]]:
    """The workflow's runs, once there are that many and all have ended."""

    def look() -> list[dict[str, Any]] | None:
        runs = glue.workflow_runs(workflow)
        over = all(run["Status"] not in ("RUNNING", "STOPPING") for run in runs)
        return runs if len(runs) == count and over else None

    found: list[dict[str, Any]] = until(look, f"{count} runs of {workflow}")
    return found


def test_a_scheduled_workflow_runs_at_its_times(glue: RunningGlue) -> None:
    """A SCHEDULED starting trigger starts a run at each of its times, in UTC
    (DG: schedules; docs/facts/triggers.md#types)."""
    glue.put_job("a", OK)
    glue.call("CreateWorkflow", Name="daily")
    half_hours = {"Schedule": "cron(0/30 * * * ? *)", "StartOnCreation": True}
    glue.trigger("t", "SCHEDULED", "a", WorkflowName="daily", **half_hours)
    for count, minute in enumerate((30, 0, 30), start=1):
        _move_to(glue, minute)
        runs = _eventually(glue, "daily", count)
        assert runs[0]["Status"] == "COMPLETED"
        assert job_states(runs[0]) == {"a": ["SUCCEEDED"]}


def test_a_stopped_schedule_starts_nothing(glue: RunningGlue) -> None:
    """StopTrigger deactivates a schedule, StartTrigger makes it live again (docs/facts/triggers.md#states)."""
    glue.put_job("a", OK)
    glue.trigger("t", "SCHEDULED", "a", Schedule="cron(0 * * * ? *)", StartOnCreation=True)
    glue.call("StopTrigger", Name="t")
    assert glue.call("GetTrigger", Name="t")["Trigger"]["State"] == "DEACTIVATED"
    _move_to(glue, 59)
    glue.clock.advance(120)
    glue.call("StartTrigger", Name="t")
    assert glue.runs("a") == []
    _move_to(glue, 0)
    glue.in_state("a", "SUCCEEDED")
    assert glue.runs("a")[0]["TriggerName"] == "t"


def test_times_missed_while_no_server_ran_are_kept_and_not_made_up_for(glue: RunningGlue) -> None:
    """The policy for missed times: not fired, noted (stated and visible; docs/fidelity/workflow.md)."""
    glue.put_job("a", OK)
    glue.trigger("t", "SCHEDULED", "a", Schedule="cron(0 * * * ? *)", StartOnCreation=True)
    glue.close()
    _move_to(glue, 30)
    glue.clock.advance(3 * 3600)
    glue.open()

    def missed() -> dict[str, Any] | None:
        status, answer = glue.local.job_api.handle("POST", "/glueprint/v1/missed-times", b"{}")
        assert status == 200
        return next(iter(answer["MissedTimes"]), None)

    found = until(missed)
    assert (found["Subject"], found["Count"] in (3, 4)) == ("trigger/t", True)
    assert found["First"] < found["Latest"] < found["Noticed"]
    assert found["Latest"] % 3600 == 0
    assert glue.runs("a") == []
    _move_to(glue, 0)
    glue.in_state("a", "SUCCEEDED")
    glue.call("DeleteTrigger", Name="t")
    assert until(lambda: missed() is None or None)


def test_a_run_past_its_timeout_ends_in_timeout(glue: RunningGlue) -> None:
    """Timeout, in minutes counted from RUNNING, ends the process and fires TIMEOUT watchers
    (docs/facts/jobs.md#timeouts)."""
    glue.put_job("slow", SLEEPS, Timeout=5)
    glue.put_job("alarm", OK)
    glue.call("CreateWorkflow", Name="w")
    glue.trigger("start", "ON_DEMAND", "slow", WorkflowName="w")
    late = {"Predicate": predicate(condition("slow", "TIMEOUT")), "StartOnCreation": True}
    glue.trigger("late", "CONDITIONAL", "alarm", WorkflowName="w", **late)
    run_id = glue.call("StartWorkflowRun", Name="w")["RunId"]
    glue.in_state("slow", "RUNNING")
    glue.clock.advance(4 * 60)
    assert glue.states("slow") == ["RUNNING"]
    glue.clock.advance(180)  # the process's start has the real time, which is behind the clock's
    run = glue.ended_run("w", run_id)
    assert job_states(run) == {"slow": ["TIMEOUT"], "alarm": ["SUCCEEDED"]}
    assert run["Statistics"]["TimeoutActions"] == 1


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", inner], start_new_session=True)
print("up", flush=True)
time.sleep(600)
"""
"""Ignores SIGTERM, and has a child in a session of its own that does so too."""


def _processes_of(glue: RunningGlue) -> list[int]:
    """Processes that carry the mark of one of this Glue's runs."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(glue.path) in process.environ().get("GLUEPRINT_RUN_DIR", ""):
                found.append(process.pid)
    return found


@pytest.mark.parametrize("how", ["stop", "timeout"])
def test_a_script_that_ignores_sigterm_ends_with_all_its_children(glue: RunningGlue, how: str) -> None:
    """Stop and Timeout end the complete process tree, SIGTERM then SIGKILL."""
    glue.put_job("stubborn", STUBBORN, Timeout=1)
    run_id = glue.call("StartJobRun", JobName="stubborn")["JobRunId"]
    until(lambda: len(_processes_of(glue)) >= 2 or None, "the script and its child")
    glue.in_state("stubborn", "RUNNING")
    if how == "stop":
        glue.call("BatchStopJobRun", JobName="stubborn", JobRunIds=[run_id])
    else:
        glue.clock.advance(180)
    glue.in_state("stubborn", "STOPPED" if how == "stop" else "TIMEOUT")
    until(lambda: _processes_of(glue) == [] or None, "the end of the process tree")


def test_an_actions_timeout_wins_over_the_jobs(glue: RunningGlue) -> None:
    """Action.Timeout overrides the job's own (service model, Action)."""
    glue.put_job("slow", SLEEPS, Timeout=100)
    glue.call("CreateTrigger", Name="t", Type="ON_DEMAND", Actions=[{"JobName": "slow", "Timeout": 1}])
    glue.call("StartTrigger", Name="t")
    glue.in_state("slow", "RUNNING")
    glue.clock.advance(180)
    glue.in_state("slow", "TIMEOUT")
    assert glue.runs("slow")[0]["Timeout"] == 1


def test_triggers_outside_workflows_follow_what_triggers_started(glue: RunningGlue) -> None:
    """A standing trigger fires for what triggers started, not for what was started by hand (about-triggers)."""
    glue.put_job("first", OK)
    glue.put_job("second", OK)
    glue.trigger("by_hand", "ON_DEMAND", "first")
    follow = {"Predicate": predicate(condition("first")), "StartOnCreation": True}
    glue.trigger("follow", "CONDITIONAL", "second", **follow)
    glue.call("StartJobRun", JobName="first")
    glue.in_state("first", "SUCCEEDED")
    assert glue.runs("second") == []
    for count in (1, 2):
        glue.call("StartTrigger", Name="by_hand")
        glue.in_state("second", *["SUCCEEDED"] * count)
    run = glue.call("GetJobRun", JobName="second", RunId=glue.runs("second")[0]["Id"], PredecessorsIncluded=True)
    assert [one["JobName"] for one in run["JobRun"]["PredecessorRuns"]] == ["first"]


def test_standing_triggers_remember_over_a_restart(glue: RunningGlue) -> None:
    """What an AND outside workflows has seen survives a restart."""
    for job in ("left", "right", "joined"):
        glue.put_job(job, OK)
    glue.trigger("start_left", "ON_DEMAND", "left")
    glue.trigger("start_right", "ON_DEMAND", "right")
    both = predicate(condition("left"), condition("right"), logical="AND")
    glue.trigger("join", "CONDITIONAL", "joined", Predicate=both, StartOnCreation=True)
    glue.call("StartTrigger", Name="start_left")
    glue.in_state("left", "SUCCEEDED")
    glue.close()
    glue.open()
    assert glue.runs("joined") == []
    glue.call("StartTrigger", Name="start_right")
    glue.in_state("joined", "SUCCEEDED")


def _event_workflow(glue: RunningGlue, size: int, window: int) -> None:
    glue.put_job("a", OK, ExecutionProperty={"MaxConcurrentRuns": 5})
    glue.call("CreateWorkflow", Name="events")
    batching = {"BatchSize": size, "BatchWindow": window}
    glue.trigger("t", "EVENT", "a", WorkflowName="events", EventBatchingCondition=batching)


def _arrive(glue: RunningGlue, *event_ids: str) -> None:
    engine = glue.local.engine
    for event_id in event_ids:
        assert engine.write(lambda tx, event_id=event_id: engine.windows.arrived(tx, "events", event_id))  # type: ignore[misc]


def test_a_full_batch_of_events_starts_one_run(glue: RunningGlue) -> None:
    """BatchSize events start one run that names them, then a new batch; the trigger is live in CREATED
    (DG:starting-workflow-eventbridge)."""
    _event_workflow(glue, size=3, window=900)
    assert glue.call("GetTrigger", Name="t")["Trigger"]["State"] == "CREATED"
    _arrive(glue, "e1", "e2")
    assert glue.workflow_runs("events") == []
    _arrive(glue, "e3", "e4")
    [run] = _eventually(glue, "events", 1)
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == ["e1", "e2", "e3"]
    assert run["StartingEventBatchCondition"] == {"BatchSize": 3}


def test_a_window_that_ends_starts_a_run_also_after_a_restart(glue: RunningGlue) -> None:
    """BatchWindow seconds after the first event a run starts; held events survive a restart."""
    _event_workflow(glue, size=100, window=300)
    _arrive(glue, "e1")
    glue.close()
    glue.open()
    _arrive(glue, "e2")
    glue.clock.advance(299)
    assert glue.workflow_runs("events") == []
    glue.clock.advance(2)
    [run] = _eventually(glue, "events", 1)
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == ["e1", "e2"]
    assert run["StartingEventBatchCondition"] == {"BatchWindow": 301}


def test_a_run_over_the_workflows_limit_is_an_error_run_when_a_trigger_asks(glue: RunningGlue) -> None:
    """MaxConcurrentRuns of a workflow: a call is refused, a trigger's run is ERROR
    (docs/facts/workflows.md#run-states)."""
    glue.put_job("slow", SLEEPS)
    glue.call("CreateWorkflow", Name="one", MaxConcurrentRuns=1)
    glue.trigger("t", "ON_DEMAND", "slow", WorkflowName="one")
    first = glue.call("StartWorkflowRun", Name="one")["RunId"]
    with pytest.raises(ApiError) as refused:
        glue.call("StartWorkflowRun", Name="one")
    assert refused.value.code == "ConcurrentRunsExceededException"
    glue.call("StartTrigger", Name="t")
    error = glue.workflow_runs("one")[0]
    assert (error["Status"], error["ErrorMessage"]) == ("ERROR", "Concurrent runs exceeded for workflow: one.")
    glue.call("StopWorkflowRun", Name="one", RunId=first)
    assert glue.ended_run("one", first)["Status"] == "STOPPED"


def _node_id(run: dict[str, Any], name: str) -> str:
    found: str = next(node["UniqueId"] for node in run["Graph"]["Nodes"] if node["Name"] == name)
    return found


def test_resume_runs_the_failed_node_again_and_what_follows(glue: RunningGlue) -> None:
    """ResumeWorkflowRun: a new run, the rest kept, downstream follows, properties inherited (DG)."""
    for job in ("left", "joined"):
        glue.put_job(job, OK)
    glue.put_job("right", FAILS)
    glue.call("CreateWorkflow", Name="w", DefaultRunProperties={"a": "1"})
    glue.trigger("start", "ON_DEMAND", "left", "right", WorkflowName="w")
    both = predicate(condition("left"), condition("right"), logical="AND")
    glue.trigger("join", "CONDITIONAL", "joined", WorkflowName="w", Predicate=both, StartOnCreation=True)
    first = glue.ended_run("w", glue.call("StartWorkflowRun", Name="w")["RunId"])
    assert job_states(first) == {"left": ["SUCCEEDED"], "right": ["FAILED"], "joined": []}
    glue.call("PutWorkflowRunProperties", Name="w", RunId=first["WorkflowRunId"], RunProperties={"b": "2"})
    glue.local.s3_store.put("scripts", "right.py", OK.encode())
    chosen = [_node_id(first, "right")]
    resumed = glue.call("ResumeWorkflowRun", Name="w", RunId=first["WorkflowRunId"], NodeIds=chosen)
    assert resumed["NodeIds"] == chosen
    second = glue.ended_run("w", resumed["RunId"])
    assert second["PreviousRunId"] == first["WorkflowRunId"]
    assert second["WorkflowRunProperties"] == {"a": "1", "b": "2"}
    assert job_states(second) == {"left": ["SUCCEEDED"], "right": ["SUCCEEDED"], "joined": ["SUCCEEDED"]}
    assert len(glue.runs("left")) == 1
    again = glue.call("ResumeWorkflowRun", Name="w", RunId=resumed["RunId"], NodeIds=[_node_id(second, "joined")])
    third = glue.ended_run("w", again["RunId"])
    assert job_states(third) == {"left": ["SUCCEEDED"], "right": ["SUCCEEDED"], "joined": ["SUCCEEDED"]}
    assert (len(glue.runs("left")), len(glue.runs("right")), len(glue.runs("joined"))) == (1, 2, 2)


def test_resume_refuses_what_the_documents_refuse(glue: RunningGlue) -> None:
    """Only COMPLETED runs, only jobs and crawlers with an attempt (DG: resuming-workflow)."""
    glue.put_job("a", FAILS)
    glue.put_job("b", OK)
    glue.call("CreateWorkflow", Name="w")
    glue.trigger("start", "ON_DEMAND", "a", WorkflowName="w")
    follow = {"Predicate": predicate(condition("a")), "StartOnCreation": True}
    glue.trigger("next", "CONDITIONAL", "b", WorkflowName="w", **follow)
    run = glue.ended_run("w", glue.call("StartWorkflowRun", Name="w")["RunId"])
    for name, code in (("start", "InvalidInputException"), ("b", "InvalidInputException")):
        with pytest.raises(ApiError) as refused:
            glue.call("ResumeWorkflowRun", Name="w", RunId=run["WorkflowRunId"], NodeIds=[_node_id(run, name)])
        assert refused.value.code == code
        assert name in refused.value.message


def test_history_is_kept_for_a_year(glue: RunningGlue) -> None:
    """Runs are shown for 365 days and then forgotten, their files too (service model, GetJobRun)."""
    glue.put_job("a", OK)
    glue.call("CreateWorkflow", Name="w")
    glue.trigger("t", "ON_DEMAND", "a", WorkflowName="w")
    run = glue.ended_run("w", glue.call("StartWorkflowRun", Name="w")["RunId"])
    alone = glue.call("StartJobRun", JobName="a")["JobRunId"]
    glue.in_state("a", "SUCCEEDED", "SUCCEEDED")
    glue.clock.advance(364 * 24 * 3600)
    assert len(glue.runs("a")) == 2
    glue.clock.advance(2 * 24 * 3600)
    until(lambda: glue.runs("a") == [] or None)
    assert glue.workflow_runs("w") == []
    for operation, request in (
        ("GetJobRun", {"JobName": "a", "RunId": alone}),
        ("GetWorkflowRun", {"Name": "w", "RunId": run["WorkflowRunId"]}),
    ):
        with pytest.raises(ApiError) as refused:
            glue.call(operation, **request)
        assert refused.value.code == "EntityNotFoundException"


def test_what_exceeds_a_quota_is_logged_and_accepted(glue: RunningGlue, caplog: pytest.LogCaptureFixture) -> None:
    """Adjustable quotas are warnings: more than 50 jobs in a trigger
    (docs/facts/quotas.md#quotas)."""
    names = [f"j{number}" for number in range(51)]
    for name in names:
        glue.call("CreateJob", Name=name, Role="r", Command={"Name": "pythonshell"})
    glue.trigger("many", "ON_DEMAND", *names)
    assert "trigger many starts 51 jobs" in caplog.text
    assert len(glue.call("GetTrigger", Name="many")["Trigger"]["Actions"]) == 51


def test_slots_hold_excess_runs_in_starting(glue: RunningGlue) -> None:
    """A local slot limit: excess runs stay STARTING, and start when a slot is free."""
    glue.put_job("slow", SLEEPS, ExecutionProperty={"MaxConcurrentRuns": 10})
    ids = [glue.call("StartJobRun", JobName="slow")["JobRunId"] for _ in range(5)]
    until(lambda: sorted(glue.states("slow")) == ["RUNNING"] * 4 + ["STARTING"] or None)
    held = next(run["Id"] for run in glue.runs("slow") if run["JobRunState"] == "STARTING")
    other = next(one for one in ids if one != held)
    glue.call("BatchStopJobRun", JobName="slow", JobRunIds=[other])
    until(lambda: sorted(glue.states("slow")) == ["RUNNING"] * 4 + ["STOPPED"] or None)
    glue.call("BatchStopJobRun", JobName="slow", JobRunIds=[one for one in ids if one != other])
    until(lambda: set(glue.states("slow")) == {"STOPPED"} or None)


def test_a_held_run_can_be_stopped_before_it_ever_starts(glue: RunningGlue) -> None:
    """A run that waits for a slot is stopped without having run."""
    glue.put_job("slow", SLEEPS, ExecutionProperty={"MaxConcurrentRuns": 10})
    ids = [glue.call("StartJobRun", JobName="slow")["JobRunId"] for _ in range(5)]
    until(lambda: sorted(glue.states("slow")) == ["RUNNING"] * 4 + ["STARTING"] or None)
    held = next(run["Id"] for run in glue.runs("slow") if run["JobRunState"] == "STARTING")
    glue.call("BatchStopJobRun", JobName="slow", JobRunIds=[held])
    until(lambda: "STOPPED" in glue.states("slow") or None)
    stopped = next(run for run in glue.runs("slow") if run["JobRunState"] == "STOPPED")
    assert (stopped["Id"], stopped["ExecutionTime"]) == (held, 0)
    glue.call("BatchStopJobRun", JobName="slow", JobRunIds=[one for one in ids if one != held])
    until(lambda: set(glue.states("slow")) == {"STOPPED"} or None)


def test_a_large_workflow_works(glue: RunningGlue) -> None:
    """A workflow of 1,000 nodes works here; its jobs are deleted, so that all end at once."""
    names = [f"job{number}" for number in range(1000)]
    glue.put_job("job0", FAILS)
    for name in names[1:]:
        glue.call("CreateJob", Name=name, Role="r", Command={"Name": "pythonshell"})
    glue.call("CreateWorkflow", Name="large")
    glue.trigger("start", "ON_DEMAND", "job0", WorkflowName="large")
    fan = {"Predicate": predicate(condition("job0", "FAILED")), "StartOnCreation": True}
    for first in range(1, 1000, 50):
        glue.trigger(f"fan{first}", "CONDITIONAL", *names[first : first + 50], WorkflowName="large", **fan)
    for name in names[1:]:
        glue.call("DeleteJob", JobName=name)
    run = glue.ended_run("large", glue.call("StartWorkflowRun", Name="large")["RunId"])
    assert run["Statistics"] == {
        "TotalActions": 1000,
        "FailedActions": 1,
        "ErroredActions": 999,
        "SucceededActions": 0,
        "RunningActions": 0,
        "StoppedActions": 0,
        "TimeoutActions": 0,
        "WaitingActions": 0,
    }


def test_secrets_among_arguments_are_not_logged(glue: RunningGlue, caplog: pytest.LogCaptureFixture) -> None:
    """Values of arguments named like secrets are redacted in logs."""
    caplog.set_level("INFO")
    glue.put_job("a", OK)
    glue.call("StartJobRun", JobName="a", Arguments={"--db_password": "hunter2", "--day": "2026-01-01"})
    glue.in_state("a", "SUCCEEDED")
    assert "2026-01-01" in caplog.text
    assert "hunter2" not in caplog.text
