"""``file_presence`` on a real local Glue: undisturbed, and killed at random moments."""

from __future__ import annotations

import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from real_runs import RealRuns, kill_at_random

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


def test_killed_at_random_it_ends_with_the_same_rows(real: RealRuns) -> None:
    """README: "A run that is killed ... leaves the table as it was or completes the load"."""
    bucket = real.bucket("presence-kills")
    files = {f"in/day={day}/{n}.csv": f"id,fare\n{day}{n},1.5\n".encode() for day in range(3) for n in range(3)}
    real.put(bucket, files)
    workflow = real.create(
        "file_presence",
        Location=f"s3://{bucket}/in/",
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationDatabase="presence_kills",
        DestinationTable="days",
        MaxRetries=3,
    )
    first = real.run(workflow)
    assert first.succeeded, first
    expected = rows(real, "presence_kills", "days")
    assert len(expected) == len(files)

    def read() -> None:
        assert rows(real, "presence_kills", "days") == expected

    disturbed = kill_at_random(real, workflow, 20, read=read)
    assert disturbed.reads > 10
    read()
