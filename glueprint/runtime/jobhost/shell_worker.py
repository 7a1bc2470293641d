"""The program of a Python that waits, with everything loaded, for a Python shell job, and then is that job's host.

It is started like the host of a cold job, so the script finds the same Python. Only environment, directory and
output become the run's when it gets the run, instead of before Python starts.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from glueprint.runtime.jobhost import shell
from glueprint.runtime.shared import rundir
from glueprint.runtime.shared.os_process import redirect_stdio
from glueprint.runtime.shared.rundir import READY, TAKEN

PRELOADED = json
"""What reading the run's plan would otherwise load later."""


def main() -> int:
    """Carry out one run and return the exit status for the process."""
    gate, answer = (int(os.environ.pop(name)) for name in (rundir.GATE, rundir.ANSWER))
    os.write(answer, READY)
    run_dir = os.fsdecode(os.read(gate, 65536))  # written in one piece, and read in one
    if not run_dir:
        os._exit(0)  # no longer needed
    os.write(answer, TAKEN)  # before anything else: until then the supervisor may let another process run it
    for fd in (gate, answer):
        os.close(fd)
    spec: dict[str, Any] | None = rundir.read_json(run_dir, rundir.SPEC)
    assert spec is not None, f"{run_dir} has no {rundir.SPEC}"
    redirect_stdio(spec)
    os.environ.clear()
    os.environ.update({**spec["env"], rundir.MARK: run_dir})
    time.tzset()
    return shell.main(spec["shell_order"])
