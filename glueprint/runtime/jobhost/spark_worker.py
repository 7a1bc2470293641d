"""The program of a waiting Spark worker: starts and warms Spark, waits for one run, becomes that run.

Until it gets the run, nothing in it belongs to a user. Afterwards it does what the host of a cold job does, but
with a Spark that runs already. If the JVM does not answer any more, it becomes the cold job itself.

It moves into the run: its directory becomes the run's, its output files the run's logs. So everything that the
JVM, PySpark's workers and Python have open is the run's at once: their working directory, what they print (also
what a JVM writes without Java's streams), Java's temporary files, Derby's home. A link remains at the worker's own
path, for the paths that Java knows by name; the supervisor removes it.
"""

from __future__ import annotations

import atexit
import os
import select
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from glueprint.compat import strict_zip
from glueprint.runtime.jobhost import priority, script, warm_up
from glueprint.runtime.jobhost import spark as host
from glueprint.runtime.jobhost.jvm import DriverJVM
from glueprint.runtime.jobhost.live_spark import LiveSpark
from glueprint.runtime.shared import instructions, rundir
from glueprint.runtime.shared.os_process import redirect_stdio
from glueprint.runtime.shared.rundir import READY, TAKEN
from glueprint.runtime.shared.spark_changes import changed_properties
from glueprint.runtime.shared.worker_handover import OUTPUTS, WORK, PreparedRun

_CUSTOMER = "CUSTOMER_"
_MODULE_PATH = "PYTHONPATH"
"""The variables of a run's environment that tasks can have in addition to the worker's own: the module path, which
contains what the script installs, and all with the prefix."""

_COPIED_AT_ONCE_BYTES = 1 << 20

LOW_PRIORITY, NORMAL_PRIORITY = "low priority", "normal priority"
"""The priority with which a worker warms itself up."""


def main(instructions_file: str, how: str = LOW_PRIORITY) -> int:
    """Carry out one run and return the exit status for the process."""
    gate, answer = (int(os.environ.pop(name)) for name in (rundir.GATE, rundir.ANSWER))
    worker_dir = Path(os.environ[rundir.MARK])
    own = instructions.read(Path(instructions_file)).spark
    if how == LOW_PRIORITY:
        priority.lower_priority()
    jvm = host.launch_jvm(own)
    atexit.register(host.stop_spark, jvm)
    warm_up.preload()
    gateway = host.connect(jvm)
    host.replace_pyspark_launcher(lambda: gateway)
    live = _warm_spark(own, worker_dir)
    if how == LOW_PRIORITY:
        priority.restore_priority()
    os.write(answer, READY)
    run_dir = _wait(gate, jvm)
    os.write(answer, TAKEN)  # before anything else: until then the supervisor may let another process run it
    for fd in (gate, answer):
        os.close(fd)
    run = PreparedRun.read(run_dir)
    if not live.is_healthy():
        _start_cold(run, jvm)
    todo = instructions.read(run.instructions)
    become_run(run, worker_dir)
    for line in todo.notes:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
    sys.path.insert(0, str(Path(todo.script).parent))
    variables = {
        name: value for name, value in run.env.items() if name.startswith(_CUSTOMER) or name == _MODULE_PATH
    }
    live.set_properties(changed_properties(own, todo.spark), variables)
    host.install_glue_view(gateway, todo.spark)
    return script.run_script(
        todo.script, todo.arguments, str(run_dir), jvm.how_it_was_lost, every_exit_fails=True
    )


def _warm_spark(own: instructions.SparkInstructions, worker_dir: Path) -> LiveSpark:
    """Start Spark, run the warm-up job, and hide Spark from PySpark."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    warm_up.warm_up(session, worker_dir / WORK / "warm-up")
    return LiveSpark(session.sparkContext)


def _wait(gate: int, jvm: DriverJVM) -> Path:
    """Return the directory of the worker's run. Ends the process if it is no longer needed or Java ended."""
    poll = select.poll()
    poll.register(gate, select.POLLIN)
    if hasattr(os, "pidfd_open"):
        poll.register(os.pidfd_open(jvm.pid), select.POLLIN)
    if any(fd != gate for fd, _ in poll.poll()):
        _end(1)
    run_dir = os.read(gate, 65536)  # written in one piece, and read in one
    if not run_dir:
        _end(0)
    return Path(os.fsdecode(run_dir))


def _start_cold(run: PreparedRun, jvm: DriverJVM) -> NoReturn:
    """Become the program that the run would have had without a worker."""
    jvm.kill()
    redirect_stdio({"stdout": run.outputs[0], "stderr": run.outputs[1], "cwd": run.cwd})
    os.execve(run.argv[0], run.argv, dict(run.env))


def _end(status: int) -> NoReturn:
    """End at once: the supervisor ends all child processes."""
    os._exit(status)


def become_run(run: PreparedRun, worker_dir: Path) -> None:
    """Make this process, whose directory is ``worker_dir``, the process of ``run``."""
    _swap_directories(run.cwd, worker_dir / WORK)
    for number, (name, target) in enumerate(strict_zip(OUTPUTS, run.outputs), start=1):
        _swap_output(number, worker_dir / name, target)
    os.chdir(run.cwd)
    os.environ.clear()
    os.environ.update(run.env)
    time.tzset()
    tempfile.tempdir = None  # it was determined by the worker's own environment


def _swap_directories(target: Path, own: Path) -> None:
    """Move the entries of ``target`` into ``own``, and ``own`` to the place of ``target``."""
    _move_entries(target, own)
    target.rmdir()
    own.rename(target)
    own.symlink_to(target)


def _move_entries(source: Path, target: Path) -> None:
    for entry in os.scandir(source):
        there = target / entry.name
        if entry.is_dir(follow_symlinks=False) and there.is_dir():
            _move_entries(Path(entry.path), there)
            os.rmdir(entry.path)
        else:
            os.replace(entry.path, there)


def _swap_output(number: int, own: Path, target: Path) -> None:
    """Move the open file ``own`` to the place of ``target``, after copying the content of ``target`` into it."""
    os.ftruncate(number, 0)  # output of the warm-up; descriptors append, so they continue at the new end
    with target.open("ab+") as earlier:
        earlier.seek(0)
        while part := earlier.read(_COPIED_AT_ONCE_BYTES):
            os.write(number, part)
        os.fchmod(number, os.fstat(earlier.fileno()).st_mode & 0o777)
    own.replace(target)
