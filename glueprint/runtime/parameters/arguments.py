"""The arguments of a job run: which value counts, how lists and switches are written, which values are secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SPARK = "glueetl"
PYTHON_SHELL = "pythonshell"


@dataclass(frozen=True, slots=True)
class RunArguments:
    """A run's merged arguments, names with their dashes, and what they refer to.

    ``command`` is the job's type; ``buckets`` are those that exist; ``fetched`` has a local file for each S3 path
    of :func:`~glueprint.runtime.parameters.s3_files.files_to_fetch`.
    """

    command: str
    arguments: Mapping[str, str]
    buckets: frozenset[str] = frozenset()
    fetched: Mapping[str, Path] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The value of an argument; empty if it is missing."""
        return self.arguments.get(name, "")

    def files(self, name: str) -> list[Path]:
        """The local copies of the S3 objects that the argument lists."""
        return [self.fetched[location] for location in split_list(self.value(name)) if location in self.fetched]


def merge_arguments(
    defaults: Mapping[str, str], of_the_run: Mapping[str, str], non_overridable: Mapping[str, str]
) -> dict[str, str]:
    """Return the arguments of a run.

    A job's NonOverridableArguments win over the run's Arguments, and these over the job's DefaultArguments
    (DG:aws-glue-programming-etl-glue-arguments, "Accessing job parameters").
    """
    return {**defaults, **of_the_run, **non_overridable}


def split_list(value: str) -> list[str]:
    """Return the entries of a comma-separated value, without the spaces around them."""
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def is_on(arguments: Mapping[str, str], name: str) -> bool:
    """Whether a switch is set: it is if it is present with any value other than ``false``.

    Versions of DG:aws-glue-programming-etl-glue-arguments differ: "only specify the key; no value is needed" in
    older ones, "set the value to true" in newer ones.
    """
    return name in arguments and arguments[name].strip().lower() != "false"


HIDDEN = "********"
_SECRET = re.compile(
    r"password|passwd|passphrase|pwd$|secret|token|credential|private.?key|access.?key|api.?key|encryption.?key",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Whether an argument of this name contains a secret: ``--db_password``, ``--ApiKey``, ``--SESSION-TOKEN``."""
    return _SECRET.search(name) is not None


def redacted(arguments: Mapping[str, str]) -> dict[str, str]:
    """Return ``arguments`` for a log: the values of those named like secrets are replaced."""
    return {name: HIDDEN if is_secret(name) else value for name, value in arguments.items()}
