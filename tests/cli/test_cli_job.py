"""``glueprint job run`` against a real local Glue: output, arguments, files, exit codes, breakpoints."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness.local_server import Server

from glueprint.cli.main import cli

JobRun = Callable[..., Result]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One local Glue for the module."""
    with Server(tmp_path_factory.mktemp("job") / "data") as running:
        yield running


@pytest.fixture
def job_run(server: Server, tmp_path: Path) -> JobRun:
    """Writes a script and runs it; by default a Python shell job."""

    def invoke(
        script: str, *options: str, name: str = "report", kind: str = "pythonshell", typed: str = ""
    ) -> Result:
        path = tmp_path / f"{name}.py"
        path.write_text(script)
        command = ["job", "run", str(path), "--data-dir", str(server.data_dir), "--type", kind, *options]
        result = CliRunner().invoke(cli, command, input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


ARGUMENTS = """
import sys
from awsglue.utils import getResolvedOptions
options = getResolvedOptions(sys.argv, ["day", "to"])
print(options["day"], options["to"])
print("a warning", file=sys.stderr)
"""


def test_a_script_runs_with_its_arguments_and_its_streams(server: Server, job_run: JobRun) -> None:
    """Output to stdout, errors to stderr, how it ended on stderr, exit code 0; the job stays."""
    result = job_run(ARGUMENTS, "--arg", "day=2026-01-01", "--arg", "--to=s3://b/a=1/")
    assert (result.exit_code, result.stdout) == (0, "2026-01-01 s3://b/a=1/\n")
    warning, end = result.stderr.splitlines()
    assert warning == "a warning"
    assert end.startswith("report  jr_")
    assert "  SUCCEEDED (ran " in end
    assert "peak memory" in end
    (run,) = server.client("glue").get_job_runs(JobName="report")["JobRuns"]
    assert run["Arguments"] == {"--day": "2026-01-01", "--to": "s3://b/a=1/"}


def test_a_failed_run_is_exit_code_1_with_its_error(job_run: JobRun) -> None:
    """The script's own exception in the last line; a recognised failure is explained."""
    result = job_run("import awswrangler_missing", name="failing")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[-2].startswith("glueprint: awswrangler_missing is not installed: give the job")
    assert "  FAILED: ModuleNotFoundError: No module named 'awswrangler_missing' (ran " in lines[-1]


def test_json_is_the_ended_run(job_run: JobRun) -> None:
    """--json prints the API's JobRun alone on stdout, what the script writes on stderr (--json)."""
    result = job_run("print('out')", "--json", name="as_json")
    run = json.loads(result.stdout)
    assert (run["JobName"], run["JobRunState"]) == ("as_json", "SUCCEEDED")
    assert result.stderr.startswith("out\n")


def test_local_files_are_uploaded_for_the_parameters_that_take_them(job_run: JobRun, tmp_path: Path) -> None:
    """A helper beside the script is given as its path."""
    helper = tmp_path / "helper.py"
    helper.write_text("WHO = 'helper'")
    result = job_run("import helper; print(helper.WHO)", "--arg", f"extra-py-files={helper}", name="with_helper")
    assert (result.exit_code, result.stdout) == (0, "helper\n")


def test_missing_objects_are_named_all_at_once_with_their_parameters(job_run: JobRun) -> None:
    """A run whose files are not in S3 fails with each parameter, path and S3's own error."""
    result = job_run(
        "print('ran')",
        *("--arg", "extra-py-files=s3://glueprint-job-run/a.py,s3://no-such-bucket/b.zip"),
        name="missing",
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        "FAILED: --extra-py-files: s3://glueprint-job-run/a.py: NoSuchKey: The specified key does not exist.; "
        "--extra-py-files: s3://no-such-bucket/b.zip: NoSuchBucket: The specified bucket does not exist"
    ) in result.stderr


def test_a_job_that_another_command_created_is_not_replaced(server: Server, job_run: JobRun) -> None:
    """Only what `job run` made is replaced by it; another --name is the way out (docs/decisions/commands.md)."""
    server.put_job("nightly", "print('theirs')")
    result = job_run("print('mine')", name="nightly")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is already a job nightly; use another --name" in result.stderr
    assert job_run("print('mine')", "--name", "mine", name="nightly").stdout == "mine\n"


@pytest.mark.parametrize("options", [("--aws",), ("--debug", "--json"), ("--arg", "novalue")])
def test_what_makes_no_sense_is_a_mistake_in_the_arguments(job_run: JobRun, options: tuple[str, ...]) -> None:
    """Exit code 2, as everywhere: AWS, debugging for programs, an argument without a value
    (docs/decisions/commands.md)."""
    assert job_run("print('ran')", *options).exit_code == 2


STOPS = """
total = 41
print("before")
breakpoint()
total += 1
print("total", total)
"""


@pytest.mark.parametrize(
    ("versions", "code", "message"),
    [
        ("5.1,9.9", 2, "GlueVersion 9.9 is not supported locally: use 6.0, 5.1"),
        ("5.1,5.1", 2, "each once, as in 5.1,6.0"),
        ("5.1,", 2, "each once, as in 5.1,6.0"),
        ("4.0,6.0,5.1", 1, "nothing was run: 4.0,6.0,5.1 needs what is not installed; run `glueprint runtime add"),
    ],
)
def test_versions_that_cannot_all_run_are_refused_before_anything_runs(
    job_run: JobRun, versions: str, code: int, message: str
) -> None:
    """An unknown version, one that is there twice, or a runtime that is not installed: no run starts."""
    result = job_run("print(1)", "--glue-version", versions, kind="glueetl")
    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())
    assert ": SUCCEEDED" not in result.stderr


def test_debug_stops_at_a_breakpoint_in_the_terminal(job_run: JobRun) -> None:
    """The script's frame, its variables, its output before the prompt; then it goes on."""
    result = job_run(STOPS, "--debug", typed="p total\ntotal = 6\nc\n", name="stops")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "before"
    assert lines[1].endswith("stops.py(5)<module>()")
    assert lines[2:] == ["-> total += 1", "(Pdb) 41", "(Pdb) (Pdb) total 7"]  # what is typed is no output


def test_without_debug_a_breakpoint_ends_the_run_in_words(job_run: JobRun) -> None:
    """No one can type, here as on AWS: the run fails, and its error names --debug."""
    result = job_run(STOPS, name="stops_alone")
    assert result.exit_code == 1
    assert "FAILED: BdbQuit" in result.stderr
    assert "glueprint job run SCRIPT --debug" in result.stderr


def test_ctrl_c_stops_the_run(server: Server, tmp_path: Path) -> None:
    """The run does not go on behind one's back: STOPPED, exit code 3 (docs/decisions/commands.md)."""
    script = tmp_path / "endless.py"
    script.write_text("import time\nprint('up', flush=True)\ntime.sleep(600)\n")
    command = [sys.executable, "-m", "glueprint.cli", "job", "run", str(script), "--type", "pythonshell"]
    with subprocess.Popen(
        [*command, "--data-dir", str(server.data_dir)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 3
    assert "  STOPPED" in errors.splitlines()[-1]


@pytest.mark.spark
def test_a_spark_script_stops_at_its_breakpoint(job_run: JobRun) -> None:
    """The same for Spark: the session lives while a person looks at it."""
    script = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
rows = spark.range(5)
breakpoint()
print("done")
"""
    result = job_run(script, "--debug", kind="glueetl", typed="p rows.count()\nc\n", name="spark_stops")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-2:] == ["(Pdb) 5", "(Pdb) done"]
