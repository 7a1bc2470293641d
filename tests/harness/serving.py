"""An application on a port of its own, within the test's process."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from glueprint.local.s3 import S3_SCHEMA, S3_SETTINGS_SCHEMA, S3App, S3Store
from glueprint.local.store.database import Database

DEADLINE = 60.0


@contextlib.contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve an ASGI application; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application, log_level="warning", lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + DEADLINE
            while not server.started and thread.is_alive() and time.monotonic() < deadline:
                thread.join(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(DEADLINE)
    assert not thread.is_alive()


@contextlib.contextmanager
def serving_s3(folder: Path) -> Iterator[str]:
    """Serve the local Glue's S3 with its objects below a folder; its address."""
    database = Database(folder / "state.sqlite", [S3_SCHEMA, S3_SETTINGS_SCHEMA])
    try:
        with serving(S3App(S3Store(database, folder / "s3", time.time), "123456789012", "us-east-1")) as url:
            yield url
    finally:
        database.close()
