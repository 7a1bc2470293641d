"""Workflow and job runs through the HTTP endpoint, with real Python shell jobs."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, crawl_states, job_states, until

WRITE_PROPERTY = """
import sys, boto3
from awsglue.utils import getResolvedOptions
options = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
glue = boto3.client("glue")
glue.put_workflow_run_properties(
    Name=options["WORKFLOW_NAME"], RunId=options["WORKFLOW_RUN_ID"], RunProperties={"seen": "yes"}
)
"""


def _condition(job: str, state: str = "SUCCEEDED") -> dict[str, str]:
    return {"LogicalOperator": "EQUALS", "JobName": job, "State": state}


def _start_trigger(glue: object, workflow: str, *jobs: str) -> None:
    actions = [{"JobName": job} for job in jobs]
    glue.create_trigger(Name=f"{workflow}_start", WorkflowName=workflow, Type="ON_DEMAND", Actions=actions)  # type: ignore[attr-defined]


def _watch_trigger(glue: object, workflow: str, name: str, predicate: dict[str, object], *jobs: str) -> None:
    glue.create_trigger(  # type: ignore[attr-defined]
        Name=f"{workflow}_{name}",
        WorkflowName=workflow,
        Type="CONDITIONAL",
        StartOnCreation=True,
        Predicate=predicate,
        Actions=[{"JobName": job} for job in jobs],
    )


def test_a_run_passes_properties_and_fires_the_next_job(shared_server: Server) -> None:
    """A job's SUCCEEDED fires what watches it, and what it puts are run properties (DG)."""
    glue = shared_server.client("glue")
    shared_server.put_job("props_first", WRITE_PROPERTY)
    shared_server.put_job("props_second", "print('second')")
    glue.create_workflow(Name="props", DefaultRunProperties={"colour": "blue", "size": "1"})
    _start_trigger(glue, "props", "props_first")
    _watch_trigger(glue, "props", "next", {"Conditions": [_condition("props_first")]}, "props_second")
    run_id = glue.start_workflow_run(Name="props", RunProperties={"size": "2"})["RunId"]
    run = shared_server.finished_run("props", run_id)
    assert run["Status"] == "COMPLETED"
    assert run["WorkflowRunProperties"] == {"colour": "blue", "size": "2", "seen": "yes"}
    assert job_states(run) == {"props_first": ["SUCCEEDED"], "props_second": ["SUCCEEDED"]}
    assert run["Statistics"]["SucceededActions"] == run["Statistics"]["TotalActions"] == 2
    second = glue.get_job_runs(JobName="props_second")["JobRuns"][0]
    full = glue.get_job_run(JobName="props_second", RunId=second["Id"], PredecessorsIncluded=True)["JobRun"]
    assert [one["JobName"] for one in full["PredecessorRuns"]] == ["props_first"]
    assert second["TriggerName"] == "props_next"


def test_a_failed_job_ends_the_run_completed_and_fires_only_its_watcher(shared_server: Server) -> None:
    """COMPLETED says nothing of success (DG: resuming-workflow); FAILED watchers fire, SUCCEEDED ones do not."""
    glue = shared_server.client("glue")
    shared_server.put_job("fails_first", "raise ValueError('the input is wrong')")
    shared_server.put_job("fails_never", "print('never')")
    shared_server.put_job("fails_alarm", "print('alarm')")
    glue.create_workflow(Name="fails")
    _start_trigger(glue, "fails", "fails_first")
    _watch_trigger(glue, "fails", "ok", {"Conditions": [_condition("fails_first")]}, "fails_never")
    _watch_trigger(glue, "fails", "bad", {"Conditions": [_condition("fails_first", "FAILED")]}, "fails_alarm")
    run = shared_server.finished_run("fails", glue.start_workflow_run(Name="fails")["RunId"])
    assert run["Status"] == "COMPLETED"
    assert job_states(run) == {"fails_first": ["FAILED"], "fails_never": [], "fails_alarm": ["SUCCEEDED"]}
    failed = glue.get_job_runs(JobName="fails_first")["JobRuns"][0]
    assert failed["ErrorMessage"] == "ValueError: the input is wrong"


def test_a_failed_attempt_is_retried_and_only_the_last_one_fires(shared_server: Server) -> None:
    """MaxRetries makes new attempts (model, JobRun.Attempt); triggers see the last one's state (a choice)."""
    glue = shared_server.client("glue")
    flaky = """
import boto3
s3 = boto3.client("s3")
tries = len(s3.list_objects_v2(Bucket="scripts", Prefix="tries/").get("Contents", []))
s3.put_object(Bucket="scripts", Key=f"tries/{tries}", Body=b"")
assert tries >= 1, "the first attempt fails"
"""
    shared_server.put_job("flaky", flaky, MaxRetries=2)
    shared_server.put_job("after_flaky", "print('after')")
    glue.create_workflow(Name="retries")
    _start_trigger(glue, "retries", "flaky")
    _watch_trigger(glue, "retries", "next", {"Conditions": [_condition("flaky")]}, "after_flaky")
    run = shared_server.finished_run("retries", glue.start_workflow_run(Name="retries")["RunId"])
    assert job_states(run) == {"flaky": ["FAILED", "SUCCEEDED"], "after_flaky": ["SUCCEEDED"]}
    second, first = glue.get_job_runs(JobName="flaky")["JobRuns"]
    assert (second["Attempt"], second["PreviousRunId"]) == (1, first["Id"])


def test_stopping_a_run_ends_the_job_and_starts_nothing_more(shared_server: Server) -> None:
    """StopWorkflowRun ends running jobs, unstarted ones never start (DG: workflow-stopping)."""
    glue = shared_server.client("glue")
    shared_server.put_job("sleeper", "import time\nprint('up', flush=True)\ntime.sleep(600)")
    shared_server.put_job("after_sleeper", "print('never')")
    glue.create_workflow(Name="stops")
    _start_trigger(glue, "stops", "sleeper")
    _watch_trigger(glue, "stops", "next", {"Conditions": [_condition("sleeper")]}, "after_sleeper")
    run_id = glue.start_workflow_run(Name="stops")["RunId"]
    until(lambda: glue.get_job_runs(JobName="sleeper")["JobRuns"][0]["JobRunState"] == "RUNNING" or None)
    glue.stop_workflow_run(Name="stops", RunId=run_id)
    run = shared_server.finished_run("stops", run_id)
    assert (run["Status"], job_states(run)) == ("STOPPED", {"sleeper": ["STOPPED"], "after_sleeper": []})
    with pytest.raises(ClientError) as refused:
        glue.stop_workflow_run(Name="stops", RunId=run_id)
    assert refused.value.response["Error"]["Code"] == "IllegalWorkflowStateException"


def test_a_job_at_its_limit_refuses_a_call_and_queues_on_request(shared_server: Server) -> None:
    """MaxConcurrentRuns 1 refuses a second run; with queuing it WAITs and runs later
    (docs/facts/jobs.md#queuing)."""
    glue = shared_server.client("glue")
    shared_server.put_job("limited", "import time\ntime.sleep(600)")
    first = glue.start_job_run(JobName="limited")["JobRunId"]
    with pytest.raises(ClientError) as refused:
        glue.start_job_run(JobName="limited")
    assert refused.value.response["Error"]["Code"] == "ConcurrentRunsExceededException"
    second = glue.start_job_run(JobName="limited", JobRunQueuingEnabled=True)["JobRunId"]
    assert glue.get_job_run(JobName="limited", RunId=second)["JobRun"]["JobRunState"] == "WAITING"
    glue.batch_stop_job_run(JobName="limited", JobRunIds=[first])
    assert shared_server.finished_job_run("limited", first)["JobRunState"] == "STOPPED"
    until(lambda: glue.get_job_run(JobName="limited", RunId=second)["JobRun"]["JobRunState"] == "RUNNING" or None)
    glue.batch_stop_job_run(JobName="limited", JobRunIds=[second])
    assert shared_server.finished_job_run("limited", second)["JobRunState"] == "STOPPED"


def test_a_deleted_job_is_an_error_node(shared_server: Server) -> None:
    """A trigger that starts a deleted job makes a run in state ERROR (DG: job-run-statuses)."""
    glue = shared_server.client("glue")
    shared_server.put_job("gone", "print('gone')")
    glue.create_workflow(Name="lost")
    _start_trigger(glue, "lost", "gone")
    glue.delete_job(JobName="gone")
    run = shared_server.finished_run("lost", glue.start_workflow_run(Name="lost")["RunId"])
    assert job_states(run) == {"gone": ["ERROR"]}
    assert run["Statistics"]["ErroredActions"] == 1


def test_a_crawler_in_a_workflow_makes_the_table(shared_server: Server) -> None:
    """A crawl really infers: its table has the columns of the file and its SUCCEEDED fires
    (docs/facts/crawlers.md)."""
    glue, s3 = shared_server.client("glue"), shared_server.client("s3")
    s3.create_bucket(Bucket="crawled")
    for month in (1, 2):
        key = f"trips/month={month}/part.csv"
        s3.put_object(Bucket="crawled", Key=key, Body=b"id,fare,day\n1,2.5,2024-01-01\n2,3.5,2024-01-02\n")
    glue.create_database(DatabaseInput={"Name": "crawled"})
    targets = {"S3Targets": [{"Path": "s3://crawled/trips/"}]}
    glue.create_crawler(Name="trips", Role=ROLE, DatabaseName="crawled", Targets=targets)
    shared_server.put_job("after_crawl", "print('after')")
    glue.create_workflow(Name="crawls")
    glue.create_trigger(
        Name="crawls_start", WorkflowName="crawls", Type="ON_DEMAND", Actions=[{"CrawlerName": "trips"}]
    )
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": "trips", "CrawlState": "SUCCEEDED"}
    _watch_trigger(glue, "crawls", "next", {"Conditions": [condition]}, "after_crawl")
    run = shared_server.finished_run("crawls", glue.start_workflow_run(Name="crawls")["RunId"])
    assert (crawl_states(run), job_states(run)) == ({"trips": ["SUCCEEDED"]}, {"after_crawl": ["SUCCEEDED"]})
    table = glue.get_table(DatabaseName="crawled", Name="trips")["Table"]
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert columns == [("id", "bigint"), ("fare", "double"), ("day", "string")]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("month", "string")]
    partitions = glue.get_partitions(DatabaseName="crawled", TableName="trips")["Partitions"]
    assert sorted(partition["Values"] for partition in partitions) == [["1"], ["2"]]
    crawler = glue.get_crawler(Name="trips")["Crawler"]
    assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
