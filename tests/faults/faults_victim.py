"""A server that is killed again and again, and what was going on at each kill."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from harness.local_server import DEADLINE, Server, ServerGone

from glueprint.local.faults import VARIABLE
from glueprint.runtime.processes.process import Alive, inspect

_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


@dataclass(frozen=True)
class Kill:
    """A kill, and what was in flight at that moment.

    Attributes:
        attempts: job runs between their submission and the end that the store knows of.
        alive: those among them whose process ran after the kill.
    """

    attempts: int
    alive: int


class Victim(Server):
    """A server without signatures, which may be ordered to end at a fault point."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, "--no-auth", "--warm-workers", "auto")  # kills must find jobs that wait ready
        self.kills: list[Kill] = []
        self.armed = ""
        """The order of the last server that was given one."""

    def start_armed(self, order: str) -> bool:
        """Start it with an order to end; False when it ended before it was ready."""
        self._environment[VARIABLE] = self.armed = order
        try:
            self.start()
        except ServerGone:
            return False
        finally:
            del self._environment[VARIABLE]
        return True

    def glue(self) -> Any:
        """A client that tries each call once."""
        return self._client("glue")

    def s3(self) -> Any:
        """A client that tries each call once."""
        return self._client("s3")

    def events(self) -> Any:
        """A client that tries each call once."""
        return self._client("events")

    def kill_now(self) -> None:
        """SIGKILL, and note what was in flight."""
        self.kill()
        self.kills.append(self.in_flight())

    def is_gone(self) -> bool:
        """Whether the server has ended."""
        return self.process is None or self.process.poll() is not None

    def await_its_end(self) -> None:
        """Wait until the server has ended as it was ordered to, and note what was in flight."""
        assert self.process is not None
        status = self.process.wait(DEADLINE)
        assert status == -signal.SIGKILL, f"the server that was to end at {self.armed} ended with {status}"
        self._gone()
        self.kills.append(self.in_flight())

    def in_flight(self) -> Kill:
        """What the store and the run directories say right now."""
        query = "SELECT id FROM job_run WHERE state IN ('STARTING', 'RUNNING', 'STOPPING')"
        ids = [row[0] for row in self.rows(query)]
        alive = [one for one in ids if isinstance(inspect(self.data_dir / "runs" / one), Alive)]
        return Kill(len(ids), len(alive))

    def rows(self, query: str, *values: object) -> list[Any]:
        """Rows of the store, read while the server runs or after it was killed."""
        uri = f"file:{self.data_dir / 'state.sqlite'}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, statement: str, *values: object) -> int:
        """Change rows while no server runs; how many."""
        assert self.is_gone()
        with contextlib.closing(sqlite3.connect(self.data_dir / "state.sqlite")) as connection, connection:
            return connection.execute(statement, values).rowcount

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
            config=_ONCE,
        )


@contextlib.contextmanager
def dying(victim: Victim) -> Iterator[None]:
    """Calls that a server which ends in the middle does not answer; any other failure is one."""
    try:
        yield
    except ClientError:
        raise
    except BotoCoreError:
        deadline = time.monotonic() + DEADLINE
        while not victim.is_gone() and time.monotonic() < deadline:
            time.sleep(0.01)
        if not victim.is_gone():
            raise


def meanwhile(seconds: float, look: Callable[[], object], gone: Callable[[], bool] = lambda: False) -> None:
    """Look again and again for so long, or until something is gone."""
    deadline = time.monotonic() + seconds
    while not gone() and time.monotonic() < deadline:
        look()
        time.sleep(min(0.03, max(0.0, deadline - time.monotonic())))
