"""`glueprint explain` after real runs on a real local Glue: the root cause's run id, state and error line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness.local_server import ROLE, Server
from harness.running_glue import SLEEPS, RunningGlue, condition, predicate

from glueprint.cli.main import cli
from glueprint.workflow.explain import explain
from glueprint.workflow.explanation import Subject

Explain = Callable[..., tuple[int, dict[str, Any]]]
OK = "print('fine')"


@pytest.fixture
def explained(shared_server: Server) -> Explain:
    """Runs a workflow to its end and explains it by the command: exit code and JSON."""

    def answer(workflow: str, *node: str) -> tuple[int, dict[str, Any]]:
        run_id = shared_server.client("glue").start_workflow_run(Name=workflow)["RunId"]
        shared_server.finished_run(workflow, run_id)
        arguments = ["explain", "--data-dir", str(shared_server.data_dir), "--json", workflow, run_id, *node]
        result = CliRunner().invoke(cli, arguments)
        assert result.stderr == ""
        return result.exit_code, json.loads(result.stdout)

    return answer


def _flow(server: Server, name: str, first: dict[str, str], *conditions: dict[str, str], **members: Any) -> None:
    """A workflow that starts ``first`` and then, under the conditions, the job NAME_last."""
    glue = server.client("glue")
    server.put_job(f"{name}_last", OK)
    glue.create_workflow(Name=name)
    glue.create_trigger(Name=f"{name}_start", WorkflowName=name, Type="ON_DEMAND", Actions=[first])
    glue.create_trigger(
        Name=f"{name}_next",
        WorkflowName=name,
        Type="CONDITIONAL",
        StartOnCreation=True,
        Predicate=predicate(*conditions, **members),
        Actions=[{"JobName": f"{name}_last"}],
    )


def _root(found: dict[str, Any]) -> dict[str, Any]:
    """The only root cause of the requested node."""
    (cause,) = found["silences"][0]["root_causes"]
    return dict(cause)


def _only_run(server: Server, job: str) -> str:
    (run,) = server.client("glue").get_job_runs(JobName=job)["JobRuns"]
    return str(run["Id"])


def test_a_failed_job_is_named_with_its_run_error_and_log(shared_server: Server, explained: Explain) -> None:
    """Root cause: run id, state, error line; the last lines come from CloudWatch Logs."""
    shared_server.put_job("xfail_first", "print('before')\nraise ValueError('the input is wrong')")
    _flow(shared_server, "xfail", {"JobName": "xfail_first"}, condition("xfail_first"))
    code, found = explained("xfail", "xfail_last")
    run_id = _only_run(shared_server, "xfail_first")
    cause = _root(found)
    assert (code, cause["state"], cause["run_id"]) == (1, "FAILED", run_id)
    assert cause["error"] == "ValueError: the input is wrong"
    log = found["failures"][0]["log"]
    assert (log["source"], log["stream"]) == ("CloudWatch Logs", run_id)
    assert log["lines"][-1] == "ValueError: the input is wrong"


def test_a_failed_crawl_is_named_with_its_error(shared_server: Server, explained: Explain) -> None:
    """A crawler whose bucket was deleted FAILs; the explanation of what waits for it names it."""
    glue = shared_server.client("glue")
    shared_server.client("s3").create_bucket(Bucket="xcrawl")
    targets = {"S3Targets": [{"Path": "s3://xcrawl/in/"}]}
    glue.create_crawler(Name="xcrawl_first", Role=ROLE, DatabaseName="xcrawl", Targets=targets)
    shared_server.client("s3").delete_bucket(Bucket="xcrawl")
    awaited = {"LogicalOperator": "EQUALS", "CrawlerName": "xcrawl_first", "CrawlState": "SUCCEEDED"}
    _flow(shared_server, "xcrawl", {"CrawlerName": "xcrawl_first"}, awaited)
    code, found = explained("xcrawl", "xcrawl_last")
    cause = _root(found)
    assert (code, cause["about"], cause["state"]) == (1, {"kind": "CRAWLER", "name": "xcrawl_first"}, "FAILED")
    assert cause["error"] == glue.get_crawler(Name="xcrawl_first")["Crawler"]["LastCrawl"]["ErrorMessage"]
    assert cause["error"] == "s3://xcrawl/in/: The specified bucket does not exist"


def test_an_and_that_can_never_be_true_is_explained(shared_server: Server, explained: Explain) -> None:
    """A job ends in one state only, so SUCCEEDED and FAILED at once never come."""
    shared_server.put_job("xand_first", OK)
    both = (condition("xand_first"), condition("xand_first", "FAILED"))
    _flow(shared_server, "xand", {"JobName": "xand_first"}, *both, logical="AND")
    code, found = explained("xand", "xand_last")
    causes = found["silences"][0]["root_causes"]
    assert (code, [one["cause"] for one in causes]) == (1, ["CONTRADICTION", "ENDED_OTHERWISE"])
    assert (causes[1]["state"], causes[1]["run_id"]) == ("SUCCEEDED", _only_run(shared_server, "xand_first"))


def test_a_deactivated_trigger_is_the_reason(shared_server: Server, explained: Explain) -> None:
    """Only ACTIVATED triggers fire (guide, about triggers): the job before SUCCEEDED, and yet nothing came."""
    shared_server.put_job("xoff_first", OK)
    _flow(shared_server, "xoff", {"JobName": "xoff_first"}, condition("xoff_first"))
    shared_server.client("glue").stop_trigger(Name="xoff_next")
    code, found = explained("xoff", "xoff_last")
    cause = _root(found)
    assert (code, cause["cause"], cause["state"]) == (1, "NOT_ACTIVE", "DEACTIVATED")
    assert cause["about"] == {"kind": "TRIGGER", "name": "xoff_next"}


def test_a_run_that_was_refused_for_concurrency_is_the_reason(shared_server: Server, explained: Explain) -> None:
    """At MaxConcurrentRuns a trigger's job run is FAILED with the reason (docs/fidelity/workflow.md)."""
    glue = shared_server.client("glue")
    shared_server.put_job("xbusy_first", SLEEPS)
    _flow(shared_server, "xbusy", {"JobName": "xbusy_first"}, condition("xbusy_first"))
    by_hand = glue.start_job_run(JobName="xbusy_first")["JobRunId"]
    code, found = explained("xbusy", "xbusy_last")
    refused = {run["Id"] for run in glue.get_job_runs(JobName="xbusy_first")["JobRuns"]} - {by_hand}
    glue.batch_stop_job_run(JobName="xbusy_first", JobRunIds=[by_hand])
    cause = _root(found)
    assert (code, cause["state"], {cause["run_id"]}) == (1, "FAILED", refused)
    assert cause["error"] == "Concurrent runs exceeded for xbusy_first"
    assert shared_server.finished_job_run("xbusy_first", by_hand)["JobRunState"] == "STOPPED"


def test_a_deleted_job_is_the_reason(shared_server: Server, explained: Explain) -> None:
    """A job that is gone makes a run in state ERROR (guide, job run statuses), which no condition can await."""
    shared_server.put_job("xgone_first", OK)
    _flow(shared_server, "xgone", {"JobName": "xgone_first"}, condition("xgone_first"))
    shared_server.client("glue").delete_job(JobName="xgone_first")
    code, found = explained("xgone", "xgone_last")
    cause = _root(found)
    assert (code, cause["state"], cause["about"]["name"]) == (1, "ERROR", "xgone_first")
    assert cause["run_id"].startswith("jr_")
    assert "xgone_first" in cause["error"]


def test_a_run_in_which_all_ran_is_exit_code_0_and_resume_repairs_one(
    shared_server: Server, explained: Explain
) -> None:
    """`resume --from NAME --wait` runs the failed job and what follows again; then explain has nothing to say."""
    shared_server.put_job("xmend_first", "raise SystemExit('not yet')")
    _flow(shared_server, "xmend", {"JobName": "xmend_first"}, condition("xmend_first"))
    assert explained("xmend")[0] == 1
    shared_server.put_script("xmend_first.py", OK)
    arguments = ["--data-dir", str(shared_server.data_dir), "xmend"]
    resumed = CliRunner().invoke(cli, ["resume", *arguments, "--from", "xmend_first", "--wait"])
    assert resumed.exit_code == 0, resumed.output
    assert "2 actions succeeded" in resumed.stdout
    found = CliRunner().invoke(cli, ["explain", *arguments])
    assert (found.exit_code, "all of 2 nodes ran" in found.stdout) == (0, True)


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[RunningGlue]:
    """A local Glue whose clock is moved by hand: Glue's minutes are never slept."""
    with RunningGlue(tmp_path / "data") as glue:
        yield glue


def test_an_actions_timeout_is_the_reason(glue: RunningGlue) -> None:
    """Action.Timeout ends a run as TIMEOUT (service model); explanations of what waits for SUCCEEDED name it."""
    glue.put_job("slow", SLEEPS)
    glue.put_job("last", OK)
    glue.call("CreateWorkflow", Name="w")
    actions = [{"JobName": "slow", "Timeout": 1}]
    glue.call("CreateTrigger", Name="start", WorkflowName="w", Type="ON_DEMAND", Actions=actions)
    awaits = {"Predicate": predicate(condition("slow")), "StartOnCreation": True}
    glue.trigger("next", "CONDITIONAL", "last", WorkflowName="w", **awaits)
    run_id = glue.call("StartWorkflowRun", Name="w")["RunId"]
    glue.in_state("slow", "RUNNING")
    early = explain(glue.call("GetWorkflowRun", Name="w", RunId=run_id, IncludeGraph=True)["Run"])
    assert [root.cause for root in early.root_causes(Subject("JOB", "last"))] == ["NOT_ENDED"]
    glue.clock.advance(600)  # a start has the machine's time, which has advanced meanwhile
    (cause,) = explain(glue.ended_run("w", run_id)).root_causes(Subject("JOB", "last"))
    assert (cause.state, cause.run_id) == ("TIMEOUT", glue.runs("slow")[0]["Id"])
    assert cause.error == glue.runs("slow")[0]["ErrorMessage"] == "Job run timed out"
