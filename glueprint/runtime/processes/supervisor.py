"""The small program between the server and the user's code: starts it at most once, waits, records its end.

It runs in its own session, so it survives the server. The order of its steps is essential:

1. take the lock: from here on no other process decides about this run directory;
2. fork the child, which waits at a gate and dies with the supervisor: before it becomes the user's program, or, if
   the program waits there itself, just before it runs user code;
3. write ``started.json`` to disk;
4. open the gate;
5. wait; on a stop request send SIGTERM to the complete tree, and SIGKILL after the grace period;
6. when the program has ended, end the processes that it left, then write ``status.json`` in one step; if the disk
   is full, as soon as it can be written.

If it is killed before 3, nothing ran and a repeated start may run it. If it is killed after 3, nothing runs again.
Runs as ``python -I -S``, with light modules of the standard library only: each job waits for its start.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable

from glueprint.runtime.shared import os_process, rundir
from glueprint.runtime.shared.os_process import process_identity

DEFAULT_GRACE_SECONDS = 10.0
"""Between SIGTERM and SIGKILL if the supervisor itself is terminated and no grace period is recorded."""
_SWEEP_SECONDS = 0.05
"""Between two rounds of SIGKILL: a process may fork between being listed and being killed."""
_GIVE_UP_SECONDS = 10.0
"""How long SIGKILLs are repeated before the end is recorded all the same (a process may hang in the kernel)."""
_MAX_PAUSE_SECONDS = 2.0
"""Between two attempts to write a status."""
_MAX_ERROR_BYTES = 1_000_000
"""The program's own error is a line of at most 10,000 characters; a larger file is not read."""
_NOT_STARTED = 127
_HANDLED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM)


def main(
    run_dir: str,
    reached: Callable[[str], None] = lambda point: None,
    gated: Callable[[str], GatedProcess] | None = None,
) -> None:
    """Supervise the run that ``run_dir`` describes until it ends.

    Args:
        run_dir: the run directory.
        reached: called at each point (locked, forked, recorded, released, ended, written), so that tests can kill
            this process exactly there.
        gated: called once this process has the lock; returns the process that waits to run the user's code. By
            default it is forked then.
    """
    # Before anything else: a signal that arrives early stays pending until it is handled.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    lock = _take_lock(run_dir)
    if lock is None:
        return
    reached("locked")
    if rundir.exists(run_dir, rundir.STOP):
        _record_end(run_dir, error="stopped before it started", stopped=True)
        return
    os_process.adopt_orphans()
    try:
        child = gated(run_dir) if gated else fork(run_dir)
    except (OSError, ValueError) as error:
        _record_end(run_dir, error=f"the program could not be started: {error}")
        return
    reached("forked")
    started_at = time.time()
    try:
        _claim(run_dir, child, started_at)
    except OSError as error:  # without a claim, another process might run it again
        child.cancel()
        _record_end(run_dir, error=f"the program could not be started: {error.strerror}")
        return
    reached("recorded")
    # Check for the stop marker again now that started.json exists: whoever writes the marker checks for
    # started.json afterwards, so one of the two finds the other.
    if rundir.exists(run_dir, rundir.STOP):
        child.cancel()
        _record_end(run_dir, error="stopped before it started", stopped=True)
        return
    startup_error = child.release()
    if child.never_started:  # it died while waiting: keep the claim, run another process
        child = fork(run_dir)
        _claim(run_dir, child, started_at)
        startup_error = child.release()
    reached("released")
    ending = _TreeWaiter(run_dir, child.pid).until_all_ended()
    reached("ended")
    status = ending.wait_status
    _record_end(
        run_dir,
        exit_status=os.WEXITSTATUS(status) if os.WIFEXITED(status) and startup_error is None else None,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        error=startup_error or (_reported_error(run_dir) if status != 0 else None),
        started_at=started_at,
        max_rss_bytes=ending.max_rss_bytes,
        stopped=ending.stopping,
    )
    reached("written")


def _take_lock(run_dir: str) -> int | None:
    """Return the lock's descriptor, or ``None`` if another process has the run or it has ended."""
    fd = os.open(os.path.join(run_dir, rundir.LOCK), os.O_CREAT | os.O_RDWR, 0o600)
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        except BlockingIOError:
            held = False
        if rundir.exists(run_dir, rundir.STARTED) or rundir.exists(run_dir, rundir.STATUS):
            os.close(fd)
            return None
        if held:
            return fd
        # Another supervisor is between lock and started.json; if it is killed there, this one takes over.
        time.sleep(0.002)


def _claim(run_dir: str, child: GatedProcess, started_at: float) -> None:
    """Record that this supervisor runs it; from here on no other process ever does."""
    claim: dict[str, object] = {
        "pid": child.pid,
        "born": process_identity(child.pid),
        "supervisor_pid": os.getpid(),
        "supervisor_born": process_identity(os.getpid()),
        "started_at": started_at,
    }
    if child.mark is not None:
        claim["mark"] = child.mark
    rundir.write_json(run_dir, rundir.STARTED, claim)


def _record_end(run_dir: str, **what: object) -> None:
    fields: dict[str, object] = {
        "exit_status": None,
        "signal": None,
        "error": None,
        "started_at": None,
        "ended_at": time.time(),
        "max_rss_bytes": None,
        "stopped": False,
    }
    _write_end(run_dir, fields | what)


def _write_end(run_dir: str, status: dict[str, object]) -> None:
    """Write the status; on a full disk, for example, try again until it is written: the run goes on meanwhile."""
    pause = 0.1
    while True:
        try:
            rundir.write_json(run_dir, rundir.STATUS, status)
        except OSError as error:
            if error.errno not in rundir.MAY_PASS:
                raise
        else:
            return
        time.sleep(pause)  # signals are blocked here
        pause = min(2 * pause, _MAX_PAUSE_SECONDS)


def _reported_error(run_dir: str) -> str | None:
    """Return the error that the program left, in Glue's short form: ``ExceptionType: message``."""
    error = _left_by_program(run_dir)
    if not isinstance(error, dict):
        return None
    kind, message = error.get("type"), error.get("message")
    return f"{kind}: {message}" if kind else str(message)


def _left_by_program(run_dir: str) -> object:
    """Return the contents of ``error.json``; user code may have written anything there, or a link or a pipe."""
    import json

    try:
        fd = os.open(os.path.join(run_dir, rundir.ERROR), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            return json.loads(file.read(_MAX_ERROR_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


class GatedProcess:
    """A process that waits at a gate: released, it runs the user's code; cancelled, it ends.

    ``mark`` is the value of :data:`rundir.MARK` in the environment of the processes that it starts, if that is not
    the run directory.
    """

    mark: str | None = None
    never_started = False
    """Known after the release: it ended before it noticed that."""

    def __init__(self, pid: int, gate: int, startup_error: int) -> None:
        """``gate`` is a descriptor to write to, ``startup_error`` one to read until its other end is closed."""
        self.pid = pid
        self.gate = gate
        self.startup_error = startup_error

    def release(self) -> str | None:
        """Let it run. Returns why it could not start, or ``None`` if it did."""
        return self._release(b"1")

    def cancel(self) -> None:
        """Close the gate: the process ends without having run anything."""
        os.close(self.gate)
        os.close(self.startup_error)
        os.waitpid(self.pid, 0)

    def _release(self, word: bytes) -> str | None:
        with contextlib.suppress(BrokenPipeError):  # it has already ended at the gate; its status shows how
            os.write(self.gate, word)
        os.close(self.gate)
        startup_error = b""
        while part := os.read(self.startup_error, 4096):  # the end comes when exec closes the other side
            startup_error += part
        os.close(self.startup_error)
        return startup_error.decode() or None


def fork(run_dir: str, *, answers: bool = False) -> GatedProcess:
    """Fork the process that becomes the program of ``run_dir``.

    ``answers``: it keeps the pipe to the supervisor, see :data:`rundir.ANSWER`.

    Raises:
        OSError, ValueError: the run directory has no spec, or no process can be started.
    """
    spec = rundir.read_json(run_dir, rundir.SPEC)
    if spec is None:
        raise FileNotFoundError(f"{run_dir} has no {rundir.SPEC}: there is nothing to run")
    gate, our_gate = os.pipe()
    our_error_pipe, startup_error = os.pipe()
    supervisor = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(our_gate)
        _become(spec, run_dir, supervisor, gate, startup_error, answers=answers)
    os.close(gate)
    os.close(startup_error)
    return GatedProcess(pid, our_gate, our_error_pipe)


def _become(
    spec: dict[str, object], run_dir: str, supervisor: int, gate: int, startup_error: int, *, answers: bool
) -> None:
    """In the forked child: turn into the program that ``spec`` describes. Never returns."""
    try:
        os.setsid()
        os_process.die_with_parent(signal.SIGKILL)
        if os.getppid() != supervisor:  # it ended before die_with_parent took effect
            os._exit(_NOT_STARTED)
        os_process.redirect_stdio(spec)
        env: dict[str, str] = spec["env"] | {rundir.MARK: run_dir}  # type: ignore[operator]
        if spec.get("waits_at_gate"):
            os.set_inheritable(gate, True)
            env[rundir.GATE] = str(gate)
        elif os.read(gate, 1) != b"1":
            os._exit(_NOT_STARTED)
        if answers:
            os.set_inheritable(startup_error, True)
            env[rundir.ANSWER] = str(startup_error)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these; programs expect the default
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        argv: list[str] = spec["argv"]  # type: ignore[assignment]
        os.execvpe(argv[0], argv, env)
    except Exception as error:  # noqa: BLE001 - handed to the supervisor, which records it
        os.write(startup_error, f"the program could not be started: {error}".encode())
    finally:
        os._exit(_NOT_STARTED)


class _TreeWaiter:
    """Waits for the end of the process tree and for stop requests, in one loop over three signals."""

    def __init__(self, run_dir: str, child: int) -> None:
        self._run_dir = run_dir
        self._child = child
        self._child_ended = False
        self._terminated: set[int] = set()
        self._killing_since: float | None = None
        self.stopping = False
        self.wait_status = 0
        self.max_rss_bytes: int | None = None

    def until_all_ended(self) -> _TreeWaiter:
        """Return when the program and every process that it started have ended."""
        while not self._all_ended():
            caught = signal.sigwait(_HANDLED)
            if caught == signal.SIGTERM:
                self._stop()
            elif caught == signal.SIGALRM:
                self._kill()
        return self

    def _all_ended(self) -> bool:
        """Reap what has ended. True if nothing is left, or what is left cannot be killed."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                break
            if pid == self._child:
                self._child_ended = True
                self.wait_status = status
                self.max_rss_bytes = usage.ru_maxrss * _RSS_UNIT
        if self.stopping:
            self._terminate()  # a process that was being forked during the last round has not been signalled
        elif self._child_ended and self._killing_since is None:
            # As in Glue, where the machine goes away with the script: processes that it left end with it.
            self._kill()
        return self._killing_since is not None and time.monotonic() - self._killing_since > _GIVE_UP_SECONDS

    def _stop(self) -> None:
        self.stopping = True
        request = rundir.read_json(self._run_dir, rundir.STOP) or {}
        grace = float(str(request.get("grace_seconds", DEFAULT_GRACE_SECONDS)))
        self._terminate()
        if self._killing_since is None:
            signal.setitimer(signal.ITIMER_REAL, max(grace, 0.001))

    def _terminate(self) -> None:
        """Send SIGTERM, once, to each process that exists now."""
        os_process.signal_below(os.getpid(), signal.SIGTERM, but=self._terminated)

    def _kill(self) -> None:
        if self._killing_since is None:
            self._killing_since = time.monotonic()
        os_process.signal_below(os.getpid(), signal.SIGKILL)
        signal.setitimer(signal.ITIMER_REAL, _SWEEP_SECONDS)


_RSS_UNIT = 1 if os.uname().sysname == "Darwin" else 1024
"""Bytes in one unit of ``ru_maxrss`` (getrusage(2))."""
