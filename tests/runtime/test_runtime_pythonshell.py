"""Python shell jobs: plain Python with ``awsglue.utils``, no Spark, failures in the script's own words."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from harness.runtime_jobs import SECRET, launch_of, run_job
from harness.runtime_programs import end_of, start, wait_until

from glueprint.runtime.launch.jobs import job_process
from glueprint.runtime.processes.process import Ended, request_stop


def test_a_script_sees_what_it_would_see_in_glue(tmp_path: Path) -> None:
    """Main module, folder first on the path, ``--K V`` pairs, no job name and no run id
    (docs/facts/jobs.md#arguments)."""
    script = """
import json, os, sys
from awsglue.utils import getResolvedOptions
options = getResolvedOptions(sys.argv, ["my-name", "WORKFLOW_RUN_ID"])
print(json.dumps({
    "argv": sys.argv[1:], "script": os.path.basename(sys.argv[0]), "name": __name__, "file": __file__,
    "path": sys.path[0], "options": [options["my_name"], options["WORKFLOW_RUN_ID"]], "cwd": os.getcwd(),
}))
"""
    arguments = {"--my-name": "v w", "--WORKFLOW_NAME": "w", "--WORKFLOW_RUN_ID": "wr_1"}
    ended, out, err = run_job(launch_of(tmp_path, "pythonshell", script, arguments))
    assert (ended.succeeded, err) == (True, "")
    work = str(tmp_path / "work")
    assert json.loads(out) == {
        "argv": ["--my-name", "v w", "--WORKFLOW_NAME", "w", "--WORKFLOW_RUN_ID", "wr_1"],
        "script": "user_job.py",
        "name": "__main__",
        "file": f"{work}/user_job.py",
        "path": work,
        "options": ["v w", "wr_1"],
        "cwd": work,
    }


def test_a_missing_argument_is_named(tmp_path: Path) -> None:
    """A script that lacks an argument fails with argparse's own message, and the log names what the
    run has instead (aws-glue-libs, awsglue/utils.py: GlueArgumentError)."""
    script = "import sys\nfrom awsglue.utils import getResolvedOptions\ngetResolvedOptions(sys.argv, ['target'])\n"
    ended, _, err = run_job(launch_of(tmp_path, "pythonshell", script, {"--targets": "a"}))
    assert isinstance(ended, Ended)
    assert not ended.succeeded
    assert "the following arguments are required: --target" in err
    assert "glueprint: The run lacks arguments that the script requires: --target (it has --targets, did" in err
    assert "ModuleNotFoundError" not in err


def test_there_is_no_spark_and_none_of_amazons_package(tmp_path: Path) -> None:
    """pyspark and Amazon's whole ``awsglue`` are absent, as in Glue's Python shell (DG:add-job-python)."""
    script = """
import sys
for name in ("pyspark", "pyspark.sql", "py4j", "glueprint.runtime", "awsglue.context", "awsglue.job"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        print(error)
import awsglue.utils, boto3
print(sorted(name for name in sys.modules if name.startswith(("glueprint", "pyspark", "py4j", "awsglue"))))
"""
    ended, out, _ = run_job(launch_of(tmp_path, "pythonshell", script))
    assert ended.succeeded
    assert out.splitlines() == [
        "No module named 'pyspark'",
        "No module named 'pyspark'",
        "No module named 'py4j'",
        "No module named 'glueprint'",
        "No module named 'awsglue.context'",
        "No module named 'awsglue.job'",
        "['awsglue', 'awsglue.utils']",
    ]


def test_a_failure_is_reported_in_a_line_and_by_the_scripts_own_traceback(tmp_path: Path) -> None:
    """The error log has the script's traceback only, ErrorMessage the exception."""
    script = "def load():\n    return undefined_name\n\n\nload()\n"
    ended, _, err = run_job(launch_of(tmp_path, "pythonshell", script))
    assert ended.exit_status == 1
    assert ended.failure == "NameError: name 'undefined_name' is not defined"
    where = f'  File "{tmp_path}/work/user_job.py", line'
    markers = "           ^^^^^^^^^^^^^^"  # from Python 3.11 on
    assert [line for line in err.splitlines() if line != markers] == [
        "Traceback (most recent call last):",
        f"{where} 5, in <module>",
        "    load()",
        f"{where} 2, in load",
        "    return undefined_name",
        "NameError: name 'undefined_name' is not defined",
    ]


def test_a_script_that_does_not_compile_is_reported_with_its_line(tmp_path: Path) -> None:
    """A SyntaxError names the script's line, without Glueprint's frames."""
    ended, _, err = run_job(launch_of(tmp_path, "pythonshell", "x = = 1\n"))
    assert ended.failure == "SyntaxError: invalid syntax (user_job.py, line 1)"
    assert "glueprint" not in err
    assert f'File "{tmp_path}/work/user_job.py", line 1' in err


@pytest.mark.parametrize(
    ("code", "status", "failure"),
    [
        ("", 0, None),
        ("0", 0, None),
        ("None", 0, None),
        ("3", 3, "SystemExit: 3"),
        ("'no input'", 1, "SystemExit: no input"),
    ],
)
def test_sys_exit_means_what_python_means(
    tmp_path: Path, code: str, status: int, failure: str | None
) -> None:
    """``sys.exit`` with nothing or 0 is success, anything else a failure (Python documentation, sys.exit)."""
    ended, _, err = run_job(launch_of(tmp_path, "pythonshell", f"import sys\nsys.exit({code})\n"))
    assert (ended.exit_status, ended.failure) == (status, failure)
    assert err == ("no input\n" if "input" in code else "")


def test_a_silent_failure_is_reported_as_glue_reports_it(tmp_path: Path) -> None:
    """A process that ends by itself with a status gets Glue's words (awslabs/aws-glue-libs issue 221)."""
    ended, _, _ = run_job(launch_of(tmp_path, "pythonshell", "import os\nos._exit(7)\n"))
    assert ended.failure == "Command failed with exit code 7"
    assert ended.error is None


def test_classes_of_the_script_can_be_pickled(tmp_path: Path) -> None:
    """The script is the real ``__main__`` module, so pickle finds its classes there (Python's pickle)."""
    script = """
import pickle
class Row:
    pass
print(type(pickle.loads(pickle.dumps(Row()))) is Row)
"""
    assert run_job(launch_of(tmp_path, "pythonshell", script))[1] == "True\n"


def test_output_is_there_while_the_job_runs(tmp_path: Path) -> None:
    """A line printed can be read at once, since logs are looked at while jobs run
    (docs/facts/jobs.md#log-streams)."""
    launch = launch_of(tmp_path, "pythonshell", "import time\nprint('working')\ntime.sleep(1000)\n")
    start(tmp_path / "run", job_process(launch))
    wait_until(lambda: launch.stdout.exists() and launch.stdout.read_text() == "working\n")
    request_stop(tmp_path / "run")
    ended = end_of(tmp_path / "run")
    assert isinstance(ended, Ended)
    assert (ended.signal, ended.stopped) == (signal.SIGTERM, True)


def test_paths_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data directory given as ``.glueprint`` serves as well as a whole path."""
    monkeypatch.chdir(tmp_path)
    ended, out, _ = run_job(launch_of(Path("."), "pythonshell", "print('here')"))
    assert (ended.succeeded, out) == (True, "here\n")


def test_a_launch_does_not_show_its_key(tmp_path: Path) -> None:
    """The secret key does not come out with the launch in a log line."""
    assert SECRET not in repr(launch_of(tmp_path, "pythonshell", ""))
