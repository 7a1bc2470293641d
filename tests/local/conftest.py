"""A real local Glue for tests: one server process for the session, and throw-away ones to kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.local_server import Server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that keeps running; tests use names of their own."""
    with Server(tmp_path_factory.mktemp("shared") / "data") as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone, which it may kill and start again."""
    with Server(tmp_path / "data") as server:
        yield server
