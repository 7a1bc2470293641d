"""Writing items to DynamoDB within a rate of write capacity."""

import random
import time
from typing import Any, Callable, Dict, List

from glue_jobs.common.dynamodb_items import Item, write_units

MAX_BATCH_ITEMS = 25
MAX_BATCH_BYTES = 8 << 20
FIRST_PAUSE_SECONDS = 0.05
MAX_PAUSE_SECONDS = 20.0
MAX_ATTEMPTS_WITHOUT_PROGRESS = 40


class NotWritten(Exception):
    """DynamoDB has not taken items, however often they were sent."""


class Rate:
    """Lets units pass at most at a rate; a second's worth at once.

    Args:
        units_per_second: the rate; 0 for any.
        now: a clock in seconds.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        units_per_second: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = units_per_second
        self._now = now
        self._sleep = sleep
        self._free_at = now()

    def take(self, units: int) -> None:
        """Wait until the units may pass."""
        if self._rate <= 0:
            return
        # What was not used for more than a second is lost, so that no burst follows a pause.
        self._free_at = max(self._free_at, self._now() - 1.0)
        self._free_at += units / self._rate
        ahead = self._free_at - self._now()
        if ahead > 0:
            self._sleep(ahead)


class ItemWriter:
    """Puts items into a table, each until DynamoDB has taken it.

    Args:
        client: a boto3 DynamoDB client.
        table: the table.
        rate: the rate of write units.
        sleep: waits for seconds.
    """

    def __init__(self, client: Any, table: str, rate: Rate, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table
        self._rate = rate
        self._sleep = sleep
        self._batch: List[Item] = []
        self.written = 0
        """Items that DynamoDB has taken."""
        self.units = 0
        self.repeated = 0
        """Items that were sent again, because DynamoDB had not taken them."""

    def put(self, item: Item) -> None:
        """Put an item, with others."""
        self._batch.append(item)
        if len(self._batch) == MAX_BATCH_ITEMS:
            self.flush()

    def flush(self) -> None:
        """Put what is waiting.

        Raises:
            NotWritten: DynamoDB takes nothing any more.
        """
        waiting = [{"PutRequest": {"Item": item}} for item in self._batch]
        self._batch = []
        failures = 0
        while waiting:
            units = sum(write_units(request["PutRequest"]["Item"]) for request in waiting)
            self._rate.take(units)
            left = self._send(waiting)
            self.written += len(waiting) - len(left)
            self.units += units
            failures = 0 if len(left) < len(waiting) else failures + 1
            if failures == MAX_ATTEMPTS_WITHOUT_PROGRESS:
                raise NotWritten(
                    "DynamoDB has taken none of {} items of the table {} in {} attempts: its write capacity is "
                    "used up.".format(len(left), self._table, failures)
                )
            if left:
                self.repeated += len(left)
                longest = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**failures)
                self._sleep(longest * random.uniform(0.5, 1.0))
            waiting = left

    def _send(self, requests: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        """Send requests; those that were not taken."""
        client = self._client
        try:
            answer = client.batch_write_item(RequestItems={self._table: requests})
        except client.exceptions.ProvisionedThroughputExceededException:
            return requests
        left: List[Dict[str, Any]] = answer.get("UnprocessedItems", {}).get(self._table, [])
        return left
