"""Failures that really happen, recognised from what their processes leave."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from harness.local_server import until
from harness.running_glue import RunningGlue
from harness.runtime_jobs import launch_of, run_job

from glueprint.local.executors.endings import close_logs
from glueprint.local.logs import log_path
from glueprint.runtime.failures import Ending, explanation
from glueprint.runtime.processes.process import Ended

FAILURES = {
    "memory": ("bytearray(1 << 62)", "MemoryError", "The script's Python process was refused memory"),
    "killed": ("import os; os.kill(os.getpid(), 9)", "Command was killed by SIGKILL", "killed (SIGKILL)"),
    "denied": (
        "raise PermissionError(13, 'Permission denied', '/etc/shadow')",
        "PermissionError: [Errno 13]",
        "may not use '/etc/shadow'",
    ),
    "module": ("import pandas_of_no_one", "ModuleNotFoundError: No module", "pandas_of_no_one is not installed"),
}


def test_failed_runs_are_explained_at_the_end_of_their_error_logs(tmp_path: Path) -> None:
    """ErrorMessage is short, the error log's last line explains, figures have their stream
    (docs/decisions/failure-messages.md)."""
    with RunningGlue(tmp_path / "data") as here:
        runs = {}
        for name, (script, _, _) in FAILURES.items():
            here.put_job(name, script)
            runs[name] = here.call("StartJobRun", JobName=name)["JobRunId"]
        for name, (_, error, words) in FAILURES.items():
            run = until(lambda name=name: next((r for r in here.runs(name) if r["JobRunState"] == "FAILED"), None))
            assert run["ErrorMessage"].startswith(error)
            group = run["LogGroupName"]
            lines = log_path(tmp_path / "data" / "logs", f"{group}/error", runs[name]).read_text().splitlines()
            assert lines[-1].startswith("glueprint: ")
            assert words in lines[-1]
            figures = log_path(tmp_path / "data" / "logs", f"{group}/output", f"{runs[name]}-summary").read_text()
            assert figures.startswith("ran ")
            assert figures.endswith(" MiB\n")


def test_closing_logs_may_be_repeated(tmp_path: Path) -> None:
    """An end may be reported again after a crash: its explanation is there once, on its own line
    (docs/decisions/crash-tests.md)."""
    log = log_path(tmp_path, "/g/error", "jr_1")
    log.parent.mkdir(parents=True)
    log.write_text("half a line")
    ended = Ended(1, None, "MemoryError", 1.0, 2.5, 1 << 20)
    assert {close_logs(tmp_path, "/g", "jr_1", ended) for _ in range(2)} == {"ran 1.5 s, peak memory 1 MiB"}
    first, second = log.read_text().splitlines()
    assert (first, second.startswith("glueprint: The script's Python")) == ("half a line", True)


@pytest.mark.jobs
@pytest.mark.spark
def test_a_java_heap_that_is_full_is_recognised(tmp_path: Path) -> None:
    """A real java.lang.OutOfMemoryError, from what the run leaves."""
    script = """
from pyspark.context import SparkContext
sc = SparkContext.getOrCreate()
sc._gateway.new_array(sc._jvm.long, 2147483640)
"""
    ended, _, err = run_job(launch_of(tmp_path, "glueetl", script))
    assert ended.exit_status == 1
    text = explanation(Ending(ended.exit_status, ended.signal, ended.error, err))
    assert text is not None
    assert text.startswith("Spark's Java process ran out of memory (Java heap space).")


@pytest.mark.jobs
@pytest.mark.spark
def test_a_java_process_that_is_killed_is_the_error(tmp_path: Path) -> None:
    """Not ``Connection refused``, which is only how Python notices it (docs/decisions/failure-messages.md)."""
    script = """
import os, signal, time
from pyspark.context import SparkContext
sc = SparkContext.getOrCreate()
os.kill(sc._jvm.java.lang.ProcessHandle.current().pid(), signal.SIGKILL)
time.sleep(0.2)
sc.parallelize([1]).count()
"""
    ended, _, err = run_job(launch_of(tmp_path, "glueetl", script))
    assert ended.error == "Spark's Java process was killed (SIGKILL): most likely this machine ran out of memory"
    text = explanation(Ending(ended.exit_status, ended.signal, ended.error, err))
    assert text is not None
    assert text.startswith("Spark's Java process was killed: most likely this machine ran out of memory.")


@pytest.mark.jobs
@pytest.mark.spark
def test_an_object_that_the_script_deleted_has_its_name_in_s3(tmp_path: Path) -> None:
    """Frames read when a result is needed, so a purge before it is a common mistake; neither the error nor Spark's
    log shows where objects are on this machine (docs/decisions/failure-messages.md)."""
    script = """
import shutil, sys
from pyspark.sql import SparkSession
root = sys.argv[sys.argv.index("--root") + 1]
spark = SparkSession.builder.getOrCreate()
spark.range(3).write.parquet("s3://data/in/")
frame = spark.read.parquet("s3://data/in/")
shutil.rmtree(root + "/data/in")
frame.count()
"""
    root = tmp_path / "s3"
    ended, _, err = run_job(launch_of(tmp_path, "glueetl", script, {"--root": str(root)}))
    assert ended.error is not None
    assert re.search(r"o\d+\.count\. File s3://data/in/part-\S+\.parquet does not exist", ended.error)
    assert "SparkFileNotFoundException: File s3://data/in/part-" in err
    assert str(root) not in err.replace(f"--root {root}", "")
    text = explanation(Ending(ended.exit_status, ended.signal, ended.error, err))
    assert text is not None
    assert "existed when Spark listed its folder, and no longer when Spark read it" in text
