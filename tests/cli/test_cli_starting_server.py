"""Commands while a server is starting: they wait for it, and a temporary one does not stand in its way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from glueprint.client import session
from glueprint.client.errors import ServerUnavailable
from glueprint.client.servers import Endpoint
from glueprint.client.session import Target, open_session
from glueprint.client.starting_servers import lock_holder, wait_for_starting_server
from glueprint.local.datadir import DataDirectory, replace_temporary_server


def test_a_command_uses_the_server_that_is_starting(tmp_path: Path) -> None:
    """`glueprint serve & glueprint bucket create x`: both start at once, whichever of them is first."""
    data_dir = tmp_path / "data"
    program = [sys.executable, "-m", "glueprint.cli"]
    serve = [*program, "serve", "--port", "0", "--data-dir", str(data_dir), "--warm-workers", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            create = [*program, "bucket", "create", "shop", "--data-dir", str(data_dir)]
            done = subprocess.run(create, capture_output=True, text=True, timeout=120, check=False)
            assert (done.returncode, done.stdout) == (0, "created bucket shop\n"), done.stderr
            assert server.stdout is not None
            assert server.stdout.readline().startswith("ready http://")
        finally:
            server.terminate()
    assert server.returncode in (0, -15)


def test_a_server_that_answers_later_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock shows that it lives, its pid is named; nothing is started."""
    monkeypatch.setattr(session, "start_temporary_server", None)
    ready = Endpoint("http://127.0.0.1:1", "a", "b", "us-east-1")
    answers = iter([None, None, ready])
    monkeypatch.setattr(session, "running_server", lambda data_dir: None)
    monkeypatch.setattr("glueprint.client.starting_servers.running_server", lambda data_dir: next(answers))
    lines: list[str] = []
    target = Target(data_dir=tmp_path / "data")
    with DataDirectory.open(target.data_dir), open_session(target, notify=lines.append) as opened:
        assert opened.endpoint == ready
    (line,) = lines
    assert f"(pid {os.getpid()}) is starting: waiting" in line


def test_the_wait_is_bounded(tmp_path: Path) -> None:
    """A server that never answers is named, with what to do; one that ends is not waited for."""
    assert wait_for_starting_server(tmp_path / "data", print) is None
    with (
        DataDirectory.open(tmp_path / "data") as data,
        pytest.raises(ServerUnavailable, match=rf"pid {os.getpid()}\) has not answered for 0 s; .*end it \(kill"),
    ):
        wait_for_starting_server(data.path, print, seconds=0.2)
    assert lock_holder(tmp_path / "data") is None


def test_a_look_at_the_lock_keeps_no_server_from_starting(tmp_path: Path) -> None:
    """Commands look again and again; the server takes the lock between two looks."""
    DataDirectory.open(tmp_path / "data").close()
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            lock_holder(tmp_path / "data")
            time.sleep(0.001)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(20):
            DataDirectory.open(tmp_path / "data").close()
    finally:
        ended.set()
        thread.join()


def test_a_temporary_server_that_is_starting_is_waited_for_until_it_can_leave(tmp_path: Path) -> None:
    """`glueprint bucket create x & glueprint serve`: it is not "in use by another server". One that is not
    temporary is, at once."""
    with DataDirectory.open(tmp_path / "a"):
        start = time.monotonic()
        assert not replace_temporary_server(tmp_path / "a", seconds=30)
        assert time.monotonic() - start < 10
    with DataDirectory.open(tmp_path / "b", temporary=True) as data:
        closing = threading.Timer(0.2, data.close)
        closing.start()
        assert not replace_temporary_server(tmp_path / "b", seconds=30)
        closing.join()
        DataDirectory.open(tmp_path / "b").close()
