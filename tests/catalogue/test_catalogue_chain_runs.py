"""``incremental_chain`` on a real local Glue: bookmarks, late and duplicate files, failures, resuming, kills."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Callable
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness.local_server import until
from real_runs import FinishedRun, RealRuns, kill_at_random

pytestmark = [pytest.mark.catalogue, pytest.mark.spark, pytest.mark.slow]

STATEMENT = "SELECT CAST(id AS bigint) AS id, fare, input_file FROM input"


class Chain:
    """A workflow of the blueprint with its own bucket."""

    def __init__(self, real: RealRuns, name: str, **parameters: Any) -> None:
        self.real = real
        self.bucket = real.bucket(name)
        self.database = name.replace("-", "_")
        values = {
            "Location": f"s3://{name}/in/",
            "FilePattern": "*.csv",
            "DestinationLocation": f"s3://{name}/trips/",
            "DestinationDatabase": self.database,
            "Statement": STATEMENT,
            **parameters,
        }
        self.workflow = real.create("incremental_chain", **values)

    def put(self, **files: str) -> None:
        """Files of the source: rows ``id,fare``, separated by spaces."""
        for name, text in files.items():
            body = "id,fare\n" + text.replace(" ", "\n") + "\n"
            self.real.s3.put_object(Bucket=self.bucket, Key=f"in/{name}.csv", Body=body.encode())

    def age(self, name: str, seconds: float) -> None:
        """Let a file be old: it appears late, with a time before that of the last listing."""
        path = self.real.server.data_dir / "s3" / self.bucket / "in" / f"{name}.csv"
        moment = time.time() - seconds
        os.utime(path, (moment, moment))

    def run(self) -> FinishedRun:
        """One run."""
        return self.real.run(self.workflow)

    def rows(self, value: str = "fare") -> list[tuple[Any, ...]]:
        """The table's rows, read through its partitions as a query engine would."""
        found: list[tuple[Any, ...]] = []
        pages = self.real.glue.get_paginator("get_partitions").paginate(
            DatabaseName=self.database, TableName="trips"
        )
        for page in pages:
            for partition in page["Partitions"]:
                place = partition["StorageDescriptor"]["Location"].removeprefix(f"s3://{self.bucket}/")
                keys = [key for key in self.real.keys(self.bucket, place) if not key.endswith("/_SUCCESS")]
                for key in keys:
                    body = self.real.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
                    rows = pq.read_table(io.BytesIO(body)).to_pylist()
                    found += [(row["id"], row[value], row["input_file"]) for row in rows]
        return sorted(found)

    def job(self, step: str) -> str:
        """The name of a step's job."""
        run = self.real.glue.get_workflow(Name=self.workflow, IncludeGraph=True)["Workflow"]
        start = f"{self.workflow}_{step}_"
        return next(node["Name"] for node in run["Graph"]["Nodes"] if node["Name"].startswith(start))

    def begin_again(self, run_id: str, step: str) -> str:
        """Resume a run at a step; the new run's id."""
        name = self.workflow
        run = self.real.glue.get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
        node = next(one["UniqueId"] for one in run["Graph"]["Nodes"] if one["Name"] == self.job(step))
        resumed: str = self.real.glue.resume_workflow_run(Name=name, RunId=run_id, NodeIds=[node])["RunId"]
        return resumed

    def resume(self, run_id: str, step: str) -> FinishedRun:
        """Resume a run at a step, and wait for its end."""
        return self.real.finished(self.workflow, self.begin_again(run_id, step))

    def kill(self, run_id: str, step: str, when: Callable[[], bool | None]) -> None:
        """Kill the process of a step in a run once it runs, and something is true."""
        job = self.job(step)

        def at_work() -> bool | None:
            runs = self.real.glue.get_job_runs(JobName=job)["JobRuns"]
            mine = [run["JobRunState"] for run in runs if run["Arguments"].get("--WORKFLOW_RUN_ID") == run_id]
            return (mine and mine[0] not in ("STARTING",)) or None

        until(at_work)
        until(when)
        for processes in self.real.processes().values():
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    process.kill()

    def change(self, step: str, **arguments: str) -> None:
        """Change arguments of a job's definition, as an operator does in the console."""
        job = self.real.glue.get_job(JobName=self.job(step))["Job"]
        job["DefaultArguments"].update({f"--{name}": value for name, value in arguments.items()})
        members = ("Role", "Command", "DefaultArguments", "GlueVersion", "MaxRetries", "Timeout", "MaxCapacity")
        spark = ("WorkerType", "NumberOfWorkers", "ExecutionProperty")
        kept = {key: job[key] for key in (*members, *spark) if key in job}
        if "WorkerType" in kept:
            kept.pop("MaxCapacity", None)
        self.real.glue.update_job(JobName=job["Name"], JobUpdate=kept)


def is_good(run: FinishedRun) -> bool:
    """Whether the chain has succeeded; the failure branch has not run then."""
    chain = [run.states[step][-1:] for step in ("look", "ingest", "transform", "publish")]
    return run.status == "COMPLETED" and chain == [["SUCCEEDED"]] * 4 and not run.states["notify"]


def test_new_late_and_duplicate_files_arrive_exactly_once(real: RealRuns) -> None:
    """README, "Exactly once": new files are added, a late one is found, a duplicate is not loaded, and without new
    files nothing after the look runs."""
    chain = Chain(real, "chain-once")
    chain.put(a="1,1.5 2,2.5", b="3,3.5")
    real.put(
        chain.bucket, {"in/notes.txt": b"not,input,at,all\n", "in/empty.csv": b"", "in/head.csv": b"id,fare\n"}
    )
    first = chain.run()
    assert is_good(first), first
    assert first.properties["file_presence"] == "true"
    assert first.properties["file_presence.count"] == "3"
    assert first.properties["incremental_chain.rows_in"] == "3"
    assert first.properties["incremental_chain.files_in"] == "3"
    assert first.properties["incremental_chain.files_late"] == "0"
    expected = [(1, "1.5", "in/a.csv"), (2, "2.5", "in/a.csv"), (3, "3.5", "in/b.csv")]
    assert chain.rows() == expected

    empty = chain.run()
    assert empty.status == "STOPPED"
    assert empty.properties["file_presence"] == "false"
    assert not empty.states["ingest"]
    assert not empty.states["notify"]

    # A reset bookmark reads everything again, and only what is new counts; a statement may publish no row.
    real.glue.reset_job_bookmark(JobName=chain.job("ingest"))
    chain.change("transform", statement=STATEMENT + " WHERE false")
    chain.put(none="0,0.5")
    none = chain.run()
    assert is_good(none), none
    assert none.properties["incremental_chain.rows_in"] == "1"
    assert none.properties["incremental_chain.rows"] == "0"
    assert chain.rows() == expected
    chain.change("transform", statement=STATEMENT)

    chain.put(c="4,4.5", late="5,5.5", copy="3,3.5", a="1,1.5 2,2.5")
    chain.age("late", 100_000)
    second = chain.run()
    assert is_good(second), second
    assert second.properties["incremental_chain.files_in"] == "2"
    assert second.properties["incremental_chain.files_late"] == "1"
    assert second.properties["incremental_chain.files_duplicates"] == "1"
    assert second.properties["incremental_chain.rows"] == "2"
    assert second.properties["incremental_chain.table_rows"] == "5"
    expected += [(4, "4.5", "in/c.csv"), (5, "5.5", "in/late.csv")]
    assert chain.rows() == expected


def test_a_failing_statement_notifies_and_the_run_is_resumed_at_transform(real: RealRuns) -> None:
    """README, "When a job fails": the run is COMPLETED with a failed action, the topic has the message, and the
    run goes on at the job that has failed once its argument is corrected."""
    sns, sqs = real.server.client("sns"), real.server.client("sqs")
    topic = sns.create_topic(Name="chain-alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="chain-alerts")["QueueUrl"]
    address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)
    chain = Chain(
        real, "chain-fails", Statement="SELECT nothing FROM input", NotificationTopic=topic, MaxRetries=0
    )
    chain.put(a="1,1.5")
    failed = chain.run()
    assert failed.status == "COMPLETED"
    assert failed.states["transform"] == ["FAILED"]
    assert failed.states["publish"] == []
    assert failed.states["notify"] == ["SUCCEEDED"]
    assert failed.properties["incremental_chain.failed"] == chain.job("transform")
    assert failed.properties["incremental_chain.failed_state"] == "FAILED"
    assert "nothing" in failed.properties["incremental_chain.failed_reason"]
    run = real.glue.get_workflow_run(Name=chain.workflow, RunId=failed.run_id)["Run"]
    assert run["Statistics"]["FailedActions"] == 1
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    text = json.loads(message["Body"])["Message"]
    assert "aws glue resume-workflow-run" in text
    assert failed.run_id in text

    chain.change("transform", statement=STATEMENT)
    resumed = chain.resume(failed.run_id, "transform")
    assert is_good(resumed), resumed
    assert resumed.properties["incremental_chain.failed"] == ""
    assert chain.rows() == [(1, "1.5", "in/a.csv")]
    # Again, after it was published, with all jobs that follow: nothing is doubled.
    assert is_good(chain.resume(resumed.run_id, "ingest"))
    assert chain.rows() == [(1, "1.5", "in/a.csv")]


def test_a_timeout_goes_down_the_failure_branch(real: RealRuns) -> None:
    """README, "When a job fails": TIMEOUT is a state of its own, which the branch waits for, too."""
    chain = Chain(real, "chain-slow", TimeoutMinutes=1)
    run_id = real.start(chain.workflow)
    for process in until(lambda: next(iter(real.processes().values()), None)):
        process.suspend()  # a job that hangs, and takes no processor time from other tests
    slow = real.finished(chain.workflow, run_id)
    assert slow.status == "COMPLETED"
    assert slow.states["look"] == ["TIMEOUT"]
    assert slow.states["ingest"] == []
    assert slow.states["notify"] == ["SUCCEEDED"]
    assert slow.properties["incremental_chain.failed_state"] == "TIMEOUT"


def test_each_job_is_killed_and_the_run_resumed_at_it(real: RealRuns) -> None:
    """README, "When a job fails": a job that dies goes down the failure branch, and the run is resumed at that
    job; ingest is killed after its batch was staged, when its bookmark may be committed or not."""
    chain = Chain(real, "chain-resume", MaxRetries=0)
    chain.put(a="1,1.5", b="2,2.5")

    def staged() -> bool | None:
        return any(key.endswith("_batch.json") for key in real.keys(chain.bucket, "trips/_staging/")) or None

    run_id = real.start(chain.workflow)
    for step in ("ingest", "transform", "publish"):
        chain.kill(run_id, step, when=staged if step == "ingest" else lambda: True)
        failed = real.finished(chain.workflow, run_id)
        if step == "ingest" and failed.states[step] == ["SUCCEEDED"]:
            break  # it ended between the look at its batch and the kill
        assert failed.states[step] == ["FAILED"]
        assert failed.states["notify"] == ["SUCCEEDED"]
        assert failed.properties["incremental_chain.failed"] == chain.job(step)
        run_id = chain.begin_again(run_id, step)
    assert is_good(real.finished(chain.workflow, run_id))
    assert chain.rows() == [(1, "1.5", "in/a.csv"), (2, "2.5", "in/b.csv")]


def test_killed_at_random_it_ends_with_the_same_rows(real: RealRuns) -> None:
    """README, "Exactly once": wherever a job is killed, each row is there once, and a reader never sees a part."""
    chain = Chain(real, "chain-kills", MaxRetries=2)
    chain.put(first="0,0.5")
    assert is_good(chain.run())
    chain.put(a="1,1.5 2,2.5", b="3,3.5")
    before = chain.rows()
    after = [*before, (1, "1.5", "in/a.csv"), (2, "2.5", "in/a.csv"), (3, "3.5", "in/b.csv")]

    def read() -> None:
        assert chain.rows() in (before, after)

    def is_over(run: FinishedRun) -> bool:
        return is_good(run) or (run.status == "STOPPED" and chain.rows() == after)

    kill_at_random(real, chain.workflow, 8, read=read, is_good=is_over, longest_seconds=4)
    assert chain.rows() == after


AWKWARD = "in/day=1/a b+c%é.{}"


def parquet(**columns: Any) -> bytes:
    """A Parquet file."""
    body = io.BytesIO()
    pq.write_table(pa.table(columns), body)
    return body.getvalue()


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_column_of_two_types_becomes_text_and_other_objects_are_left_out(real: RealRuns, kind: str) -> None:
    """README, "The statement"; names with special characters are read, empty and other files are not opened."""
    files = {
        "json": {
            AWKWARD.format(kind): b'{"id": 1, "v": 5}\n',
            "in/b.json": b'{"id": 2, "v": "x"}\n',
            "in/notes.txt": b'{"other": 1}\n',
        },
        "parquet": {
            AWKWARD.format(kind): parquet(id=[1], v=[5]),
            "in/b.parquet": parquet(id=[2], v=["x"]),
            "in/notes.txt": b"this is not Parquet\n",
        },
    }[kind]
    chain = Chain(
        real, f"chain-{kind}", InputFormat=kind, FilePattern=f"*.{kind}", Statement="SELECT * FROM input"
    )
    real.put(chain.bucket, {**files, f"in/zero.{kind}": b"", "in/folder/": b""})
    run = chain.run()
    assert is_good(run), run
    assert run.properties["incremental_chain.files_late"] == "0"
    table = real.glue.get_table(DatabaseName=chain.database, Name="trips")["Table"]
    columns = {one["Name"]: one["Type"] for one in table["StorageDescriptor"]["Columns"]}
    assert columns.pop("id") in ("int", "bigint")
    assert columns == {"v": "string", "input_file": "string"}
    assert chain.rows("v") == [(1, "5", AWKWARD.format(kind)), (2, "x", f"in/b.{kind}")]


def test_a_record_that_cannot_be_read_fails_the_run(real: RealRuns) -> None:
    """README, limits: unreadable records are never dropped silently; the input stays for the next run."""
    chain = Chain(real, "chain-broken", InputFormat="json", FilePattern="*.json", MaxRetries=0)
    real.put(chain.bucket, {"in/a.json": b'{"id": 1, "fare": "2"}\n{"id": 2, "fa\n'})
    broken = chain.run()
    assert broken.states["ingest"] == ["FAILED"]
    assert broken.states["notify"] == ["SUCCEEDED"]
    assert "1 records could not be read" in broken.properties["incremental_chain.failed_reason"]
    real.put(chain.bucket, {"in/a.json": b'{"id": 1, "fare": "2"}\n'})
    assert is_good(chain.run())
    assert chain.rows() == [(1, "2", "in/a.json")]
