"""s3_to_dynamodb: exactly the rows of the files as items, checked before the first is written, safe to repeat."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal

from glue_jobs.common import dynamodb_tasks, pieces, source_rounds, source_tasks
from glue_jobs.common.bad_records import TooManyBadRecords
from glue_jobs.common.file_look import look_for_files
from glue_jobs.common.run_lock import DestinationLocked
from glue_jobs.common.source_rounds import ReadingFailed
from glue_jobs.s3_to_dynamodb import load, report

DEFAULTS = {
    "WORKFLOW_NAME": "daily",
    "aws_region": "us-east-1",
    "location": "s3://landing/in/",
    "file_pattern": "*",
    "on_missing": "continue",
    "lock_folder": "s3://scripts/glueprint/locks/daily/",
    "manifest_folder": "s3://scripts/manifests/daily/",
    "bad_records": "s3://scripts/bad/",
    "maximum_bad_records": "0",
    "table": "orders",
    "write_percent": "50",
    "write_units": "0",
    "duplicate_keys": "fail",
    "input_format": "csv",
    "choice_types": "widen",
    "header": "true",
    "multi_line": "true",
    "encoding": "utf-8",
}


class World:
    """A landing bucket, a table of DynamoDB, and the jobs."""

    def __init__(self, s3: Any, patch: pytest.MonkeyPatch, **key: str) -> None:
        self.s3 = s3
        self.glue = FakeCatalogue()
        self.dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        self.countdown = Countdown()
        for name in self.dynamodb.list_tables()["TableNames"]:
            self.dynamodb.delete_table(TableName=name)
        key = key or {"Id": "S"}
        kinds = ("HASH", "RANGE")
        self.dynamodb.create_table(
            TableName="orders",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in key.items()],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in zip(key, kinds, strict=False)],
        )
        clients = {"s3": s3, "dynamodb": self.dynamodb}
        for module in (dynamodb_tasks, source_rounds, source_tasks):
            patch.setattr(module, "aws_client", lambda service, region: Mortal(clients[service], self.countdown))

    def put(self, key: str, body: str | bytes) -> None:
        """A file of the source."""
        self.s3.put_object(Bucket="landing", Key="in/" + key, Body=body)

    def look(self, run: str) -> Any:
        """The first job; its marker."""
        arguments = {**DEFAULTS, "WORKFLOW_RUN_ID": run}
        now = datetime.now(UTC)
        return look_for_files(self.s3, self.glue, arguments, now, "s3_to_dynamodb", DEFAULTS["lock_folder"])

    def load(self, run: str, **changes: str) -> None:
        """One attempt of the loading job; tasks run one after another."""

        def one_by_one(task: Callable[[Any], Any], groups: Sequence[Any]) -> list[Any]:
            return [task(group) for group in groups]

        arguments = {**dict.fromkeys(load.OPTIONAL, ""), **DEFAULTS, **changes, "WORKFLOW_RUN_ID": run}
        load.load(self.s3, self.glue, self.dynamodb, arguments, one_by_one, lambda: 1)

    def run(self, run: str = "wr_1", **changes: str) -> list[dict[str, Any]]:
        """Both jobs; the items."""
        self.look(run)
        self.load(run, **changes)
        return self.items()

    def items(self) -> list[dict[str, Any]]:
        """The table's items, sorted."""
        items = self.dynamodb.scan(TableName="orders", ConsistentRead=True)["Items"]
        return sorted(items, key=lambda item: str(item.get("Id")))

    def count(self, run: str, name: str) -> int:
        """A count among the run's properties."""
        return int(self.glue.properties[run]["s3_to_dynamodb." + name])


@pytest.fixture
def world(s3: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """A table with a text key."""
    return World(s3, monkeypatch)


def test_rows_become_items(world: World) -> None:
    """Names and types (README); a text key stays text, whatever its values look like; counts agree."""
    world.put("a.csv", "id,name,price,day,ok,none\n007,x,2.50,2024-01-31,true,\n8,,3,2024-02-01,false,\n")
    assert world.run(column_types="price decimal(10,2)") == [
        {
            "Id": {"S": "007"}, "name": {"S": "x"}, "price": {"N": "2.5"}, "day": {"S": "2024-01-31"},
            "ok": {"BOOL": True}, "none": {"S": ""},
        },
        {
            "Id": {"S": "8"}, "name": {"S": ""}, "price": {"N": "3"}, "day": {"S": "2024-02-01"},
            "ok": {"BOOL": False}, "none": {"S": ""},
        },
    ]  # fmt: skip
    counts = {name: world.count("wr_1", name) for name in report.COUNTS}
    expected = {"rows": 2, "items": 2, "replaced": 0, "bad_records": 0, "files_in": 1, "empty_files": 0}
    assert counts == {**expected, "write_units": 2, "repeated": 0}
    assert (
        report.summary(world.glue.properties["wr_1"], "orders")[-1]
        == "result       2 items of 2 rows in the table orders"
    )


def test_every_type_has_a_form(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of types in the README, from Parquet; a key of two parts, one of them a number."""
    world = World(s3, monkeypatch, Id="N", part="B")
    columns = {
        "id": pa.array([1 << 60]),
        "part": pa.array([b"\x00"]),
        "price": pa.array([Decimal("12345678901234567890.123456789012345678")]),
        "at": pa.array([datetime(2024, 1, 31, 10)], pa.timestamp("us")),
        "day": pa.array([date(2024, 1, 31)]),
        "x": pa.array([0.1]),
        "tags": pa.array([["a", None]]),
        "inner": pa.array([{"a": 1, "b": None}]),
        "map": pa.array([[("k", True)]], pa.map_(pa.string(), pa.bool_())),
        "none": pa.array([None], pa.string()),
    }
    body = io.BytesIO()
    pq.write_table(pa.table(columns), body)
    world.put("a.parquet", body.getvalue())
    (item,) = world.run(input_format="parquet")
    assert item == {
        "Id": {"N": str(1 << 60)},
        "part": {"B": b"\x00"},
        "price": {"N": "12345678901234567890.123456789012345678"},
        "at": {"S": "2024-01-31T10:00:00"},
        "day": {"S": "2024-01-31"},
        "x": {"N": "0.1"},
        "tags": {"L": [{"S": "a"}, {"NULL": True}]},
        "inner": {"M": {"a": {"N": "1"}}},
        "map": {"M": {"k": {"BOOL": True}}},
    }


def test_what_dynamodb_does_not_take_is_bad_and_nothing_is_written(world: World) -> None:
    """No key, too large, infinite: counted and kept; one more than allowed, and the table is as it was."""
    large = "x" * 400 * 1024
    world.put(
        "a.json",
        f'{{"id": "1", "v": 1.5}}\n{{"id": ""}}\n{{"id": "3", "v": Infinity}}\n{{"id": "4", "t": "{large}"}}\n',
    )
    with pytest.raises(TooManyBadRecords, match=r"At least 3 records are bad, and MaximumBadRecords is 2"):
        world.run(input_format="json", maximum_bad_records="2")
    assert world.items() == []
    assert [item["Id"]["S"] for item in world.run("wr_2", input_format="json", maximum_bad_records="3")] == ["1"]
    assert world.count("wr_2", "bad_records") == 3
    text = world.s3.get_object(Bucket="scripts", Key="bad/run=wr_2/bad-00000.jsonl")["Body"].read().decode()
    for reason in ("id: the key has no value", "v: inf is not a number", "the item has 409,6"):
        assert reason.replace("id:", "Id:") in text


def test_a_key_that_occurs_twice(world: World) -> None:
    """DuplicateKeys: fail before anything is written, or the last one in the order of names counts."""
    world.put("a.csv", "id,v\n1,first\n2,x\n1,second\n")
    world.put("b.csv", "id,v\n1,third\n")
    with pytest.raises(ReadingFailed, match="2 rows have the key of a later row"):
        world.run()
    assert world.items() == []
    items = world.run("wr_2", duplicate_keys="last")
    assert [(item["Id"]["S"], item["v"]["S"]) for item in items] == [("1", "third"), ("2", "x")]
    assert (world.count("wr_2", "items"), world.count("wr_2", "replaced")) == (2, 2)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("name\nx\n", "the key Id is not a column; there are name"),
        ("id,id2\n1\n", "At least 1 records are bad"),
    ],
)
def test_files_that_do_not_fit_change_nothing(world: World, body: str, message: str) -> None:
    """The table is as it was, the message contains the reason."""
    world.put("a.csv", body)
    with pytest.raises((ReadingFailed, TooManyBadRecords)) as caught:
        world.run(column_types="" if "id" in body else "name string")
    assert "ColumnTypes: id not a column; there are name" in str(caught.value) or message in str(caught.value)
    assert world.items() == []


def test_a_number_key_must_be_numbers(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key's type in the table and in the files are compared before anything is written."""
    world = World(s3, monkeypatch, id="N")
    world.put("a.csv", "id\nx\n")
    with pytest.raises(ReadingFailed, match="the key id is of type N in the table, but string in the files"):
        world.run()


def test_a_missing_table_is_named(world: World) -> None:
    """TableName must exist."""
    world.put("a.csv", "id\n1\n")
    with pytest.raises(load.TableUnusable, match="DynamoDB has no table nope"):
        world.run(table="nope")


def test_killed_before_any_request_and_run_again_it_ends_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README: a run that is killed is finished by its retry, with the same items."""
    monkeypatch.setattr(pieces, "MIN_GROUP_BYTES", 40)
    for name in "ab":
        world.put(f"{name}.csv", "id,v\n" + "".join(f"{name}{number},{number}\n" for number in range(12)))
    for kill_before in range(1000):
        for item in world.items():
            world.dynamodb.delete_item(TableName="orders", Key={"Id": item["Id"]})
        run = f"wr_{kill_before}"
        world.look("wr_0")
        world.glue.properties[run] = dict(world.glue.properties["wr_0"])
        world.countdown.count, world.countdown.kill_before = 0, kill_before
        try:
            world.load("wr_0")
            was_killed = False
        except Killed:
            was_killed = True
        world.countdown.kill_before = None
        if was_killed:
            world.load("wr_0")
        assert len(world.items()) == 24
        assert world.count("wr_0", "items") == 24
        if not was_killed:
            assert kill_before >= 4
            return


def test_a_second_run_at_the_same_time_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails in its first job."""
    world.put("a.csv", "id\n1\n")
    world.look("wr_1")
    monkeypatch.setattr(world.glue, "get_workflow_run", lambda **_: {"Run": {"Status": "RUNNING"}}, raising=False)
    with pytest.raises(DestinationLocked):
        world.look("wr_2")


def test_without_files_nothing_is_written(world: World) -> None:
    """OnMissing=continue: the job reads the marker and ends."""
    assert world.look("wr_1").present is False
    world.load("wr_1")
    assert world.items() == []
    assert "nothing loaded: no file is there" in report.summary(world.glue.properties["wr_1"], "orders")[-1]
