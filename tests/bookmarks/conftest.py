"""The fixture of the bookmark harness; the servers are those of tests/local."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bookmarks_harness import BookmarkHarness

sys.path.append(str(Path(__file__).parent.parent / "local"))


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[BookmarkHarness]:
    """A store with one job."""
    made = BookmarkHarness(tmp_path)
    yield made
    made.close()
