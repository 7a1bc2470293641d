"""Counting the rows of a Spark job while it writes them, to compare them with what is there after it."""

import threading
from typing import Any, List, Optional

MAX_WAIT_SECONDS = 60.0


class ObservedRows:
    """Counts the rows that pass; the count is there after an action.

    Spark's Observation waits for its metrics without end, and a plan whose rows are optimised away may have none:
    so the wait is limited.
    """

    def __init__(self) -> None:
        self._observation: Any = None

    def watch(self, rows: Any) -> Any:
        """The same DataFrame, whose rows are counted."""
        from pyspark.sql import Observation, functions

        self._observation = Observation()
        return rows.observe(self._observation, functions.count(functions.lit(1)).alias("rows"))

    def count(self) -> Optional[int]:
        """The number of rows; None if Spark does not report it."""
        found: List[int] = []
        waiting = threading.Thread(target=lambda: found.append(self._observation.get["rows"]), daemon=True)
        waiting.start()
        waiting.join(MAX_WAIT_SECONDS)
        if not found:
            print("Spark has not reported how many rows it has written.")
        return found[0] if found else None

    def differs(self, rows: int) -> bool:
        """Whether the number of rows is known and another one."""
        return self.count() not in (None, rows)
