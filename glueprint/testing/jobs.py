"""One job, run for a test as a job run of the local Glue, in its own process."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.client.job_runs import JobRunView, job_run
from glueprint.client.log_streams import streams_of_job_run
from glueprint.testing.glue import BUCKET, ROLE, LocalGlue, wait_for

MAX_SHOWN_LINES = 30
"""How many lines of the error log a failed assertion shows."""
Arguments = Mapping[str, object]


@dataclass(frozen=True)
class JobResult:
    """How a job run ended.

    Attributes:
        state: Glue's JobRunState; SUCCEEDED means that the process ended with status 0.
        error: Glue's ErrorMessage; None unless it failed.
        output: what the script printed.
        error_log: its error output, the traceback of a failure included.
        run: the JobRun as GetJobRun returns it; empty for a run in this process.
        exception: what the script raised, for a run in this process.
    """

    state: str
    error: str | None
    output: str
    error_log: str
    run: Mapping[str, Any] = field(default_factory=dict)
    exception: BaseException | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it ended SUCCEEDED."""
        return self.state == "SUCCEEDED"

    def __repr__(self) -> str:
        """State, error and the last lines of the error log: what a failed ``assert result.succeeded`` shows."""
        if self.succeeded:
            return "<JobResult SUCCEEDED>"
        tail = "\n".join(self.error_log.splitlines()[-MAX_SHOWN_LINES:])
        return f"<JobResult {self.state}: {self.error}>\n{tail}"


def job_arguments(args: Arguments) -> dict[str, str]:
    """Return arguments as Glue requires them: ``{"n": 3}`` becomes ``{"--n": "3"}``."""
    return {name if name.startswith("--") else f"--{name}": str(value) for name, value in args.items()}


def source_of(script: Path | str) -> Path:
    """Return the path of a script.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = Path(script)
    if not path.is_file():
        raise FileNotFoundError(f"no script {path}: give its path, relative to {Path.cwd()}")
    return path


def run_in_glue(
    glue: LocalGlue,
    script: Path | str,
    args: Arguments,
    *,
    type: str,
    glue_version: str,
    seconds: float,
    members: Mapping[str, Any],
) -> JobResult:
    """Create a job with this script, run it and wait for its end.

    Raises:
        FileNotFoundError: there is no such script.
        TimedOut: it did not end within ``seconds``.
    """
    path = source_of(script)
    name = f"{path.stem}-{secrets.token_hex(3)}"
    location = glue.put(f"s3://{BUCKET}/{name}/{path.name}", path)
    is_shell = type == "pythonshell"
    command = {"Name": type, "ScriptLocation": location, "PythonVersion": "3.9" if is_shell else "3"}
    version = {} if is_shell else {"GlueVersion": glue_version}
    client = glue.client("glue")
    client.create_job(Name=name, Role=ROLE, Command=command, **version, **members)
    run_id = client.start_job_run(JobName=name, Arguments=job_arguments(args))["JobRunId"]

    ended = wait_for(
        lambda: job_run(client, name, run_id),
        lambda run: run.is_final,
        f"the end of the run of {path.name}",
        seconds,
    )
    return result_of(glue, ended)


def result_of(glue: LocalGlue, run: JobRunView) -> JobResult:
    """Return the result of a job run that has ended."""
    output, errors = (glue.log(stream.group, stream.stream) for stream in streams_of_job_run(run))
    return JobResult(run.state, run.error, output, errors, run.wire)
