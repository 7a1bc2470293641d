"""The room's fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_harness import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty Data Catalog."""
    made = Catalog(tmp_path / "state.sqlite")
    yield made
    made.database.close()
