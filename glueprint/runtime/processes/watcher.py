"""Reports the starts and ends of runs from one thread, including runs that an earlier server started.

Between ``launch`` and user code there are about 20 milliseconds: during that time it polls every few milliseconds.
Afterwards the kernel wakes it (pidfd) when the supervisor ends, which is when the end has been recorded. Where
there is no pidfd it goes on polling.
"""

from __future__ import annotations

import collections
import logging
import os
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime.processes.process import (
    Alive,
    Ended,
    Lost,
    NotStarted,
    Status,
    inspect,
    kill_stragglers,
    mark_never_run,
    reap_supervisors,
    supervisor_of,
)
from glueprint.runtime.processes.repeated_failures import RepeatedFailures
from glueprint.runtime.shared import rundir

log = logging.getLogger(__name__)

_EARLY_POLL_SECONDS = 0.004
_POLL_SECONDS = 0.05
_EARLY_SECONDS = 0.5
"""How long after ``watch`` it polls often: user code is about to start."""
_MIN_PAUSE_SECONDS = 0.5
_MAX_PAUSE_SECONDS = 60.0


@dataclass(slots=True)
class _Watched:
    run_dir: Path
    since: float
    alive_reported: bool = False
    pidfd: int | None = None
    pause: float = 0.0
    """Seconds; set while the listener fails: the time until it is notified again."""
    again_at: float = 0.0


class Watcher:
    """Calls ``on_change(run_dir, status)`` once when user code runs (``Alive``) and once at the end
    (``Ended``, ``Lost``).

    A run that has already ended when it is first watched is reported once, with its end. Calls come one at a time
    from the watcher's own thread. A call that raises is logged and repeated later, while the others go on: no end
    is lost because the disk was full for a while. Before ``Lost`` is reported, the run's remaining processes have
    been killed. A run whose supervisor does not start within ``start_deadline_seconds`` is recorded as one that
    never runs and reported as ``Ended``.
    """

    def __init__(
        self, on_change: Callable[[Path, Status], None], *, start_deadline_seconds: float = 30.0
    ) -> None:
        self._on_change = on_change
        self._start_deadline_seconds = start_deadline_seconds
        self._failures = RepeatedFailures(log)
        self._new: collections.deque[Path] = collections.deque()
        self._watched: dict[Path, _Watched] = {}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._closing = threading.Event()
        self._close_lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="runtime-watcher", daemon=True)
        self._thread.start()

    def watch(self, run_dir: Path) -> None:
        """Report ``run_dir`` from now on, until its end. Repeating it while it is watched changes nothing."""
        self._new.append(run_dir)
        self._wake()

    def close(self) -> None:
        """Stop reporting and end the thread; runs go on. Must not be called from ``on_change``."""
        with self._close_lock:
            if self._closing.is_set():
                return
            self._closing.set()
            self._wake()
        self._thread.join()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        for watched in self._watched.values():
            if watched.pidfd is not None:
                os.close(watched.pidfd)
        reap_supervisors()

    def _wake(self) -> None:
        try:
            os.write(self._wake_write, b".")
        except BlockingIOError:
            return  # the pipe is full: the thread is awake

    def _loop(self) -> None:
        while not self._closing.is_set():
            due = {key.data for key, _ in self._selector.select(self._timeout()) if key.data is not None}
            self._drain()
            while self._new:
                run_dir = self._new.popleft()
                self._watched.setdefault(run_dir, _Watched(run_dir, since=time.monotonic()))
            for watched in list(self._watched.values()):
                if self._is_due(watched, due):
                    try:
                        self._check(watched)
                    except Exception as error:  # noqa: BLE001 - logged
                        self._failures.log(f"cannot inspect {watched.run_dir}", error)
                        if isinstance(error, OSError) and error.errno in rundir.MAY_PASS:
                            self._postpone(watched)
                        else:
                            self._finish(watched, Lost(f"its run directory cannot be read: {error}"))

    def _timeout(self) -> float | None:
        """Seconds until the next poll; None if the kernel wakes the thread for every run."""
        unaided = [one.since for one in self._watched.values() if one.pidfd is None]
        if not unaided:
            return None
        young = time.monotonic() - max(unaided) < _EARLY_SECONDS
        return _EARLY_POLL_SECONDS if young else _POLL_SECONDS

    def _is_due(self, watched: _Watched, woken: set[Path]) -> bool:
        if watched.pause:
            return time.monotonic() >= watched.again_at
        return watched.pidfd is None or watched.run_dir in woken

    def _drain(self) -> None:
        try:
            while os.read(self._wake_read, 4096):
                continue
        except BlockingIOError:
            return

    def _check(self, watched: _Watched) -> None:
        status = inspect(watched.run_dir)
        if isinstance(status, NotStarted) and self._overdue(watched):
            # Under the lock: if the supervisor starts after all, it finds the end recorded.
            mark_never_run(watched.run_dir, error="no supervisor started to run the program")
            status = inspect(watched.run_dir)
        match status:
            case NotStarted():
                return
            case Alive():
                if watched.pidfd is None:
                    self._watch_supervisor(watched)
                if not watched.alive_reported:
                    watched.alive_reported = self._notify(watched, status)
            case Lost():
                killed = kill_stragglers(watched.run_dir)
                log.warning("%s: %s (%d stragglers killed)", watched.run_dir, status.reason, killed)
                self._finish(watched, status)
            case Ended():
                self._finish(watched, status)

    def _overdue(self, watched: _Watched) -> bool:
        return time.monotonic() - watched.since > self._start_deadline_seconds

    def _watch_supervisor(self, watched: _Watched) -> None:
        """Let the kernel wake the thread at the supervisor's end, if it can; otherwise polling goes on."""
        if not hasattr(os, "pidfd_open"):
            return
        pid = supervisor_of(watched.run_dir)
        if pid is None:
            return  # just ended; the next poll finds the end
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return  # ended meanwhile, or no descriptor is free
        if supervisor_of(watched.run_dir) != pid:  # the pid belonged to another process when it was opened
            os.close(pidfd)
            return
        watched.pidfd = pidfd
        self._selector.register(pidfd, selectors.EVENT_READ, watched.run_dir)

    def _finish(self, watched: _Watched, status: Ended | Lost) -> None:
        self._stop_watching_supervisor(watched)
        if self._notify(watched, status):
            del self._watched[watched.run_dir]
        reap_supervisors()

    def _stop_watching_supervisor(self, watched: _Watched) -> None:
        """Close the pidfd of the supervisor."""
        if watched.pidfd is not None:
            self._selector.unregister(watched.pidfd)
            os.close(watched.pidfd)
            watched.pidfd = None

    def _notify(self, watched: _Watched, status: Status) -> bool:
        """Whether the listener accepted it; if not, it is notified again after a pause."""
        try:
            self._on_change(watched.run_dir, status)
        except Exception as error:  # noqa: BLE001 - logged
            self._postpone(watched)
            what = f"the {'start' if isinstance(status, Alive) else 'end'} of {watched.run_dir.name}"
            self._failures.log(f"{what} could not be stored; trying again in {watched.pause:.1f} s", error)
            return False
        watched.pause = 0.0
        return True

    def _postpone(self, watched: _Watched) -> None:
        """Check the run again after a pause, which is longer each time."""
        watched.pause = min(max(2 * watched.pause, _MIN_PAUSE_SECONDS), _MAX_PAUSE_SECONDS)
        watched.again_at = time.monotonic() + watched.pause
        self._stop_watching_supervisor(watched)
