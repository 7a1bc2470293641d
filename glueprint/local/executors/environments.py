"""Which Python, Spark and Java a job run gets, of those that are installed on this machine."""

from __future__ import annotations

import functools
import logging
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from glueprint.environments import installed
from glueprint.environments.definitions import RUNTIMES
from glueprint.environments.installed import Environment
from glueprint.environments.selection import UnknownVersion, select
from glueprint.facts.defaults import DEFAULT_GLUE_VERSION
from glueprint.runtime.launch import environment as process_environment
from glueprint.runtime.launch.jobs import UnsupportedJob
from glueprint.runtime.parameters import library_set
from glueprint.runtime.parameters.arguments import PYTHON_SHELL, RunArguments
from glueprint.runtime.workers.class_archive import archive_path, cache_directory

logger = logging.getLogger(__name__)

_SHELLS = ("pythonshell-analytics", "pythonshell")
"""Runtimes for Python shell jobs, the one with most libraries first."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a job run gets, and the lines for its error log about what differs from AWS.

    ``environment`` is None for the Python that runs the local Glue if that is not a runtime.
    """

    environment: Environment | None
    notes: tuple[str, ...] = ()


def choose(command: str, glue_version: str | None, arguments: Mapping[str, str]) -> Chosen:
    """Return what a job run gets.

    Args:
        command: ``Command.Name``.
        glue_version: of the run.
        arguments: the merged arguments.

    Raises:
        UnsupportedJob: there is no such runtime, or it is not installed; the message states how to add it.
    """
    if command == PYTHON_SHELL:
        return _for_shell(library_set.chosen_set(RunArguments(command, arguments)))
    there = [one.runtime.name for one in installed.environments()]
    try:
        selection = select(command, glue_version, None, there)
    except UnknownVersion as error:
        raise UnsupportedJob(str(error)) from None
    found = installed.find(selection.runtime)
    if found is None:
        runtime = RUNTIMES[selection.runtime]
        raise UnsupportedJob(
            f"GlueVersion {glue_version or DEFAULT_GLUE_VERSION} needs Spark {runtime.spark} on Python "
            f"{runtime.python_version}, which is not installed: run `glueprint runtime add {runtime.name}`"
            + (f", or use GlueVersion {_usable(there)}" if there else "")
        )
    return Chosen(found, selection.notes)


def spark_environment() -> Environment:
    """Return an environment with Spark for Glueprint's own programs.

    Raises:
        UnsupportedJob: none is installed.
    """
    for found in installed.environments():
        if found.runtime.spark:
            return found
    raise UnsupportedJob("no Spark is installed: run `glueprint runtime add 6.0`")


def own_class_archive() -> Path | None:
    """Return the path of the class-data archive for the Spark of this Python; None if there can be none."""
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        return None
    return _class_archive(Path(found.origin).parent / "jars", process_environment.java_home(os.environ))


def archive_of(found: Environment) -> Path | None:
    """Return the path of the class-data archive of an environment; None if there can be none."""
    if found.directory is None:
        return own_class_archive()
    jars = next(found.directory.glob("lib/python*/site-packages/pyspark/jars"), None)
    return None if jars is None or found.java_home is None else _class_archive(jars, found.java_home)


@functools.cache
def _class_archive(jars: Path, java_home: Path) -> Path | None:
    """Hundreds of JARs are looked at: once, not for each job run."""
    try:
        return archive_path(cache_directory(os.environ), java_home, jars.iterdir())
    except OSError:  # a Java that is laid out in another way, or none
        return None


def _for_shell(libraries: str | None) -> Chosen:
    wanted = select(PYTHON_SHELL, None, libraries).runtime
    for name in (wanted, *(other for other in _SHELLS if other != wanted)):
        if found := installed.find(name):
            note = f"library-set: {name} is installed, {wanted} is not: glueprint runtime add {wanted}"
            return Chosen(found, () if name == wanted else (note,))
    _note_own_python(wanted)
    return Chosen(None)


@functools.cache
def _note_own_python(wanted: str) -> None:
    """Log once that Python shell jobs run on the server's Python; a line in each job's log would be noise."""
    python = RUNTIMES[wanted].python_version
    logger.warning(
        "Python shell jobs have Python %s on AWS; here they run on %s (for %s: glueprint runtime add %s)",
        python,
        platform.python_version(),
        python,
        wanted,
    )


def _usable(there: list[str]) -> str:
    return " or ".join(version for name in there for version in RUNTIMES[name].glue_versions[:1])
