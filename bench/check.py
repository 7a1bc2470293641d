"""`glueprint check NAME` for each blueprint, and `build.py` of all, next to a Python that makes a boto3 client.

Each check is the command in a process of its own, as a developer or a pre-commit hook runs it: Python starts, the
blueprint is bundled, its layout runs in a child process with boto3, twice where it creates something, and the
rules read what it made. Python keeps the compiled modules of the first run, as it does unless
PYTHONDONTWRITEBYTECODE forbids it: here in a temporary folder.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from glueprint.blueprint.bundler import catalogue_names
from glueprint.cli.build import build_blueprints

ROOT = Path(__file__).parents[1]
REPEATS = 5
CHECK_GOAL_SECONDS = BUILD_GOAL_SECONDS = 1.0
_CLIENT = "import boto3; boto3.client('glue', region_name='us-east-1')"
_EMPTY = """
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    job = Job(Name="j", Role="r", Command={"Name": "glueetl", "ScriptLocation": "s3://b/k"})
    return Workflow(Name="w", Entities=Entities(Jobs=[job]))
"""


def main() -> None:
    """Run the benchmark and print the result."""
    print(f"check: goal {CHECK_GOAL_SECONDS:g} s for a blueprint; build: {BUILD_GOAL_SECONDS:g} s for all")
    print(f"medians of {REPEATS}, in turn")
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty")
        empty.mkdir()
        (empty / "blueprint.cfg").write_text('{"layoutGenerator": "empty.layout.generate_layout"}')
        (empty / "layout.py").write_text(_EMPTY)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))
        names = catalogue_names(ROOT)
        ways: dict[str, Callable[[], object]] = {
            "(boto3 client)": lambda: _run("-c", _CLIENT),
            "(empty layout)": lambda: _check(str(empty)),
        }
        ways |= {name: _checking(name) for name in names}
        ways |= {"build of all": lambda: build_blueprints(ROOT, (), Path(folder, "dist"))}
        _check(str(empty))
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(REPEATS):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                times[name].append(time.perf_counter() - start)
    base = statistics.median(times["(boto3 client)"])
    for name, found in times.items():
        seconds = statistics.median(found)
        print(f"  {name:20} {seconds:6.2f} s   {seconds / base:5.1f} times the boto3 client")


def _checking(name: str) -> Callable[[], object]:
    return lambda: _check(name)


def _check(what: str) -> None:
    _run("-m", "glueprint.cli", "check", what)


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
