"""A local Glue whose processes are made up: they start at once, and end when and how the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import ManualClock
from glueprint.local.datadir import DataDirectory
from glueprint.local.executors import children
from glueprint.local.executors.processes import Alive, Ended, NotStarted, Status
from glueprint.local.protocol.service import Context

Report = Callable[[str, Status], None]
DEADLINE = 100.0


class World:
    """What the operating system knows: which processes were started, and which were requested to end.

    It outlives the server, as processes do.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.launched: set[str] = set()
        self.launches: list[str] = []
        self.stopped: set[str] = set()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Until ``condition`` holds."""
        with self.changed:
            assert self.changed.wait_for(condition, DEADLINE), f"in vain: {what}"


class MadeUpProcesses:
    """Stands in for ``executors.processes.Processes``; nothing runs."""

    def __init__(self, world: World, root: Path, report: Report) -> None:
        self._world = world
        self._root = root
        self.report = report

    def run_dir(self, subject: str) -> Path:
        """Where its files would be."""
        return self._root / subject

    def resume(self, subject: str) -> bool:
        """It is prepared, always: so it is launched without looking for a script. Safe to repeat."""
        with self._world.changed:
            if subject not in self._world.launched:
                self._world.launches.append(subject)
            self._world.launched.add(subject)
            self._world.changed.notify_all()
        return True

    def stop(self, subject: str, *, grace_seconds: float = 0.0) -> None:
        """Its end is requested."""
        with self._world.changed:
            self._world.stopped.add(subject)
            self._world.changed.notify_all()

    def status(self, subject: str) -> Status:
        """Alive, once launched."""
        return Alive(1, 0.0) if subject in self._world.launched else NotStarted()

    def adopt(self, subject: str) -> None:
        """Nothing is reported that the test does not report."""

    def clean(self, subject: str) -> None:
        """There is nothing to remove."""

    def forget(self, subject: str) -> None:
        """There is nothing to remove."""

    def close(self) -> None:
        """Nothing is watched."""


class Service:
    """A local Glue in this process, that can be cut off and started again on the same data."""

    def __init__(self, data: DataDirectory, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._data = data
        self.world = world
        self.clock = ManualClock()
        session = botocore.session.get_session()
        # One session for all restarts: a session keeps the service models that it has read.
        monkeypatch.setattr(botocore.session, "get_session", lambda: session)
        monkeypatch.setattr(children, "Processes", lambda root, report, *_, **__: self._make(root, report))
        self._start()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """An operation of the API."""
        return self._glue.glue.call(operation, request, Context())

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What is stored."""
        return self._glue.database.read(lambda tx: tx.execute(query, values).fetchall())

    def started(self, job_run: str) -> None:
        """The job's user code runs."""
        self._processes.report(job_run, Alive(1, self.clock.now()))

    def ended(self, job_run: str, status: int) -> None:
        """The job's process is over."""
        now = self.clock.now()
        ended = Ended(status, None, f"exit {status}" if status else None, now - 1.0, now, None)
        self._processes.report(job_run, ended)

    def restart(self) -> None:
        """The server goes away, its children stay; a new one takes over."""
        self.cut()
        self._start()

    def cut(self) -> None:
        """The server goes away without ending anything."""
        self._glue.engine.close()
        self._glue.database.close()

    def _start(self) -> None:
        self._glue = LocalGlue(
            self._data,
            self.clock,
            "http://127.0.0.1:1",
            account_id="123456789012",
            region="us-east-1",
            slots=10_000,
        )
        self._glue.start()

    def _make(self, root: Path, report: Report) -> MadeUpProcesses:
        self._processes = MadeUpProcesses(self.world, root, report)
        return self._processes
