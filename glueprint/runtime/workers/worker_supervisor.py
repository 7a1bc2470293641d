"""A supervisor without a run yet: it keeps one waiting worker until it gets a run or the server ends.

It reads at most one run directory from its standard input, and then does what every supervisor does: it takes the
run's lock, claims the run, and only then opens the gate for the worker. It reports to the server on its standard
output when the worker is ready and when it has the run; without that report the server starts the run cold, and
the lock decides.

While it waits it ends with its standard input, so with the server, together with the worker. Once it has a run it
no longer depends on the server. Runs as ``python -I -S``, with light modules of the standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import sys

from glueprint.runtime.processes import supervisor
from glueprint.runtime.shared import os_process, rundir

_LAST_LINES = 10


def main(worker_dir: str) -> None:
    """Keep the worker that ``worker_dir/spec.json`` describes, and supervise its run if it gets one."""
    lock = os.open(os.path.join(worker_dir, rundir.LOCK), os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)  # until this process ends: a directory without a lock has no supervisor
    os_process.adopt_orphans()
    worker = _Worker.fork(worker_dir)
    try:
        run_dir = _wait(worker)
        if run_dir is not None:
            _log_to(run_dir)
            supervisor.main(run_dir, gated=lambda run_dir: _claimed(worker, run_dir))
    finally:
        _end_all()
        _remove(worker_dir)


class _Worker(supervisor.GatedProcess):
    """The waiting worker; what it reads at its gate is the run directory."""

    mark: str

    def __init__(self, pid: int, gate: int, startup_error: int, worker_dir: str) -> None:
        super().__init__(pid, gate, startup_error)
        self.mark = worker_dir
        self.run_dir = ""

    @classmethod
    def fork(cls, worker_dir: str) -> _Worker:
        """Start the worker."""
        held = supervisor.fork(worker_dir, answers=True)
        return cls(held.pid, held.gate, held.startup_error, worker_dir)

    def is_alive(self) -> bool:
        """Whether it still waits."""
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

    def release(self) -> str | None:
        """Send the worker its run. Nothing of the run has started unless it answers."""
        self.never_started = self._release(os.fsencode(self.run_dir)) != rundir.TAKEN.decode()
        return None


def _wait(worker: _Worker) -> str | None:
    """Return the run directory from the server; ``None`` if the server or the worker has ended."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(worker.startup_error, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            message = os.read(fd, 4096)  # one write each, which fits the pipe's buffer: it arrives whole
            if not message:
                if fd != 0:
                    _report_failure(worker.mark)
                return None
            if fd == 0:
                return os.fsdecode(message.removesuffix(b"\0"))
            with contextlib.suppress(BrokenPipeError):  # the server has ended: the standard input ends next
                os.write(1, message)


def _report_failure(worker_dir: str) -> None:
    """Print the last lines of a worker that ended unexpectedly; this error output is the server's."""
    with open(os.path.join(worker_dir, "stderr"), encoding="utf-8", errors="replace") as file:
        last = "".join(file.readlines()[-_LAST_LINES:])
    spec = rundir.read_plan(worker_dir, rundir.SPEC) or {}
    kind = "Spark worker" if spec.get("order") else "Python for Python shell jobs"
    sys.stderr.write(f"A waiting {kind} has ended{_its(last)}")
    sys.stderr.flush()


def _its(last: str) -> str:
    return f"; its last output:\n{last}" if last else "; it printed nothing: it was killed\n"


def _claimed(worker: _Worker, run_dir: str) -> supervisor.GatedProcess:
    """Report to the server that this process has the run's lock; return the process that runs it."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, rundir.TAKEN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    os.close(nothing)
    if not worker.is_alive():
        return supervisor.fork(run_dir)
    worker.run_dir = run_dir
    return worker


def _log_to(run_dir: str) -> None:
    """Redirect this process's error output to the log in the run directory."""
    log = os.open(os.path.join(run_dir, rundir.SUPERVISOR_LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    os.close(log)


def _end_all() -> None:
    """End every process that this one has started."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os_process.signal_below(os.getpid(), signal.SIGKILL)
            os.waitpid(-1, 0)


def _remove(worker_dir: str) -> None:
    """Remove the directory. Not with shutil: loading it takes longer than all the rest, and the server waits."""
    for folder, folders, files in os.walk(worker_dir, topdown=False):
        with contextlib.suppress(OSError):  # reported below
            for name in files:
                os.unlink(os.path.join(folder, name))
            for name in folders:
                path = os.path.join(folder, name)
                os.unlink(path) if os.path.islink(path) else os.rmdir(path)
    with contextlib.suppress(OSError):
        os.rmdir(worker_dir)
    if os.path.exists(worker_dir):
        print(f"could not remove all of {worker_dir}", file=sys.stderr)  # noqa: T201 - this process's log
