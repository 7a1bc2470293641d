"""DynamoDB, which the local server hands to moto."""

from __future__ import annotations

from typing import Any

import pytest
from harness.storage_lake import Lake, rows
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.frames import types
from glueprint.runtime.frames.records import to_records
from glueprint.runtime.storage.connections import connection
from glueprint.runtime.storage.dynamodb import from_attribute, to_attribute, to_item
from glueprint.runtime.storage.errors import NotSupportedLocally
from glueprint.runtime.storage.options import Options

NAMES = st.text(min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_values_survive_the_way_there_and_back(value: Any) -> None:
    """DynamoDB's guide, "Naming rules and data types"; maps lose members without a value, as the connector
    does.
    """
    assert from_attribute(to_attribute(value)) == _without_nothing(value)


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(one) for name, one in value.items() if one is not None}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30))
def test_floats_keep_their_value(value: float) -> None:
    """A number of DynamoDB has up to 38 digits, enough for a double; whole ones come back as ints."""
    assert float(from_attribute(to_attribute(value))) == value


@pytest.mark.spark
def test_a_table_is_written_and_read(lake: Lake) -> None:
    """``dynamodb.output.tableName`` and ``dynamodb.input.tableName`` (developer guide, "DynamoDB connections");
    more records than one request takes, a key twice.
    """
    client = lake.services.dynamodb
    client.create_table(
        TableName=lake.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    records = [*((at, f"n{at}", [at]) for at in range(30)), (0, None, [7])]
    frame = lake.frame(records, "id int, name string, l array<int>")
    connection("dynamodb").sink(lake.services, Options({"dynamodb.output.tableName": lake.name}), "").write(frame)
    read = lake.read("dynamodb", **{"dynamodb.input.tableName": lake.name, "dynamodb.splits": "2"})
    assert read.schema.get("name") == types.STRING
    assert read.schema.get("id") == types.LONG
    assert read.schema.get("l") == types.Array(types.LONG)
    many = lake.read("dynamodb", **{"dynamodb.input.tableName": lake.name, "dynamodb.splits": "1000"})
    assert many.partition_count() == 30
    found = {row["id"]: (row["name"], row["l"]) for row in rows(read)}
    assert found == {at: (f"n{at}", [at]) for at in range(1, 30)} | {0: (None, [7])}
    lake.table("d", "dynamodb", {"id": "bigint"}, location=f"arn:aws:dynamodb:us-east-1:1:table/{lake.name}")
    assert lake.read_table("d").count() == 30


@pytest.mark.spark
def test_the_export_connector_is_refused(lake: Lake) -> None:
    """Refused, with its name and what to do instead."""
    with pytest.raises(NotSupportedLocally, match=r"not supported locally: option dynamodb\.export"):
        lake.read("dynamodb", **{"dynamodb.export": "ddb", "dynamodb.tableArn": "x"})


def test_an_item_has_no_empty_attributes() -> None:
    """The connector's default (``dynamodb.null.serialization`` off in awslabs/emr-dynamodb-connector)."""
    assert to_item({"a": 1, "b": None}) == {"a": {"N": "1"}}


@pytest.mark.spark
def test_whole_numbers_are_long_also_in_choices(lake: Lake) -> None:
    """Public scripts resolve and map whole numbers of DynamoDB as ``long``; crawlers write bigint
    (docs/facts/runtime.md#sources-and-sinks).
    """
    client = lake.services.dynamodb
    client.create_table(
        TableName=lake.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for name, value in {"a": {"N": "1"}, "b": {"N": "5000000000"}, "c": {"S": "x"}, "d": {"N": "1.5"}}.items():
        client.put_item(TableName=lake.name, Item={"id": {"S": name}, "v": value})
    read = lake.read("dynamodb", **{"dynamodb.input.tableName": lake.name})
    assert read.schema.get("v") == types.choice([types.LONG, types.STRING, types.DOUBLE])
    found = {record["id"]: record["v"] for record in to_records(read).collect()}
    assert found == {"a": 1, "b": 5000000000, "c": "x", "d": 1.5}
    assert [row["v"]["long"] for row in rows(read) if row["id"] == "a"] == [1]
