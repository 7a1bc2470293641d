"""The layout of ``incremental_chain``: a chain by success, one failure branch, and what its README cites."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from glue_jobs.incremental_chain import notify
from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, LayoutResult, run_layout

ROOT = Path(__file__).parents[2]
README = ROOT / "blueprints" / "incremental_chain" / "README.md"
CHAIN = ("look", "ingest", "transform", "publish")
PARAMETERS = {
    "WorkflowName": "trips",
    "IAMRole": "arn:aws:iam::123456789012:role/glue",
    "ScriptBucket": "scripts",
    "Location": "s3://landing/trips",
    "DestinationLocation": "s3://lake/trips/",
    "DestinationDatabase": "Travel",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The address of an AWS in memory, with the bucket of the scripts."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
    s3.create_bucket(Bucket="scripts")
    s3.close()
    yield url
    server.stop()


def layout(aws: str, **changes: Any) -> LayoutResult:
    """Run the layout with these parameters."""
    archive = read_archive(write_archive(bundle(ROOT, "incremental_chain")), "incremental_chain")
    config = parse_config(archive.files["incremental_chain/blueprint.cfg"])
    environment = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": aws}
    return run_layout(
        archive,
        config,
        config.spec.resolve({**PARAMETERS, **changes}),
        {"region": "us-east-1", "accountId": "123456789012"},
        environment={**environment, "PATH": os.environ["PATH"]},
        suffix="x1",
    )


@pytest.fixture(scope="module")
def plain(aws: str) -> LayoutResult:
    """The layout with nothing but the parameters that have no default."""
    return layout(aws)


def conditions(result: LayoutResult, step: str) -> tuple[str, list[tuple[str, str]]]:
    """The logic and the conditions of the trigger that starts a step."""
    for trigger in result.requests.triggers:
        if trigger["Actions"][0]["JobName"] == f"trips_{step}_x1":
            predicate = trigger.get("Predicate", {})
            found = [(one["JobName"], one["State"]) for one in predicate.get("Conditions", [])]
            return predicate.get("Logical", ""), found
    raise AssertionError(step)


def arguments(result: LayoutResult, step: str) -> dict[str, str]:
    """A job's default arguments."""
    (job,) = (job for job in result.requests.jobs if job["Name"] == f"trips_{step}_x1")
    found: dict[str, str] = job["DefaultArguments"]
    return found


def test_each_job_waits_for_the_one_before_and_notify_for_any_failure(plain: LayoutResult) -> None:
    """README, graph: a chain by SUCCEEDED; one trigger with ANY over FAILED and TIMEOUT of every job. Two states
    of one job need stand-ins, which are no entities (docs/dependencies.md#triggers)."""
    assert conditions(plain, "look") == ("", [])
    for before, step in itertools.pairwise(CHAIN):
        assert conditions(plain, step) == ("", [(f"trips_{before}_x1", "SUCCEEDED")])
    logical, failures = conditions(plain, "notify")
    assert logical == "ANY"
    assert failures == [(f"trips_{step}_x1", state) for step in CHAIN for state in ("FAILED", "TIMEOUT")]
    assert sorted(job["Name"] for job in plain.requests.jobs) == sorted(
        f"trips_{s}_x1" for s in (*CHAIN, "notify")
    )
    assert plain.warnings == ()


def test_only_ingest_has_a_bookmark(plain: LayoutResult) -> None:
    """README: one job reads the source; the others read what it has staged (docs/facts/bookmarks.md#options)."""
    assert arguments(plain, "ingest")["--job-bookmark-option"] == "job-bookmark-enable"
    assert arguments(plain, "transform")["--job-bookmark-option"] == "job-bookmark-disable"


def test_parameters_become_arguments(aws: str) -> None:
    """Each parameter reaches the job that it is for."""
    topic = "arn:aws:sns:us-east-1:123456789012:alerts"
    result = layout(
        aws,
        FilePattern="*.json",
        InputFormat="json",
        Delimiter=";",
        Statement=" SELECT id FROM input ",
        ChangedFiles="skip",
        DuplicateFiles="load",
        OnMissing="fail",
        DestinationTable="Rides",
        NotificationTopic=topic,
        Schedule="cron(0 6 * * ? *)",
        TimeoutMinutes=7,
        Tags=["team=data"],
    )
    look = arguments(result, "look")
    assert (look["--changed_files"], look["--duplicate_files"]) == ("skip", "load")
    assert (look["--on_missing"], look["--file_pattern"]) == ("fail", "*.json")
    assert look["--manifest_folder"] == "s3://scripts/glueprint/manifests/trips/"
    ingest = arguments(result, "ingest")
    assert (ingest["--input_format"], ingest["--delimiter"]) == ("json", ";")
    assert arguments(result, "transform")["--statement"] == "SELECT id FROM input"
    publish = arguments(result, "publish")
    assert (publish["--database"], publish["--table"]) == ("travel", "rides")
    assert arguments(result, "notify")["--topic"] == topic
    assert {job["Timeout"] for job in result.requests.jobs} == {7}
    assert result.requests.workflow["Tags"] == {"team": "data"}
    assert [t["Type"] for t in result.requests.triggers if t["Name"] == "trips_starting_trigger"] == ["SCHEDULED"]
    assert "--topic" not in arguments(layout(aws), "notify")


def test_wrong_parameters_are_reported_all_at_once(aws: str) -> None:
    """Every problem names its parameter, in one message."""
    wrong = {
        "DestinationLocation": "s3://landing/trips/out/",
        "FilePattern": "*.{csv",
        "Delimiter": "--",
        "Statement": "DROP TABLE x",
        "DestinationDatabase": "My DB!",
        "DestinationTable": "no spaces!",
        "NotificationTopic": "alerts",
        "NumberOfWorkers": 1,
        "MaxRetries": 11,
        "Schedule": "daily",
    }
    with pytest.raises(LayoutError) as caught:
        layout(aws, **wrong)
    assert [name for name in wrong if f"\n{name} " not in str(caught.value)] == []


def test_the_readme_cites_the_lines_of_the_code() -> None:
    """README, "This is the example for dependencies": each cited line contains the quoted code."""
    cited = re.findall(r"^\| .+ \| (\S+\.py):(\d+) \| `(.+)` \|$", README.read_text("utf-8"), re.MULTILINE)
    assert len(cited) > 10
    wrong = []
    for path, number, code in cited:
        lines = (ROOT / path).read_text("utf-8").splitlines()
        if code not in lines[int(number) - 1]:
            at = [line for line, text in enumerate(lines, 1) if code in text]
            wrong.append(f"{path}:{number} is now {at}: {code}")
    assert wrong == []


class FakeGlue:
    """A run with a graph, and its properties."""

    def __init__(self, nodes: list[dict[str, Any]]) -> None:
        self.nodes = nodes
        self.properties: dict[str, str] = {}

    def get_workflow_run(self, **request: Any) -> dict[str, Any]:
        """GetWorkflowRun."""
        assert request == {"Name": "trips", "RunId": "wr_1", "IncludeGraph": True}
        return {"Run": {"Graph": {"Nodes": self.nodes}}}

    def put_workflow_run_properties(self, Name: str, RunId: str, RunProperties: dict[str, str]) -> None:  # noqa: N803
        """PutWorkflowRunProperties."""
        self.properties.update(RunProperties)


class FakeSns:
    """A topic."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def publish(self, **message: str) -> None:
        """Publish."""
        self.messages.append(message)


def node(step: str, *states: str, reason: str = "") -> dict[str, Any]:
    """A job of the graph with its runs, retries included."""
    runs = [
        {
            "Id": f"jr_{step}_{number}",
            "JobRunState": state,
            "StartedOn": datetime(2024, 5, 1, 12, number, tzinfo=UTC),
            **({"ErrorMessage": reason} if reason else {}),
        }
        for number, state in enumerate(states)
    ]
    return {"Type": "JOB", "Name": step, "UniqueId": f"wnode_{step}", "JobDetails": {"JobRuns": runs}}


def test_notify_names_the_job_its_error_and_the_way_on() -> None:
    """README, "When a job fails": properties and message; a retry that succeeded is not a failure."""
    trigger = {"Type": "TRIGGER", "Name": "t", "UniqueId": "wnode_t"}
    waiting = {"Type": "JOB", "Name": "publish", "UniqueId": "wnode_publish", "JobDetails": None}
    nodes = [trigger, node("look", "FAILED", "SUCCEEDED"), node("ingest", "TIMEOUT", reason="é" * 3000), waiting]
    glue, sns = FakeGlue(nodes), FakeSns()
    notify.notify(glue, sns, "trips", "wr_1", "arn:aws:sns:us-east-1:123456789012:alerts")
    assert glue.properties["incremental_chain.failed"] == "ingest"
    assert glue.properties["incremental_chain.failed_state"] == "TIMEOUT"
    assert len(glue.properties["incremental_chain.failed_reason"]) == 2000
    (message,) = sns.messages
    assert message["Subject"] == "Glue workflow trips: ingest failed"
    assert (
        "aws glue resume-workflow-run --name 'trips' --run-id wr_1 --node-ids wnode_ingest" in message["Message"]
    )


def test_a_subject_is_one_that_sns_accepts() -> None:
    """SNS: at most 100 printable ASCII characters (service model, Publish)."""
    sns = FakeSns()
    nodes = [node("é" * 200, "FAILED")]
    notify.notify(FakeGlue(nodes), sns, "trips", "wr_1", "arn:aws:sns:us-east-1:1:a")
    assert len(sns.messages[0]["Subject"]) == 100
    assert sns.messages[0]["Subject"].isascii()


def test_without_a_topic_only_properties_are_written() -> None:
    """NotificationTopic is optional."""
    glue = FakeGlue([node("transform", "FAILED", reason="no such column")])
    notify.notify(glue, None, "trips", "wr_1", "")
    assert json.dumps(glue.properties, sort_keys=True) == json.dumps(
        {
            "incremental_chain.failed": "transform",
            "incremental_chain.failed_reason": "no such column",
            "incremental_chain.failed_state": "FAILED",
        }
    )
