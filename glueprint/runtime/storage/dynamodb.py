"""DynamoDB tables as sources and sinks, through boto3 (developer guide, "DynamoDB connections", ETL connector).

Source of the attribute values: DynamoDB's developer guide, "Naming rules and data types".
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.records import from_records, to_records
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.options import Options

Value = Mapping[str, Any]


def from_attribute(value: Value) -> Any:
    """Return a plain value for ``{"N": "1"}``: whole numbers are ints, others floats, sets are sorted lists."""
    ((kind, content),) = value.items()
    return _READERS[kind](content)


def from_item(item: Mapping[str, Value]) -> dict[str, Any]:
    """Return an item as a record."""
    return {name: from_attribute(value) for name, value in item.items()}


def to_attribute(value: Any) -> Value:
    """Return a plain value as an attribute: dates as ISO text, since DynamoDB has no dates.

    Raises:
        TypeError: DynamoDB has no type for it.
    """
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, Decimal)):
        return {"N": str(value)}
    if isinstance(value, float):
        return {"N": repr(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, (bytes, bytearray)):
        return {"B": bytes(value)}
    if isinstance(value, datetime):
        return {"S": value.isoformat(sep=" ")}
    if isinstance(value, date):
        return {"S": value.isoformat()}
    if isinstance(value, dict):
        return {"M": to_item(value)}
    if isinstance(value, (list, tuple)):
        return {"L": [to_attribute(one) for one in value]}
    raise TypeError(f"DynamoDB has no type for {value!r}")


def to_item(record: Mapping[str, Any]) -> dict[str, Value]:
    """Return a record as an item, without fields that have no value."""
    return {name: to_attribute(value) for name, value in record.items() if value is not None}


def _number(text: str) -> int | float:
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _binary(content: bytes | str) -> bytes:
    return base64.b64decode(content) if isinstance(content, str) else bytes(content)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _number,
    "B": _binary,
    "BOOL": bool,
    "NULL": lambda _: None,
    "L": lambda content: [from_attribute(one) for one in content],
    "M": from_item,
    "SS": sorted,
    "NS": lambda content: sorted(map(_number, content)),
    "BS": lambda content: sorted(map(_binary, content)),
}


@dataclass
class DynamoDbSource:
    """All items of a table; types are inferred from the items, conflicts become choices.

    Whole numbers are ``long``: public scripts resolve and map such fields by that type, and crawlers write bigint.

    The driver reads the table, which is fast enough for a local DynamoDB.
    """

    services: Services
    table: str
    options: Options
    format_name: str = ""
    format_options: Options = field(default_factory=Options)

    def frame(self, partitions: int | None = None) -> Frame:
        """Return the items as records, in ``dynamodb.splits`` Spark partitions, but none is empty: each would cost
        the start of a task and of a Python worker.
        """
        pages = self.services.dynamodb.get_paginator("scan").paginate(TableName=self.table)
        records = [from_item(one) for page in pages for one in page["Items"]]
        splits = partitions or self.options.number("dynamodb.splits") or None
        spark = self.services.spark
        if splits:
            splits = min(splits, max(1, len(records)))
        return from_records(spark, spark.sparkContext.parallelize(records, splits), always_long=True)


_MAX_JOBS = 8
"""Spark jobs in which records are written; the driver has the records of one in memory."""
_BATCH = 25
"""Items in one BatchWriteItem (its API reference)."""
_DEFAULT_ATTEMPTS = 10
"""``dynamodb.output.retry``."""

Item = dict[str, Value]


@dataclass
class DynamoDbSink:
    """Puts a frame's records into a table: an item with the same key is replaced."""

    services: Services
    table: str
    options: Options
    format_name: str = ""
    format_options: Options = field(default_factory=Options)

    def write(self, frame: Frame) -> None:
        """Put the records.

        Raises:
            StorageError: the table did not accept some of them after all attempts.
            botocore's ``ResourceNotFoundException``: there is no such table.
        """
        client = self.services.dynamodb
        keys = [one["AttributeName"] for one in client.describe_table(TableName=self.table)["Table"]["KeySchema"]]
        records = to_records(frame)
        # toLocalIterator runs a job for each partition, also for an empty one.
        few = records.coalesce(min(_MAX_JOBS, max(1, records.getNumPartitions())))
        for batch in _batches(map(to_item, few.toLocalIterator())):
            self._put(client, _one_per_key(batch, keys))

    def _put(self, client: Any, items: Iterable[Item]) -> None:
        waiting: dict[str, Any] = {self.table: [{"PutRequest": {"Item": one}} for one in items]}
        attempts = self.options.number("dynamodb.output.retry") or _DEFAULT_ATTEMPTS
        for attempt in range(attempts):
            waiting = client.batch_write_item(RequestItems=waiting).get("UnprocessedItems") or {}
            if not waiting:
                return
            time.sleep(min(2.0, 0.05 * 2**attempt))  # as DynamoDB's guide advises for unprocessed items
        raise StorageError(
            f"DynamoDB did not accept {len(waiting[self.table])} items for {self.table} after {attempts} attempts"
        )


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch


def _one_per_key(items: Sequence[Item], keys: Sequence[str]) -> Iterable[Item]:
    """Return the last item of each key: a request must not contain a key twice."""
    return {repr([one.get(key) for key in keys]): one for one in items}.values()
