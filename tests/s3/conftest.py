"""A real S3 endpoint on a port of its own, spoken to with boto3."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from glueprint.local.s3 import S3_SCHEMA, S3App, S3Store
from glueprint.local.store.database import Database

ACCOUNT = "123456789012"
DEADLINE = 10.0


@dataclass(frozen=True)
class Endpoint:
    """A running server and what stands behind it."""

    url: str
    root: Path
    store: S3Store

    def client(self, region: str = "us-east-1", **options: Any) -> Any:
        """A boto3 client that speaks to this endpoint only."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, **options),
        )


def open_store(folder: Path, **options: Any) -> tuple[Database, S3Store]:
    """A store in ``folder``; the caller closes the database."""
    database = Database(folder / "state.sqlite", [S3_SCHEMA])
    return database, S3Store(database, folder / "s3", time.time, **options)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One server for the tests of a module; each test uses a bucket of its own."""
    folder = tmp_path_factory.mktemp("s3")
    database, store = open_store(folder, minimum_part=1024)
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
    """A new bucket with a name of its own."""
    name = f"bucket-{abs(hash(request.node.nodeid)):x}"[:60]
    endpoint.store.create_bucket(name)
    return name


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Store]:
    """A store without a server, for the tests of a module."""
    database, opened = open_store(tmp_path_factory.mktemp("store"), minimum_part=1)
    yield opened
    database.close()
