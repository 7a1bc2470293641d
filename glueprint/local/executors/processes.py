"""Job and crawl processes: where their run directories are, and what is told when they start and end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from glueprint.local.faults import FaultPoint, reached
from glueprint.runtime.processes.launchers import ForkLauncher, WarmLauncher, WorkerPool
from glueprint.runtime.processes.process import (
    COLD_LAUNCHER,
    Alive,
    Ended,
    Lost,
    NotStarted,
    ProcessSpec,
    Status,
    inspect,
    is_prepared,
    kill_stragglers,
    launch,
    prepare,
    request_stop,
)
from glueprint.runtime.processes.watcher import Watcher

STOP_GRACE_SECONDS = 10.0
"""Between SIGTERM and SIGKILL for a run that is stopped or timed out."""

Report = Callable[[str, Status], None]
"""Told the subject's id and what became of its process; what it raises has it told again later."""


class Processes:
    """The processes of one data directory, each under the id of its job run or crawl."""

    def __init__(
        self,
        root: Path,
        report: Report,
        pools: Sequence[WorkerPool],
        *,
        stop_grace_seconds: float = STOP_GRACE_SECONDS,
    ) -> None:
        """``pools`` have the workers that may take a run; whose they are opens and closes them."""
        self._root = root
        self._stop_grace_seconds = stop_grace_seconds
        self._report = report
        self._forked = ForkLauncher(fallback=COLD_LAUNCHER)
        self._supervisors = WarmLauncher(pools, fallback=self._forked)
        self._watcher = Watcher(lambda run_dir, status: report(run_dir.name, status))

    def run_dir(self, subject: str) -> Path:
        """The subject's own directory."""
        return self._root / subject

    def start(self, subject: str, spec: ProcessSpec) -> None:
        """Have it run, at most once ever, and tell of it."""
        prepare(self.run_dir(subject), spec)
        reached(FaultPoint.PROCESS_PREPARED)
        self._launch(subject)

    def resume(self, subject: str) -> bool:
        """Go on with what was prepared for it, perhaps by a server that was killed then; False: nothing was.

        What it runs was settled then: its script may have been changed or deleted since.
        """
        if not is_prepared(self.run_dir(subject)):
            return False
        self._launch(subject)
        return True

    def adopt(self, subject: str) -> None:
        """Tell of a process that an earlier server started: at once, on this thread, if it is over."""
        status = self.status(subject)
        if isinstance(status, Lost):
            kill_stragglers(self.run_dir(subject))
        if isinstance(status, Ended | Lost):
            self._report(subject, status)
        else:
            self._watcher.watch(self.run_dir(subject))

    def status(self, subject: str) -> Status:
        """What is known of it now."""
        return inspect(self.run_dir(subject))

    def stop(self, subject: str, *, grace_seconds: float | None = None) -> None:
        """Ask for its end, which is told like any other, also when it never started."""
        grace = self._stop_grace_seconds if grace_seconds is None else grace_seconds
        request_stop(self.run_dir(subject), grace_seconds=grace)
        reached(FaultPoint.STOP_REQUESTED)
        self._watcher.watch(self.run_dir(subject))

    def clean(self, subject: str) -> None:
        """Remove what the process needed; how it ended stays."""
        shutil.rmtree(self.run_dir(subject) / "work", ignore_errors=True)

    def forget(self, subject: str) -> None:
        """Remove all that is left of it: its history is no longer kept."""
        shutil.rmtree(self.run_dir(subject), ignore_errors=True)

    def close(self) -> None:
        """Stop telling; the processes go on."""
        self._watcher.close()
        self._forked.close()

    def _launch(self, subject: str) -> None:
        launch(self.run_dir(subject), self._supervisors)
        reached(FaultPoint.PROCESS_STARTED)
        self._watcher.watch(self.run_dir(subject))


def exit_code(ended: Ended) -> int:
    """One number for how it ended: 0 is success, 128 + N a signal, as shells have it."""
    if ended.exit_status is not None:
        return ended.exit_status
    return 128 + ended.signal if ended.signal is not None else 1


__all__ = ["Alive", "Ended", "Lost", "NotStarted", "ProcessSpec", "Processes", "Status", "exit_code"]
