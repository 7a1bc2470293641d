"""conversion and s3_to_dynamodb in a real local Glue: processes, S3 over HTTP, and kills at random moments."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from real_runs import RealRuns, kill_at_random

pytestmark = [pytest.mark.catalogue, pytest.mark.spark, pytest.mark.slow]

LINES = "".join(f'{number},{number * 1.5},"name\n{number}"\n' for number in range(1000))


def rows(real: RealRuns, bucket: str) -> list[tuple[Any, ...]]:
    """The rows of what is published, which a reader finds through the one object that states it."""
    published = json.loads(real.s3.get_object(Bucket=bucket, Key="out/_published.json")["Body"].read())
    found = []
    for part in published["parts"]:
        body = real.s3.get_object(Bucket=bucket, Key=part["key"])["Body"].read()
        data = pq.read_table(io.BytesIO(body)).to_pylist()
        found += [(*row.values(), *part["values"]) for row in data]
    return sorted(found)


def test_killed_at_random_it_ends_with_the_same_rows(real: RealRuns) -> None:
    """A partitioned table, with counts as properties; killed at random, it is as it was or complete (README)."""
    bucket = real.bucket("conversion-kills")
    real.put(bucket, {f"in/year={year}/a b+%=.csv": f"id,price,name\n{LINES}".encode() for year in (2023, 2024)})
    workflow = real.create(
        "conversion",
        Location=f"s3://{bucket}/in/",
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationDatabase="conversions",
        DestinationTable="prices",
        MaxRetries=3,
        GlueVersion="5.1",
    )
    first = real.run(workflow)
    assert first.succeeded, first.errors
    assert first.properties["file_presence"] == "true"
    assert first.properties["conversion.rows"] == "2000"
    table = real.glue.get_table(DatabaseName="conversions", Name="prices")["Table"]
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert columns == {"id": "bigint", "price": "double", "name": "string"}
    expected = rows(real, bucket)
    assert len(expected) == 2000
    assert "out/_lock.json" not in real.keys(bucket)

    def read() -> None:
        assert rows(real, bucket) == expected

    disturbed = kill_at_random(real, workflow, 15, read=read, longest_seconds=6.0)
    assert disturbed.reads > 10
    assert disturbed.last.properties["conversion.rows"] == "2000"
    read()


def test_items_of_a_load_killed_at_random(real: RealRuns) -> None:
    """A load that is killed is finished by its retry or the next run, with the same items (README)."""
    bucket = real.bucket("dynamodb-kills")
    real.put(bucket, {"in/a.csv": ("id,price\n" + "".join(f"k{n},{n}\n" for n in range(400))).encode()})
    dynamodb = real.server.client("dynamodb")
    dynamodb.create_table(
        TableName="prices",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 400},
    )
    workflow = real.create(
        "s3_to_dynamodb",
        Location=f"s3://{bucket}/in/",
        TableName="prices",
        WritePercent=50,
        MaxRetries=3,
        GlueVersion="5.1",
    )
    disturbed = kill_at_random(real, workflow, 6, longest_seconds=8.0)
    assert disturbed.last.properties["s3_to_dynamodb.items"] == "400"
    items = dynamodb.scan(TableName="prices", ConsistentRead=True)["Items"]
    assert {item["id"]["S"]: item["price"]["N"] for item in items} == {f"k{n}": str(n) for n in range(400)}
