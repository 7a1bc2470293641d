"""Job and crawl processes in their run directories: started, watched, stopped."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from glueprint.local.faults import FaultPoint, reached
from glueprint.plain_files import opened_folder
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
"""Is called with the subject's id and its process's status; if it raises, it is called again later."""


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
        """``pools`` have warm workers for runs; their owner opens and closes them."""
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
        """Run the process, at most once ever, and watch it."""
        prepare(self.run_dir(subject), spec)
        reached(FaultPoint.PROCESS_PREPARED)
        self._launch(subject)

    def resume(self, subject: str) -> bool:
        """Launch what is prepared, perhaps by a server that was killed; return False if nothing is prepared.

        What is prepared is run as it is: the script may have been changed or deleted since.
        """
        if not is_prepared(self.run_dir(subject)):
            return False
        self._launch(subject)
        return True

    def adopt(self, subject: str) -> None:
        """Watch a process that an earlier server started; if it has ended, report it at once on this thread."""
        status = self.status(subject)
        if isinstance(status, Lost):
            kill_stragglers(self.run_dir(subject))
        if isinstance(status, Ended | Lost):
            self._report(subject, status)
        else:
            self._watcher.watch(self.run_dir(subject))

    def status(self, subject: str) -> Status:
        """Return the status of the process; a run directory that is damaged is that of a lost one."""
        try:
            return inspect(self.run_dir(subject))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return Lost(f"its run directory is damaged: {type(error).__name__}: {error}")

    def stop(self, subject: str, *, grace_seconds: float | None = None) -> None:
        """Request the end of the process; it is reported like any other, also if the process never started."""
        grace = self._stop_grace_seconds if grace_seconds is None else grace_seconds
        request_stop(self.run_dir(subject), grace_seconds=grace)
        reached(FaultPoint.STOP_REQUESTED)
        self._watcher.watch(self.run_dir(subject))

    def clean(self, subject: str) -> None:
        """Remove the files that the process needed; its status stays."""
        with contextlib.suppress(OSError), opened_folder(str(self._root), (subject,)) as folder:
            shutil.rmtree("work", ignore_errors=True, dir_fd=folder)

    def forget(self, subject: str) -> None:
        """Remove the run directory: its history is no longer kept."""
        shutil.rmtree(self.run_dir(subject), ignore_errors=True)

    def close(self) -> None:
        """Stop watching; the processes go on."""
        self._watcher.close()
        self._forked.close()

    def _launch(self, subject: str) -> None:
        launch(self.run_dir(subject), self._supervisors)
        reached(FaultPoint.PROCESS_STARTED)
        self._watcher.watch(self.run_dir(subject))


def exit_code(ended: Ended) -> int:
    """Return how the process ended as one number: 0 is success, 128 + N is signal N, as in shells."""
    if ended.exit_status is not None:
        return ended.exit_status
    return 128 + ended.signal if ended.signal is not None else 1


__all__ = ["Alive", "Ended", "Lost", "NotStarted", "ProcessSpec", "Processes", "Status", "exit_code"]
