"""A house of one test, closed afterwards; the servers are those of tests/local."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bookmarks_house import House

sys.path.append(str(Path(__file__).parent.parent / "local"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with one job."""
    made = House(tmp_path)
    yield made
    made.close()
