"""The program of a waiting worker: brings Spark up and warms it, waits for one run, becomes that run.

Until it is told the run, nothing here is anybody's. Afterwards it does what the host of a cold job does, but with
a Spark that is up. If the JVM does not answer any more, it turns into the cold job by itself.
"""

from __future__ import annotations

import atexit
import os
import select
import sys
from pathlib import Path
from typing import NoReturn

from glueprint.runtime import rundir
from glueprint.runtime.jobhost import order, script
from glueprint.runtime.jobhost import spark as host
from glueprint.runtime.jobhost.jvm import DriverJVM
from glueprint.runtime.supervisor import plumb
from glueprint.runtime.workers import moving, priority, warm_up
from glueprint.runtime.workers.fit import changes
from glueprint.runtime.workers.live import LiveSpark
from glueprint.runtime.workers.spare import READY, TAKEN

_CUSTOMER = "CUSTOMER_"
"""Of a run's environment only these variables can differ from the worker's own in what a task sees."""


BEHIND_OTHERS, LIKE_OTHERS = "behind others", "like others"
"""How a worker warms itself up: behind all else that the machine does, or beside it."""


def main(order_file: str, how: str = BEHIND_OTHERS) -> int:
    """Carry out one run; the exit status for the process."""
    gate, answer = (int(os.environ.pop(name)) for name in (rundir.GATE, rundir.ANSWER))
    worker_dir = Path(os.environ[rundir.MARK])
    own = order.read(Path(order_file)).spark
    if how == BEHIND_OTHERS:
        priority.step_back()
    jvm = host.launch(own)
    atexit.register(host.bring_down, jvm)
    warm_up.preload()
    gateway = host.connect(jvm)
    host.hook(lambda: gateway)
    live = _warmed(own, worker_dir)
    if how == BEHIND_OTHERS:
        priority.come_forward()
    os.write(answer, READY)
    run_dir = _wait(gate, jvm)
    os.write(answer, TAKEN)  # in front of all else: until here the supervisor may let another process run it
    for fd in (gate, answer):
        os.close(fd)
    run = moving.Run.read(run_dir)
    if not live.answers():
        _start_cold(run, jvm)
    todo = order.read(run.order)
    moving.move_in(run, worker_dir)
    for line in todo.notes:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
    sys.path.insert(0, str(Path(todo.script).parent))
    customers = {name: value for name, value in run.env.items() if name.startswith(_CUSTOMER)}
    live.set(changes(own, todo.spark), customers)
    host.furnish(gateway, todo.spark)
    return script.run(todo.script, todo.arguments, str(run_dir))


def _warmed(own: order.SparkOrder, worker_dir: Path) -> LiveSpark:
    """Spark, after its canned job, and with nothing to be seen of it."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    warm_up.warm_up(session, worker_dir / moving.WORK / "warm-up")
    return LiveSpark(session.sparkContext)


def _wait(gate: int, jvm: DriverJVM) -> Path:
    """The directory of our run. Does not return when there will be none: nobody needs us, or Java has gone."""
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


def _start_cold(run: moving.Run, jvm: DriverJVM) -> NoReturn:
    """Turn into the program that the run would have had without us."""
    jvm.kill()
    plumb({"stdout": run.outputs[0], "stderr": run.outputs[1], "cwd": run.cwd})
    os.execve(run.argv[0], run.argv, dict(run.env))


def _end(status: int) -> NoReturn:
    """At once: our supervisor ends all that is below us."""
    os._exit(status)
