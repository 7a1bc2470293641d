"""Job bookmarks end to end: unmodified Spark scripts with Amazon's package, runs of a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.local_server import GLUE_VERSION, ROLE, Server

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

HEAD = """
import os, signal, sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "out", "fate"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
"""
FILES = (
    HEAD
    + """
trips = glue.create_dynamic_frame.from_options(
    "s3", {"paths": ["s3://lake/trips/"]}, "json", transformation_ctx="trips"
)
print("read", trips.count(), flush=True)
if trips.count():
    glue.write_dynamic_frame.from_options(trips, "s3", {"path": args["out"]}, "json")
if args["fate"] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
job.commit()
"""
)
ROWS = (
    HEAD.replace('"fate"', '"fate", "url", "ids"')
    + """
added = glue.spark_session.createDataFrame([(int(one),) for one in args["ids"].split()], "id int")
DERBY = "org.apache.derby.jdbc.EmbeddedDriver"
added.write.mode("append").jdbc(args["url"], "trips", properties={"driver": DERBY})
trips = glue.create_dynamic_frame.from_options(
    "custom.jdbc",
    {
        "url": args["url"],
        "dbtable": "trips",
        "className": DERBY,
        "jobBookmarkKeys": ["id"],
        "jobBookmarkKeysSortOrder": "asc",
    },
    transformation_ctx="trips",
)
print("read", sorted(row.id for row in trips.toDF().collect()), flush=True)
if args["fate"] != "fails":
    job.commit()
"""
)


class Lake:
    """A server with jobs that print what they read."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.glue = server.client("glue")
        self.s3 = server.client("s3")
        self.s3.create_bucket(Bucket="lake")

    def put(self, key: str, *ids: int) -> None:
        """A file of records."""
        lines = "".join(json.dumps({"id": one}) + "\n" for one in ids)
        self.s3.put_object(Bucket="lake", Key=key, Body=lines.encode())

    def put_job(self, name: str, script: str, **arguments: str) -> None:
        """A Spark job with job bookmarks."""
        location = self.server.put_script(f"{name}.py", script)
        self.glue.create_job(
            Name=name,
            Role=ROLE,
            Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
            GlueVersion=GLUE_VERSION,
            DefaultArguments={
                "--job-bookmark-option": "job-bookmark-enable",
                "--fate": "lives",
                "--out": f"s3://lake/out/{name}/",
                **arguments,
            },
        )

    def run(self, name: str, **arguments: str) -> dict[str, Any]:
        """Run the job and return the finished run."""
        given = {f"--{key.replace('_', '-')}": value for key, value in arguments.items()}
        run_id = self.glue.start_job_run(JobName=name, Arguments=given)["JobRunId"]
        return self.server.finished_job_run(name, run_id)

    def printed(self, run: dict[str, Any]) -> list[str]:
        """The lines of its output that start with ``read``."""
        logs = self.server.client("logs")
        events = logs.get_log_events(
            logGroupName=f"{run['LogGroupName']}/output", logStreamName=run["Id"], startFromHead=True
        )["events"]
        return [one["message"].rstrip("\n") for one in events if one["message"].startswith("read")]

    def written(self, name: str) -> list[int]:
        """The ids of all that the job's runs have written."""
        keys = self.s3.list_objects_v2(Bucket="lake", Prefix=f"out/{name}/").get("Contents", [])
        texts = [self.s3.get_object(Bucket="lake", Key=one["Key"])["Body"].read().decode() for one in keys]
        return sorted(json.loads(line)["id"] for text in texts for line in text.splitlines())


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """One server for these tests."""
    with Server(tmp_path_factory.mktemp("jobs") / "data") as server:
        yield Lake(server)


def test_the_second_run_reads_only_new_files(lake: Lake) -> None:
    """A run reads data since the last checkpoint only, and repeats the work of a killed run
    (docs/facts/bookmarks.md#s3-sources)."""
    lake.put_job("files", FILES)
    lake.put("trips/a.json", 1, 2)
    first = lake.run("files")
    assert (first["JobRunState"], lake.printed(first)) == ("SUCCEEDED", ["read 2"]), first
    lake.put("trips/b.json", 3)
    killed = lake.run("files", fate="killed")
    assert (killed["JobRunState"], lake.printed(killed)) == ("FAILED", ["read 1"]), killed
    third = lake.run("files")
    assert (third["JobRunState"], lake.printed(third)) == ("SUCCEEDED", ["read 1"]), third
    assert lake.written("files") == [1, 2, 3, 3]
    entry = lake.glue.get_job_bookmark(JobName="files")["JobBookmarkEntry"]
    assert (entry["RunId"], entry["Run"], entry["Attempt"]) == (third["Id"], 3, 0)
    wanted = {"job_bookmark_option": "job-bookmark-pause", "job_bookmark_from": first["Id"]}
    paused = lake.run("files", **wanted, job_bookmark_to=third["Id"])
    assert (paused["JobRunState"], lake.printed(paused)) == ("SUCCEEDED", ["read 1"]), paused
    assert lake.glue.get_job_bookmark(JobName="files")["JobBookmarkEntry"] == entry


def test_a_table_is_read_by_its_keys(lake: Lake, tmp_path: Path) -> None:
    """New rows by jobBookmarkKeys; without a commit they are read again (docs/facts/bookmarks.md#jdbc-sources)."""
    lake.put_job("rows", ROWS, **{"--url": f"jdbc:derby:{tmp_path / 'db'};create=true"})
    first = lake.run("rows", ids="1 2 5")
    assert (first["JobRunState"], lake.printed(first)) == ("SUCCEEDED", ["read [1, 2, 5]"]), first
    second = lake.run("rows", ids="3 7", fate="fails")  # 3 is not appended: its key is not beyond the last one
    third = lake.run("rows", ids="9")
    assert (lake.printed(second), lake.printed(third)) == (["read [7]"], ["read [7, 9]"]), (second, third)
    entry = lake.glue.get_job_bookmark(JobName="rows")["JobBookmarkEntry"]
    assert json.loads(entry["JobBookmark"])["trips"]["last"] == [{"type": "int", "value": "9"}]
