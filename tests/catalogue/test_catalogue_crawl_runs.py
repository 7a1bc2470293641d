"""``crawl_locations`` on a real local Glue: hostile names, changes, and kills at random moments."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from real_runs import RealRuns, kill_at_random

pytestmark = [pytest.mark.catalogue, pytest.mark.slow]
DATABASES = (f"crawled_{number}" for number in itertools.count())


def tables(real: RealRuns, database: str) -> dict[str, list[str]]:
    """The tables with stable names; of each, its columns and its partitions' values."""
    found = {}
    for page in real.glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            if table["Name"].startswith("source_"):
                continue
            columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
            values = []
            if table.get("PartitionKeys"):
                pages = real.glue.get_paginator("get_partitions").paginate(
                    DatabaseName=database, TableName=table["Name"]
                )
                values = sorted("/".join(one["Values"]) for page in pages for one in page["Partitions"])
            found[table["Name"]] = [*columns, *values]
    return found


def workflow(real: RealRuns, bucket: str, database: str, **parameters: Any) -> str:
    """Three folders, two of which have one name."""
    real.put(
        bucket,
        {
            "a b/orders/day=1 é/x+y%.csv": b"id,price\n1,2.5\n2,3\n",
            "a b/orders/day=2/empty.csv": b"",
            "a b/orders/day=2/": b"",
            "a b/orders/day=3/_SUCCESS": b"x",
            "b=1/orders/x.json": b'{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n',
            "c/flat/x.csv": b"id;name\n1;a\n2;b\n",
        },
    )
    return real.create(
        "crawl_locations",
        Locations=[f"s3://{bucket}/a b/orders/", f"other=s3://{bucket}/b=1/orders/", f"s3://{bucket}/c/flat/"],
        DestinationDatabase=database,
        **parameters,
    )


@pytest.mark.parametrize("crawlers", ["each", "one"])
def test_names_stay_whatever_changes(real: RealRuns, crawlers: str) -> None:
    """Two folders of one name, hostile keys, markers and empty files; a new column, a new day, one gone."""
    bucket, database = real.bucket(f"crawl-{crawlers}"), next(DATABASES)
    name = workflow(real, bucket, database, Crawlers=crawlers)
    first = real.run(name)
    assert first.succeeded, first
    assert tables(real, database) == {
        "orders": ["id", "price", "1 é"],
        "other": ["id", "name"],
        "flat": ["id", "name"],
    }
    assert first.properties["crawl_locations.tables"] == "3"
    assert first.properties["crawl_locations.files_in"] == "3"
    real.put(bucket, {"a b/orders/day=4/x.csv": b"id,price\n5,1\n6,2\n"})
    real.put(bucket, {"b=1/orders/x.json": b'{"id": 1, "name": "a", "more": 1.5}\n'})
    real.s3.delete_object(Bucket=bucket, Key="a b/orders/day=1 é/x+y%.csv")
    second = real.run(name)
    assert second.succeeded, second
    assert tables(real, database) == {
        "orders": ["id", "price", "4"],
        "other": ["id", "name", "more"],
        "flat": ["id", "name"],
    }
    assert [second.properties[f"crawl_locations.partitions{one}"] for one in ("", "_added", "_removed")] == [
        "1",
        "1",
        "1",
    ]


def test_nothing_changes_when_a_crawl_is_not_usable(real: RealRuns) -> None:
    """SchemaChanges fail: the last job fails with the reason, and all tables stay as they were (README)."""
    bucket, database = real.bucket("crawl-unusable"), next(DATABASES)
    name = workflow(real, bucket, database, SchemaChanges="fail", MaxRetries=0)
    assert real.run(name).succeeded
    before = tables(real, database)
    real.put(bucket, {"a b/orders/day=4/x.csv": b"id,price\n5,1\n6,2\n"})
    real.put(bucket, {"b=1/orders/x.json": b'{"id": 1, "name": "a", "more": 1.5}\n'})
    run = real.run(name)
    assert run.states["publish"] == ["FAILED"]
    assert "No table was changed" in run.errors["publish"][0]
    assert tables(real, database) == before


def test_killed_at_random(real: RealRuns) -> None:
    """SIGKILL of jobs and crawls at random moments; a reader sees each table as it was or as it will be."""
    bucket, database = real.bucket("crawl-kills"), next(DATABASES)
    name = workflow(real, bucket, database, MaxRetries=3)
    first = real.run(name)
    assert first.succeeded, first
    before = tables(real, database)
    real.put(bucket, {f"a b/orders/day={day}/x.csv": b"id,price\n5,1\n6,2\n" for day in range(4, 9)})
    after = {**before, "orders": [*before["orders"], *map(str, range(4, 9))]}

    def read() -> None:
        seen = tables(real, database)
        assert {**seen, "orders": []} == {**after, "orders": []}
        assert set(before["orders"]) <= set(seen["orders"]) <= set(after["orders"])

    disturbed = kill_at_random(real, name, 50, longest_seconds=1.0, read=read)
    assert disturbed.reads > 20
    assert {table: sorted(seen) for table, seen in tables(real, database).items()} == {
        table: sorted(seen) for table, seen in after.items()
    }
