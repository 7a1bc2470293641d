"""The table of changes: one for each operation that changes something, and how it is read back after a restart.

Each change is a generator: what is before the ``yield`` happens before the restart, what is after it, after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from operations_harness import ROLE, Operations

Change = Callable[[Operations, str], Iterator[None]]
"""Takes a Glue and a name for what it creates, which no other change uses."""

_CHANGES: dict[str, Change] = {}
CHANGES: Mapping[str, Change] = MappingProxyType(_CHANGES)
"""By operation; complete once the modules of the changes are imported (``operations_changes``)."""

COMMAND = {"Name": "pythonshell", "ScriptLocation": "s3://data/script.py", "PythonVersion": "3.9"}
ARN = "arn:aws:glue:us-east-1:123456789012:"


def change_by(operation: str) -> Callable[[Change], Change]:
    """Add a change to the table.

    Raises:
        ValueError: the table has a change by that operation.
    """

    def add(change: Change) -> Change:
        if operation in _CHANGES:
            raise ValueError(f"two changes by {operation}")
        _CHANGES[operation] = change
        return change

    return add


def check_gone(glue: Operations, operation: str, **request: Any) -> None:
    """Check that the operation does not find what it reads."""
    assert glue.refused(operation, **request).code == "EntityNotFoundException"


def create_job(glue: Operations, name: str, **members: Any) -> None:
    """Create a Python shell job."""
    glue.call("CreateJob", Name=name, Role=ROLE, Command=COMMAND, **members)
