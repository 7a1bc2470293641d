"""A house of one test, closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bookmarks_house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with one job."""
    made = House(tmp_path)
    yield made
    made.close()
