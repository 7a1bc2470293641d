"""Job launches for tests: a script in a work directory, S3 as directories, an endpoint without a server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from glueprint.environments.installed import Environment, find
from glueprint.runtime.launch.environment import Access
from glueprint.runtime.launch.jobs import Host, JobLaunch, job_process
from glueprint.runtime.processes.process import Ended
from harness.runtime_programs import end_of, start

SECRET = "not-a-real-key"


def launch_of(
    base: Path,
    command: str,
    script: str,
    arguments: Mapping[str, str] | None = None,
    *,
    python_version: str | None = None,
) -> JobLaunch:
    """A job whose script is the text ``script``, all of it under ``base``; there is one bucket, ``data``."""
    work = base / "work"
    work.mkdir()
    (base / "s3" / "data").mkdir(parents=True)
    path = work / "user_job.py"
    path.write_text(script)
    access = Access("http://127.0.0.1:9", "eu-central-1", "AKIALOCAL", SECRET)
    return JobLaunch(
        host=Host(access, "123456789012", base / "s3", links=base / "job-side"),
        environment=shell_environment() if command == "pythonshell" else None,
        command=command,
        job_name="nightly load",
        job_run_id="jr_1",
        script=path,
        arguments=arguments or {},
        python_version=python_version,
        worker_type="G.1X",
        number_of_workers=2,
        buckets=("data",),
        work_dir=work,
        stdout=base / "stdout",
        stderr=base / "stderr",
    )


def shell_environment() -> Environment | None:
    """The environment of Python shell jobs that `make runtimes` names; None: the Python of the tests."""
    name = os.environ.get("GLUEPRINT_TEST_SHELL_RUNTIME")
    return find(name) if name else None


def run_job(launch: JobLaunch) -> tuple[Ended, str, str]:
    """Run the job to its end: how it ended, its output, its error output."""
    run_dir = launch.work_dir.parent / "run"
    start(run_dir, job_process(launch))
    ended = end_of(run_dir, seconds=500)  # Spark on a machine that others use as well
    assert isinstance(ended, Ended), (run_dir / "supervisor.log").read_text()
    return ended, launch.stdout.read_text(), launch.stderr.read_text()
