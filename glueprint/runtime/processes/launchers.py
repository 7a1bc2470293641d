"""How supervisors are started: by a new Python, by a fork of a waiting process, or with a worker that waits.

All of them lead to ``supervisor.main`` for a run directory, and its lock makes any repetition harmless. If the
forker does not answer (it was killed, or the machine has no free process), a new Python is started.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from glueprint.runtime.processes.programs import start_apart
from glueprint.runtime.shared import rundir

_ANSWER_TIMEOUT_SECONDS = 5.0
"""A forker that has not answered by then is taken for dead."""


class Launcher(Protocol):
    """Starts supervisors."""

    def launch(self, run_dir: str) -> None:
        """Start a supervisor for ``run_dir`` (an absolute path) and return without waiting for it.

        Raises:
            OSError: no process can be started.
        """
        ...


class ColdLauncher:
    """Starts a new Python for each supervisor: about 20 ms of a core. Reaps them, as they are child processes."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def launch(self, run_dir: str) -> None:
        """See :class:`Launcher`."""
        self.reap()
        with open(os.path.join(run_dir, rundir.SUPERVISOR_LOG), "ab") as log:
            supervisor = start_apart(
                "processes.supervisor", run_dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.reap_later(supervisor)

    def reap_later(self, supervisor: subprocess.Popen[bytes]) -> None:
        """Also reap this supervisor, which other code in this process has started."""
        with self._lock:
            self._running.append(supervisor)

    def reap(self) -> None:
        """Reap supervisors that have ended, so that none remains as a zombie."""
        with self._lock:
            self._running = [supervisor for supervisor in self._running if supervisor.poll() is None]


class ForkLauncher:
    """Has supervisors forked by one waiting process: about a millisecond each.

    That process is started when it is first needed, and again if it was killed. :meth:`close` ends it, not the
    supervisors; so does any end of this process.
    """

    def __init__(self, fallback: Launcher) -> None:
        """``fallback`` is used if the waiting process does not answer."""
        self._fallback = fallback
        self._forker: _Forker | None = None
        self._lock = threading.Lock()

    def launch(self, run_dir: str) -> None:
        """See :class:`Launcher`."""
        if not self._fork(run_dir):
            self._fallback.launch(run_dir)

    def close(self) -> None:
        """End the waiting process; the next launch starts another one."""
        with self._lock:
            self._drop()

    def _fork(self, run_dir: str) -> bool:
        with self._lock:
            try:
                self._forker = self._forker or _Forker()
                if self._forker.fork(run_dir):
                    return True
            except OSError:  # no process or pipe: if that lasts, the fallback raises it
                pass
            self._drop()
            return False

    def _drop(self) -> None:
        if self._forker is not None:
            self._forker.end()
            self._forker = None


class _Forker:
    """A running ``glueprint.runtime.processes.forker``. Not thread-safe."""

    def __init__(self) -> None:
        # Its error output is the server's: stderr is inherited.
        self._process = start_apart("processes.forker", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self._requests = self._process.stdin
        self._answers = self._process.stdout
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)

    def fork(self, run_dir: str) -> bool:
        """Whether a supervisor was forked for ``run_dir``; if not, this forker must be replaced.

        Raises:
            OSError: it has ended.
        """
        os.write(self._requests.fileno(), os.fsencode(run_dir) + b"\0")
        if not self._poll.poll(_ANSWER_TIMEOUT_SECONDS * 1000):
            return False
        # A short write arrives in one piece: pipes are atomic to 512 bytes (POSIX, PIPE_BUF). Empty: it has ended.
        return int(os.read(self._answers.fileno(), 64) or 0) > 0

    def end(self) -> None:
        """End it and wait for its end; supervisors go on."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()  # it has nothing to save, and may hang
        self._process.wait()
        self._requests.close()
        self._answers.close()


class WorkerPool(Protocol):
    """Keeps workers of one kind waiting."""

    def take(self, run_dir: Path) -> bool:
        """Hand the run over to a worker; False if it must be started in another way."""
        ...


class WarmLauncher:
    """Hands a run to the first of ``pools`` that takes it, or else to ``fallback``."""

    def __init__(self, pools: Sequence[WorkerPool], fallback: Launcher) -> None:
        self._pools = pools
        self._fallback = fallback

    def launch(self, run_dir: str) -> None:
        """See :class:`~glueprint.runtime.processes.launchers.Launcher`."""
        if not any(pool.take(Path(run_dir)) for pool in self._pools):
            self._fallback.launch(run_dir)
