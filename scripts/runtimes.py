"""Run the suites of what is loaded inside a job's process with the Python and packages of each runtime.

    python scripts/runtimes.py [--quick] [RUNTIME ...]

Environments are made as `glueprint runtime add` makes them, in the user's cache. What tests need in addition
(pytest, and the local Glue where the runtime's Python can run it) is in a virtual environment on top of each.

``--quick`` runs a few files of each suite, in 6.0 and in Python shell's: what CI has time for.

The last line states which runtimes were tested, which were not because an interpreter is missing, and which
failed. The exit status is 1 if a suite failed or an environment could not be made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from glueprint.environments.creation import create
from glueprint.environments.definitions import RUNTIMES
from glueprint.environments.failures import CreationError
from glueprint.environments.installed import Environment, runtimes_directory
from glueprint.environments.interpreters import MissingInterpreter

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-runtimes"
CACHE = FOLDER / "cache"
"""The user's cache as tests see it: the environments, and nothing else of the user's."""
TOOLS = (
    *("hypothesis>=6.120,<7", "psutil>=6,<8", "pytest>=8.3,<10", "pytest-timeout>=2.3,<3", "pytest-xdist>=3.6,<4"),
    "setuptools>=68",
)
SERVER = ("-e", ".[local]", "pyawscron>=1.0.6,<2", "vega_datasets>=0.9,<1")
"""What the local Glue and its tests need: it runs on Python 3.11 and later."""
SERVER_PYTHON = (3, 11)
SUITE_SECONDS = 1500.0

_PURE = ("tests/dqdl", "tests/facts/test_facts_hive_types.py", "tests/facts/test_facts_partition_names.py")
_FRAMES = ("tests/frames", "tests/bookmarks", "tests/quality", "tests/storage", "tests/sparksql", "tests/standin")
_JOBHOST = tuple(f"tests/runtime/test_runtime_{name}.py" for name in ("jobhost", "spark", "arrow", "ports"))
_WORKERS = ("tests/workers/test_workers_spark.py", "tests/workers/test_workers_spark_changes.py")
_SHELLS = ("tests/runtime/test_runtime_pythonshell.py", "tests/workers/test_workers_shells.py")
_JOBS = (
    "tests/bookmarks/test_bookmarks_jobs.py",
    "tests/quality/test_quality_studio.py",
    "tests/sparksql/test_sparksql_job.py",
    "tests/storage/test_storage_jdbc_drivers.py",
    "tests/storage/test_storage_jobs.py",
)


@dataclass(frozen=True)
class Suites:
    """The tests of one runtime.

    Attributes:
        inside: run by the runtime's own Python.
        launched: run by this Python; their jobs run in the runtime.
    """

    inside: Sequence[str]
    launched: Sequence[str] = ()


SUITES: Mapping[str, Suites] = {
    "6.0": Suites((*_FRAMES, *_JOBHOST, *_WORKERS)),
    "4.0": Suites((*_PURE, "tests/frames"), _JOBS),
    "pythonshell": Suites((*_PURE, "tests/parameters/test_parameters_installer.py"), _SHELLS),
}
"""Runtime 5.1 is the one that `make test` runs on."""
QUICK: Mapping[str, Suites] = {
    "6.0": Suites(
        (
            "tests/frames/test_frames_spark_versions.py",
            "tests/frames/test_frames_transforms.py",
            "tests/storage/test_storage_jobs.py",
            "tests/bookmarks/test_bookmarks_jobs.py",
            "tests/sparksql/test_sparksql_reading.py",
            *_JOBHOST[:2],
        )
    ),
    "pythonshell": Suites(("tests/dqdl",), _SHELLS[:1]),
}
"""Some of each suite: what CI has time for."""


class Failed(Exception):
    """A runtime does not pass; the message contains the reason."""


def main(arguments: Sequence[str]) -> int:
    """Test the named runtimes, by default all; return the exit status."""
    quick, names = "--quick" in arguments, [one for one in arguments if one != "--quick"]
    _link_environments()
    tested, missing, failed = [], [], []
    # Python shell first: servers that the other suites start find its environment, as a user's would.
    chosen = QUICK if quick else SUITES
    for name in names or sorted(chosen, reverse=True):
        started = time.monotonic()
        try:
            tested.append(f"{test(name, chosen[name])} in {time.monotonic() - started:.0f} s")
        except MissingInterpreter:
            missing.append(f"{name} (no Python {RUNTIMES[name].python_version})")
        except (CreationError, Failed) as error:
            failed.append(f"{name}: {error}")
    last_line = summary(tested, missing, failed, quick)
    (ROOT / ".venv" / "runtimes-tested.txt").write_text(last_line + "\n")  # CI shows it at its end
    print(last_line)
    return 1 if failed else 0


def summary(tested: Sequence[str], missing: Sequence[str], failed: Sequence[str], quick: bool) -> str:
    """Return the last line."""
    others = "; make test runs on 5.1" + (", make runtimes on all others" if quick else "")
    parts = [f"runtimes tested: {', '.join(tested) or '(none)'}{others}"]
    parts += [f"not here: {', '.join(missing)}"] if missing else []
    parts += [f"FAILED: {'; '.join(failed)}"] if failed else []
    return "; ".join(parts)


def test(name: str, suites: Suites) -> str:
    """Run the suites of a runtime; return what was tested.

    Raises:
        MissingInterpreter: there is no Python of the right version.
        CreationError: the environment could not be made.
        Failed: a test failed.
    """
    environment = create(RUNTIMES[name], lambda step, line: line or print(f"runtime {name}: {step}", flush=True))
    versions = environment.runtime.glue_versions
    launched = {"GLUEPRINT_TEST_GLUE_VERSION": versions[0]} if versions else {}
    for interpreter, paths, variables in (
        (with_tools(environment), suites.inside, {}),
        (Path(sys.executable), suites.launched, launched),
    ):
        if paths:
            print(f"runtime {name}: {interpreter} runs {' '.join(paths)}", flush=True)
            run_tests(interpreter, paths, name, variables)
    spark = environment.packages.get("pyspark")
    return f"{name} (Python {environment.python_version}{f', Spark {spark}' if spark else ''})"


def with_tools(environment: Environment) -> Path:
    """Return a Python that has the packages of the environment, pytest, and the local Glue if it can run there."""
    runtime = environment.runtime
    needed = (*TOOLS, *(SERVER if runtime.python >= SERVER_PYTHON else ()))
    folder, digest = FOLDER / f"tools-{runtime.name}", _digest(runtime.digest, *needed)
    python, stamp = folder / "bin" / "python", folder / f"complete-{digest}"
    if stamp.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"runtime {runtime.name}: installing pytest and what tests need", flush=True)
    _execute(str(environment.python), "-m", "venv", str(folder))
    tools, packages = _site_packages(python), _site_packages(environment.python)
    # pip takes what is on the path for installed: only what the environment lacks comes on top of it.
    (tools / "glueprint-runtime.pth").write_text(f"{packages}\n{ROOT}\n")
    _execute(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *needed)
    stamp.touch()
    return python


def run_tests(python: Path, paths: Sequence[str], runtime: str, more_variables: Mapping[str, str]) -> None:
    """Run pytest. Servers that tests start run on this Python, Python shell jobs of other tests in the runtime.

    Raises:
        Failed: a test failed.
    """
    command = [str(python), "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    options = [
        "-p",
        "no:cacheprovider",
        "-m",
        "jobs or not (soak or kills or clients or runtimes or databases or catalogue or examples)",
    ]
    if RUNTIMES[runtime].python < SERVER_PYTHON:  # the plugins need 3.10; old packages warn of what is deprecated
        options += [word for name in own_plugins() for word in ("-p", f"no:{name}")]
        options += ["-W", "default"]
    variables = {
        **os.environ,
        "GLUEPRINT_TEST_CACHE": str(CACHE),
        "GLUEPRINT_TEST_SERVER_PYTHON": sys.executable,
        **({} if RUNTIMES[runtime].spark else {"GLUEPRINT_TEST_SHELL_RUNTIME": runtime}),
        **more_variables,
    }
    argv = [*command, *options, *paths]
    try:
        done = subprocess.run(argv, cwd=ROOT, env=variables, check=False, timeout=SUITE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"its tests took more than {SUITE_SECONDS:.0f} s") from error
    if done.returncode != 0:
        raise Failed(f"tests failed (pytest ended with {done.returncode})")


def own_plugins() -> list[str]:
    """Return the names of Glueprint's plugins of pytest."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    lines = settings["options.entry_points"]["pytest11"].split("\n")
    return [line.partition("=")[0].strip() for line in lines if line]


def _link_environments() -> None:
    link, environments = CACHE / "glueprint" / "runtimes", runtimes_directory()
    link.parent.mkdir(parents=True, exist_ok=True)
    environments.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(environments)


def _site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip())


def _execute(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join([*parts, (ROOT / "setup.cfg").read_text()]).encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
