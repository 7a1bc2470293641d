"""``breakpoint()`` of a job whose terminal is another process's: pdb over a Unix socket.

``glueprint job run --debug`` listens; the job connects when its script first stops. Loaded only when the run's
environment names the socket.
"""

from __future__ import annotations

import pdb
import socket
import sys
from typing import Any

SOCKET = "CUSTOMER_GLUEPRINT_DEBUGGER"
"""Environment variable with the socket's path. It is passed by Glue's own ``--customer-driver-env-vars``, which
passes only names with this prefix; the command line knows the name as well (``glueprint.cli.debugger``)."""


class RemoteDebugger:
    """Stops where the script calls ``breakpoint()``, and talks to the listener at ``path``."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pdb: pdb.Pdb | None = None

    def install(self) -> None:
        """Handle ``breakpoint()`` and ``pdb.set_trace()``."""
        sys.breakpointhook = self._stop
        pdb.set_trace = self._stop

    def _stop(self, *arguments: object, **more: Any) -> None:
        debugger = self._connected()
        if debugger is not None:
            debugger.set_trace(sys._getframe(1))

    def _connected(self) -> pdb.Pdb | None:
        """Return the debugger, if there is a listener."""
        if self._pdb is None:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(self._path)
            except OSError as error:
                line.close()
                print(f"breakpoint skipped: no debugger listens ({error})", file=sys.stderr)  # noqa: T201
                return None
            text = line.makefile("rw", encoding="utf-8", newline="\n")
            line.close()  # the file keeps it open
            self._pdb = pdb.Pdb(stdin=text, stdout=text, nosigint=True)
        return self._pdb
