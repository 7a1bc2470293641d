"""Job and crawl processes: where their run directories are, and what is told when they start and end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from glueprint.runtime.process import (
    Alive,
    Ended,
    Lost,
    NotStarted,
    ProcessSpec,
    Status,
    inspect,
    request_stop,
    start,
)
from glueprint.runtime.watcher import Watcher

STOP_GRACE_SECONDS = 10.0

Report = Callable[[str, Status], None]
"""Told the subject's id and what became of its process; called on the watcher's thread."""


class Processes:
    """The processes of one data directory, each under the id of its job run or crawl."""

    def __init__(self, root: Path, report: Report) -> None:
        self._root = root
        self._watcher = Watcher(lambda run_dir, status: report(run_dir.name, status))

    def run_dir(self, subject: str) -> Path:
        """The subject's own directory."""
        return self._root / subject

    def start(self, subject: str, spec: ProcessSpec) -> None:
        """Have it run, at most once ever, and tell of it."""
        run_dir = self.run_dir(subject)
        start(run_dir, spec)
        self._watcher.watch(run_dir)

    def adopt(self, subject: str) -> None:
        """Tell of a process that an earlier server started."""
        self._watcher.watch(self.run_dir(subject))

    def status(self, subject: str) -> Status:
        """What is known of it now."""
        return inspect(self.run_dir(subject))

    def stop(self, subject: str, *, grace_seconds: float = STOP_GRACE_SECONDS) -> Status:
        """Ask for its end, which is told like any other; what is known of it after that."""
        request_stop(self.run_dir(subject), grace_seconds=grace_seconds)
        return self.status(subject)

    def clean(self, subject: str) -> None:
        """Remove what the process needed; how it ended stays."""
        for scratch in ("work", "tmp"):
            shutil.rmtree(self.run_dir(subject) / scratch, ignore_errors=True)

    def close(self) -> None:
        """Stop telling; the processes go on."""
        self._watcher.close()


def exit_code(ended: Ended) -> int:
    """One number for how it ended: 0 is success, 128 + N a signal, as shells have it."""
    if ended.exit_status is not None:
        return ended.exit_status
    return 128 + ended.signal if ended.signal is not None else 1


__all__ = ["Alive", "Ended", "Lost", "NotStarted", "ProcessSpec", "Processes", "Status", "exit_code"]
