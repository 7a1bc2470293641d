"""A process that waits with everything loaded and forks supervisors on request: a millisecond instead of a start.

It reads run directories from its standard input, each ended by a zero byte, and answers each with the pid of the
supervisor that it forked (0: no process can be started). It ends when its input does, so it never outlives the
server; the supervisors do, in their own sessions, like those that were started by a new Python.

Correctness rests on the supervisor's lock alone: a request may be repeated in any way if its answer is missing.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from glueprint.runtime.processes import supervisor
from glueprint.runtime.shared import os_process, rundir

PRELOADED = (json, os_process.load_prctl())
"""What each supervisor would otherwise load itself."""


def main() -> None:
    """Fork until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps supervisors
    rest = b""
    while arrived := os.read(0, 65536):
        *run_dirs, rest = (rest + arrived).split(b"\0")
        for run_dir in run_dirs:
            pid = _fork(os.fsdecode(run_dir))
            try:
                os.write(1, b"%d\n" % pid)
            except BrokenPipeError:  # the server was killed meanwhile: the next one inspects the run directory
                return


def _fork(run_dir: str) -> int:
    try:
        pid = os.fork()
    except OSError:
        return 0
    if pid == 0:
        _supervise(run_dir)
    return pid


def _supervise(run_dir: str) -> None:
    """In the forked child: run the supervisor of ``run_dir``. Never returns."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _redirect_stdio(run_dir)
        supervisor.main(run_dir)
        status = 0
    except BaseException:  # noqa: BLE001 - written to the supervisor's log, as Python does at top level
        if os.path.isdir(run_dir):  # otherwise a reset removed the run, and nothing waits for it
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
    finally:
        os._exit(status)


def _redirect_stdio(run_dir: str) -> None:
    """Close the server's pipes; errors go to a log in the run directory."""
    log = os.open(os.path.join(run_dir, rundir.SUPERVISOR_LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, number)
    os.close(log)
    os.close(nothing)
