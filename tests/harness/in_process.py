"""A local Glue within the test's own process, without HTTP, at a time that the test moves by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import ManualClock
from glueprint.local.datadir import DataDirectory
from glueprint.local.executors.processes import STOP_GRACE_SECONDS
from glueprint.local.protocol import Context

CONTEXT = Context()


class GlueInProcess:
    """Open on entry, closed on exit; may be closed and opened again in between.

    Args:
        path: its data directory.
        now: the time when it is made, epoch seconds.
        slots: how many job processes may run at once; with none, job runs stay STARTING.
        has_engine: whether what is owed is carried out; without, rows are written and nothing is started.
        stop_grace_seconds: between SIGTERM and SIGKILL.
    """

    def __init__(
        self,
        path: Path,
        now: float,
        *,
        slots: int = 0,
        has_engine: bool = False,
        stop_grace_seconds: float = STOP_GRACE_SECONDS,
    ) -> None:
        self.path = path
        self.clock = ManualClock(now)
        self._slots = slots
        self._has_engine = has_engine
        self._stop_grace_seconds = stop_grace_seconds

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self) -> None:
        """Open the data directory, as a new server would, and take up what is there."""
        self._data = DataDirectory.open(self.path)
        self.local = LocalGlue(
            self._data,
            self.clock,
            "http://127.0.0.1:9",
            account_id=CONTEXT.account_id,
            region=CONTEXT.region,
            slots=self._slots,
            stop_grace_seconds=self._stop_grace_seconds,
        )
        if self._has_engine:
            self.local.start()

    def close(self) -> None:
        """An orderly end."""
        self.local.close()
        self._data.close()

    def crash(self) -> None:
        """An abrupt end: nothing is reported, processes go on."""
        self.local.engine.close()
        self.local.abandon()
        self._data.close()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """One operation, with the checks that a client meets."""
        return self.local.glue.call(operation, request, CONTEXT)

    def put(self, key: str, body: bytes, bucket: str = "data") -> str:
        """Store an object, in a bucket that is made for it; its address."""
        if bucket not in self.local.s3_store.bucket_names():
            self.local.s3_store.create_bucket(bucket)
        self.local.s3_store.put(bucket, key, body)
        return f"s3://{bucket}/{key}"
