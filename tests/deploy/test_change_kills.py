"""``glueprint apply`` killed with SIGKILL at every request that changes something, on a real local Glue."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployed_blueprint import BODY, CONFIG, LAYOUT, SCRIPT
from harness.local_server import Server

pytestmark = [pytest.mark.lifecycle, pytest.mark.timeout(1800)]

KILLER = """
import os, signal, sys
import botocore.client as client

number, is_after = int(sys.argv[1]), sys.argv[2] == "after"
send, seen = client.BaseClient._make_api_call, 0


def send_or_die(self, operation, parameters):
    global seen
    changes = not operation.startswith(("Get", "BatchGet", "List", "Head"))
    seen += changes
    is_last = changes and seen == number
    if is_last and not is_after:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = send(self, operation, parameters)
    if is_last:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


client.BaseClient._make_api_call = send_or_die
sys.argv = ["glueprint", *sys.argv[3:]]
from glueprint.cli.main import main

main()
"""
FIRST = ("--param", "Timeout=10", "--param", "Schedule=cron(0 4 * * ? *)")
SECOND = ("--param", "Timeout=20")
"""The second has no schedule (a trigger is replaced), another timeout, and no crawler."""


class Command:
    """Runs commands in a folder with the blueprint ``orders``, on one server."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.folder = folder
        self._data_dir = data_dir
        (folder / "orders").mkdir(parents=True)
        (folder / "orders" / "blueprint.cfg").write_bytes(CONFIG)
        (folder / "orders" / "load.py").write_bytes(SCRIPT)
        (folder / "killer.py").write_text(KILLER)
        self.write(has_crawler=True)

    def write(self, *, has_crawler: bool) -> None:
        """Write the layout."""
        body = BODY if has_crawler else BODY.replace("Crawlers=[crawl]", "").replace("{crawl:", "{load:")
        (self.folder / "orders" / "layout.py").write_text(LAYOUT % body)

    def start(self, command: str, *arguments: str, kill: tuple[int, str] | None = None) -> subprocess.Popen[str]:
        """Start a command, which is killed at a request."""
        program = ["killer.py", *map(str, kill)] if kill else ["-m", "glueprint.cli"]
        line = [sys.executable, *program, command, *arguments, "--data-dir", str(self._data_dir)]
        environment = {name: one for name, one in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.Popen(
            line, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, command: str, *arguments: str, kill: tuple[int, str] | None = None) -> tuple[int, str]:
        """Run a command; return its exit code and output."""
        with self.start(command, *arguments, kill=kill) as process:
            output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def apply(self, name: str, *arguments: str, kill: tuple[int, str] | None = None) -> tuple[int, str]:
        """Apply the blueprint to a workflow."""
        return self.run("apply", "orders", "--param", f"WorkflowName={name}", *arguments, "--yes", kill=kill)


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """Commands, and the server that they use."""
    folder = tmp_path_factory.mktemp("change")
    with Server(folder / "data"):
        made = Command(folder / "work", folder / "data")
        assert made.run("bucket", "create", "scripts")[0] == 0
        yield made


def test_killed_at_every_step(command: Command) -> None:
    """Wherever an apply is killed, the same command completes it without any option: the holder of the lock is
    gone. Then nothing differs from what was applied, and in the end the plan is empty."""
    for number in range(1, 200):
        kill = (number, "before" if number % 2 else "after")
        command.write(has_crawler=True)
        assert command.apply("orders", *FIRST)[0] == 0
        command.write(has_crawler=False)
        code, output = command.apply("orders", *SECOND, kill=kill)
        if code == 0:
            assert number > 10, "there were fewer requests than an apply has"
            planned = command.run("plan", "orders", "--param", "WorkflowName=orders", *SECOND, "--exit-code")
            assert planned[0] == 0, planned
            return
        assert code == -9, output
        code, output = command.apply("orders", *SECOND)
        assert code == 0, (kill, output)
        code, output = command.run("drift", "orders")
        assert code == 0, (kill, output)
    pytest.fail("the apply has no end")


def test_killed_first_apply(command: Command) -> None:
    """The same where nothing was deployed before; a workflow without a record is never left without its state."""
    command.write(has_crawler=True)
    for number in range(1, 40, 3):
        name = f"new{number}"
        code, output = command.apply(name, *FIRST, kill=(number, "after"))
        if code == 0:
            return
        assert code == -9, output
        assert command.apply(name, *FIRST)[0] == 0
        assert command.run("drift", name)[0] == 0


def test_two_processes_at_once(command: Command) -> None:
    """Of two applies at once one wins; the other one is refused, or finds that its plan is outdated."""
    command.write(has_crawler=True)
    for number in range(5):
        common = ("orders", "--param", "WorkflowName=race", "--yes")
        both = [command.start("apply", *common, "--param", f"Timeout={10 * number + one}") for one in (1, 2)]
        ended = [(process.communicate(timeout=300)[0], process.returncode) for process in both]
        won = [one for one, (_, code) in enumerate(ended, 1) if code == 0]
        assert won, ended
        for output, code in ended:
            assert code == 0 or "is being changed by" in output or "has changed since the plan" in output, output
        plans = [
            command.run("plan", *common[:-1], "--param", f"Timeout={10 * number + one}", "--exit-code")[0]
            for one in (1, 2)
        ]
        assert sorted(plans) == [0, 4]
        assert plans.index(0) + 1 in won
