"""A server for clients that other people wrote, and a way to run their checks in the clients' own environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness.local_server import Server


@pytest.fixture(scope="session")
def clients_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that checks signatures, for all clients; they use names of their own."""
    with Server(tmp_path_factory.mktemp("clients") / "data") as server:
        yield server
