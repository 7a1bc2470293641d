"""The log of what fails and is tried again: a full disk is a line at intervals, not a traceback each time."""

from __future__ import annotations

import logging
import os
import threading
import time

from glueprint.runtime.shared import rundir

INTERVAL_SECONDS = 60.0
"""Between two lines about the same lack of the machine."""


class RepeatedFailures:
    """Logs the failures of one part of the server."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._quiet_until: dict[int, float] = {}
        self._unlogged: dict[int, int] = {}

    def log(self, what: str, error: BaseException) -> None:
        """Log that ``what`` failed: a lack of the machine as a line once in a while, else with its traceback."""
        if not isinstance(error, OSError) or error.errno not in rundir.MAY_PASS or error.errno is None:
            self._log.error("%s", what, exc_info=error)
            return
        number, now = error.errno, time.monotonic()
        with self._lock:
            if now < self._quiet_until.get(number, 0.0):
                self._unlogged[number] = self._unlogged.get(number, 0) + 1
                return
            self._quiet_until[number] = now + INTERVAL_SECONDS
            unlogged = self._unlogged.pop(number, 0)
        more = f"; {unlogged} more failures of this kind since the last such line" if unlogged else ""
        self._log.error("%s: %s%s", what, os.strerror(number), more)
