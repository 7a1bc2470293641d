"""A local Glue within the test's own process, without HTTP; its engine runs only when a test starts it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import ManualClock
from glueprint.local.datadir import DataDirectory
from glueprint.local.protocol import ApiError, Context

CONTEXT = Context()
ROLE = "arn:aws:iam::123456789012:role/glueprint"
DEADLINE = 120.0


class Operations:
    """Open on entry, closed on exit; may be closed and opened again in between.

    Args:
        slots: how many job processes may run at once; with none, job runs stay STARTING.
        has_engine: whether what is owed is carried out; without, rows are written and nothing is started.
    """

    def __init__(self, path: Path, *, slots: int = 0, has_engine: bool = False) -> None:
        self._path = path
        self._slots = slots
        self._has_engine = has_engine
        self.clock = ManualClock(1_800_000_000.0)

    def __enter__(self) -> Operations:
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self) -> None:
        """Open the data directory, as a new server would."""
        self._data = DataDirectory.open(self._path)
        self.local = LocalGlue(
            self._data,
            self.clock,
            "http://127.0.0.1:9",
            account_id=CONTEXT.account_id,
            region=CONTEXT.region,
            slots=self._slots,
        )
        if self._has_engine:
            self.local.start()

    def close(self) -> None:
        """An orderly end."""
        self.local.close()
        self._data.close()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer that a client would get."""
        return self.local.glue.call(operation, request, CONTEXT)

    def refused(self, operation: str, **request: Any) -> ApiError:
        """The error that a client would get."""
        with pytest.raises(ApiError) as caught:
            self.call(operation, **request)
        return caught.value

    def put(self, key: str, body: bytes, bucket: str = "data") -> str:
        """Store an object; its address."""
        if bucket not in self.local.s3_store.bucket_names():
            self.local.s3_store.create_bucket(bucket)
        self.local.s3_store.put(bucket, key, body)
        return f"s3://{bucket}/{key}"


def until(look: Callable[[], Any]) -> Any:
    """The first answer that is not None, asked again and again up to a deadline."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.01)
    raise AssertionError(f"what the test waits for did not come within {DEADLINE:.0f} s")
