"""The terminal's side of a breakpoint in a job: a socket that carries pdb's output and the user's input.

The job is an ordinary run of the local Glue, in its own process without a terminal. Its ``breakpoint()`` connects
to the socket that one of its environment variables names (``glueprint.runtime.jobhost.debugger``).
"""

from __future__ import annotations

import os
import select
import socket
import tempfile
from collections.abc import Callable, Mapping
from types import TracebackType

import click

from glueprint.compat import Self

_DRIVER_VARIABLES = "--customer-driver-env-vars"
_SOCKET = "CUSTOMER_GLUEPRINT_DEBUGGER"
_CHUNK = 1 << 16
_PROMPT_SECONDS = 0.1
"""An unfinished line that nothing follows for this time is a prompt."""


class Debugger:
    """Waits for the job's debugger and connects it to the terminal. A context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glueprint-debug-")  # only its owner can read it
        self._path = os.path.join(self._folder.name, "socket")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._path)
        self._listener.listen(1)
        self._connection: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._disconnect()
        self._listener.close()
        self._folder.cleanup()

    def added_to(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """Return the run's arguments with the environment variable that connects its debugger to this socket."""
        variables = [text for text in (arguments.get(_DRIVER_VARIABLES), f"{_SOCKET}={self._path}") if text]
        return {**arguments, _DRIVER_VARIABLES: ",".join(variables)}

    def serve(self, seconds: float, show_output: Callable[[], None]) -> None:
        """Wait up to ``seconds`` for the job to stop at a breakpoint; if it does, serve its debugger until it
        continues.

        Args:
            seconds: how long.
            show_output: called before output of the debugger is shown: it prints what the job wrote before.
        """
        if self._connection is None:
            if not select.select([self._listener], [], [], seconds)[0]:
                return
            self._connection, _ = self._listener.accept()
        pending, wait = "", seconds
        while self._connection is not None:
            if select.select([self._connection], [], [], wait)[0]:
                received = self._connection.recv(_CHUNK)
                if not received:
                    self._disconnect()
                    return
                show_output()
                *lines, pending = (pending + received.decode("utf-8", "replace")).split("\n")
                for line in lines:
                    click.echo(line)
                wait = _PROMPT_SECONDS
            elif pending:
                self._answer(pending)
                pending, wait = "", _PROMPT_SECONDS
            else:
                return  # the script continues

    def _answer(self, prompt: str) -> None:
        assert self._connection is not None
        try:
            self._connection.sendall(f"{input(prompt)}\n".encode())
        except EOFError:  # Ctrl-D: pdb quits
            self._connection.shutdown(socket.SHUT_WR)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
