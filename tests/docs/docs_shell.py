"""A shell that a document's commands are typed into, in a directory of its own, with a local Glue beside it."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from docs_console import Block, commands, difference

ROOT = Path(__file__).parents[2]
CLONED = ("blueprints", "layouts", "glue_jobs", "build.py", "setup.cfg", "tests/conftest.py")
AWS_CLI = ROOT / ".venv-awscli" / "bin"
DEADLINE = 250.0
_END = "\x1eended"


class Mismatch(AssertionError):
    """A document shows what is not so."""


class Workspace:
    """A directory like a clone, a shell in it, and the servers that the document starts.

    Args:
        directory: an empty one.
        clone: copy what the documents use of a clone into it.
    """

    def __init__(self, directory: Path, *, clone: bool = True) -> None:
        self.directory = directory
        for name in CLONED if clone else ():
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            (directory / name).parent.mkdir(exist_ok=True)
            copy(ROOT / name, directory / name)
        self._environment = _environment(directory)
        self._shell = self._start(["bash", "--norc", "--noprofile"])
        self._server: subprocess.Popen[bytes] | None = None

    def execute(self, block: Block) -> None:
        """Do what the block says, and compare.

        Raises:
            Mismatch: it prints something else.
        """
        if block.kind == "file":
            file = self._here() / block.argument
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join([*block.lines, ""]), "utf-8")
            return
        if block.kind == "output":
            self._compare(block.lines, self.type(f"glueprint {block.argument}"), block.where)
            return
        for command in commands(block):
            printed = self.serve(command.typed) if block.kind == "serve" else self.type(command.typed)
            self._compare(command.shown, printed, f"{command.where}: $ {command.typed}")

    def type(self, command: str) -> list[str]:
        """Run a command in the shell; the lines it prints."""
        script = self.directory / ".typed"
        script.write_text(command + "\n", "utf-8")
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f". {script} < /dev/null; printf '\\n{_END}\\n'\n".encode())
        self._shell.stdin.flush()
        *printed, _ = _lines(self._shell.stdout, lambda line: line == _END, command)
        return printed

    def serve(self, command: str) -> list[str]:
        """Run ``glueprint serve`` in the shell's directory, on a free port; the lines up to "ready".

        One that runs already is ended first.
        """
        self._stop_server()
        assert command.startswith("glueprint serve"), command
        self._server = self._start(["bash", "-c", f"cd '{self._here()}' && exec {command} --port 0"])
        assert self._server.stdout is not None
        return list(_lines(self._server.stdout, lambda line: line.startswith("ready "), command))

    def _here(self) -> Path:
        """The shell's directory."""
        directory = self.type("pwd")[0]
        return Path(directory)

    def close(self) -> None:
        """End the shell and the server."""
        self._stop_server()
        _close(self._shell)

    def _compare(self, shown: Sequence[str], printed: Sequence[str], where: str) -> None:
        problem = difference(shown, printed)
        if problem is not None:
            raise Mismatch(f"{where}\n{problem}")

    def _start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            arguments,
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _stop_server(self) -> None:
        if self._server is not None:
            # The document may have ended it already.
            with contextlib.suppress(ProcessLookupError):
                self._server.send_signal(signal.SIGTERM)
            _close(self._server)
            self._server = None


def _environment(directory: Path) -> dict[str, str]:
    """That of a person who has activated the environment and set nothing for AWS or Glueprint.

    The AWS CLI comes last on the path: its environment has a Python of its own.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GLUEPRINT_"))}
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), str(AWS_CLI)]
    return {**own, "HOME": str(directory), "PATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}


def _lines(stream: IO[bytes], last: Callable[[str], bool], command: str) -> Iterator[str]:
    """Lines up to and with the last one, each as soon as it is there."""
    deadline, rest = time.monotonic() + DEADLINE, b""
    while True:
        while b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            text = line.decode("utf-8", "replace")
            yield text
            if last(text):
                return
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise Mismatch(f"$ {command}\nhas not ended after {DEADLINE:.0f} s")
        piece = os.read(stream.fileno(), 65536)
        if not piece:
            raise Mismatch(f"$ {command}\nended too early, with: {rest.decode('utf-8', 'replace')}")
        rest += piece


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    # What a server still says while it ends must not block it.
    process.stdout.read()
    process.stdout.close()
    process.wait(DEADLINE)
