"""The data directory: private, one server at a time, keys kept, endpoint published."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from glueprint.local import datadir
from glueprint.local.datadir import DataDirectory, DataDirectoryError
from glueprint.local.server import ServeOptions, _former_listeners, _listen


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_directory_is_private_and_has_its_folders(tmp_path: Path) -> None:
    """Data directory 0700; s3/, logs/ and state.sqlite as named."""
    with DataDirectory.open(tmp_path / "deep" / "data") as data:
        assert mode(data.path) == 0o700
        assert mode(data.path / "keys.json") == 0o600
        assert all(folder.is_dir() for folder in (data.s3, data.logs, data.runs))
        assert data.state == data.path / "state.sqlite"


def test_an_open_directory_is_made_private(tmp_path: Path) -> None:
    """Only the owner can read job logs and keys."""
    tmp_path.chmod(0o755)
    DataDirectory.open(tmp_path).close()
    assert mode(tmp_path) == 0o700


def test_keys_are_kept_across_restarts(tmp_path: Path) -> None:
    """After `eval "$(glueprint env)"` a restart must not lock clients out."""
    with DataDirectory.open(tmp_path) as first:
        keys = first.keys
    with DataDirectory.open(tmp_path) as second:
        assert second.keys == keys
    assert len(keys.secret_key) >= 40


def test_a_second_server_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    """One server per data directory; a second refuses and names the first one's pid."""
    with DataDirectory.open(tmp_path), pytest.raises(DataDirectoryError, match=f"pid {os.getpid()}"):
        DataDirectory.open(tmp_path)
    DataDirectory.open(tmp_path).close()


def test_a_killed_server_leaves_no_lock(tmp_path: Path) -> None:
    """The lock is the kernel's: it ends with the process, also by SIGKILL (stopped with SIGKILL)."""
    code = (
        "import sys, os, signal; from glueprint.local.datadir import DataDirectory;"
        "d = DataDirectory.open(sys.argv[1]); d.publish('http://x', region='r', account_id='a');"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert (tmp_path / "endpoint.json").exists()
    with DataDirectory.open(tmp_path):
        assert not (tmp_path / "endpoint.json").exists(), "no server is ready yet"


def test_the_endpoint_is_published_while_the_server_is_ready(tmp_path: Path) -> None:
    """`glueprint env` reads where the server answers; an orderly stop withdraws it."""
    with DataDirectory.open(tmp_path) as data:
        data.publish("http://127.0.0.1:4577", region="us-east-1", account_id="123456789012")
        published = json.loads((tmp_path / "endpoint.json").read_text())
        assert published == {
            "url": "http://127.0.0.1:4577",
            "access_key": data.keys.access_key,
            "secret_key": data.keys.secret_key,
            "region": "us-east-1",
            "account_id": "123456789012",
            "pid": os.getpid(),
            "temporary": False,
        }
        assert mode(tmp_path / "endpoint.json") == 0o600
    assert not (tmp_path / "endpoint.json").exists()


def test_ephemeral_keeps_nothing_and_touches_nothing_kept(tmp_path: Path) -> None:
    """--ephemeral keeps nothing; the state of a durable server in the same directory stays."""
    with DataDirectory.open(tmp_path) as durable:
        (durable.s3 / "bucket").mkdir()
        keys = durable.keys
    with DataDirectory.open(tmp_path, ephemeral=True) as data:
        assert list(data.s3.iterdir()) == []
        assert data.keys != keys
        (data.s3 / "gone").mkdir()
        data.publish("http://x", region="r", account_id="a")
        assert (tmp_path / "endpoint.json").exists()
    with DataDirectory.open(tmp_path) as durable:
        assert durable.keys == keys
        assert [p.name for p in durable.s3.iterdir()] == ["bucket"]
    assert not (tmp_path / "ephemeral").exists()


def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    """`--data-dir ~` must not change the home directory's mode nor fill it."""
    (tmp_path / "thesis.tex").write_text("x")
    tmp_path.chmod(0o755)
    with pytest.raises(DataDirectoryError, match="not empty"):
        DataDirectory.open(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_file_in_its_place_is_one_clear_line(tmp_path: Path) -> None:
    """One clear line."""
    (tmp_path / "data").write_text("x")
    with pytest.raises(DataDirectoryError, match="is a file"):
        DataDirectory.open(tmp_path / "data")
    with pytest.raises(DataDirectoryError, match="cannot use data directory"):
        DataDirectory.open(tmp_path / "data" / "deeper")


@pytest.mark.parametrize("call", ["_prepare", "_take_lock", "_write_pid", "_kept_keys"])
def test_no_disk_is_one_clear_line_and_leaves_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """No disk: one clear line."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(datadir, call, full)
        with pytest.raises(DataDirectoryError, match="No space left") as error:
            DataDirectory.open(tmp_path)
    assert "\n" not in str(error.value)
    DataDirectory.open(tmp_path).close()


@pytest.mark.parametrize("name", ["left.json", "endpoint.json"])
@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", "7", "null", '{"url": 5}', '{"url": null}', '{"url": "http://h:99999999"}', '{"url": "http://h:x"}',
     '{"url": "http://h"}', '{"url": "http://h", "earlier": 5}', '{"url": "http://h", "earlier": [5]}',
     '{"url": "http://[::1"}', "[" * 100_000, "\x00\xff"],
)  # fmt: skip
def test_a_damaged_hint_is_ignored(tmp_path: Path, name: str, content: str) -> None:
    """Where an earlier server answered is a hint only: whatever the file contains, the next server starts."""
    DataDirectory.open(tmp_path / "data").close()
    (tmp_path / "data" / name).write_bytes(content.encode("latin-1"))
    with DataDirectory.open(tmp_path / "data") as data:
        assert data.left_urls == ()
        data.publish("http://127.0.0.1:1", region="r", account_id="a")


@pytest.mark.parametrize("name", ["left.json", "endpoint.json"])
def test_a_directory_in_place_of_a_hint_is_ignored(tmp_path: Path, name: str) -> None:
    """The same for something that is not a file."""
    DataDirectory.open(tmp_path / "data").close()
    (tmp_path / "data" / name / "x").mkdir(parents=True)
    with DataDirectory.open(tmp_path / "data") as data:
        assert data.left_urls == ()


def test_a_server_listens_where_the_children_of_several_earlier_ones_call(tmp_path: Path) -> None:
    """Several servers were killed, one after the other: the next listens on all their ports that are free."""
    DataDirectory.open(tmp_path / "data").close()
    with contextlib.ExitStack() as stack:
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        last, taken, first = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets)
        stack.enter_context(sockets[1])
        for one in (sockets[0], sockets[2]):
            one.close()
        (tmp_path / "data" / "endpoint.json").write_text(json.dumps({"url": last}))
        (tmp_path / "data" / "left.json").write_text(json.dumps({"url": taken, "earlier": [first]}))
        data = stack.enter_context(DataDirectory.open(tmp_path / "data"))
        assert data.left_urls == (last, taken, first)
        options = ServeOptions(port=0)
        listener = stack.enter_context(_listen(options, data))
        former = [stack.enter_context(one) for one in _former_listeners(options, data, listener)]
        assert [f"http://127.0.0.1:{one.getsockname()[1]}" for one in (listener, *former)] == [last, first]


def test_what_is_in_the_directory_is_private_itself(tmp_path: Path) -> None:
    """Files and folders of earlier versions lose the permissions of others; links are not followed."""
    outside = tmp_path / "outside"
    outside.touch(mode=0o644)
    outside.chmod(0o644)
    data_dir = tmp_path / "data"
    DataDirectory.open(data_dir).close()
    (data_dir / "state.sqlite").touch()
    for path in data_dir.iterdir():
        path.chmod(0o777)
    (data_dir / "link").symlink_to(outside)
    DataDirectory.open(data_dir).close()
    assert {mode(path) & 0o077 for path in data_dir.iterdir() if not path.is_symlink()} == {0}
    assert mode(outside) == 0o644


def test_damaged_keys_are_named(tmp_path: Path) -> None:
    """What is wrong, where, what to do."""
    DataDirectory.open(tmp_path).close()
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(DataDirectoryError, match=r"keys\.json is damaged: delete it"):
        DataDirectory.open(tmp_path)
