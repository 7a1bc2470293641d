"""Waiting workers without Spark: a few lines of Python that keep the worker's side of the agreement."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from glueprint.runtime.processes.launchers import WarmLauncher
from glueprint.runtime.processes.process import COLD_LAUNCHER, ProcessSpec, prepare
from glueprint.runtime.shared import instructions, rundir
from glueprint.runtime.workers.sizing import Sizing
from glueprint.runtime.workers.spark_pool import SparkPool

FAST = Sizing(fixed=1, cores=2, memory_bytes=8 << 30)

_HEAD = """
import json, os, subprocess, sys
gate, answer = int(os.environ.pop("GLUEPRINT_GATE")), int(os.environ.pop("GLUEPRINT_ANSWER"))
subprocess.Popen(["/bin/sleep", "1000"])  # stands for the JVM, which carries the worker's mark
os.write(answer, b"ready\\n")
run_dir = os.read(gate, 65536).decode()
if not run_dir:
    os._exit(0)
"""
_TAIL = """
os.write(answer, b"taken\\n")
os.close(answer)
os.close(gate)
spec = json.load(open(run_dir + "/spec.json"))
os.chdir(spec["cwd"])
os.execve(spec["argv"][0], spec["argv"], {**spec["env"], "GLUEPRINT_RUN_DIR": run_dir})
"""


def fake(then: str = "") -> Callable[[Path], tuple[str, ...]]:
    """A worker that does ``then`` between reading its run and saying so, then becomes the run's program."""
    return lambda file: (sys.executable, "-I", "-S", "-c", _HEAD + then + _TAIL)


def held_back(go: Path) -> Callable[[Path], tuple[str, ...]]:
    """A worker that is not ready before the file ``go`` is there."""
    waits = f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    return lambda file: (sys.executable, "-I", "-S", "-c", "import os, time\n" + waits + _HEAD + _TAIL)


def broken(instructions_file: Path) -> tuple[str, ...]:
    """A worker that never comes up."""
    return ("/bin/sh", "-c", "echo no Java here >&2; exit 3")


def write_instructions(work_dir: Path, *, java: str = "java", master: str = "local[2]") -> Path:
    """An instructions file of a Spark job in ``work_dir``."""
    spark = instructions.SparkInstructions(java, [f"-Dhome={work_dir}"], {"spark.master": master}, str(work_dir))
    path = work_dir / "instructions"
    instructions.write(path, instructions.JobInstructions("script.py", [], [], spark))
    return path


def plain(work_dir: Path) -> ProcessSpec:
    """The process of a job without special parameters, as a pool gets it."""
    environment = {"PATH": os.defpath}
    nowhere = work_dir / "nowhere"
    instructions_file = write_instructions(work_dir)
    return ProcessSpec((), environment, work_dir, nowhere, nowhere, spark_instructions=instructions_file)


SHELL = "/bin/sh"
"""The program of the fakes' runs, where jobs have a Python."""


def make_pool(root: Path, sizing: Sizing = FAST, then: str = "") -> SparkPool:
    """A pool of fakes, started."""
    pool = SparkPool(root, plain, sizing, program=fake(then), python=SHELL)
    pool.start()
    return pool


def starts(pool: SparkPool) -> WarmLauncher:
    """What launches with that pool, and cold otherwise."""
    return WarmLauncher([pool], COLD_LAUNCHER)


def shell_job(run_dir: Path, script: str, **instructions_of: str) -> ProcessSpec:
    """A shell script that a waiting worker may run; its directory is ``run_dir/work``. Prepared already."""
    work_dir = run_dir / "work"
    work_dir.mkdir(parents=True)
    spec = ProcessSpec(
        argv=(SHELL, "-c", f"cd {shlex.quote(str(run_dir))}; {script}"),
        env={"PATH": os.defpath},
        cwd=work_dir,
        stdout=run_dir / "stdout",
        stderr=run_dir / "stderr",
        spark_instructions=write_instructions(work_dir, **instructions_of),
    )
    prepare(run_dir, spec)
    return spec


def cold_job(run_dir: Path, script: str) -> ProcessSpec:
    """The same, of which no waiting worker knows anything."""
    spec = replace(shell_job(run_dir, script), spark_instructions=None)
    (run_dir / rundir.SPEC).unlink()
    prepare(run_dir, spec)
    return spec


def worker_supervisors() -> list[psutil.Process]:
    """The living supervisors of workers, waiting or not, that this process has started."""
    found = []
    for child in psutil.Process().children():
        try:
            if "workers.worker_supervisor" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.Error:  # ended meanwhile
            continue
    return found


def alive_below(root: Path) -> list[str]:
    """Every living process that carries a mark below ``root``."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(rundir.MARK, "")
            if mark.startswith(str(root)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.pid} {' '.join(process.cmdline())[:80]}")
        except psutil.Error:
            continue
    return found
