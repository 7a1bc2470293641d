"""The layout of ``file_presence``, run from its built zip by the layout host as Glue would."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, LayoutResult, run_layout

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
PARAMETERS = {
    "WorkflowName": "daily",
    "IAMRole": f"arn:aws:iam::{ACCOUNT}:role/glue",
    "ScriptBucket": "scripts",
    "Location": "s3://landing/in/flights",
    "DestinationLocation": "s3://lake/flights/",
    "DestinationDatabase": "Travel",
}


class FakeAws(BaseHTTPRequestHandler):
    """The calls that the layout makes: PutObject into the bucket ``scripts``, CreateDatabase, and a look at the
    files of ``Location``."""

    protocol_version = "HTTP/1.1"  # so that boto3's Expect: 100-continue is answered
    objects: ClassVar[dict[str, bytes]] = {}
    owners: ClassVar[set[str]] = set()
    databases: ClassVar[list[str]] = []
    landed: ClassVar[dict[str, bytes]] = {}
    """Objects of the bucket ``landing``."""

    def do_GET(self) -> None:
        """ListObjectsV2 and GetObject of the bucket ``landing``."""
        path, _, query = self.path.partition("?")
        if "list-type=2" in query:
            entries = "".join(
                f"<Contents><Key>{key}</Key><Size>{len(body)}</Size></Contents>"
                for key, body in self.landed.items()
            )
            self._answer(200, f"<ListBucketResult>{entries}</ListBucketResult>".encode())
        else:
            self._answer(200, self.landed[path.removeprefix("/landing/")])

    def do_PUT(self) -> None:
        """PutObject."""
        body = self._body()
        self.owners.add(self.headers["x-amz-expected-bucket-owner"])
        if self.path.startswith("/scripts/"):
            self.objects[self.path.removeprefix("/scripts/")] = body
            self._answer(200, b"")
        else:
            self._answer(404, b"<Error><Code>NoSuchBucket</Code><Message>No such bucket</Message></Error>")

    def do_POST(self) -> None:
        """CreateDatabase."""
        name = json.loads(self._body())["DatabaseInput"]["Name"]
        assert self.headers["x-amz-target"] == "AWSGlue.CreateDatabase"
        if name in self.databases:
            self._answer(400, b'{"__type": "AlreadyExistsException", "Message": "Database already exists."}')
        else:
            self.databases.append(name)
            self._answer(200, b"{}")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The fake, on a port of its own."""
    FakeAws.objects.clear()
    FakeAws.owners.clear()
    FakeAws.databases.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), FakeAws) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def layout(endpoint: str, root: Path = ROOT, **changes: Any) -> LayoutResult:
    """Run the layout with these parameters."""
    archive = read_archive(write_archive(bundle(root, "file_presence")), "file_presence")
    config = parse_config(archive.files["file_presence/blueprint.cfg"])
    return run_layout(
        archive,
        config,
        config.spec.resolve({**PARAMETERS, **changes}),
        {"region": "us-east-1", "accountId": ACCOUNT},
        environment={
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",  # the fake reads plain bodies only
        },
        suffix="x1",
    )


@pytest.fixture(scope="module")
def plain(endpoint: str) -> LayoutResult:
    """The layout with nothing but the parameters that have no default."""
    return layout(endpoint)


def jobs(result: LayoutResult) -> dict[str, dict[str, Any]]:
    """The CreateJob requests by the step's name."""
    return {job["Name"].split("_")[1]: job for job in result.requests.jobs}


def test_the_workflow_is_look_crawl_load_report(plain: LayoutResult) -> None:
    """Each step starts on the SUCCEEDED of the one before."""
    result = plain
    triggers = {trigger["Name"]: trigger for trigger in result.requests.triggers}
    chain = {}
    for trigger in triggers.values():
        action = trigger["Actions"][0]
        conditions = trigger.get("Predicate", {}).get("Conditions", [])
        chain[action.get("JobName") or action["CrawlerName"]] = [
            (one.get("JobName") or one["CrawlerName"], one.get("State") or one["CrawlState"]) for one in conditions
        ]
    assert chain == {
        "daily_look_x1": [],
        "daily_crawl_x1": [("daily_look_x1", "SUCCEEDED")],
        "daily_load_x1": [("daily_crawl_x1", "SUCCEEDED")],
        "daily_report_x1": [("daily_load_x1", "SUCCEEDED")],
    }
    assert triggers["daily_starting_trigger"]["Type"] == "ON_DEMAND"
    assert result.requests.workflow["Name"] == "daily"
    assert result.warnings == ()


def test_versions_timeouts_and_retries_are_explicit(plain: LayoutResult) -> None:
    """GlueVersion, PythonVersion, Timeout, MaxRetries are not left to the service."""
    steps = jobs(plain)
    for job in steps.values():
        assert job["Timeout"] > 0
        assert job["MaxRetries"] == 1
        assert job["GlueVersion"]
        assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert steps["look"]["Command"]["PythonVersion"] == "3.9"
    assert steps["load"]["Command"]["PythonVersion"] == "3"
    assert steps["load"]["WorkerType"] == "G.1X"


def test_a_look_that_may_fail_is_not_tried_again(endpoint: str) -> None:
    """Amazon's library drops MaxRetries=0, also the service's default; the drop is a warning."""
    result = layout(endpoint, OnMissing="fail")
    assert "MaxRetries" not in jobs(result)["look"]
    assert [warning.place.member for warning in result.warnings] == ["MaxRetries"]


def test_scripts_are_staged_under_their_contents_hash(plain: LayoutResult) -> None:
    """A new version of the blueprint rewrites no script of a workflow that lives."""
    for job in jobs(plain).values():
        location = job["Command"]["ScriptLocation"]
        assert re.fullmatch(r"s3://scripts/glueprint/file_presence/[0-9a-f]{16}/[a-z]+\.py", location)
        body = FakeAws.objects[location.removeprefix("s3://scripts/")]
        assert hashlib.sha256(body).hexdigest().startswith(location.split("/")[-2])
        compile(body, location, "exec")
    assert FakeAws.owners == {ACCOUNT}


def test_arguments_are_texts_and_empty_ones_are_left_out(plain: LayoutResult, endpoint: str) -> None:
    """getResolvedOptions reads texts, and breaks on values that begin with dashes
    (docs/facts/jobs.md#arguments)."""
    for job in jobs(plain).values():
        for value in job["DefaultArguments"].values():
            assert isinstance(value, str)
            assert value
            assert not value.startswith("-")
    assert "--partition_keys" not in jobs(plain)["load"]["DefaultArguments"]
    chosen = jobs(layout(endpoint, PartitionKeys=["Carrier", "origin"]))["load"]["DefaultArguments"]
    assert chosen["--partition_keys"] == "carrier,origin"


def test_thresholds_are_the_looks_arguments(endpoint: str) -> None:
    """MinimumFiles, MinimumBytes and MaximumAgeHours reach the job that looks."""
    result = layout(endpoint, MinimumFiles=2, MinimumBytes=1000, MaximumAgeHours=24)
    given = jobs(result)["look"]["DefaultArguments"]
    assert (given["--minimum_files"], given["--minimum_bytes"], given["--maximum_age_hours"]) == (
        "2",
        "1000",
        "24",
    )


def test_the_crawler_keeps_yesterdays_table_and_makes_one_table(plain: LayoutResult) -> None:
    """DeleteBehavior LOG; one table at the location's level (DG:crawler-grouping-policy)."""
    (crawler,) = plain.requests.crawlers
    assert crawler["SchemaChangePolicy"]["DeleteBehavior"] == "LOG"
    assert crawler["Targets"] == {"S3Targets": [{"Path": "s3://landing/in/flights/"}]}
    assert json.loads(crawler["Configuration"])["Grouping"] == {
        "TableGroupingPolicy": "CombineCompatibleSchemas",
        "TableLevelConfiguration": 3,
    }


def test_the_database_is_made_once(endpoint: str) -> None:
    """A missing database is created, in lower case as Glue stores it; an existing one is used (blueprint.cfg)."""
    layout(endpoint, DestinationDatabase="Once")
    layout(endpoint, DestinationDatabase="Once")
    assert FakeAws.databases.count("once") == 1


def test_a_schedule_makes_a_scheduled_start(endpoint: str) -> None:
    """OnSchedule makes the starting trigger SCHEDULED (docs/facts/blueprints.md#generated-triggers)."""
    triggers = layout(endpoint, Schedule="cron(0 6 * * ? *)").requests.triggers
    (start,) = [trigger for trigger in triggers if trigger["Name"] == "daily_starting_trigger"]
    assert (start["Type"], start["Schedule"]) == ("SCHEDULED", "cron(0 6 * * ? *)")


def test_wrong_parameters_are_reported_all_at_once(endpoint: str) -> None:
    """Every problem names its parameter, in one message."""
    with pytest.raises(LayoutError) as caught:
        layout(
            endpoint,
            DestinationLocation="s3://landing/in/",
            MinimumFiles=0,
            NumberOfWorkers=1,
            Schedule="every day",
            FilePattern="-x",
            DestinationTable="no spaces!",
            DestinationDatabase="My DB!",
            MaxRetries=11,
            PartitionKeys=["day", "Day"],
        )
    message = str(caught.value)
    wrong = (
        "DestinationLocation",
        "DestinationDatabase",
        "MaxRetries must",
        "PartitionKeys must",
        "MinimumFiles",
        "NumberOfWorkers",
        "Schedule",
        "FilePattern",
        "DestinationTable",
    )
    assert [name for name in wrong if name not in message] == []


def test_files_that_cannot_be_loaded_are_refused_at_creation(endpoint: str) -> None:
    """The jobs load CSV and Parquet (README): a file of another format that is there already is named, not found
    after a crawl; files that the pattern leaves out, and hidden ones, do not count."""
    FakeAws.landed |= {"in/flights/_SUCCESS": b"{}", "in/flights/note.txt": b'{"a": 1}'}
    FakeAws.landed["in/flights/2024/day.data"] = b'{"id": 1}\n'
    try:
        wrong = "Location: s3://landing/in/flights/2024/day.data is JSON; only CSV "
        with pytest.raises(LayoutError, match=re.escape(wrong)):
            layout(endpoint, FilePattern="*.data")
        FakeAws.landed["in/flights/2024/day.data"] = b"id,note\n1,{2}\n"
        layout(endpoint, FilePattern="*.data")
    finally:
        FakeAws.landed.clear()


def test_a_missing_script_bucket_is_named(endpoint: str) -> None:
    """The bucket is never created, and the message names it."""
    with pytest.raises(LayoutError, match=r"bucket nowhere: .*NoSuchBucket"):
        layout(endpoint, ScriptBucket="nowhere")


def test_timeout_and_tags_are_those_of_all_parts(endpoint: str, plain: LayoutResult) -> None:
    """TimeoutMinutes is each job's, Tags are also the workflow's and the crawler's (blueprint.cfg)."""
    result = layout(endpoint, TimeoutMinutes=7, Tags=["team=data"])
    for job in jobs(result).values():
        assert (job["Timeout"], job["Tags"]) == (7, {"team": "data"})
    (crawler,) = result.requests.crawlers
    assert crawler["Tags"] == result.requests.workflow["Tags"] == {"team": "data"}
    assert "Tags" not in jobs(plain)["load"]
    assert "Tags" not in plain.requests.workflow
    assert jobs(plain)["load"]["Timeout"] == 480
