"""What is installed, for ``runtime ls`` and for JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.environments import installed, locking, removal
from glueprint.environments.definitions import RUNTIMES, Runtime
from glueprint.environments.installed import RECORD, Environment


@dataclass(frozen=True, slots=True)
class Row:
    """A runtime, or a directory of the cache that belongs to none.

    Attributes:
        state: ``this Python``, ``installed``, ``being installed``, ``not installed``, ``incomplete``, ``broken``,
            ``for other Pythons`` or ``outdated``.
    """

    name: str
    runtime: Runtime | None
    environment: Environment | None
    directory: Path | None
    state: str

    @property
    def size(self) -> int | None:
        """Bytes on disk, as recorded when it was made."""
        try:
            return int(json.loads((self.directory / RECORD).read_bytes())["bytes"]) if self.directory else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def rows() -> Iterator[Row]:
    """Yield a row for each runtime, installed or not, and for each outdated directory."""
    for name, runtime in RUNTIMES.items():
        directory = installed.environment_directory(runtime)
        if environment := installed.find(name):
            state = "installed" if environment.directory else "this Python"
            yield Row(name, runtime, environment, environment.directory, state)
            if environment.directory is None and directory.exists():
                yield Row(name, runtime, installed.read(runtime, directory), directory, "for other Pythons")
        elif directory.exists():
            state = "broken" if (directory / RECORD).exists() else "incomplete"
            if locking.is_locked(directory.parent, name):
                state = "being installed"
            yield Row(name, runtime, None, directory, state)
        else:
            yield Row(name, runtime, None, None, "not installed")
    for directory in removal.outdated():
        yield Row(directory.name.rpartition("-")[0], None, None, directory, "outdated")


def java_version(environment: Environment) -> str | None:
    """Return the version of the Java in an environment, from its ``release`` file."""
    if environment.java_home is None:
        return None
    try:
        text = (environment.java_home / "release").read_text()
    except OSError:
        return None
    found = re.search(r'^JAVA_VERSION="([^"]+)"', text, re.MULTILINE)
    return found[1] if found else None


def environment_json(environment: Environment) -> dict[str, Any]:
    """Return an environment as JSON has it."""
    return {
        "Name": environment.runtime.name,
        "GlueVersions": list(environment.runtime.glue_versions),
        "Python": environment.python_version,
        "Spark": environment.packages.get("pyspark"),
        "Java": java_version(environment),
        "Executable": str(environment.python),
        "Directory": str(environment.directory) if environment.directory else None,
        "Packages": dict(environment.packages),
    }


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as JSON has it."""
    base: dict[str, Any] = {"Name": row.name, "State": row.state}
    if row.runtime:
        base |= {"GlueVersions": list(row.runtime.glue_versions), "Python": row.runtime.python_version}
    if row.environment:
        base |= environment_json(row.environment)
    return {**base, "Directory": str(row.directory) if row.directory else None, "Bytes": row.size}
