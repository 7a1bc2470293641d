"""A real S3 endpoint on its own port, called with boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from harness.serving import serving
from s3_harness import ACCOUNT, Endpoint, open_store

from glueprint.local.s3 import S3App, S3Store


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One server for the tests of a module; each test uses its own bucket."""
    folder = tmp_path_factory.mktemp("s3")
    database, store = open_store(folder, min_part_bytes=1024)
    with serving(S3App(store, ACCOUNT, "us-east-1")) as url:
        yield Endpoint(url, folder / "s3", store)
    database.close()


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
