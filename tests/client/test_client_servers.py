"""Local servers: started as subprocesses, found by their data directory, reset."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from glueprint.client.errors import ServerUnavailable
from glueprint.client.servers import running_server, start_ephemeral_server, start_server
from glueprint.client.session import Session


def test_a_server_is_found_while_it_runs(tmp_path: Path) -> None:
    """Ready on entry; on exit the process is gone, and so is its endpoint.json."""
    before = set(psutil.Process().children(recursive=True))
    with start_server(tmp_path / "data") as endpoint:
        assert running_server(tmp_path / "data") == endpoint
        session = Session(endpoint)
        assert session.glue.list_workflows()["Workflows"] == []
        session.close()
    assert running_server(tmp_path / "data") is None
    assert not (tmp_path / "data" / "endpoint.json").exists()
    assert set(psutil.Process().children(recursive=True)) <= before


def test_a_server_that_cannot_start_raises_its_own_message(tmp_path: Path) -> None:
    """The last line of its errors names the reason."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ServerUnavailable, match=r"could not start: data directory .*is a file"),
        start_server(tmp_path / "file"),
    ):
        pass


def test_an_ephemeral_server_can_be_reset(tmp_path: Path) -> None:
    """Its objects are files below ``s3_root``; a reset removes everything."""
    with start_ephemeral_server(tmp_path, ("--warm-workers", "0")) as server:
        session = Session(server.endpoint)
        session.glue.create_workflow(Name="nightly")
        session.client("s3").create_bucket(Bucket="lake")
        session.client("s3").put_object(Bucket="lake", Key="a/b", Body=b"c")
        assert (server.s3_root / "lake" / "a" / "b").read_bytes() == b"c"
        server.reset()
        assert session.glue.list_workflows()["Workflows"] == []
        assert session.client("s3").list_buckets()["Buckets"] == []
        session.close()


def test_an_endpoint_file_that_is_left_behind_is_not_a_server(tmp_path: Path) -> None:
    """A server that was killed leaves it; one that no server wrote is an error that names it."""
    members = {"url": "http://127.0.0.1:1", "access_key": "a", "secret_key": "b", "region": "r", "account_id": "1"}
    (tmp_path / "endpoint.json").write_text(json.dumps(members))
    assert running_server(tmp_path) is None
    for other in ("{", "[]", "{}"):
        (tmp_path / "endpoint.json").write_text(other)
        with pytest.raises(ServerUnavailable, match=r"cannot read .*endpoint\.json"):
            running_server(tmp_path)
