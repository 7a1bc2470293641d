"""Applies killed with SIGKILL at every request that changes something, on a real local Glue over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from deployed_blueprint import BODY, CONFIG, LAYOUT, SCRIPT
from harness.local_server import Server
from random_layouts import STATE, applied, laid_out, planned

from glueprint.client.session import Session, Target, open_session
from glueprint.deploy.change.applying import PlanOutdated
from glueprint.deploy.change.history import plan_of_drift
from glueprint.deploy.change.lock import Locked
from glueprint.deploy.change.planning import open_state
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.layout import LaidOut

pytestmark = [pytest.mark.lifecycle, pytest.mark.timeout(1800)]

READS = ("Get", "BatchGet", "List", "Head")
SHELL = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://scripts/a.py"}
TARGETS = {"S3Targets": [{"Path": "s3://scripts/x/"}]}


def node(name: str, *after: str, kind: str = "job", **members: Any) -> dict[str, Any]:
    """A job or crawler of a layout."""
    given = {"Command": SHELL} if kind == "job" else {"Targets": TARGETS}
    return {"kind": kind, "name": name, "members": {**given, **members}, "after": list(after)}


FIRST = laid_out(
    [node("load", Tags={"team": "x"}), node("crawl", "load", kind="crawler"), node("old", "crawl")],
    {"a.py": b"1"},
    OnSchedule="cron(0 4 * * ? *)",
    Tags={"team": "x"},
)
SECOND = laid_out(
    [node("load", Timeout=5), node("crawl", kind="crawler", TablePrefix="p_"), node("new", "load", "crawl")],
    {"a.py": b"2", "b.py": b"3"},
    Description="changed",
)
"""From one to the other, everything happens: creating, updating, replacing, deleting, uploads."""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data directory of a server with a bucket."""
    path = tmp_path_factory.mktemp("change") / "data"
    with Server(path) as server:
        server.client("s3").create_bucket(Bucket="scripts")
        with open_session(Target(data_dir=path, data_dir_given=True)) as session:
            for service in ("glue", "s3"):
                session.client(service)  # its model is read once, not in each child
        yield path


def in_child(data_dir: Path, work: Callable[[Session], object], kill: tuple[int, str] | None = None) -> int:
    """Run work in a process of its own; return its exit code. It is killed before or after a changing request."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if kill is not None:
                kill_at(*kill)
            with open_session(Target(data_dir=data_dir, data_dir_given=True)) as session:
                work(session)
            code = 0
        except (Locked, PlanOutdated):
            code = 3
        except BaseException:  # noqa: BLE001 - a child never returns into pytest
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def kill_at(number: int, when: str) -> None:
    """Let this process die at a request."""
    send, seen = botocore.client.BaseClient._make_api_call, 0

    def send_or_die(client: Any, operation: str, parameters: Any) -> Any:
        nonlocal seen
        changes = not operation.startswith(READS)
        seen += changes
        is_last = changes and seen == number
        if is_last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(client, operation, parameters)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    botocore.client.BaseClient._make_api_call = send_or_die


def applying(layout: LaidOut) -> Callable[[Session], object]:
    """Return the work of applying a layout."""
    return lambda session: applied(session, layout)  # type: ignore[arg-type]


def verified(layout: LaidOut) -> Callable[[Session], object]:
    """Return the work of verifying that a layout is deployed, and nothing else."""

    def work(session: Session) -> None:
        plan = planned(session, layout)  # type: ignore[arg-type]
        assert plan.is_empty, plan.changes
        assert plan.records == ""
        account = Account.of(session)
        assert plan_of_drift(account, open_state(account, "w", STATE)).is_empty
        logical = {one.name for one in layout.definition.jobs}
        there = {one["Name"].rpartition("_")[0] for one in session.glue.get_jobs()["Jobs"]}
        assert there == logical

    return work


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_request(data_dir: Path, when: str) -> None:
    """Wherever an apply of B is killed, the same apply completes it, without --take-over: the lock's holder is
    gone. Then the plan is empty, nothing differs from what was recorded, and no job is left."""
    for number in range(1, 200):
        assert in_child(data_dir, applying(FIRST)) == 0
        code = in_child(data_dir, applying(SECOND), (number, when))
        if code == 0:
            assert number > 20, "an apply has more requests"
            return
        assert code == -signal.SIGKILL
        assert in_child(data_dir, applying(SECOND)) == 0, number
        assert in_child(data_dir, verified(SECOND)) == 0, number
    pytest.fail("the apply has no end")


def test_killed_twice_and_given_up(data_dir: Path) -> None:
    """After an apply of B and one of A were killed, both at any request, a third one of B completes it."""
    for number in range(1, 60, 4):
        assert in_child(data_dir, applying(FIRST)) == 0
        for layout in (SECOND, FIRST):
            assert in_child(data_dir, applying(layout), (number, "after")) in (0, -signal.SIGKILL)
        assert in_child(data_dir, applying(SECOND)) == 0, number
        assert in_child(data_dir, verified(SECOND)) == 0, number


def test_processes_at_once(data_dir: Path) -> None:
    """Of several applies at once at least one wins; the others are refused, or find that their plan is outdated.
    What is deployed is one of the layouts, not a mixture."""
    layouts = [laid_out([node("load", Timeout=number), node("new", "load")]) for number in (1, 2, 3)]
    for _ in range(10):
        assert in_child(data_dir, applying(SECOND)) == 0
        children = []
        for layout in layouts:
            pid = os.fork()
            if pid == 0:
                os._exit(in_child(data_dir, applying(layout)) & 0xFF)
            children.append(pid)
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
        assert set(codes) <= {0, 3}, codes
        assert 0 in codes
        right = [in_child(data_dir, verified(layout)) == 0 for layout in layouts]
        assert right.count(True) == 1
        assert codes[right.index(True)] == 0


def test_killed_command(data_dir: Path, tmp_path: Path) -> None:
    """The same with the command itself: killed, repeated, and without differences."""
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "blueprint.cfg").write_bytes(CONFIG)
    (folder / "layout.py").write_text(LAYOUT % BODY)
    (folder / "load.py").write_bytes(SCRIPT)
    program = "import sys\nsys.path.insert(0, sys.argv[1])\nfrom test_change_kills import kill_at\n"
    program += "kill_at(9, 'after')\nsys.argv = sys.argv[1:]\nfrom glueprint.cli.main import main\nmain()\n"
    (tmp_path / "killed.py").write_text(program)
    arguments = ["apply", "orders", "--param", "WorkflowName=nightly", "--yes", "--data-dir", str(data_dir)]
    tests = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    codes = [
        subprocess.run(
            [sys.executable, *start, *arguments], cwd=tmp_path, env=environment, capture_output=True, check=False
        ).returncode
        for start in (["killed.py", tests], ["-m", "glueprint.cli"])
    ]
    assert codes == [-signal.SIGKILL, 0]
    drift = [sys.executable, "-m", "glueprint.cli", "drift", "nightly", "--data-dir", str(data_dir)]
    assert subprocess.run(drift, cwd=tmp_path, capture_output=True, check=False).returncode == 0
