"""A process that waits, all loaded, and forks supervisors on request: a millisecond instead of a Python's start.

It reads run directories from its standard input, each ended by a zero byte, and answers each with the pid of the
supervisor that it forked for it (0: the machine has no process left). It ends when its input does, so it never
outlives the server; the supervisors do, in sessions of their own, as ones that were started cold.

Nothing is promised here that the supervisor's lock does not keep: a request whose answer does not come may be
repeated in any way.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from glueprint.runtime.processes import supervisor
from glueprint.runtime.shared import os_process, rundir

PRELOADED = (json, os_process.load_prctl())
"""What supervisors would load late, each for itself."""


def main() -> None:
    """Fork until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps supervisors for us
    rest = b""
    while arrived := os.read(0, 65536):
        *run_dirs, rest = (rest + arrived).split(b"\0")
        for run_dir in run_dirs:
            pid = _fork(os.fsdecode(run_dir))
            try:
                os.write(1, b"%d\n" % pid)
            except BrokenPipeError:  # the server was killed meanwhile: the next one asks the run directory
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
    """In the forked child: be the supervisor of ``run_dir``. Never returns."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _redirect_stdio(run_dir)
        supervisor.main(run_dir)
        status = 0
    except BaseException:  # noqa: BLE001 - written to the supervisor's log, as Python does at top level
        if os.path.isdir(run_dir):  # or a reset removed the run: nobody waits for it
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
    finally:
        os._exit(status)


def _redirect_stdio(run_dir: str) -> None:
    """Let go of the server's pipes; what goes wrong stands in the run directory."""
    log = os.open(os.path.join(run_dir, rundir.SUPERVISOR_LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, number)
    os.close(log)
    os.close(nothing)
