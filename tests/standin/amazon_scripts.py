"""Runs Amazon's own scripts, unmodified, on the local Glue, and compares the results with Amazon's documents.

A program, not a test: the scripts are fetched copies that the project does not contain (`public_copies`). The
tests in this directory make the same calls on small data of the same shape. Run it with::

    python tests/standin/amazon_scripts.py [--copies DIR] [--glue-version VERSION] [NAME ...]

The exit status is 0 if all named samples (by default all) have the documented results. ``make upgrade`` runs
them in Glue 5.1 and 6.0 (`upgrade`).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path += [str(folder) for folder in Path(__file__).parents[:2]]  # this folder, and that of harness

import amazon_blueprints
import amazon_legislators
import amazon_medicare
import amazon_workflows
from amazon_lake import Differs, Lake
from harness.local_server import Server
from public_copies import DEFAULT_FOLDER, Copies

UNIT_TESTING = "examples/GlueUnitTestingLocalSample"
SPARK_FIRST = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def local_glue_spark(glueprint_spark):
    yield
"""
"""The template takes the SparkContext that there is; this lets there be the local Glue's before any test."""
NO_ENTRY_POINTS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Only the plugins that the command line names: the package may be installed or not."""


def run_unit_testing(lake: Lake) -> None:
    """Amazon's template of a pytest project: its test passes here as its document shows ("1 passed")."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        for path in ("pytest.ini", "src/my_script.py", "test/conftest.py", "test/test_glue_script.py"):
            file = project / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(lake.copies.text(amazon_legislators.REPOSITORY, f"{UNIT_TESTING}/{path}"))
        (project / "local_glue_spark.py").write_text(SPARK_FIRST)
        # The template's own options request coverage and reports, which need a plugin.
        command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
        command += ["-p", "glueprint.testing.plugin", "-p", "local_glue_spark"]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join([name, *sys.path]), **NO_ENTRY_POINTS}
        done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)
        if done.returncode or "1 passed" not in done.stdout:
            raise Differs(f"pytest ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")


SAMPLES: dict[str, Callable[[Lake], None]] = {
    "join_and_relationalize": amazon_legislators.run,
    "resolve_choice": amazon_medicare.run_resolve_choice,
    "data_cleaning_and_lambda": amazon_medicare.run_data_cleaning,
    "unit_testing": run_unit_testing,
    "conversion": amazon_blueprints.run_conversion,
    "partitioning": amazon_blueprints.run_partitioning,
    "compaction": amazon_blueprints.run_compaction,
    "encoding": amazon_blueprints.run_encoding,
    "crawl_s3_locations": amazon_workflows.run_crawl_s3_locations,
    "s3_to_dynamodb": amazon_workflows.run_s3_to_dynamodb,
    "jdbc_to_s3": amazon_workflows.run_jdbc_to_s3,
    "s3_to_jdbc": amazon_workflows.run_s3_to_jdbc,
}


def difference(name: str, copies: Copies, glue_version: str) -> str:
    """Run a sample on a new server; how its result differs from what Amazon documents, empty if it does not."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "data") as server:
        try:
            SAMPLES[name](Lake(server, copies, glue_version))
        except AssertionError as error:
            return str(error) or type(error).__name__
    return ""


def main() -> int:
    """Run the samples that the command line names; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=Path, default=DEFAULT_FOLDER, help="where the repositories are")
    parser.add_argument("--glue-version", default="4.0", help="of the jobs (default: 4.0, that of the samples)")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SAMPLES))
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(SAMPLES):
        parser.error(f"there is no sample {', '.join(sorted(unknown))}; there are {', '.join(SAMPLES)}")
    failed = 0
    for name in chosen.names or SAMPLES:
        began = time.monotonic()
        found = difference(name, Copies(chosen.copies), chosen.glue_version)
        failed += bool(found)
        outcome = f"DIFFERS: {found}" if found else "as documented"
        sys.stdout.write(f"{name:26} {time.monotonic() - began:6.1f} s  {outcome}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
