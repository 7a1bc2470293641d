"""A program on a real terminal: what it shows is read, and keys are typed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")
_CURSOR_REQUEST = b"\x1b[6n"
ENTER, TAB, CTRL_C, CTRL_U = "\r", "\t", "\x03", "\x15"
DEADLINE, SETTLED = 60.0, 0.5


class Terminal:
    """Runs a command on a pseudo-terminal: standard input and error are the terminal, output is a pipe.

    Args:
        command: the program and its arguments.
        environment: added to that of the test.
        cwd: the working directory.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: str | None = None
    ) -> None:
        self._screen, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        settings = {"TERM": "xterm", **(environment or {})}
        self.process = subprocess.Popen(
            command,
            stdin=side,
            stdout=subprocess.PIPE,
            stderr=side,
            env={**os.environ, **settings},
            cwd=cwd,
            start_new_session=True,
        )
        os.close(side)
        self._unread = ""
        self.shown = ""

    def expect(self, *texts: str) -> str:
        """Wait until each text has been shown, in this order; everything that was shown until then."""
        seen = ""
        for text in texts:
            deadline = time.monotonic() + DEADLINE
            while text not in self._unread:
                assert self._read(deadline), f"not shown: {text!r}; shown was:\n{self.shown}"
            before, _, self._unread = self._unread.partition(text)
            seen += before + text
        return seen

    def type(self, *keys: str) -> None:
        """Type texts and keys."""
        os.write(self._screen, "".join(keys).encode())

    def settle(self) -> None:
        """Wait until nothing more is shown, for what the program does in the background, such as completion."""
        while self._read(time.monotonic() + SETTLED):
            pass

    def end(self) -> tuple[int, str]:
        """Wait for the end; exit status and standard output."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline):
            pass
        output, _ = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, output.decode()

    def close(self) -> None:
        """End the program if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        os.close(self._screen)

    def _read(self, deadline: float) -> bool:
        """Read what is shown next; whether there was something."""
        ready, _, _ = select.select([self._screen], [], [], max(0.0, deadline - time.monotonic()))
        data = b""
        with contextlib.suppress(OSError):  # the other side is closed
            data = os.read(self._screen, 65536) if ready else b""
        if _CURSOR_REQUEST in data:
            os.write(self._screen, b"\x1b[1;1R")
        text = _SEQUENCE.sub("", data.decode(errors="replace"))
        self._unread += text
        self.shown += text
        return bool(data)
