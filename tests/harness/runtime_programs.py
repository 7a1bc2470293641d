"""Small programs under a supervisor, and waiting for what becomes of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil

import glueprint
from glueprint.runtime.processes.process import (
    Alive,
    Ended,
    Lost,
    ProcessSpec,
    inspect,
    launch,
    prepare,
    reap_supervisors,
)
from glueprint.runtime.shared import rundir

T = TypeVar("T")
PACKAGE_ROOT = Path(glueprint.__file__).parent.parent
DEADLINE_SECONDS = 100.0


def start(run_dir: Path, spec: ProcessSpec) -> None:
    """Run ``spec`` under a supervisor; may be repeated."""
    prepare(run_dir, spec)
    launch(run_dir)


def forker_pid() -> int | None:
    """The pid of the waiting process that forks supervisors for this one, if there is one."""
    children = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return next((one.pid for one in children if "processes.forker" in " ".join(one.cmdline())), None)


def wait_until(look: Callable[[], T | None], *, seconds: float = DEADLINE_SECONDS) -> T:
    """The first answer of ``look`` that is neither None nor False."""
    deadline = time.monotonic() + seconds
    while (answer := look()) is None or answer is False:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)
    return answer


def kills_until(kills: int, met: Iterable[str], wanted: set[str]) -> Iterator[int]:
    """Numbers for that many kills, and for more while ``met``, which grows meanwhile, lacks a wanted moment.

    A machine that is busy comes to them at other times than one that idles.
    """
    number = 0
    while number < kills or (number < 10 * kills and not wanted <= set(met)):
        yield number
        number += 1


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended; it need not have been waited for."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def shell(run_dir: Path, script: str, **env: str) -> ProcessSpec:
    """A shell script as a run; its directory and its output are ``run_dir``'s."""
    return ProcessSpec(
        argv=("/bin/sh", "-c", script),
        env={"PATH": os.defpath, **env},
        cwd=run_dir,
        stdout=run_dir / "stdout",
        stderr=run_dir / "stderr",
    )


def counting(run_dir: Path, then: str = "") -> ProcessSpec:
    """A program that leaves one line in ``ran`` each time it is run."""
    return shell(run_dir, f"echo $$ >> ran; {then}")


def times_run(run_dir: Path) -> int:
    """How often the program of :func:`counting` ran."""
    ran = run_dir / "ran"
    return len(ran.read_text().splitlines()) if ran.exists() else 0


def end_of(run_dir: Path, *, seconds: float = DEADLINE_SECONDS) -> Ended | Lost:
    """Wait for the end of a started run."""

    def look() -> Ended | Lost | None:
        status = inspect(run_dir)
        return status if isinstance(status, Ended | Lost) else None

    status = wait_until(look, seconds=seconds)
    wait_until(lambda: not alive_of(run_dir))  # the supervisor's own last breath
    reap_supervisors()
    return status


def running(run_dir: Path) -> Alive:
    """Wait until user code runs."""

    def look() -> Alive | None:
        status = inspect(run_dir)
        assert not isinstance(status, Ended | Lost), status
        return status if isinstance(status, Alive) else None

    return wait_until(look)


def alive_of(run_dir: Path) -> list[psutil.Process]:
    """Every living process of the run: its supervisor, and whatever carries its mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get(rundir.MARK) == str(run_dir) or str(run_dir) in process.cmdline()[-1:]:
                found.append(process)
        except psutil.Error:
            continue
    return found


def supervisors_of(run_dir: Path) -> list[psutil.Process]:
    """The living supervisors of the run that this process has started."""
    reap_supervisors()
    found = []
    for child in psutil.Process().children():
        try:
            if child.cmdline()[-1:] == [str(run_dir)]:
                found.append(child)
        except psutil.Error:  # ended meanwhile
            continue
    return found


def supervise_until(run_dir: Path, point: str) -> None:
    """Run a supervisor that is killed by SIGKILL exactly at ``point``."""
    program = (
        "import os, sys; sys.path.append(sys.argv[1]); from glueprint.runtime.processes.supervisor import main;"
        "main(sys.argv[3], lambda point: os.kill(os.getpid(), 9) if point == sys.argv[2] else None)"
    )
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(PACKAGE_ROOT), point, str(run_dir)], check=False
    )
