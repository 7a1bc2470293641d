"""The runtimes: a Python minor version and pinned packages, for certain GlueVersions."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.environments import pins
from glueprint.facts.glue_python import SHELL_PYTHON, SPARK_PYTHON, Version

_LAYOUT = 1
"""Change it when environments that an older Glueprint made can no longer be used."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What jobs of certain GlueVersions need.

    Attributes:
        name: as ``glueprint runtime`` knows it.
        title: for people, such as ``Glue 5.1 and 5.0``.
        glue_versions: GlueVersions of Spark jobs, the one that the runtime is made for first. None: Python shell.
        python: minor version.
        spark: minor version, such as ``3.5``; None for Python shell.
        java: major version; None for Python shell.
        requirements: what the installer gets: each package with its version.
        unchecked: packages that work on this Python although their metadata names another one, and that one; they
            are installed without their dependencies.
        megabytes: what the environment takes on disk, about; the download is smaller.
    """

    name: str
    title: str
    glue_versions: tuple[str, ...]
    python: Version
    spark: str | None
    java: int | None
    requirements: tuple[str, ...]
    unchecked: tuple[tuple[str, Version], ...] = ()
    megabytes: int = 0

    @property
    def python_version(self) -> str:
        """The Python as text, such as ``3.13``."""
        return version_text(self.python)

    @property
    def digest(self) -> str:
        """Identifies what is installed: it changes with the definition and with the kind of machine."""
        parts = [_LAYOUT, self.python, self.requirements, self.unchecked, sys.platform, platform.machine()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def version_text(version: Version) -> str:
    """Return a minor version as text, such as ``3.13``."""
    return ".".join(map(str, version))


_ALL = (
    Runtime(
        name="6.0",
        title="Glue 6.0",
        glue_versions=("6.0",),
        python=SPARK_PYTHON["6.0"],
        spark="4.1",
        java=17,
        requirements=pins.GLUE_6_0,
        megabytes=1300,
    ),
    Runtime(
        name="5.1",
        title="Glue 5.1 and 5.0",
        glue_versions=("5.1", "5.0"),
        python=SPARK_PYTHON["5.1"],
        spark="3.5",
        java=17,
        requirements=pins.GLUE_5_1,
        megabytes=1200,
    ),
    Runtime(
        name="4.0",
        title="Glue 4.0",
        glue_versions=("4.0",),
        python=SPARK_PYTHON["4.0"],
        spark="3.3",
        java=pins.JAVA_4_0,
        requirements=pins.GLUE_4_0,
        # AWS publishes no awsglue for this Python; the source of 5.1 runs on it.
        unchecked=(("awsgluedataplanepython==5.1.0", SPARK_PYTHON["5.1"]),),
        megabytes=1400,
    ),
    Runtime(
        name="pythonshell",
        title="Python shell, library-set=none",
        glue_versions=(),
        python=SHELL_PYTHON,
        spark=None,
        java=None,
        requirements=pins.PYTHON_SHELL,
        megabytes=130,
    ),
    Runtime(
        name="pythonshell-analytics",
        title="Python shell",
        glue_versions=(),
        python=SHELL_PYTHON,
        spark=None,
        java=None,
        requirements=pins.PYTHON_SHELL_ANALYTICS,
        megabytes=700,
    ),
)

RUNTIMES: Mapping[str, Runtime] = {runtime.name: runtime for runtime in _ALL}
"""By name, the newest Glue first."""
