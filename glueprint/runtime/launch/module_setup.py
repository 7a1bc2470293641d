"""The Python modules that a job's process installs and finds before its script starts: parameters to files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from glueprint.runtime.launch import environment
from glueprint.runtime.parameters import python_modules, s3_files
from glueprint.runtime.parameters.arguments import RunArguments
from glueprint.runtime.parameters.python_modules import PythonModules
from glueprint.runtime.shared.instructions import Installation, ModuleSetup, write_setup

_FILE = ".glueprint-setup"


def module_setup_of(run: RunArguments, work_dir: Path, cache: Path | None) -> ModuleSetup:
    """Return the setup that the run's parameters require; it may be empty.

    Args:
        run: the run's arguments.
        work_dir: modules whose versions may change are installed here, for this run only.
        cache: folders of modules that runs with the same requirements share; None: each run has its own.
    """
    files = s3_files.python_files(run)
    wheels = PythonModules(wheels=files.wheels, options=("--no-deps",))
    wanted = {s3_files.EXTRA_PY_FILES: wheels, python_modules.PARAMETER: python_modules.python_modules(run)}
    installations = [
        Installation(
            parameter,
            requested=run.value(parameter),
            arguments=list(_arguments(modules)),
            bundles=[str(file) for file in modules.wheel_archives],
            target=str(_target(modules, work_dir / f".modules{parameter}", cache)),
        )
        for parameter, modules in wanted.items()
        if modules
    ]
    return ModuleSetup([*map(str, files.path), *(one.target for one in installations)], installations)


def write_module_setup(found: ModuleSetup, work_dir: Path) -> str | None:
    """Write the setup to a file in ``work_dir`` and return its path; None if there is nothing to do."""
    if not found.python_path:
        return None
    path = work_dir / _FILE
    write_setup(path, found, environment.pip_environment(os.environ))
    return str(path)


def _arguments(modules: PythonModules) -> Iterator[str]:
    yield from modules.options
    for file in modules.requirement_files:
        yield from ("-r", str(file))
    yield from map(str, modules.wheels)
    yield from modules.requirements


def _target(modules: PythonModules, own: Path, cache: Path | None) -> Path:
    key = modules.cache_key
    return own if key is None or cache is None else cache / key
