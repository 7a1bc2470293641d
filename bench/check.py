"""`glueprint check` of each blueprint and `build.py` of all, beside an empty layout in the same machine's Python.

An empty layout is what starting Python and running the layout host costs: the rest is boto3 in the layout, twice
where a layout creates something, and the rules.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from glueprint.blueprint.bundler import catalogue_names
from glueprint.check.checking import check
from glueprint.check.subject import find_subjects
from glueprint.cli.build import build_blueprints

ROOT = Path(__file__).parents[1]
REPEATS = 5
CHECK_GOAL_SECONDS = BUILD_GOAL_SECONDS = 1.0
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
        names = catalogue_names(ROOT)
        ways: dict[str, Callable[[], object]] = {"(empty layout)": lambda: _check(str(empty), ROOT)}
        ways |= {name: _checking(name) for name in names}
        ways |= {"build of all": lambda: build_blueprints(ROOT, (), Path(folder, "dist"))}
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(REPEATS):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                times[name].append(time.perf_counter() - start)
    base = statistics.median(times["(empty layout)"])
    for name, found in times.items():
        seconds = statistics.median(found)
        print(f"  {name:20} {seconds:6.2f} s   {seconds / base:5.1f} times the empty layout")


def _checking(name: str) -> Callable[[], object]:
    return lambda: _check(name, ROOT)


def _check(what: str, root: Path) -> None:
    for subject in find_subjects(what, root):
        check(subject)
