"""The child process of a layout: started, watched, and ended with everything that it started.

A process can be started before its request is known (``LayoutProcess(imports="boto3")``): it imports that module
while its parent reads and bundles the blueprint. Several runs of one layout share a process until it has imported
the module; then it copies itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.blueprint.aws_calls import AnswerCall, answered_calls
from glueprint.blueprint.process_cleanup import kill_with_children
from glueprint.compat import Self

_CHILD = Path(__file__).with_name("layout_child.py")
_MARK = "GLUEPRINT_LAYOUT"
_INHERITED = ("PATH", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_READ_SIZE = 64 * 1024
_POLL_SECONDS = 0.05
_STACK_SECONDS = 1.0
TIMEOUT = "TimeoutError"
"""The type of the error of a layout that does not return in time."""


@dataclass(frozen=True, slots=True)
class LayoutLimits:
    """Limits of a layout. Glue documents none of these; see docs/fidelity/blueprint.md."""

    seconds: float = 60.0
    """Wall-clock time from the request to the process."""
    memory_bytes: int = 1 << 30
    """Address space, where the system can limit it (Linux)."""
    output_bytes: int = 1_000_000
    """Standard output and standard error together."""
    result_bytes: int = 10_000_000
    """The requests as JSON."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the process ended: by itself with a status, or because it exceeded a limit.

    Attributes:
        output: what the first run printed.
        status: the exit status; None if it was ended.
        overrun: type and text of the error if it exceeded a limit.
        busy_at: file and line of the layout that ran when it exceeded a limit.
        answers: what each run has written; None for one that ended without an answer.
    """

    output: str
    status: int | None = None
    overrun: tuple[str, str] | None = None
    busy_at: tuple[str, int] | None = None
    answers: tuple[bytes | None, ...] = ()


class LayoutProcess:
    """A started process that waits for its request; a context manager, which ends it and removes its files.

    Args:
        environment: what the process gets in addition to PATH, LANG and a temporary HOME.
        scratch: directory for its files; the system's own if None.
        imports: a module that it imports while it waits; empty for none.
        runs: how many runs of the layout will be requested.
    """

    def __init__(
        self, environment: Mapping[str, str], scratch: Path | None = None, *, imports: str = "", runs: int = 1
    ) -> None:
        self._mark = uuid.uuid4().hex
        with contextlib.ExitStack() as made:
            work = Path(made.enter_context(tempfile.TemporaryDirectory(prefix="glueprint-layout-", dir=scratch)))
            self._request = work / "request.json"
            self._folders = [work / str(number) for number in range(runs)]
            for folder in self._folders:
                for name in ("root", "home", "tmp"):
                    (folder / name).mkdir(parents=True)
            pairs = [socket.socketpair() for _ in range(runs)]
            for pair in pairs:
                for one in pair:
                    made.enter_context(one)
            self._near, self._far = [pair[0] for pair in pairs], [pair[1].fileno() for pair in pairs]
            gate, self._gate = os.pipe()
            made.callback(os.close, self._gate)
            try:
                self._process = self._started(environment, imports, gate)
            finally:
                os.close(gate)
            made.callback(self._end)
            self._made = made.pop_all()

    def _started(self, environment: Mapping[str, str], imports: str, gate: int) -> subprocess.Popen[bytes]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        places = {"HOME": str(self._folders[0] / "home"), "TMPDIR": str(self._folders[0] / "tmp"), "TZ": "UTC"}
        return subprocess.Popen(
            [sys.executable, "-I", "-B", "-X", "utf8", str(_CHILD), str(self._request), str(gate), imports],
            cwd=self._folders[0] / "root",
            env={**inherited, **environment, **places, _MARK: self._mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(gate, *self._far),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def _end(self) -> None:
        kill_with_children(self._process, f"{_MARK}={self._mark}")
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def roots(self) -> Sequence[Path]:
        """The folder of each run into which the zip is extracted."""
        return [folder / "root" for folder in self._folders]

    def run(
        self,
        request: Mapping[str, Any],
        answers: Sequence[AnswerCall | None],
        limits: LayoutLimits,
        stop: Callable[[], bool],
    ) -> Ending:
        """Send the request, once, and wait for the end.

        Args:
            request: what `layout_child` reads, without what this process knows.
            answers: who answers the AWS calls of each run; only as many runs are made.
            limits: of each run; those of the output are the first run's.
            stop: called about 20 times a second; True ends the process.
        """
        runs = [
            {
                "root": str(folder / "root"),
                "home": str(folder / "home"),
                "tmp": str(folder / "tmp"),
                "stack": str(folder / "stack.txt"),
                "answer": str(folder / "answer.json"),
                "calls": far if answer is not None else None,
            }
            for folder, far, answer in zip(self._folders, self._far, answers, strict=False)
        ]
        whole = {**request, "parent": os.getpid(), "runs": runs}
        self._request.write_text(json.dumps(whole), encoding="utf-8")
        with contextlib.ExitStack() as answering:
            for near, answer in zip(self._near, answers, strict=False):
                answering.enter_context(answered_calls(near, answer))
            with contextlib.suppress(BrokenPipeError):  # it has ended: no answer
                os.write(self._gate, b"r")
            output, overrun = _watch(self._process, limits, stop)
            first = self._folders[0]
            if overrun is not None:
                _request_stack(self._process, first / "stack.txt", first / "root")
            kill_with_children(self._process, f"{_MARK}={self._mark}")
        written = tuple(_content(folder / "answer.json") for folder in self._folders[: len(runs)])
        busy_at = _line_on_stack(first / "stack.txt", first / "root")
        return Ending(output, None if overrun else self._process.returncode, overrun, busy_at, written)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _watch(
    process: subprocess.Popen[bytes], limits: LayoutLimits, stop: Callable[[], bool]
) -> tuple[str, tuple[str, str] | None]:
    """Collect the output until the process ends or exceeds a limit; return it, and the overrun."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    deadline = time.monotonic() + limits.seconds
    collected = bytearray()
    overrun: tuple[str, str] | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while overrun is None:
            # Polled before reading, so that everything written before the end is read below.
            status = process.poll()
            overrun = _drain(pipe, selector, collected, limits)
            if status is not None:
                break
            if time.monotonic() >= deadline:
                overrun = (TIMEOUT, f"the layout did not return within {limits.seconds:g} seconds")
            elif stop():
                overrun = ("InterruptedError", "the layout was stopped from outside")
            elif selector.get_map():
                selector.select(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))
            else:
                _wait_briefly(process)
    output = collected[: limits.output_bytes].decode("utf-8", "replace")
    return output, overrun


def _drain(
    pipe: int, selector: selectors.BaseSelector, collected: bytearray, limits: LayoutLimits
) -> tuple[str, str] | None:
    """Read the available output; return an overrun if it is too much."""
    while pipe in selector.get_map():
        try:
            chunk = os.read(pipe, _READ_SIZE)
        except BlockingIOError:
            return None
        if not chunk:
            selector.unregister(pipe)
        collected += chunk
        if len(collected) > limits.output_bytes:
            return "RuntimeError", f"the layout printed more than {limits.output_bytes:,} bytes"
    return None


def _wait_briefly(process: subprocess.Popen[bytes]) -> None:
    """Wait a moment for a process to end."""
    try:
        process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _request_stack(process: subprocess.Popen[bytes], stack: Path, root: Path) -> None:
    """Have the child write its stack, so that the user knows which line did not end; this may take a while."""
    process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + _STACK_SECONDS
    while process.poll() is None and _line_on_stack(stack, root) is None and time.monotonic() < deadline:
        _wait_briefly(process)


def _line_on_stack(stack: Path, root: Path) -> tuple[str, int] | None:
    """File and line of the innermost frame that is the layout's, from what faulthandler wrote."""
    text = stack.read_text(encoding="utf-8", errors="replace") if stack.exists() else ""
    inside = re.compile(rf'File "{re.escape(str(root.resolve()))}/(.+)", line (\d+) in ')
    found = inside.search(text)
    return (found[1], int(found[2])) if found else None
