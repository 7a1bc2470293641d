"""Fixtures of the tests of Glue's operations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from operations_harness import Operations


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[Operations]:
    """An empty Glue that starts no process."""
    with Operations(tmp_path / "data") as opened:
        yield opened
