"""What a run was given: the one thing that every parameter is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SPARK = "glueetl"
PYTHON_SHELL = "pythonshell"


@dataclass(frozen=True, slots=True)
class Given:
    """A run's merged arguments, names with their dashes, and what they point at.

    ``command`` is the job's type; ``buckets`` are those that exist; ``fetched`` has a local file for each S3 path
    of :func:`~glueprint.runtime.parameters.fetching.wanted`.
    """

    command: str
    arguments: Mapping[str, str]
    buckets: frozenset[str] = frozenset()
    fetched: Mapping[str, Path] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The value of an argument; empty when it was not given."""
        return self.arguments.get(name, "")
