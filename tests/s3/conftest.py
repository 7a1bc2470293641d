"""A real S3 endpoint on its own port, called with boto3."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from s3_harness import ACCOUNT, DEADLINE, Endpoint, open_store

from glueprint.local.s3 import S3App, S3Store


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One server for the tests of a module; each test uses its own bucket."""
    folder = tmp_path_factory.mktemp("s3")
    database, store = open_store(folder, min_part_bytes=1024)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            S3App(store, ACCOUNT, "us-east-1"), log_level="warning", lifespan="off", access_log=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + DEADLINE
            while not server.started and thread.is_alive() and time.monotonic() < deadline:
                thread.join(0.01)
            yield Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}", folder / "s3", store)
        finally:
            server.should_exit = True
            thread.join(DEADLINE)
            database.close()
    assert not thread.is_alive()


@pytest.fixture
def s3(endpoint: Endpoint) -> Iterator[Any]:
    """A boto3 client."""
    client = endpoint.client()
    yield client
    client.close()


@pytest.fixture
def bucket(endpoint: Endpoint, request: pytest.FixtureRequest) -> str:
    """A new bucket with a unique name."""
    name = f"bucket-{abs(hash(request.node.nodeid)):x}"[:60]
    endpoint.store.create_bucket(name)
    return name


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Store]:
    """A store without a server, for the tests of a module."""
    database, opened = open_store(tmp_path_factory.mktemp("store"), min_part_bytes=1)
    yield opened
    database.close()
