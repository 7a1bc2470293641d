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


@dataclass(frozen=True)
class SparkInstructions:
    """How to start Spark.

    Attributes:
        java: the java program.
        flags: the JVM's flags.
        properties: Spark's properties.
        s3_root: the directory of S3's buckets.
        glue_catalog: whether Spark SQL finds the tables of the Data Catalog.
        jars: the user's JARs, and JDBC drivers; only a JVM that has not started can take them.
        jars_first: whether ``jars`` come before Spark's own on the class path, not after them.
        class_archive: a class-data archive, which makes the JVM's start quicker.
    """

    java: str
    flags: list[str]
    properties: dict[str, str]
    s3_root: str
    glue_catalog: bool = False
    jars: list[str] = field(default_factory=list)
    jars_first: bool = False
    class_archive: str | None = None


@dataclass(frozen=True)
class JobInstructions:
    """A script, its arguments, lines to print first on the error output, and how to start Spark.

    ``setup``: a file that :func:`write_setup` wrote, if modules must be installed or found.
    """

    script: str
    arguments: list[str]
    notes: list[str]
    spark: SparkInstructions
    setup: str | None = None


def write(path: Path, job: JobInstructions) -> None:
    """Write ``job`` to ``path``, readable by the owner only."""
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump(asdict(job), file)


def read(path: Path) -> JobInstructions:
    """Return the instructions that :func:`write` wrote to ``path``."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    return JobInstructions(**{**fields, "spark": SparkInstructions(**fields["spark"])})


@dataclass(frozen=True)
class Installation:
    """One call of ``pip install``.

    Attributes:
        parameter: the job parameter that requires it; for messages.
        requested: the value of that parameter; for messages.
        arguments: requirements and options.
        bundles: archives whose wheels are all installed.
        target: the folder to install into.
    """

    parameter: str
    requested: str
    arguments: list[str]
    bundles: list[str]
    target: str


@dataclass(frozen=True)
class ModuleSetup:
    """Entries for the module path, after the script's own folder, and the installations that fill some of them."""

    python_path: list[str]
    installations: list[Installation]


def write_setup(path: Path, setup: ModuleSetup, environment: Mapping[str, str]) -> None:
    """Write ``setup`` to ``path``, readable by the owner only: options of pip may contain keys.

    Args:
        path: the file to write.
        setup: what to install and to find.
        environment: variables for pip, in addition to the job's.
    """
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump({"environment": dict(environment), **asdict(setup)}, file)
