"""The blueprint `file_presence`, from its zip to a table, on a real local Glue."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from harness.local_server import ROLE, Server, crawl_states, job_states, until

from glueprint.blueprint.archive import write_archive
from glueprint.blueprint.bundler import bundle

ROOT = Path(__file__).parents[2]
BUCKET = "presence"
STEPS = ("look", "crawl", "load", "report")


@pytest.fixture(scope="module")
def registered(shared_server: Server) -> Server:
    """A server on which the blueprint is ACTIVE."""
    _register(shared_server)
    return shared_server


def _register(server: Server) -> None:
    s3, glue = server.client("s3"), server.client("glue")
    s3.create_bucket(Bucket=BUCKET)
    archive = write_archive(bundle(ROOT, "file_presence"))
    s3.put_object(Bucket=BUCKET, Key="zips/file_presence.zip", Body=archive)
    glue.create_blueprint(Name="file_presence", BlueprintLocation=f"s3://{BUCKET}/zips/file_presence.zip")

    def active() -> bool | None:
        found = glue.get_blueprint(Name="file_presence")["Blueprint"]
        assert found["Status"] != "FAILED", found
        return found["Status"] == "ACTIVE" or None

    until(active)


def _start(server: Server, name: str, parameters: Mapping[str, Any]) -> str:
    """Make a workflow of that name from the blueprint and start it; the run's id."""
    glue = server.client("glue")
    values = {
        "WorkflowName": name,
        "IAMRole": ROLE,
        "ScriptBucket": BUCKET,
        "Location": f"s3://{BUCKET}/{name}/in/",
        "DestinationLocation": f"s3://{BUCKET}/{name}/out/",
        "DestinationDatabase": f"db_{name}",
        **parameters,
    }
    started = glue.start_blueprint_run(
        BlueprintName="file_presence", RoleArn=ROLE, Parameters=json.dumps(values)
    )["RunId"]

    def made() -> bool | None:
        run = glue.get_blueprint_run(BlueprintName="file_presence", RunId=started)["BlueprintRun"]
        assert run["State"] != "FAILED", run
        return run["State"] == "SUCCEEDED" or None

    until(made)
    run_id: str = glue.start_workflow_run(Name=name)["RunId"]
    return run_id


def _run(server: Server, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The run of such a workflow, once it is over."""
    return server.finished_run(name, _start(server, name, parameters))


def _by_step(run: Mapping[str, Any]) -> dict[str, list[str]]:
    """States of the steps, by the part of their name for the step."""
    states = {**job_states(run), **crawl_states(run)}
    return {
        step: found
        for name, found in states.items()
        for step in STEPS
        if f"_{step}_" in name
    }


def _keys(server: Server, prefix: str) -> list[str]:
    found = server.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [entry["Key"] for entry in found.get("Contents", [])]


def _rows(server: Server, database: str, table: str) -> list[dict[str, Any]]:
    """The rows of a table, read through its partitions as a query engine would."""
    glue, s3 = server.client("glue"), server.client("s3")
    definition = glue.get_table(DatabaseName=database, Name=table)["Table"]
    rows: list[dict[str, Any]] = []
    for partition in glue.get_partitions(DatabaseName=database, TableName=table)["Partitions"]:
        keys = {
            key["Name"]: value
            for key, value in zip(definition["PartitionKeys"], partition["Values"], strict=True)
        }
        bucket, _, prefix = partition["StorageDescriptor"]["Location"].partition("://")[2].partition("/")
        for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
            if entry["Key"].endswith(".parquet"):
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                read = pyarrow.parquet.read_table(io.BytesIO(body), partitioning=None)
                rows += [row | keys for row in read.to_pylist()]
    return rows


@pytest.mark.jobs
@pytest.mark.spark
def test_files_that_are_there_become_a_partitioned_table(registered: Server) -> None:
    """Files present: the marker says true, the crawler catalogues them, Spark loads exactly them."""
    s3 = registered.client("s3")
    for month in ("01", "02"):
        for part in (1, 2):
            body = f"id,fare\n{part},{month}.5\n{part + 10},0.25\n".encode()
            s3.put_object(Bucket=BUCKET, Key=f"there/in/month={month}/part-{part}.csv", Body=body)
    run = _run(registered, "there", {"DestinationTable": "trips"})
    assert run["Status"] == "COMPLETED"
    assert _by_step(run) == {step: ["SUCCEEDED"] for step in STEPS}
    properties = run["WorkflowRunProperties"]
    assert (properties["file_presence"], properties["file_presence.count"]) == ("true", "4")
    assert properties["file_presence.rows"] == "8"
    manifest = properties["file_presence.manifest"].removeprefix(f"s3://{BUCKET}/")
    assert _keys(registered, manifest) == [manifest]
    rows = _rows(registered, "db_there", "trips")
    assert sorted((row["month"], row["id"], row["fare"]) for row in rows) == sorted(
        (month, part + extra, 0.25 if extra else float(f"{month}.5"))
        for month in ("01", "02")
        for part in (1, 2)
        for extra in (0, 10)
    )


@pytest.mark.parametrize(
    ("on_missing", "status", "steps"),
    [
        ("skip", "STOPPED", {"look": ["STOPPED"], "crawl": [], "load": [], "report": []}),
        ("fail", "COMPLETED", {"look": ["FAILED"], "crawl": [], "load": [], "report": []}),
    ],
)
def test_nothing_there_says_false_and_writes_nothing(
    registered: Server, on_missing: str, status: str, steps: dict[str, list[str]]
) -> None:
    """Nothing there: the marker says false with a reason, nothing after it runs, nothing is written."""
    name = f"none{on_missing}"
    run = _run(registered, name, {"OnMissing": on_missing})
    assert run["Status"] == status
    found = _by_step(run)
    if on_missing == "skip":
        # The job stops its own run; whether it ends by itself before it is stopped is a matter of moments.
        assert found.pop("look") in (["STOPPED"], ["SUCCEEDED"])
        steps = {step: states for step, states in steps.items() if step != "look"}
    assert found == steps
    properties = run["WorkflowRunProperties"]
    assert properties["file_presence"] == "false"
    assert properties["file_presence.reason"]
    assert _keys(registered, f"{name}/out/") == []


@pytest.mark.jobs
@pytest.mark.spark
def test_nothing_there_with_continue_lets_the_rest_see_it(registered: Server) -> None:
    """OnMissing=continue: the later jobs run, see the marker, end at once; nothing is written."""
    run = _run(registered, "nonecontinue", {"OnMissing": "continue"})
    assert run["Status"] == "COMPLETED"
    assert _by_step(run) == {step: ["SUCCEEDED"] for step in STEPS}
    assert run["WorkflowRunProperties"]["file_presence"] == "false"
    assert _keys(registered, "nonecontinue/out/") == []


@pytest.mark.jobs
@pytest.mark.spark
def test_the_server_is_killed_while_spark_loads(server: Server) -> None:
    """SIGKILL in the middle of the run: everything is still there and the run ends right."""
    _register(server)
    s3, glue = server.client("s3"), server.client("glue")
    for part in range(4):
        body = f"id,fare\n{part},1.5\n{part},2.5\n".encode()
        s3.put_object(Bucket=BUCKET, Key=f"kill/in/part-{part}.csv", Body=body)
    run_id = _start(server, "kill", {"DestinationTable": "numbers", "PartitionKeys": ["id"]})

    def loading() -> bool | None:
        run = glue.get_workflow_run(Name="kill", RunId=run_id, IncludeGraph=True)["Run"]
        return _by_step(run).get("load") == ["RUNNING"] or None

    until(loading)
    server.kill()
    server.start()
    run = server.finished_run("kill", run_id)
    assert _by_step(run) == {step: ["SUCCEEDED"] for step in STEPS}
    assert run["WorkflowRunProperties"]["file_presence.rows"] == "8"
    assert sorted({row["id"] for row in _rows(server, "db_kill", "numbers")}) == ["0", "1", "2", "3"]
    assert server.client("glue").get_blueprint(Name="file_presence")["Blueprint"]["Status"] == "ACTIVE"
