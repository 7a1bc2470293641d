"""Writing to a DynamoDB table (developer guide, "DynamoDB connections")."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.records import to_records
from glueprint.runtime.storage.dynamodb.attributes import Value, item
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services

_BATCH = 25
"""Items in one BatchWriteItem (its API reference)."""
_DEFAULT_TRIES = 10
"""``dynamodb.output.retry``."""

Item = dict[str, Value]


@dataclass(slots=True)
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
            StorageError: the table did not take some of them after all tries.
            botocore's ``ResourceNotFoundException``: there is no such table.
        """
        client = self.services.dynamodb
        keys = [one["AttributeName"] for one in client.describe_table(TableName=self.table)["Table"]["KeySchema"]]
        for batch in _batches(map(item, to_records(frame).toLocalIterator())):
            self._put(client, _one_per_key(batch, keys))

    def _put(self, client: Any, items: Iterable[Item]) -> None:
        waiting: dict[str, Any] = {self.table: [{"PutRequest": {"Item": one}} for one in items]}
        tries = self.options.number("dynamodb.output.retry") or _DEFAULT_TRIES
        for attempt in range(tries):
            waiting = client.batch_write_item(RequestItems=waiting).get("UnprocessedItems") or {}
            if not waiting:
                return
            time.sleep(min(2.0, 0.05 * 2**attempt))  # as DynamoDB's guide advises for unprocessed items
        raise StorageError(
            f"DynamoDB did not take {len(waiting[self.table])} items for {self.table} after {tries} tries"
        )


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch


def _one_per_key(items: Sequence[Item], keys: Sequence[str]) -> Iterable[Item]:
    """The last item of each key: one request must not name a key twice."""
    return {repr([one.get(key) for key in keys]): one for one in items}.values()
