"""A run directory and the one process it stands for: start it at most once, look at it, ask it to end.

Everything that is known stands in files (see ``rundir``), so a server that was killed and started again
asks the same questions and gets the same answers.
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
"""How long a killed straggler is waited for; one that hangs in the kernel may stay longer."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A program to run: ``argv`` (the first one a path), exactly the environment ``env``, its directory,
    its output files.

    Output is appended. ``memory_limit_bytes`` bounds the address space (RLIMIT_AS) of each process of the
    run; it does not suit a JVM, which reserves far more than it uses.

    ``waits_at_gate``: the program itself waits until it may run user code, as ``rundir.GATE`` says, so that its
    own start and the claim on the run take place at the same time. Otherwise it is not even started before.

    ``order``: a Spark job's order file, ``shell_order``: a Python shell job's. A waiting worker may carry it out
    in place of ``argv``, see :mod:`glueprint.runtime.workers`; ``None``: only ``argv`` does.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    stdout: Path
    stderr: Path
    memory_limit_bytes: int | None = None
    waits_at_gate: bool = False
    order: Path | None = None
    shell_order: Path | None = None


@dataclass(frozen=True, slots=True)
class NotStarted:
    """No user code has run; ``start`` may still be called, or its supervisor is on the way."""


@dataclass(frozen=True, slots=True)
class Alive:
    """User code runs in process ``pid`` since ``started_at`` (epoch seconds)."""

    pid: int
    started_at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over, and how is recorded.

    ``exit_status`` or ``signal`` is set when user code ran; neither when it never did, and then ``error``
    says why. ``error`` is also the program's own word for its failure, when it left one. ``stopped``: its
    end had been asked for. Times are epoch seconds.
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
        """Why it did not succeed, in a line as Glue's ``ErrorMessage``; ``None`` when it did.

        The program's own words come first; ``Command failed with exit code N`` is Glue's for a program that said
        nothing (seen in awslabs/aws-glue-libs issue 221).
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
    """User code was allowed to run and nobody saw its end: the supervisor was killed, or the machine went
    down.
    """

    reason: str


Status = NotStarted | Alive | Ended | Lost

COLD_LAUNCHER = ColdLauncher()
"""This process's own supervisors."""


def start(run_dir: Path, spec: ProcessSpec) -> None:
    """Have ``spec`` run under a supervisor of its own, at most once for this run directory; returns without
    waiting.

    May be repeated at any time, also after a crash of anything: user code that has once been let go is
    never run again. The first spec counts. The supervisor survives this process.

    Raises:
        OSError: the directory cannot be written or no process can be started; repeat it later.
    """
    prepare(run_dir, spec)
    launch(run_dir)


def launch(run_dir: Path, supervisors: Launcher = COLD_LAUNCHER) -> None:
    """Have run what was prepared; the second half of :func:`start`, which raises as that does.

    ``supervisors`` says where the run's supervisor comes from: a new process by default.
    """
    if isinstance(inspect(run_dir), NotStarted):
        supervisors.launch(str(run_dir.absolute()))


def is_prepared(run_dir: Path) -> bool:
    """Whether it is written down what to run, since the machine came up.

    Nothing of a plan is forced to disk, nor the script that it names: after a power cut any part may be missing.
    """
    plan = rundir.read_plan(str(run_dir.absolute()), rundir.SPEC)
    return plan is not None and plan.get("boot") == boot_id()


def prepare(run_dir: Path, spec: ProcessSpec) -> None:
    """Write down what to run, unless ``run_dir`` says so already; the first half of :func:`start`."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if rundir.exists(str(run_dir.absolute()), rundir.SPEC):
        if is_prepared(run_dir):
            return
        (run_dir / rundir.SPEC).unlink()  # from before a power cut; whether it was run, the claim tells
    content: dict[str, object] = {
        "argv": list(spec.argv),
        "env": dict(spec.env),
        "cwd": str(spec.cwd.absolute()),
        "stdout": str(spec.stdout.absolute()),
        "stderr": str(spec.stderr.absolute()),
        "memory_limit_bytes": spec.memory_limit_bytes,
        "waits_at_gate": spec.waits_at_gate,
        "order": None if spec.order is None else str(spec.order.absolute()),
        "shell_order": None if spec.shell_order is None else str(spec.shell_order.absolute()),
        "boot": boot_id(),
    }
    rundir.write_plan(str(run_dir.absolute()), rundir.SPEC, content)


def inspect(run_dir: Path) -> Status:
    """What is known of the run in ``run_dir``. Only looks; changes nothing."""
    directory = str(run_dir.absolute())
    ended = _ended(directory)
    if ended is not None:
        return ended
    started = rundir.read_json(directory, rundir.STARTED)
    if started is None:
        return NotStarted()
    if is_same_process(int(str(started["supervisor_pid"])), str(started["supervisor_born"])):
        return Alive(pid=int(str(started["pid"])), started_at=float(str(started["started_at"])))
    # It may have written the status and ended between our two looks.
    return _ended(directory) or Lost(
        "the supervisor ended without a word: it was killed, or the machine went down"
    )


def request_stop(run_dir: Path, *, grace_seconds: float = 10.0) -> None:
    """Ask that the whole process tree ends: SIGTERM to each process, SIGKILL ``grace_seconds`` later. Does
    not wait.

    The end arrives as any other does. A run that has not started never will; one that is over stays as it
    is; one that is lost has its stragglers killed. May be repeated, with another grace.
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
        return  # a supervisor is between lock and gate: it looks for the marker after writing started.json
    pid = int(str(started["supervisor_pid"]))
    if is_same_process(pid, str(started["supervisor_born"])):
        with contextlib.suppress(ProcessLookupError):  # ended since
            os.kill(pid, signal.SIGTERM)
    elif isinstance(inspect(run_dir), Lost):
        kill_stragglers(run_dir)


def mark_never_run(run_dir: Path, *, error: str, stopped: bool = False) -> bool:
    """Settle that the user code of ``run_dir`` never runs, for the reason ``error``.

    False, and nothing changed, when it has run, or a supervisor is at it.
    """
    directory = str(run_dir.absolute())
    with _lock(directory) as held:
        if not held or rundir.exists(directory, rundir.STARTED) or rundir.exists(directory, rundir.STATUS):
            return False
        ended = {"ended_at": time.time(), "error": error, "stopped": stopped}
        rundir.write_json(directory, rundir.STATUS, ended)
        return True


def kill_stragglers(run_dir: Path) -> int:
    """Kill every process that carries a mark of ``run_dir``, and wait for their end; the number of
    processes.

    For a lost run: the kernel has killed the program together with its supervisor, but not what the program
    had started. What a waiting worker had started before it took the run carries the worker's own mark.
    """
    started = rundir.read_json(str(run_dir.absolute()), rundir.STARTED) or {}
    marks = {str(run_dir.absolute()), started.get("mark")} - {None}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # ended meanwhile, or another user's: not one of ours
            if process.environ().get(rundir.MARK) in marks:
                process.kill()
                found.append(process)
    # Not psutil's wait: that one waits for zombies too, and whose child they are now may take its time to reap.
    deadline = time.monotonic() + _STRAGGLER_SECONDS
    while any(process_identity(process.pid) for process in found) and time.monotonic() < deadline:
        time.sleep(0.002)
    return len(found)


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
    """The run directory's lock, if it is free just now."""
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
    """The pid of the living supervisor of a started run; its end is the moment when the run's end is
    recorded.
    """
    started = rundir.read_json(str(run_dir.absolute()), rundir.STARTED)
    if started is None:
        return None
    pid = int(str(started["supervisor_pid"]))
    return pid if process_identity(pid) == started["supervisor_born"] else None


def reap_supervisors() -> None:
    """Take note of supervisors that have ended, so that none stays behind as a zombie of this process."""
    COLD_LAUNCHER.reap()
