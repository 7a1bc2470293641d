"""What a job's process has to install and to find before its script: parameters turned into a :class:`Setup`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from glueprint.runtime.launch import environment
from glueprint.runtime.parameters import python_modules, s3_files
from glueprint.runtime.parameters.arguments import Given
from glueprint.runtime.parameters.python_modules import PythonModules
from glueprint.runtime.shared.instructions import Installation, Setup, write_setup

_FILE = ".glueprint-setup"


def setup_of(given: Given, work_dir: Path, cache: Path | None) -> Setup:
    """What the run's parameters ask for; nothing to do when they do not.

    Args:
        given: the run.
        work_dir: what may be different tomorrow is installed here, for this run alone.
        cache: folders of modules that every run with the same requirements shares; None: every run has its own.
    """
    files = s3_files.python_files(given)
    wheels = PythonModules(wheels=files.wheels, options=("--no-deps",))
    wanted = {s3_files.EXTRA_PY_FILES: wheels, python_modules.PARAMETER: python_modules.python_modules(given)}
    installations = [
        Installation(
            parameter,
            asked=given.value(parameter),
            arguments=list(_arguments(modules)),
            bundles=[str(file) for file in modules.bundles],
            target=str(_target(modules, work_dir / f".modules{parameter}", cache)),
        )
        for parameter, modules in wanted.items()
        if modules
    ]
    return Setup([*map(str, files.path), *(one.target for one in installations)], installations)


def written(found: Setup, work_dir: Path) -> str | None:
    """The file in ``work_dir`` that tells the job's process of the setup; None when there is nothing to do."""
    if not found.python_path:
        return None
    path = work_dir / _FILE
    write_setup(path, found, environment.pip_environment(os.environ))
    return str(path)


def _arguments(modules: PythonModules) -> Iterator[str]:
    yield from modules.options
    for file in modules.lists:
        yield from ("-r", str(file))
    yield from map(str, modules.wheels)
    yield from modules.requirements


def _target(modules: PythonModules, own: Path, cache: Path | None) -> Path:
    key = modules.key
    return own if key is None or cache is None else cache / key
