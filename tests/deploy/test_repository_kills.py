"""A publisher that is killed at any step leaves its version or nothing, and does not stop others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.serving import serving_s3
from repositories import blueprint_zip, draft, git_repository, index_of
from test_repository_stores import s3_client

from glueprint.client.session import Target
from glueprint.deploy.repository.address import open_store, parse_address
from glueprint.deploy.repository.publishing import publish
from glueprint.deploy.repository.pulling import parse_reference, pull
from glueprint.deploy.repository.versions import Version

pytestmark = pytest.mark.lifecycle
PROGRAM = Path(__file__).with_name("killed_publisher.py")
MAX_STEPS = 60


@pytest.fixture(params=["directory", "git", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A new repository of each kind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # a killed publisher leaves its temporary clone
    if request.param == "directory":
        (tmp_path / "share").mkdir()
        yield str(tmp_path / "share")
    elif request.param == "git":
        yield f"git+{git_repository(tmp_path / 'repository.git')}"
    else:
        with serving_s3(tmp_path) as url:
            client = s3_client(url)
            client.create_bucket(Bucket="blueprints")
            client.close()
            yield f"s3://blueprints/glue?endpoint_url={url}"


def run_publisher(address: str, version: str, file: Path, step: int) -> int:
    """The exit status of a publisher that dies before a step."""
    command = [sys.executable, str(PROGRAM), address, version, str(file), str(step)]
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    return subprocess.run(command, env={**os.environ, **keys}, timeout=60, check=False).returncode


def test_the_first_publisher_of_a_directory_killed_at_any_step(tmp_path: Path) -> None:
    """An empty directory stays a place for a repository: the repeated command succeeds."""
    file = tmp_path / "draft.zip"
    file.write_bytes(blueprint_zip("first"))
    for step in range(1, MAX_STEPS):
        share = tmp_path / f"share-{step}"
        share.mkdir()
        status = run_publisher(str(share), "1.0.0", file, step)
        assert status in (0, -signal.SIGKILL)
        with open_store(parse_address(str(share)), Target()) as store:
            is_published = "orders" in index_of(store).entries
            assert publish(store, draft("1.0.0", "first")).is_new is not is_published
            assert pull(store, *parse_reference("orders")).content == blueprint_zip("first")
        if status == 0:
            assert step > 5
            return
    raise AssertionError(f"not done after {MAX_STEPS} steps")


def test_real_publishers_at_the_same_time_lose_nothing(address: str, tmp_path: Path) -> None:
    """Eight processes publish five versions each while the place decides who is first: all forty
    are there, with their zips."""
    programs = []
    for number in range(8):
        folder = tmp_path / f"publisher-{number}"
        folder.mkdir()
        for step in range(5):
            (folder / f"1.{step}.{number}.zip").write_bytes(blueprint_zip(f"{number} {step}"))
        command = [sys.executable, str(PROGRAM), address, "all", str(folder), "0"]
        keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
        programs.append(subprocess.Popen(command, env={**os.environ, **keys}))
    assert [program.wait(120) for program in programs] == [0] * 8
    with open_store(parse_address(address), Target()) as store:
        found = index_of(store).entries["orders"]
        assert sorted(map(str, found)) == sorted(f"1.{step}.{number}" for step in range(5) for number in range(8))
        for version, entry in found.items():
            number, step = version.numbers[2], version.numbers[1]
            assert store.read(entry.path) == blueprint_zip(f"{number} {step}")


def test_a_publisher_killed_at_any_step_leaves_its_version_or_nothing(address: str, tmp_path: Path) -> None:
    """SIGKILL before each write, process or request, until none is left: the index is readable, each version in it
    has its zip, earlier versions stay, others can publish, and the repeated command succeeds."""
    with open_store(parse_address(address), Target()) as store:
        publish(store, draft("0.1.0", "first"))
    killed = 0
    for step in range(1, MAX_STEPS):
        version = f"1.{step}.0"
        file = tmp_path / "draft.zip"
        file.write_bytes(blueprint_zip(version))
        status = run_publisher(address, version, file, step)
        assert status in (0, -signal.SIGKILL)
        with open_store(parse_address(address), Target()) as store:
            found = index_of(store).entries["orders"]
            assert Version.parse("0.1.0") in found
            for entry in found.values():
                assert store.read(entry.path) is not None
            is_published = Version.parse(version) in found
            assert status != 0 or is_published
            publish(store, draft(f"2.{step}.0", f"other {step}"))
            repeated = publish(store, draft(version, version))
            assert repeated.is_new is not is_published
            assert pull(store, *parse_reference(f"orders@{version}")).content == blueprint_zip(version)
        if status == 0:
            break
        killed += 1
    else:
        raise AssertionError(f"not done after {MAX_STEPS} steps")
    assert killed >= 4
    with open_store(parse_address(address), Target()) as store:
        assert len(index_of(store).entries["orders"]) == 1 + 2 * (killed + 1)
