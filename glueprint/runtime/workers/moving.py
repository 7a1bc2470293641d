"""A waiting worker moves into a run: its directory becomes the run's, its output files the run's logs.

So all that the JVM, PySpark's workers and Python itself have open already is the run's own at once: their working
directory, what they print (also what a JVM writes past Java's streams), Java's temporary files, Derby's home. At
the worker's own path a link stays, for the paths that Java knows by name; the supervisor removes it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime import rundir

WORK = "work"
"""Name of the worker's working directory within its own."""
OUTPUTS = ("stdout", "stderr")
"""Names of its output files there; descriptors 1 and 2."""
_COPIED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """What ``run_dir`` says of the run that a worker is to carry out."""

    run_dir: Path
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    order: Path
    outputs: tuple[Path, Path]

    @classmethod
    def read(cls, run_dir: Path) -> Run:
        """The run of ``spec.json`` there."""
        spec = rundir.read_json(str(run_dir), rundir.SPEC)
        assert spec is not None, f"{run_dir} has no {rundir.SPEC}"
        argv, env = spec["argv"], spec["env"]
        assert isinstance(argv, list)
        assert isinstance(env, dict)
        return cls(
            run_dir,
            tuple(argv),
            {**env, rundir.MARK: str(run_dir)},
            Path(str(spec["cwd"])),
            Path(str(spec["order"])),
            (Path(str(spec["stdout"])), Path(str(spec["stderr"]))),
        )


def could_move(run: Run, workers: Path) -> bool:
    """Whether a worker below ``workers`` could become this run: files move within one file system only."""
    targets = {run.cwd, *(path.parent for path in run.outputs)}
    return len({path.stat().st_dev for path in (workers, *targets)}) == 1 and len(set(run.outputs)) == 2


def move_in(run: Run, worker_dir: Path) -> None:
    """Make this process, whose directory is ``worker_dir``, the one of ``run``."""
    _swap_directories(run.cwd, worker_dir / WORK)
    for number, (name, target) in enumerate(zip(OUTPUTS, run.outputs, strict=True), start=1):
        _swap_output(number, worker_dir / name, target)
    os.chdir(run.cwd)
    os.environ.clear()
    os.environ.update(run.env)
    time.tzset()
    tempfile.tempdir = None  # it had been looked up in the worker's own environment


def _swap_directories(target: Path, ours: Path) -> None:
    """What waits in ``target`` moves to us, and we to its place."""
    _move_entries(target, ours)
    target.rmdir()
    ours.rename(target)
    ours.symlink_to(target)


def _move_entries(source: Path, target: Path) -> None:
    for entry in os.scandir(source):
        there = target / entry.name
        if entry.is_dir(follow_symlinks=False) and there.is_dir():
            _move_entries(Path(entry.path), there)
            os.rmdir(entry.path)
        else:
            os.replace(entry.path, there)


def _swap_output(number: int, ours: Path, target: Path) -> None:
    """The open file ``ours`` takes the place of ``target``, with what that holds: it is appended to."""
    os.ftruncate(number, 0)  # what the warming up has said; descriptors append, so they go on at the new end
    with target.open("ab+") as earlier:
        earlier.seek(0)
        while part := earlier.read(_COPIED_AT_ONCE):
            os.write(number, part)
        os.fchmod(number, os.fstat(earlier.fileno()).st_mode & 0o777)
    ours.replace(target)
