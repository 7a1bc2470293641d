"""``compaction`` on a real local Glue: undisturbed, and killed at random moments."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from compaction_world import PARQUET
from real_runs import RealRuns, kill_at_random

pytestmark = [pytest.mark.catalogue, pytest.mark.spark, pytest.mark.slow]
DAYS, FILES, ROWS = 3, 8, 100


def make_table(real: RealRuns, database: str, first: int = 0) -> str:
    """A table of small Parquet files in a bucket of its own; the bucket's name."""
    bucket = real.bucket(database.replace("_", "-"))
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}]
    storage = {**PARQUET, "Columns": columns, "Location": f"s3://{bucket}/orders/"}
    if not first:
        real.glue.create_database(DatabaseInput={"Name": database})
        keys = [{"Name": "day", "Type": "string"}]
        table = {"Name": "orders", "StorageDescriptor": storage, "PartitionKeys": keys}
        real.glue.create_table(DatabaseName=database, TableInput=table)
    for day in range(DAYS):
        folder = f"orders/day={day}/"
        for number in range(first, first + FILES):
            ids = range(number * ROWS, (number + 1) * ROWS)
            body = io.BytesIO()
            pq.write_table(pa.table({"id": list(ids), "name": [f"{day}-{one}" for one in ids]}), body)
            real.put(bucket, {f"{folder}{number}.parquet": body.getvalue()})
        if not first:
            entry = {
                "Values": [str(day)],
                "StorageDescriptor": {**storage, "Location": f"s3://{bucket}/{folder}"},
            }
            real.glue.create_partition(DatabaseName=database, TableName="orders", PartitionInput=entry)
    return bucket


def read_rows(real: RealRuns, database: str) -> list[tuple[Any, ...]]:
    """The rows as a query engine reads them through the catalog."""
    found = []
    for page in real.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="orders"):
        for partition in page["Partitions"]:
            location = partition["StorageDescriptor"]["Location"].removeprefix("s3://")
            bucket, _, prefix = location.partition("/")
            for key in real.keys(bucket, prefix):
                body = real.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                found += [
                    (*row.values(), *partition["Values"]) for row in pq.read_table(io.BytesIO(body)).to_pylist()
                ]
    return sorted(found)


def test_compacted_in_place_and_not_again(real: RealRuns) -> None:
    """README: fewer files, the same rows; the second run is stopped after the look and costs nothing more."""
    bucket = make_table(real, "tidy_once")
    before = read_rows(real, "tidy_once")
    workflow = real.create(
        "compaction", Database="tidy_once", Table="orders", ChangeForeignTable=True, QuietMinutes=0
    )
    run = real.run(workflow)
    assert run.succeeded, run
    assert read_rows(real, "tidy_once") == before
    assert run.properties["compaction.files_in"] == str(DAYS * FILES)
    assert run.properties["compaction.files_out"] == str(DAYS)
    again = real.run(workflow)
    assert (again.status, again.states["compact"]) == ("STOPPED", [])
    assert len(real.keys(bucket, "orders/day=")) == DAYS * FILES


def test_killed_at_random_it_loses_and_doubles_nothing(real: RealRuns) -> None:
    """README, "Killed runs": every row once, for a reader that reads all the while."""
    make_table(real, "tidy_kills")
    expected = read_rows(real, "tidy_kills")
    assert len(expected) == DAYS * FILES * ROWS
    workflow = real.create(
        "compaction",
        Database="tidy_kills",
        Table="orders",
        ChangeForeignTable=True,
        QuietMinutes=0,
        GraceHours=0,
        OnMissing="continue",
        MaxRetries=5,
        GlueVersion="5.1",
    )

    def read() -> None:
        # A reader that has listed a folder may find its files deleted: GraceHours is 0 here.
        try:
            found = read_rows(real, "tidy_kills")
        except real.s3.exceptions.NoSuchKey:
            return
        assert len(found) == len(set(found))

    disturbed = kill_at_random(real, workflow, 12, read=read, longest_seconds=4.0)
    assert disturbed.reads > 10
    assert read_rows(real, "tidy_kills") == expected
