"""What an operation changed is there after a restart: all changes, one restart, all readings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from operations_changes import CHANGES
from operations_harness import Operations

READS = ("BatchGet", "Get", "List", "Search", "Test")
"""Prefixes of the names of operations without changes."""


class _Recording(Operations):
    """Records which operations were called."""

    called: set[str]

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        self.called.add(operation)
        return super().call(operation, **request)


@dataclass
class _Outcome:
    """A change that was made: its reading, the operations that it called, or its error."""

    reading: Iterator[None]
    called: set[str] = field(default_factory=set)
    error: Exception | None = None


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, _Outcome]]:
    """Every change of the table, made in a Glue that was then closed and opened again."""
    found: dict[str, _Outcome] = {}
    path: Path = tmp_path_factory.mktemp("readback") / "data"
    with _Recording(path, slots=0, has_engine=True) as glue:
        for operation, change in CHANGES.items():
            outcome = found[operation] = _Outcome(change(glue, operation.lower()))
            glue.called = outcome.called
            try:
                next(outcome.reading)
            except Exception as error:  # noqa: BLE001 - it is raised again by that change's own test
                outcome.error = error
        glue.close()
        glue.open()
        yield found


@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_can_be_read_back_after_a_restart(outcomes: dict[str, _Outcome], operation: str) -> None:
    """For every mutating operation a test reads the change back after a restart."""
    outcome = outcomes[operation]
    if outcome.error is not None:
        raise outcome.error
    assert operation in outcome.called
    assert next(outcome.reading, "read") == "read"


def test_no_mutating_operation_is_missing(outcomes: dict[str, _Outcome], tmp_path: Path) -> None:
    """The table has exactly the implemented operations that change something."""
    with Operations(tmp_path / "data") as glue:
        mutating = {name for name in glue.local.glue.operations if not name.startswith(READS)}
    assert set(outcomes) == mutating
