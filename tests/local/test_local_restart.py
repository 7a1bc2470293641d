"""The server is stopped, or killed, and started again: nothing is lost, nothing runs twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, job_states, until

COUNTED = """
import os, sys, time, uuid, boto3
from awsglue.utils import getResolvedOptions
options = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID", "who", "until"])
boto3.client("s3").put_object(Bucket="scripts", Key=f"ran/{options['who']}/{uuid.uuid4()}", Body=b"")
time.sleep(0.3)
while not os.path.exists(options["until"]):
    time.sleep(0.01)
boto3.client("glue").put_workflow_run_properties(
    Name=options["WORKFLOW_NAME"], RunId=options["WORKFLOW_RUN_ID"], RunProperties={options["who"]: "done"}
)
"""
"""Each start of the user's code leaves one object; the end, which waits for a file, leaves one property."""


def _times_ran(server: Server, who: str) -> int:
    found = server.client("s3").list_objects_v2(Bucket="scripts", Prefix=f"ran/{who}/")
    return int(found["KeyCount"])


def _chain(server: Server, until: Path, *jobs: str) -> None:
    """A workflow ``chain`` in which each job starts the next; they wait for the file ``until``."""
    glue = server.client("glue")
    glue.create_workflow(Name="chain")
    for before, job in zip([None, *jobs], jobs, strict=False):
        server.put_job(job, COUNTED, DefaultArguments={"--who": job, "--until": str(until)})
        actions = [{"JobName": job}]
        if before is None:
            glue.create_trigger(Name="start", WorkflowName="chain", Type="ON_DEMAND", Actions=actions)
            continue
        condition = {"LogicalOperator": "EQUALS", "JobName": before, "State": "SUCCEEDED"}
        glue.create_trigger(
            Name=f"to_{job}",
            WorkflowName="chain",
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate={"Conditions": [condition]},
            Actions=actions,
        )


def test_everything_is_there_after_an_orderly_restart(server: Server) -> None:
    """Blueprints, workflows, triggers, jobs, tables and objects survive a restart."""
    glue, s3 = server.client("glue"), server.client("s3")
    server.put_job("kept", "print('kept')")
    extra = {"Metadata": {"colour": "blue"}, "ContentType": "text/x"}
    s3.put_object(Bucket="scripts", Key="data/x", Body=b"abc", **extra)
    glue.create_workflow(Name="kept", DefaultRunProperties={"a": "b"}, Tags={"team": "x"})
    glue.create_trigger(Name="kept", WorkflowName="kept", Type="ON_DEMAND", Actions=[{"JobName": "kept"}])
    glue.create_database(DatabaseInput={"Name": "kept"})
    glue.create_table(DatabaseName="kept", TableInput={"Name": "kept", "PartitionKeys": [{"Name": "p"}]})
    glue.create_partition(DatabaseName="kept", TableName="kept", PartitionInput={"Values": ["1"]})
    targets = {"S3Targets": [{"Path": "s3://scripts/data/"}]}
    glue.create_crawler(Name="kept", Role=ROLE, DatabaseName="kept", Targets=targets)
    run_id = glue.start_workflow_run(Name="kept")["RunId"]
    before = server.finished_run("kept", run_id)
    server.stop()
    server.start()
    glue, s3 = server.client("glue"), server.client("s3")
    after = glue.get_workflow_run(Name="kept", RunId=run_id, IncludeGraph=True)["Run"]
    assert after == before
    assert glue.get_workflow(Name="kept")["Workflow"]["DefaultRunProperties"] == {"a": "b"}
    assert glue.get_tags(ResourceArn="arn:aws:glue:us-east-1:123456789012:workflow/kept")["Tags"] == {"team": "x"}
    assert glue.get_trigger(Name="kept")["Trigger"]["Actions"] == [{"JobName": "kept"}]
    assert glue.get_partition(DatabaseName="kept", TableName="kept", PartitionValues=["1"])
    assert glue.get_crawler(Name="kept")["Crawler"]["Targets"]["S3Targets"][0]["Path"] == "s3://scripts/data/"
    found = s3.get_object(Bucket="scripts", Key="data/x")
    assert found["Body"].read() == b"abc"
    assert {"Metadata": found["Metadata"], "ContentType": found["ContentType"]} == extra


def test_a_job_in_flight_survives_the_server_being_killed(server: Server, tmp_path: Path) -> None:
    """SIGKILL of the server while a job runs: the job is adopted and runs once."""
    _chain(server, tmp_path / "go", "one", "two")
    glue = server.client("glue")
    run_id = glue.start_workflow_run(Name="chain", RunProperties={"kept": "yes"})["RunId"]
    until(lambda: _times_ran(server, "one") or None)
    server.kill()
    assert server.children(), "the job's process must outlive the server"
    server.start()
    (tmp_path / "go").touch()
    run = server.finished_run("chain", run_id)
    assert job_states(run) == {"one": ["SUCCEEDED"], "two": ["SUCCEEDED"]}
    assert run["WorkflowRunProperties"] == {"kept": "yes", "one": "done", "two": "done"}
    assert (_times_ran(server, "one"), _times_ran(server, "two")) == (1, 1)


def test_a_job_that_ends_while_no_server_runs_counts_as_it_ended(server: Server, tmp_path: Path) -> None:
    """An exit status that was recorded while the server was down is found at the restart."""
    go = tmp_path / "go"
    server.put_job("alone", f"import os, time\nwhile not os.path.exists({str(go)!r}):\n    time.sleep(0.01)")
    run_id = server.client("glue").start_job_run(JobName="alone")["JobRunId"]
    until(lambda: server.children() or None)
    server.kill()
    go.touch()
    until(lambda: None if server.children() else True)
    server.start()
    assert server.finished_job_run("alone", run_id)["JobRunState"] == "SUCCEEDED"


def test_an_orderly_stop_ends_children_and_records_it(server: Server) -> None:
    """An orderly stop of `serve` ends its children; the attempt failed, with a reason."""
    server.put_job("endless", "import time\ntime.sleep(600)")
    glue = server.client("glue")
    run_id = glue.start_job_run(JobName="endless")["JobRunId"]
    until(lambda: glue.get_job_run(JobName="endless", RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING" or None)
    server.stop()
    assert server.children() == []
    server.start()
    run = server.client("glue").get_job_run(JobName="endless", RunId=run_id)["JobRun"]
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "The local Glue was stopped while the job ran.")


@pytest.mark.jobs
def test_killed_at_random_moments_a_run_ends_as_if_nothing_had_happened(server: Server, tmp_path: Path) -> None:
    """Three SIGKILLs during a chain of jobs: every job ran exactly once, no trigger fired twice."""
    jobs = [f"job{number}" for number in range(6)]
    (go := tmp_path / "go").touch()
    _chain(server, go, *jobs)
    run_id = server.client("glue").start_workflow_run(Name="chain")["RunId"]
    for job in ("job0", "job2", "job4"):
        until(lambda job=job: _times_ran(server, job) or None)  # type: ignore[misc]
        server.kill()
        server.start()
    run = server.finished_run("chain", run_id)
    assert job_states(run) == {job: ["SUCCEEDED"] for job in jobs}
    assert {job: _times_ran(server, job) for job in jobs} == dict.fromkeys(jobs, 1)
    assert run["WorkflowRunProperties"] == dict.fromkeys(jobs, "done")


def test_a_second_server_on_the_same_directory_is_refused(server: Server) -> None:
    """One server per data directory; a second refuses, names the first one's pid, exits non-zero."""
    assert server.process is not None
    command = [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(server.data_dir)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert second.returncode != 0
    assert f"pid {server.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_unknown_entity_is_the_documented_error(server: Server) -> None:
    """A missing entity is EntityNotFoundException, HTTP 400: clients rely on it (docs/facts/orchestration.md)."""
    with pytest.raises(ClientError) as refused:
        server.client("glue").get_job(JobName="nothing")
    assert refused.value.response["Error"]["Code"] == "EntityNotFoundException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
