"""The terminal's side of a breakpoint in a job: a socket on which pdb speaks, a person who answers.

The job is an ordinary run of the local Glue, in a process of its own without a terminal. Its ``breakpoint()``
connects to the socket that one of its environment variables names (``glueprint.runtime.jobhost.debugger``).
"""

from __future__ import annotations

import os
import select
import socket
import tempfile
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import click

_DRIVER_VARIABLES = "--customer-driver-env-vars"
_SOCKET = "CUSTOMER_GLUEPRINT_DEBUGGER"
_CHUNK = 1 << 16
_QUIET_SECONDS = 0.1
"""An unfinished line that nothing follows for so long is a prompt."""


class Debugger:
    """Waits for the job's debugger and lets a person speak with it. A context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glueprint-debug-")  # for the owner's eyes only
        self._path = os.path.join(self._folder.name, "socket")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self._path)
        self._listening.listen(1)
        self._line: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()
        self._listening.close()
        self._folder.cleanup()

    def added_to(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """The run's arguments with the variable that leads its debugger here."""
        variables = [text for text in (arguments.get(_DRIVER_VARIABLES), f"{_SOCKET}={self._path}") if text]
        return {**arguments, _DRIVER_VARIABLES: ",".join(variables)}

    def serve(self, seconds: float, show_output: Callable[[], None]) -> None:
        """Wait up to ``seconds`` for the job to stop; if it does, talk until it goes on.

        Args:
            seconds: how long.
            show_output: called before anything of the debugger is shown: what the job has printed came first.
        """
        if self._line is None:
            if not select.select([self._listening], [], [], seconds)[0]:
                return
            self._line, _ = self._listening.accept()
        pending, wait = "", seconds
        while self._line is not None:
            if select.select([self._line], [], [], wait)[0]:
                received = self._line.recv(_CHUNK)
                if not received:
                    self._hang_up()
                    return
                show_output()
                *whole, pending = (pending + received.decode("utf-8", "replace")).split("\n")
                for line in whole:
                    click.echo(line)
                wait = _QUIET_SECONDS
            elif pending:
                self._answer(pending)
                pending, wait = "", _QUIET_SECONDS
            else:
                return  # it runs on

    def _answer(self, prompt: str) -> None:
        assert self._line is not None
        try:
            self._line.sendall(f"{input(prompt)}\n".encode())
        except EOFError:  # as in a terminal of its own: pdb quits
            self._line.shutdown(socket.SHUT_WR)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
