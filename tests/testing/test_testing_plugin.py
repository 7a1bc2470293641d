"""The pytest plugin, used as users do: in a pytest of its own, and here in our own tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from testing_scripts import FAILING, LEAVING, REFUSED, SHELL, SPARK

from glueprint.environments.installed import local_glue_version
from glueprint.testing import LocalGlue, assert_rows
from glueprint.testing.plugin import RunBlueprint, RunJob

ROOT = Path(__file__).parents[2]
ORDERS = [("PL", 1.5), ("PL", 2.0), ("CH", 4.0)]


def _put_orders(glue: LocalGlue) -> None:
    lines = "\n".join(json.dumps({"country": country, "amount": amount}) for country, amount in ORDERS)
    glue.put("s3://data/orders/day.json", lines)


def _totals(glue: LocalGlue) -> list[dict[str, object]]:
    return [
        json.loads(line)
        for key in glue.keys("s3://data/totals/part-")
        for line in (glue.s3_root / "data" / key).read_text().splitlines()
    ]


@pytest.mark.jobs
@pytest.mark.spark
def test_a_spark_script_as_a_job(local_glue: LocalGlue, run_job: RunJob, tmp_path: Path) -> None:
    """run_job runs an unchanged script as a job run: state, output and data are real."""
    script = tmp_path / "totals.py"
    script.write_text(SPARK)
    _put_orders(local_glue)
    result = run_job(script, {"source": "s3://data/orders/", "target": "s3://data/totals/"})
    assert result.succeeded, result
    assert "countries: 2" in result.output
    assert result.run["GlueVersion"] == local_glue_version()
    assert_rows(_totals(local_glue), [{"country": "PL", "total": 3.5}, {"country": "CH", "total": 4.0}])


def test_a_python_shell_script(local_glue: LocalGlue, run_job: RunJob, tmp_path: Path) -> None:
    """type="pythonshell" is Glue's Python shell: the script's boto3 reaches the test's own S3."""
    script = tmp_path / "look.py"
    script.write_text(SHELL)
    _put_orders(local_glue)
    result = run_job(script, {"--bucket": "data"}, type="pythonshell")
    assert result.succeeded, result
    assert result.output.strip() == "1 objects"


def test_a_failure_shows_the_scripts_own_traceback(run_job: RunJob, tmp_path: Path) -> None:
    """A failed assertion on the result prints ErrorMessage and the end of the error log (README: errors)."""
    script = tmp_path / "breaks.py"
    script.write_text("def load():\n    raise ValueError('no column')\nload()\n")
    result = run_job(script, type="pythonshell")
    assert (result.state, result.error) == ("FAILED", "ValueError: no column")
    assert "line 2, in load" in repr(result)


def test_every_test_begins_with_an_empty_glue_and_clients_find_it(local_glue: LocalGlue) -> None:
    """State is clean per test, and boto3 without settings of its own comes here."""
    assert boto3.client("glue", region_name="us-east-1").get_jobs()["Jobs"] == []
    assert local_glue.client("s3").list_buckets()["Buckets"] == []


def test_a_blueprint_of_the_catalogue(local_glue: LocalGlue, run_blueprint: RunBlueprint) -> None:
    """run_blueprint bundles, registers and runs a blueprint, then its workflow: here without files, so that the
    marker says false and the run stops itself (docs/decisions/publishing-a-load.md).
    """
    local_glue.client("s3").create_bucket(Bucket="lake")
    params = {
        "WorkflowName": "nightly",
        "IAMRole": "arn:aws:iam::123456789012:role/glue",
        "ScriptBucket": "lake",
        "Location": "s3://lake/in/",
        "DestinationLocation": "s3://lake/out/",
        "DestinationDatabase": "lake",
        "DestinationTable": "days",
    }
    result = run_blueprint("file_presence", params, root=ROOT)
    assert (result.state, result.workflow) == ("SUCCEEDED", "nightly"), result
    assert result.run is not None
    assert result.run.status == "STOPPED"
    assert result.run.properties["file_presence"] == "false"
    assert (result.output, result.warnings) == ((), ())


def test_a_script_that_is_not_there(run_job: RunJob) -> None:
    """The error for a wrong path names the directory in which it was looked for."""
    with pytest.raises(FileNotFoundError, match=r"no script nowhere\.py: give its path, relative to /"):
        run_job("nowhere.py")


IN_PROCESS = """
import json, os, sys
from pathlib import Path
import pytest

ORDERS = [{"country": "PL", "amount": 1.5}, {"country": "PL", "amount": 2.0}]

@pytest.mark.parametrize("again", range(2))
def test_totals(local_glue, run_job, again):
    local_glue.put("s3://data/orders/day.json", "\\n".join(map(json.dumps, ORDERS)))
    before = (list(sys.argv), os.getcwd(), dict(os.environ))
    result = run_job("totals.py", {"source": "s3://data/orders/", "target": "s3://data/totals/"}, in_process=True)
    assert result.succeeded, result
    assert "countries: 1" in result.output
    assert (list(sys.argv), os.getcwd(), dict(os.environ)) == before
    (part,) = [key for key in local_glue.keys("s3://data/totals/part-")]
    assert json.loads((local_glue.s3_root / "data" / part).read_text())["total"] == 3.5

def test_failure(local_glue, run_job, glueprint_spark):
    before = (list(sys.argv), os.getcwd(), dict(os.environ), list(sys.path))
    result = run_job("fails.py", in_process=True)
    assert (result.state, result.error) == ("FAILED", "ValueError: no column 'amount'")
    assert isinstance(result.exception, ValueError)
    first = [line for line in result.error_log.splitlines() if line.startswith("  File ")][0]
    assert "fails.py" in first
    assert (list(sys.argv), os.getcwd(), dict(os.environ), list(sys.path)) == before
    assert "helper_beside" not in sys.modules
    assert glueprint_spark.session.catalog.listTables() == []
    assert glueprint_spark.session.range(3).count() == 3
    assert glueprint_spark.session.conf.get("spark.sql.shuffle.partitions") == "2"

def test_what_a_script_says_and_leaves(run_job, glueprint_spark):
    result = run_job("leaves.py", in_process=True)
    assert result.error_log == "that was all\\n", result
    assert result.error == "SystemExit: that was all"
    assert "module_elsewhere" not in sys.modules and "json" in sys.modules
    tables = glueprint_spark.session.catalog.listTables
    assert [table.name for table in tables("global_temp")] == []
    assert [table.name for table in tables()] == ["kept"]

def test_tables_go_with_their_test(glueprint_spark):
    assert glueprint_spark.session.catalog.listTables() == []
    assert [one.name for one in glueprint_spark.session.catalog.listDatabases()] == ["default"]

def test_glues_refusal(run_job):
    result = run_job("refused.py", in_process=True)
    assert (result.state, result.error.partition(":")[0]) == ("FAILED", "StorageError")
    assert "refused.py" in result.error_log and "/glueprint/runtime/" not in result.error_log
"""

OWN_SPARK = """
from pyspark.sql import SparkSession

def test_totals(run_job):
    SparkSession.builder.master("local[1]").getOrCreate()
    run_job("totals.py", in_process=True)
"""


@pytest.mark.jobs
@pytest.mark.spark
def test_scripts_in_the_tests_own_process(tmp_path: Path) -> None:
    """in_process=True: a shared Spark that survives sc.stop(); argv, environment, directory, modules, views and
    settings are as before, tables go with the test; no frames of Glueprint in a traceback.
    """
    (tmp_path / "totals.py").write_text(SPARK)
    (tmp_path / "fails.py").write_text(FAILING)
    (tmp_path / "leaves.py").write_text(LEAVING)
    (tmp_path / "refused.py").write_text(REFUSED)
    (tmp_path / "helper_beside.py").write_text("")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "module_elsewhere.py").write_text("")
    (tmp_path / "test_scripts.py").write_text(IN_PROCESS)
    assert "6 passed" in (output := _pytest_in(tmp_path)), output


@pytest.mark.jobs
@pytest.mark.spark
def test_another_spark_in_the_process_is_reported(tmp_path: Path) -> None:
    """A script on a Spark without S3 and Glue's classes would fail in words that say nothing (README: errors)."""
    (tmp_path / "totals.py").write_text(SPARK)
    (tmp_path / "test_own.py").write_text(OWN_SPARK)
    assert "let the fixture that makes it return glueprint_spark.session" in _pytest_in(tmp_path)


@pytest.mark.jobs
@pytest.mark.spark
def test_the_test_that_the_page_shows(tmp_path: Path) -> None:
    """The first example of docs/testing.md passes as it stands there, beside a script that it is about."""
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    (tmp_path / "test_totals.py").write_text(page.partition("```python\n")[2].partition("```")[0])
    (tmp_path / "totals.py").write_text(SPARK)
    assert "1 passed" in _pytest_in(tmp_path)


def _pytest_in(folder: Path) -> str:
    """What pytest says of the tests in that folder, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(folder / "base")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1000)
    return done.stdout + done.stderr
