"""One hop of a workflow, from the end of a job's code to the start of the next one's, and a bare Python's start.

A chain of 100 Python shell jobs; each end is stored and each start is claimed on disk on the way. Each job records
when its code starts, starts and waits for bare Pythons itself, and records when it ends. So each hop is compared
with bare starts on a machine that is as busy as it was then.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.server import BenchServer

JOBS = 100
ROUNDS = 3
GOAL_MS = 10.0
GOAL_BESIDE = "python -c pass"
"""The goal is measured against it; the start without site packages, which is quicker, is for comparison."""
BARE = {"python -c pass": ["-c", "pass"], "python -I -S -c pass": ["-I", "-S", "-c", "pass"]}

_SCRIPT = """
import time
started = time.monotonic()
import os, sys
def bare(arguments):
    before = time.monotonic()
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, *arguments], {{}}), 0)
    return time.monotonic() - before
bare_times = [bare(arguments) for arguments in {bare!r}]
fd = os.open({path!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
os.write(fd, f"[{{started}}, {{bare_times}}, {{time.monotonic()}}]\\n".encode())
"""


def main() -> None:
    """Run the benchmark and print the result."""
    hops: list[float] = []
    bare: dict[str, list[float]] = {name: [] for name in BARE}
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        with BenchServer(Path(folder) / "data") as server:
            _define_chain(server, notes)
            for _ in range(ROUNDS):
                _run_chain(server, notes, hops, bare)
    print(
        f"hop: chain of {JOBS} Python shell jobs, {ROUNDS} rounds, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f} (other work slows hops and bare starts alike, disk syncs most; "
        "docs/decisions/supervised-processes.md)"
    )
    print(f"  {'one hop':24} {_shown(hops)}")
    for name, times in bare.items():
        over = statistics.median(hop - start for hop, start in zip(hops, times, strict=True))
        verdict = f" (goal: at most {GOAL_MS:.0f}: {'met' if over <= GOAL_MS else 'missed'})"
        print(
            f"  {name:24} {_shown(times)}   a hop takes {over:+.1f} ms, {over / statistics.median(times):+.1f} "
            f"bare starts{verdict if name == GOAL_BESIDE else ''}"
        )


def _define_chain(server: BenchServer, notes: Path) -> None:
    names = [f"job{number}" for number in range(JOBS)]
    server.put_jobs(names, server.put_script(_SCRIPT.format(path=str(notes), bare=list(BARE.values()))))
    server.glue.create_workflow(Name="chain")
    server.put_trigger("chain", "start", [names[0]], None)
    for before, after in pairwise(names):
        server.put_trigger("chain", after, [after], before, "SUCCEEDED")


def _run_chain(server: BenchServer, notes: Path, hops: list[float], bare: dict[str, list[float]]) -> None:
    """Add the hops of one run, and the bare starts before each, in milliseconds."""
    notes.unlink(missing_ok=True)
    run = server.run("chain")
    assert run["Statistics"]["SucceededActions"] == JOBS, run
    for (_, starts, ended), (started, *_) in pairwise(json.loads(line) for line in notes.read_text().splitlines()):
        hops.append((started - ended) * 1e3)
        for name, took in zip(bare, starts, strict=True):
            bare[name].append(took * 1e3)


def _shown(times: Sequence[float]) -> str:
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"median {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms"


if __name__ == "__main__":
    main()
