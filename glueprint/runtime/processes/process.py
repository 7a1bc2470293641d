"""A run directory and its one process: prepare it, launch it at most once, inspect it, request its end.

Everything that is known is in files (see ``rundir``), so a server that was killed and started again gets the same
answers.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from glueprint.runtime.processes.launchers import ColdLauncher, Launcher
from glueprint.runtime.shared import rundir
from glueprint.runtime.shared.os_process import boot_id, is_same_process, process_identity

_STRAGGLER_SECONDS = 5.0
"""Maximum wait for killed stragglers; one that hangs in the kernel may stay longer."""
_QUIET_SCANS = 2
_SCAN_PAUSE_SECONDS = 0.005
"""Between two lists of processes: longer than it takes to execute a program."""
_MAX_READS = 10
_READ_PAUSE_SECONDS = 0.001
"""Between two reads of an environment that is empty; there are few such processes."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A program to run.

    Attributes:
        argv: the command; the first element is a path.
        env: the complete environment; nothing is inherited.
        cwd: its working directory.
        stdout: the file that its output is appended to.
        stderr: the file that its error output is appended to.
        memory_limit_bytes: limit of the address space (RLIMIT_AS) of each process of the run. Not for a JVM, which
            reserves far more than it uses.
        waits_at_gate: the program itself waits until it may run user code (``rundir.GATE``), so that its start and
            the claim on the run take place at the same time. Otherwise it is started after the claim.
        spark_instructions: the instructions file of a Spark job. A waiting worker may carry it out in place of
            ``argv``, see :mod:`glueprint.runtime.workers`; ``None``: only ``argv`` is run.
        shell_instructions: the same for a Python shell job.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    stdout: Path
    stderr: Path
    memory_limit_bytes: int | None = None
    waits_at_gate: bool = False
    spark_instructions: Path | None = None
    shell_instructions: Path | None = None


@dataclass(frozen=True, slots=True)
class NotStarted:
    """No user code has run; ``launch`` may still be called, or its supervisor is starting."""


@dataclass(frozen=True, slots=True)
class Alive:
    """User code runs in process ``pid`` since ``started_at`` (epoch seconds)."""

    pid: int
    started_at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The run has ended, and its result is recorded.

    ``exit_status`` or ``signal`` is set if user code ran. If it never ran, neither is set and ``error`` contains
    the reason. ``error`` is also the error message that the program itself left, if it left one. ``stopped``: its
    end was requested. Times are epoch seconds.
    """

    exit_status: int | None
    signal: int | None
    error: str | None
    started_at: float | None
    ended_at: float
    max_rss_bytes: int | None
    stopped: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the program ended by itself with status 0."""
        return self.exit_status == 0

    @property
    def failure(self) -> str | None:
        """Why it did not succeed, in one line like Glue's ``ErrorMessage``; ``None`` if it did.

        The program's own message comes first; ``Command failed with exit code N`` is Glue's message for a program
        that left none (seen in awslabs/aws-glue-libs issue 221).
        """
        if self.succeeded:
            return None
        if self.error is not None:
            return self.error
        if self.signal is None:
            return f"Command failed with exit code {self.exit_status}"
        name = signal.Signals(self.signal).name
        likely = (
            ": most likely the machine ran out of memory" if name == "SIGKILL" and not self.stopped else ""
        )
        return f"Command was killed by {name}{likely}"


@dataclass(frozen=True, slots=True)
class Lost:
    """User code was allowed to run and its end was not recorded: the supervisor was killed, or the machine went
    down.
    """

    reason: str


Status = NotStarted | Alive | Ended | Lost

COLD_LAUNCHER = ColdLauncher()
"""Starts the supervisors of this process."""


def launch(run_dir: Path, launcher: Launcher = COLD_LAUNCHER) -> None:
    """Run what was prepared, at most once for this run directory; return without waiting.

    May be repeated at any time, also after any crash: user code that was started is never started again. The
    supervisor survives this process.

    Args:
        run_dir: the run directory.
        launcher: starts the run's supervisor; by default, as a new process.

    Raises:
        OSError: no process can be started; repeat it later.
    """
    if isinstance(inspect(run_dir), NotStarted):
        launcher.launch(str(run_dir.absolute()))


def is_prepared(run_dir: Path) -> bool:
    """Whether the run was prepared since the machine started.

    A plan is not synced to disk, nor the script that it names: after a power cut any part may be missing.
    """
    plan = rundir.read_plan(str(run_dir.absolute()), rundir.SPEC)
    return plan is not None and plan.get("boot") == boot_id()


def prepare(run_dir: Path, spec: ProcessSpec) -> None:
    """Write what to run, unless ``run_dir`` contains it already. The first spec counts.

    Raises:
        OSError: the directory cannot be written.
    """
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if rundir.exists(str(run_dir.absolute()), rundir.SPEC):
        if is_prepared(run_dir):
            return
        (run_dir / rundir.SPEC).unlink()  # from before a power cut; the claim shows whether it was run
    content: dict[str, object] = {
        "argv": list(spec.argv),
        "env": dict(spec.env),
        "cwd": str(spec.cwd.absolute()),
        "stdout": str(spec.stdout.absolute()),
        "stderr": str(spec.stderr.absolute()),
        "memory_limit_bytes": spec.memory_limit_bytes,
        "waits_at_gate": spec.waits_at_gate,
        "order": None if spec.spark_instructions is None else str(spec.spark_instructions.absolute()),
        "shell_order": None if spec.shell_instructions is None else str(spec.shell_instructions.absolute()),
        "boot": boot_id(),
    }
    rundir.write_plan(str(run_dir.absolute()), rundir.SPEC, content)


def inspect(run_dir: Path) -> Status:
    """Return what is known of the run in ``run_dir``. Changes nothing."""
    directory = str(run_dir.absolute())
    ended = _ended(directory)
    if ended is not None:
        return ended
    started = rundir.read_json(directory, rundir.STARTED)
    if started is None:
        return NotStarted()
    if is_same_process(int(str(started["supervisor_pid"])), str(started["supervisor_born"])):
        return Alive(pid=int(str(started["pid"])), started_at=float(str(started["started_at"])))
    # It may have written the status and ended between the two reads.
    return _ended(directory) or Lost(
        "the supervisor ended without recording a result: it was killed, or the machine went down"
    )


def request_stop(run_dir: Path, *, grace_seconds: float = 10.0) -> None:
    """Request the end of the complete process tree: SIGTERM to each process, SIGKILL ``grace_seconds`` later. Does
    not wait.

    The end is reported like any other. A run that has not started never starts; one that has ended does not
    change; the stragglers of a lost one are killed. May be repeated with another grace period.
    """
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory = str(run_dir.absolute())
    if rundir.exists(directory, rundir.STATUS):
        return
    rundir.write_json(directory, rundir.STOP, {"grace_seconds": grace_seconds, "requested_at": time.time()})
    if mark_never_run(run_dir, error="stopped before it started", stopped=True):
        return
    started = rundir.read_json(directory, rundir.STARTED)
    if started is None:
        return  # a supervisor is between lock and gate: it checks for the marker after writing started.json
    pid = int(str(started["supervisor_pid"]))
    if is_same_process(pid, str(started["supervisor_born"])):
        with contextlib.suppress(ProcessLookupError):  # ended since
            os.kill(pid, signal.SIGTERM)
    elif isinstance(inspect(run_dir), Lost):
        kill_stragglers(run_dir)


def mark_never_run(run_dir: Path, *, error: str, stopped: bool = False) -> bool:
    """Record that the user code of ``run_dir`` never runs, for the reason ``error``.

    Returns False and changes nothing if it has run or a supervisor has the run.
    """
    directory = str(run_dir.absolute())
    with _lock(directory) as held:
        if not held or rundir.exists(directory, rundir.STARTED) or rundir.exists(directory, rundir.STATUS):
            return False
        ended = {"ended_at": time.time(), "error": error, "stopped": stopped}
        rundir.write_json(directory, rundir.STATUS, ended)
        return True


def kill_stragglers(run_dir: Path) -> int:
    """Kill every process that carries a mark of ``run_dir``, and wait for their end; return their number.

    For a lost run: the kernel has killed the program together with its supervisor, but not what the program had
    started. Processes that a waiting worker had started before it took the run carry the worker's own mark.

    The environment of a process reads empty while it executes another program, and a process may fork between two
    reads; so processes are listed again until that finds nothing twice in a row.
    """
    started = rundir.read_plan(str(run_dir.absolute()), rundir.STARTED)
    marks = {str(run_dir.absolute()), started.get("mark") if isinstance(started, dict) else None} - {None}
    killed: set[tuple[int, str]] = set()
    deadline = time.monotonic() + _STRAGGLER_SECONDS
    quiet = 0
    while quiet < _QUIET_SCANS and time.monotonic() < deadline:
        found = _kill_marked(marks)
        killed |= found
        quiet = 0 if found else quiet + 1
        # Not psutil's wait, which also waits for zombies: their parent may reap them late.
        while any(process_identity(pid) == born for pid, born in found) and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(_SCAN_PAUSE_SECONDS)
    return len(killed)


def _kill_marked(marks: set[object]) -> set[tuple[int, str]]:
    """Kill the processes that carry one of ``marks`` now, and return their pids and identities."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # ended meanwhile, or it belongs to another user
            if _mark_of(process) in marks:
                born = process_identity(process.pid)
                process.kill()
                if born is not None:  # not a zombie
                    found.add((process.pid, born))
    return found


def _mark_of(process: psutil.Process) -> str | None:
    """Return a process's mark. An empty environment is read again: the process may be executing a program."""
    for _ in range(_MAX_READS):
        if environment := process.environ():
            return environment.get(rundir.MARK)
        time.sleep(_READ_PAUSE_SECONDS)
    return None


def _ended(directory: str) -> Ended | None:
    fields = rundir.read_json(directory, rundir.STATUS)
    if fields is None:
        return None
    return Ended(
        exit_status=_int(fields.get("exit_status")),
        signal=_int(fields.get("signal")),
        error=None if fields.get("error") is None else str(fields["error"]),
        started_at=None if fields.get("started_at") is None else float(str(fields["started_at"])),
        ended_at=float(str(fields["ended_at"])),
        max_rss_bytes=_int(fields.get("max_rss_bytes")),
        stopped=bool(fields.get("stopped")),
    )


def _int(value: object) -> int | None:
    return None if value is None else int(str(value))


@contextlib.contextmanager
def _lock(directory: str) -> Iterator[bool]:
    """Take the run directory's lock if it is free; yield whether it was."""
    fd = os.open(os.path.join(directory, rundir.LOCK), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


def supervisor_of(run_dir: Path) -> int | None:
    """Return the pid of the running supervisor of a started run; when it ends, the run's end is recorded."""
    started = rundir.read_json(str(run_dir.absolute()), rundir.STARTED)
    if started is None:
        return None
    pid = int(str(started["supervisor_pid"]))
    return pid if process_identity(pid) == started["supervisor_born"] else None


def reap_supervisors() -> None:
    """Reap supervisors that have ended, so that none remains as a zombie of this process."""
    COLD_LAUNCHER.reap()
