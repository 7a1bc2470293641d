"""``partitioning`` on a real local Glue: undisturbed, and killed at random moments."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from compaction_world import PARQUET
from real_runs import RealRuns, kill_at_random

pytestmark = [pytest.mark.catalogue, pytest.mark.spark, pytest.mark.slow]
FILES, ROWS = 12, 500


def make_source(real: RealRuns, database: str) -> str:
    """A table without partitions: a row per hour; the bucket's name."""
    bucket = real.bucket(database.replace("_", "-"))
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "at", "Type": "timestamp"}]
    storage = {**PARQUET, "Columns": columns, "Location": f"s3://{bucket}/in/"}
    real.glue.create_database(DatabaseInput={"Name": database})
    real.glue.create_table(DatabaseName=database, TableInput={"Name": "raw", "StorageDescriptor": storage})
    for number in range(FILES):
        ids = range(number * ROWS, (number + 1) * ROWS)
        moments = pa.array([datetime(2024, 1, 1) + timedelta(hours=one) for one in ids], pa.timestamp("us"))
        body = io.BytesIO()
        pq.write_table(pa.table({"id": list(ids), "at": moments}), body)
        real.put(bucket, {f"in/{number}.parquet": body.getvalue()})
    return bucket


def read_result(real: RealRuns, database: str) -> list[tuple[Any, ...]]:
    """The rows as a query engine reads them through the catalog."""
    found = []
    for page in real.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="cut"):
        for entry in page["Partitions"]:
            bucket, _, prefix = entry["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
            for key in real.keys(bucket, prefix):
                body = real.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                found += [(row["id"], *entry["Values"]) for row in pq.read_table(io.BytesIO(body)).to_pylist()]
    return sorted(found)


def test_partitioned_and_killed_at_random(real: RealRuns) -> None:
    """README: every row once in its partition; a killed run leaves the table as it was or completes it."""
    bucket = make_source(real, "cut_kills")
    workflow = real.create(
        "partitioning",
        Database="cut_kills",
        Table="raw",
        TimestampColumn="at",
        Granularity="month",
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationTable="cut",
        PartitionIndex=True,
        MaxRetries=3,
    )
    run = real.run(workflow)
    assert run.succeeded, run
    moments = [(one, datetime(2024, 1, 1) + timedelta(hours=one)) for one in range(FILES * ROWS)]
    expected = [(one, moment.strftime("%Y"), moment.strftime("%m")) for one, moment in moments]
    assert read_result(real, "cut_kills") == expected
    assert run.properties["partitioning.partitions"] == run.properties["partitioning.files_out"] == "9"
    indexes = real.glue.get_partition_indexes(DatabaseName="cut_kills", TableName="cut")
    assert [one["Keys"][0]["Name"] for one in indexes["PartitionIndexDescriptorList"]] == ["year"]

    def read() -> None:
        assert read_result(real, "cut_kills") == expected

    assert kill_at_random(real, workflow, 10, read=read, longest_seconds=4.0).reads > 5
    read()
