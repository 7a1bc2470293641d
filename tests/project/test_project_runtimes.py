"""`make runtimes` and `make runtimes-ci` name files that exist, and end with what they tested."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest

from glueprint.environments.definitions import RUNTIMES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """``scripts/runtimes.py``, which is not a package."""
    spec = importlib.util.spec_from_file_location("runtimes_program", ROOT / "scripts" / "runtimes.py")
    assert spec is not None
    assert spec.loader is not None
    made = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_every_suite_exists(program: ModuleType) -> None:
    """Each runtime but 5.1, that of `make test`, has suites; CI's part names files of them."""
    assert set(program.SUITES) == {*RUNTIMES} - {"5.1", "pythonshell-analytics"}
    for suites in (*program.SUITES.values(), *program.QUICK.values()):
        assert [path for path in (*suites.inside, *suites.launched) if not (ROOT / path).exists()] == []
    for name, part in program.QUICK.items():
        for paths, of in ((part.inside, "inside"), (part.launched, "launched")):
            full = getattr(program.SUITES[name], of)
            assert [one for one in paths if not one.startswith(tuple(full))] == []


def test_every_plugin_of_glueprint_is_known(program: ModuleType) -> None:
    """pytest loads them from the checkout, on each Python that jobs run on."""
    found = [one.name for one in entry_points(group="pytest11") if "glueprint" in one.value]
    assert program.own_plugins() == found


def test_the_last_line_states_what_was_tested_and_what_was_not(program: ModuleType) -> None:
    """A missing interpreter is stated, and is not a failure; a failed suite is."""
    line = program.summary(["6.0 (Python 3.13.0, Spark 4.1.4) in 200 s"], ["4.0 (no Python 3.10)"], [], True)
    assert line == (
        "runtimes tested: 6.0 (Python 3.13.0, Spark 4.1.4) in 200 s; make test runs on 5.1, "
        "make runtimes on all others; "
        "not here: 4.0 (no Python 3.10)"
    )
    assert program.summary([], [], ["6.0: tests failed"], False).endswith("; FAILED: 6.0: tests failed")
