"""What the launcher tells the program of a Spark job: a JSON file, since an argument vector is open to everybody
on the machine.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SparkOrder:
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
class Order:
    """A script, its arguments, lines to print first on the error output, and how to bring Spark up.

    ``setup``: a file of :mod:`glueprint.runtime.jobhost.setup`, when there is something to install or to find.
    """

    script: str
    arguments: list[str]
    notes: list[str]
    spark: SparkOrder
    setup: str | None = None


def write(path: Path, order: Order) -> None:
    """Write ``order`` to ``path``, for the owner's eyes."""
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump(asdict(order), file)


def read(path: Path) -> Order:
    """The order that :func:`write` wrote to ``path``."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    return Order(**{**fields, "spark": SparkOrder(**fields["spark"])})
