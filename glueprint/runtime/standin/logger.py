"""Glue's class ``GlueLogger``, which ``glueContext.get_logger()`` returns."""

from __future__ import annotations

import logging
import sys


class GlueLogger:
    """Writes lines on the job's error output."""

    def __init__(self) -> None:
        self._log = logging.getLogger("GlueLogger")
        self._log.setLevel(logging.INFO)
        self._log.propagate = False
        if not self._log.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [GlueLogger] %(message)s"))
            self._log.addHandler(handler)

    def debug(self, message: str) -> None:
        """Write a line if a lower level is set on the logger."""
        self._log.debug(message)

    def info(self, message: str) -> None:
        """A line of information."""
        self._log.info(message)

    def warn(self, message: str) -> None:
        """A warning."""
        self._log.warning(message)

    def error(self, message: str, cause: object = None) -> None:
        """An error; ``cause`` is a Java exception, which Python scripts do not pass."""
        self._log.error(message)
