"""s3_to_dynamodb, writing: the rate, what DynamoDB has not taken, sizes; and the layout."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common.duplicate_keys import replaced_positions
from glue_jobs.common.dynamodb_items import item_size, key_bytes, write_units
from glue_jobs.common.dynamodb_writing import ItemWriter, NotWritten, Rate
from glue_jobs.s3_to_dynamodb.load import write_rate


class Clock:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class FakeDynamo:
    """Takes at most some requests of each batch."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        class ProvisionedThroughputExceededException(Exception):
            """As boto3 raises it."""

    def __init__(self, takes: list[int]) -> None:
        self.takes = takes
        self.items: list[Any] = []
        self.calls = 0

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803
        """BatchWriteItem."""
        ((table, requests),) = RequestItems.items()
        assert 0 < len(requests) <= 25
        self.calls += 1
        takes = self.takes.pop(0) if self.takes else 25
        if takes < 0:
            raise self.exceptions.ProvisionedThroughputExceededException
        self.items += [request["PutRequest"]["Item"] for request in requests[:takes]]
        left = requests[takes:]
        return {"UnprocessedItems": {table: left} if left else {}}


def items(count: int) -> list[dict[str, Any]]:
    """Small items."""
    return [{"id": {"N": str(number)}} for number in range(count)]


def test_what_was_not_taken_is_sent_again_with_growing_pauses() -> None:
    """UnprocessedItems and throttling: each item is written once in the end, after pauses."""
    clock, client = Clock(), FakeDynamo([10, 0, -1, 3])
    writer = ItemWriter(client, "t", Rate(0), clock.sleep)
    for item in items(60):
        writer.put(item)
    writer.flush()
    assert sorted(int(item["id"]["N"]) for item in client.items) == list(range(60))
    assert writer.written == 60
    assert writer.repeated == 15 + 15 + 15 + 12
    assert clock.now > 0.1


def test_a_table_that_takes_nothing_is_an_error() -> None:
    """Not for ever: the message names the table and the capacity."""
    clock, client = Clock(), FakeDynamo([0] * 100)
    writer = ItemWriter(client, "orders", Rate(0), clock.sleep)
    writer.put(items(1)[0])
    with pytest.raises(NotWritten, match="none of 1 items of the table orders in 40 attempts"):
        writer.flush()
    assert clock.now < 900


@given(st.integers(1, 400), st.floats(5, 500))
def test_the_rate_is_kept(count: int, rate: float) -> None:
    """Never more than the rate and a second's worth, over any number of items."""
    clock = Clock()
    writer = ItemWriter(FakeDynamo([]), "t", Rate(rate, lambda: clock.now, clock.sleep), clock.sleep)
    for item in items(count):
        writer.put(item)
    writer.flush()
    assert writer.units == count
    assert count <= rate * (clock.now + 1) + 25


def test_the_rate_is_a_share_of_the_table() -> None:
    """WritePercent of provisioned capacity, at least one unit; WriteUnits of a table that is billed by request."""
    assert write_rate({"ProvisionedThroughput": {"WriteCapacityUnits": 40}}, 25, 1000) == 10
    assert write_rate({"ProvisionedThroughput": {"WriteCapacityUnits": 1}}, 25, 1000) == 1
    assert write_rate({"ProvisionedThroughput": {"WriteCapacityUnits": 0}}, 25, 1000) == 1000


def test_sizes_and_units() -> None:
    """Developer guide, "DynamoDB item sizes and formats": names count, a unit is a kilobyte."""
    assert item_size({"id": {"S": "é"}}) == 4
    assert item_size({"a": {"L": [{"S": "x"}]}, "b": {"BOOL": True}}) == 1 + 3 + 2 + 2
    assert [write_units({"a": {"S": "x" * size}}) for size in (0, 1023, 1024)] == [1, 1, 2]


def test_equal_keys_have_equal_bytes() -> None:
    """DynamoDB compares numbers by value, and keeps types apart."""
    assert key_bytes({"id": {"N": "1.0"}}, ["id"]) == key_bytes({"id": {"N": "1"}}, ["id"])
    assert key_bytes({"id": {"S": "1"}}, ["id"]) != key_bytes({"id": {"N": "1"}}, ["id"])


@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=5))
def test_of_equal_keys_the_last_stays(groups: list[list[int]]) -> None:
    """DuplicateKeys=last, over all groups."""
    digests = [b"".join(key.to_bytes(8, "little") for key in group) for group in groups]
    flat = [(key, number, at) for number, group in enumerate(groups) for at, key in enumerate(group)]
    last = {key: (number, at) for key, number, at in flat}
    expected = [
        tuple(at for at, key in enumerate(group) if last[key] != (number, at))
        for number, group in enumerate(groups)
    ]
    assert replaced_positions(digests) == expected
