"""What the launcher writes for a job's process: JSON files, since any user of the machine can read its arguments.

``JobInstructions`` is for Spark jobs; ``ModuleSetup`` lists the Python modules to install before any script.
Python shell jobs have instructions in a format that is quicker to read (``shell_instructions``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SparkInstructions:
    """How to bring Spark up: the java program, the JVM's flags, Spark's properties, the directory of S3's
    buckets.

    ``jars`` are the user's, on the class path behind Spark's own, or before them with ``jars_first``: only a JVM
    that has not started can take them. ``glue_catalog``: Spark SQL finds the tables of the Data Catalog.
    ``class_archive`` makes the JVM's start quicker.
    """

    java: str
    flags: list[str]
    properties: dict[str, str]
    s3_root: str
    glue_catalog: bool = False
    jars: list[str] = field(default_factory=list)
    jars_first: bool = False
    class_archive: str | None = None


@dataclass(frozen=True, slots=True)
class JobInstructions:
    """A script, its arguments, lines to print first on the error output, and how to bring Spark up.

    ``setup``: a file of :mod:`glueprint.runtime.jobhost.installer`, when there is something to install or to find.
    """

    script: str
    arguments: list[str]
    notes: list[str]
    spark: SparkInstructions
    setup: str | None = None


def write(path: Path, job: JobInstructions) -> None:
    """Write ``order`` to ``path``, for the owner's eyes."""
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump(asdict(job), file)


def read(path: Path) -> JobInstructions:
    """The order that :func:`write` wrote to ``path``."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    return JobInstructions(**{**fields, "spark": SparkInstructions(**fields["spark"])})


@dataclass(frozen=True, slots=True)
class Installation:
    """``arguments`` of ``pip install`` (requirements and options) for the folder ``target``.

    ``bundles`` are archives whose wheels are all installed. For messages: ``parameter`` asked for it, in the words
    ``asked``.
    """

    parameter: str
    requested: str
    arguments: list[str]
    bundles: list[str]
    target: str


@dataclass(frozen=True, slots=True)
class ModuleSetup:
    """``python_path``: entries for the module path, behind the script's own folder. ``installations`` fill some
    of them.
    """

    python_path: list[str]
    installations: list[Installation]


def write_setup(path: Path, setup: ModuleSetup, environment: Mapping[str, str]) -> None:
    """Write ``setup`` to ``path``, for the owner's eyes: options of pip may hold keys.

    Args:
        environment: pip's own, beside that of the job.
    """
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump({"environment": dict(environment), **asdict(setup)}, file)
