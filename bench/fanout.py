"""A workflow that fans out: what the server itself spends on a node, and how much memory it takes.

Once with jobs that were deleted before the run, so that each ends at once and only the engine is measured, at two
sizes to show that the work is linear; and once with jobs that run, where the server also starts processes and is
notified of their ends.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil

from bench.server import BenchServer

SMALL, LARGE, REAL = 100, 1000, 100
GOAL_MS, GOAL_MB = 5.0, 300


def main() -> None:
    """Run the benchmark and print the result."""
    print(f"fanout: the server's own CPU time for a node (goal: at most {GOAL_MS:.0f} ms) and its memory")
    with tempfile.TemporaryDirectory() as folder:
        small = _spent(Path(folder) / "small", SMALL, "jobs that end at once", deleted=True)
        large = _spent(Path(folder) / "large", LARGE, "jobs that end at once", deleted=True)
        _spent(Path(folder) / "real", REAL, "Python shell jobs", deleted=False)
    print(f"  {LARGE} nodes beside {SMALL}: {large / small:.2f} times the time for a node (1 is linear)")


def _spent(data_dir: Path, nodes: int, what: str, *, deleted: bool) -> float:
    """Run such a workflow; milliseconds of the server's CPU for each node."""
    names = [f"job{number}" for number in range(nodes)]
    with BenchServer(data_dir) as server:
        server.put_jobs(names, server.put_script("pass\n"))
        server.glue.create_workflow(Name="fan")
        server.put_trigger("fan", "start", names[:1], None)
        for first in range(1, nodes, 50):
            server.put_trigger("fan", f"fan{first}", names[first : first + 50], names[0], "SUCCEEDED")
        if deleted:
            for name in names[1:]:
                server.glue.delete_job(JobName=name)
        process = psutil.Process(server.pid)
        before = process.memory_info().rss
        cpu = _cpu_seconds(process)
        run = server.run("fan")
        took = (_cpu_seconds(process) - cpu) / nodes * 1e3
        after = process.memory_info().rss
    ended = run["Statistics"]["ErroredActions" if deleted else "SucceededActions"]
    assert ended == (nodes - 1 if deleted else nodes), run["Statistics"]
    print(
        f"  {nodes:5} {what:24} {took:5.2f} ms a node; "
        f"memory {before / 1e6:.0f} -> {after / 1e6:.0f} MB (goal: under {GOAL_MB})"
    )
    return took


def _cpu_seconds(process: psutil.Process) -> float:
    """CPU time of the server alone, without its children."""
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
