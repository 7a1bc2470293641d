"""Fixtures of the tests of the Data Catalog."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_harness import Catalog


@pytest.fixture(scope="session")
def blank_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state file with empty tables: copying it is faster than creating it."""
    path = tmp_path_factory.mktemp("blank") / "state.sqlite"
    Catalog(path).database.close()
    return path


@pytest.fixture
def catalog(tmp_path: Path, blank_state: Path) -> Iterator[Catalog]:
    """An empty Data Catalog."""
    shutil.copy(blank_state, tmp_path / "state.sqlite")
    made = Catalog(tmp_path / "state.sqlite")
    yield made
    made.database.close()
