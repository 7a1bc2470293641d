"""The AWS CLI, in an environment of its own, against the local Glue with `eval "$(glueprint env)"`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from harness.local_server import ROLE, Server

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"

pytestmark = pytest.mark.skipif(not AWS.exists(), reason="no .venv-awscli: `make test` makes it")


class _Shell:
    """bash after `eval "$(glueprint env)"`."""

    def __init__(self, server: Server) -> None:
        self._start = f'eval "$({sys.executable} -m glueprint.cli env --data-dir {server.data_dir})"; '
        # What would override the endpoint, had `glueprint env` not unset it.
        self._environment = {**os.environ, "AWS_PROFILE": "missing", "AWS_SESSION_TOKEN": "stale"}

    def run(self, command: str) -> str:
        script = self._start + command.replace("aws ", f"{AWS} ", 1)
        done = subprocess.run(
            ["bash", "-c", script], env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def glue(self, arguments: str) -> dict[str, Any]:
        output = self.run(f"aws glue {arguments} --output json")
        answer: dict[str, Any] = json.loads(output) if output.strip() else {}
        return answer


def test_the_cli_creates_lists_and_runs(shared_server: Server, tmp_path: Path) -> None:
    """The AWS CLI makes a bucket, a job and a workflow, runs it, and sees what boto3 sees."""
    shell = _Shell(shared_server)
    script = tmp_path / "hello.py"
    script.write_text("print('hello from the cli')\n")
    shell.run("aws s3 mb s3://from-cli")
    shell.run(f"aws s3 cp {script} s3://from-cli/hello.py")
    assert "hello.py" in shell.run("aws s3 ls s3://from-cli/")
    command = "Name=pythonshell,ScriptLocation=s3://from-cli/hello.py,PythonVersion=3.9"
    assert shell.glue(f"create-job --name cli_job --role {ROLE} --command {command}") == {"Name": "cli_job"}
    shell.glue("create-workflow --name cli_flow")
    trigger = "--name cli_start --type ON_DEMAND --workflow-name cli_flow --actions JobName=cli_job"
    shell.glue(f"create-trigger {trigger}")
    run_id = shell.glue("start-workflow-run --name cli_flow")["RunId"]
    assert shared_server.finished_run("cli_flow", run_id)["Statistics"]["SucceededActions"] == 1
    assert shell.glue(f"get-workflow-run --name cli_flow --run-id {run_id}")["Run"]["Status"] == "COMPLETED"
    assert "cli_flow" in shell.glue("list-workflows")["Workflows"]
    assert "cli_job" in shared_server.client("glue").list_jobs()["JobNames"]
    logs = "aws logs filter-log-events --log-group-name /aws-glue/python-jobs/output --output text"
    assert "hello from the cli" in shell.run(logs)


def test_the_spellings_of_arguments_pass_the_same_values(shared_server: Server, tmp_path: Path) -> None:
    """Shorthand, JSON and file:// are the same map (AWS CLI user guide, "Using shorthand syntax"): a comma within
    double quotes and an equals sign within a value stay (docs/passing-parameters.md)."""
    shared_server.put_job("cli_passing", "pass", ExecutionProperty={"MaxConcurrentRuns": 3})
    arguments = {"--day": "2026-11-30", "--tables": "a,b", "--filter": "x=1"}
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps(arguments))
    spellings = (
        "--arguments='--day=2026-11-30,--tables=\"a,b\",--filter=x=1'",
        f"--arguments '{json.dumps(arguments)}'",
        f"--arguments file://{file}",
    )
    start = f"'{AWS}' glue start-job-run --job-name cli_passing --query JobRunId --output text "
    printed = _Shell(shared_server).run("; ".join(start + one for one in spellings))
    glue = shared_server.client("glue")
    runs = [glue.get_job_run(JobName="cli_passing", RunId=one)["JobRun"] for one in printed.split()]
    assert [one["Arguments"] for one in runs] == [arguments] * 3
    for one in runs:
        shared_server.finished_job_run("cli_passing", one["Id"])
