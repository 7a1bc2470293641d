"""``file_presence`` on a real local Glue: undisturbed, and killed at random moments."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_s3 import FakeS3
from harness.local_server import job_states, until
from real_runs import FinishedRun, RealRuns, kill_at_random

from glue_jobs.common.input_files import Thresholds, from_iso
from glue_jobs.common.input_search import Expectations, search_location
from glue_jobs.common.manifest import Manifest, manifest_from_json
from glue_jobs.file_presence.load import group_files

pytestmark = [pytest.mark.catalogue, pytest.mark.spark, pytest.mark.slow]


def rows(real: RealRuns, database: str, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table, read through its partitions as a query engine would."""
    found = []
    for page in real.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table):
        for partition in page["Partitions"]:
            location = partition["StorageDescriptor"]["Location"].removeprefix("s3://")
            bucket, _, prefix = location.partition("/")
            for key in real.keys(bucket, prefix):
                body = real.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                data = pq.read_table(io.BytesIO(body)).to_pylist()
                found += [(*row.values(), *partition["Values"]) for row in data]
    return sorted(found)


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_killed_at_random_it_ends_with_the_same_rows(real: RealRuns, mode: str) -> None:
    """README: "A run that is killed ... leaves the table as it was or completes the load"; 50 SIGKILLs in all."""
    bucket, database = real.bucket(f"presence-kills-{mode}"), f"presence_kills_{mode}"
    files = {f"in/day={day}/{n}.csv": f"id,fare\n{day}{n},1.5\n".encode() for day in range(3) for n in range(3)}
    real.put(bucket, files)
    workflow = real.create(
        "file_presence",
        Location=f"s3://{bucket}/in/",
        LoadMode=mode,
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationDatabase=database,
        DestinationTable="days",
        MaxRetries=3,
    )
    first = real.run(workflow)
    assert first.succeeded, first
    before = rows(real, database, "days")
    assert len(before) == len(files)
    real.put(bucket, {f"in/day={day}/new.csv": f"id,fare\n{day}9,1.5\n".encode() for day in range(2, 5)})
    after = sorted([*before, *((int(f"{day}9"), 1.5, str(day)) for day in range(2, 5))])

    def read() -> None:
        seen = rows(real, database, "days")
        for day in "01234":
            of_day = [row for row in seen if row[-1] == day]
            assert of_day in ([row for row in all_rows if row[-1] == day] for all_rows in (before, after))

    def is_good(run: FinishedRun) -> bool:
        # What an append has published before its run was killed is not new for the next run.
        return run.succeeded or (mode == "append" and run.properties.get("file_presence") == "false")

    disturbed = kill_at_random(real, workflow, 25, longest_seconds=2.0, read=read, is_good=is_good)
    assert disturbed.reads > 10
    assert rows(real, database, "days") == after


def parquet(*numbers: int) -> bytes:
    """A Parquet file."""
    body = io.BytesIO()
    pq.write_table(pa.table({"id": pa.array(numbers, pa.int64()), "name": [f"é{n}" for n in numbers]}), body)
    return body.getvalue()


def test_hostile_names_two_locations_append_and_quarantine(real: RealRuns) -> None:
    """Keys with spaces, ``=``, ``%``, ``+`` and unicode; zero-byte Parquet, folder markers and sidecars do not
    count; a broken file is copied away; a second run adds only what is new (README)."""
    bucket = real.bucket("presence-hostile")
    good = {
        "in put/day=1 é/a b+c%2B=d.parquet": parquet(1, 2),
        "in put/day=2/é.parquet": parquet(3),
        "more/day=3/x.parquet": parquet(4),
    }
    sidecars = {f"{key}.md5": hashlib.md5(body).hexdigest().encode() for key, body in good.items()}
    nothing = {"in put/": b"", "in put/day=2/": b"", "in put/day=2/empty.parquet": b"", "in put/_SUCCESS": b""}
    broken = {"more/day=3/broken.parquet": parquet(9)[:-20], "more/day=3/broken.parquet.rows": b"1"}
    broken["more/day=3/broken.parquet.md5"] = hashlib.md5(broken["more/day=3/broken.parquet"]).hexdigest().encode()
    real.put(bucket, good | sidecars | nothing | broken)
    real.put(bucket, {"more/_SUCCESS": b""})
    workflow = real.create(
        "file_presence",
        Location=f"s3://{bucket}/in put/",
        MoreLocations=[f"s3://{bucket}/more/"],
        SuccessFile="_SUCCESS",
        SidecarFiles="require",
        LoadMode="append",
        MaximumRejects=1,
        QuarantineLocation=f"s3://{bucket}/bad é+/",
        DestinationLocation=f"s3://{bucket}/out put/é=%2B+/",
        DestinationDatabase="presence_hostile",
        DestinationTable="days",
        Tags=["team=data"],
    )
    first = real.run(workflow)
    assert first.succeeded, first
    counts = {
        name: first.properties[f"file_presence.{name}"] for name in ("count", "rows", "rejected", "files_in")
    }
    assert counts == {"count": "4", "rows": "4", "rejected": "1", "files_in": "4"}
    expected = [(1, "é1", "1 é"), (2, "é2", "1 é"), (3, "é3", "2"), (4, "é4", "3")]
    assert rows(real, "presence_hostile", "days") == expected
    assert [key.rpartition("/")[2] for key in real.keys(bucket, "bad é+/")] == [
        "broken.parquet",
        "broken.parquet.reason.txt",
    ]
    assert not [key for key in real.keys(bucket, "out put/") if key.endswith("_lock.json")]
    nothing_new = real.run(workflow)
    assert nothing_new.status == "STOPPED"
    assert nothing_new.properties["file_presence"] == "false"
    body = parquet(5)
    real.put(
        bucket,
        {"more/day=3/new.parquet": body, "more/day=3/new.parquet.md5": hashlib.md5(body).hexdigest().encode()},
    )
    # Every location must have enough new files.
    real.put(
        bucket,
        {"in put/day=4/n.parquet": body, "in put/day=4/n.parquet.md5": hashlib.md5(body).hexdigest().encode()},
    )
    second = real.run(workflow)
    assert second.succeeded, second
    assert second.properties["file_presence.rows"] == "6"
    assert rows(real, "presence_hostile", "days") == sorted([*expected, (5, "é5", "3"), (5, "é5", "4")])


def test_a_run_waits_for_the_file_of_its_date(real: RealRuns) -> None:
    """WaitMinutes, and the logical date as a run property, as Airflow hands it over (README)."""
    bucket = real.bucket("presence-waits")
    workflow = real.create(
        "file_presence",
        Location=f"s3://{bucket}/in/",
        FilePattern="orders-{date:%Y-%m-%d}.csv",
        WaitMinutes=2,
        PollSeconds=5,
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationDatabase="presence_waits",
    )
    real.put(bucket, {"in/orders-2024-05-30.csv": b"id,name\n1,a\n"})
    timer = threading.Timer(6, real.put, (bucket, {"in/orders-2024-05-31.csv": b"id,name\n2,b\n3,c\n"}))
    timer.start()
    run = real.run(workflow, logical_date="2024-05-31")
    timer.join()
    assert run.succeeded, run
    assert run.properties["file_presence.count"] == "1"
    assert (run.properties["file_presence.date"], run.properties["file_presence.rows"]) == ("2024-05-31", "2")


def test_two_runs_at_once(real: RealRuns) -> None:
    """The second run fails before it touches anything, and its error names the first one (README)."""
    bucket = real.bucket("presence-twice")
    workflow = real.create(
        "file_presence",
        Location=f"s3://{bucket}/in/",
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationDatabase="presence_twice",
        MaxRetries=0,
    )
    real.put(bucket, {"in/a.csv": b"id,name\n1,a\n"})
    first = real.start(workflow)

    def looked() -> bool | None:
        # Before that, Glue itself refuses the second run of the job (MaxConcurrentRuns).
        run = real.glue.get_workflow_run(Name=workflow, RunId=first, IncludeGraph=True)["Run"]
        return ["SUCCEEDED"] in job_states(run).values() or None

    until(looked)
    second = real.run(workflow)
    assert second.states["look"] == ["FAILED"]
    assert f"locked by the run {first}" in second.errors["look"][0]
    assert second.states["load"] == []
    assert "file_presence" not in second.properties
    assert real.finished(workflow, first).succeeded


def test_twenty_thousand_files_are_searched_in_seconds() -> None:
    """Search, manifest and groups of 20,000 files; the listing itself is 20 requests."""
    s3 = FakeS3()
    for number in range(20_000):
        s3.put_object(Bucket="landing", Key=f"in/day={number % 365}/part {number:05d} é=%2B+.csv", Body=b"x")
    started = time.monotonic()
    expectations = Expectations(file_pattern="**/*.csv", limits=Thresholds(20_000, 1, None), sidecars="check")
    found = search_location(s3, "s3://landing/in", expectations, {}, from_iso("2024-01-01T00:00:00.000000Z"))
    manifest = Manifest("s3://landing/in/", "landing", "now", found.files)
    text = manifest.to_json()
    assert manifest_from_json(text) == manifest
    assert sum(len(group.files) for group in group_files(manifest.files)) == 20_000
    assert time.monotonic() - started < 20
    assert len(json.loads(text)["files"]) == 20_000
