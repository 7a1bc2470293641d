"""One job, run for a test: as a job run of the local Glue, in a process of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.facts.states import FINAL_JOB_STATES
from glueprint.testing.glue import BUCKET, ROLE, LocalGlue, wait_for

_SHOWN_LINES = 30
Arguments = Mapping[str, object]


@dataclass(frozen=True)
class JobResult:
    """How a job run ended.

    Attributes:
        state: Glue's JobRunState; SUCCEEDED means that the process ended with 0.
        error: Glue's ErrorMessage; None unless it failed.
        output: what the script printed.
        error_log: its error output, the traceback of a failure included.
        run: the JobRun as GetJobRun gives it; empty for a run in this process.
        exception: what the script raised, of a run in this process.
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
        tail = "\n".join(self.error_log.splitlines()[-_SHOWN_LINES:])
        return f"<JobResult {self.state}: {self.error}>\n{tail}"


def job_arguments(args: Arguments) -> dict[str, str]:
    """Arguments as Glue wants them, names with dashes, values as text: ``{"n": 3}`` is ``{"--n": "3"}``."""
    return {name if name.startswith("--") else f"--{name}": str(value) for name, value in args.items()}


def source_of(script: Path | str) -> Path:
    """The file of a script.

    Raises:
        FileNotFoundError: there is none.
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

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return found if found["JobRunState"] in FINAL_JOB_STATES else None

    return result_of(glue, wait_for(look, f"the end of the run of {path.name}", seconds))


def result_of(glue: LocalGlue, run: Mapping[str, Any]) -> JobResult:
    """What a JobRun that has ended was."""
    group = run["LogGroupName"]
    return JobResult(
        run["JobRunState"],
        run.get("ErrorMessage"),
        glue.log(f"{group}/output", run["Id"]),
        glue.log(f"{group}/error", run["Id"]),
        run,
    )
