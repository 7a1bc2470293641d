"""The fixture of the bookmark harness; the servers are those of tests/local."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bookmarks_harness import BookmarkHarness


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[BookmarkHarness]:
    """A store with one job."""
    made = BookmarkHarness(tmp_path)
    yield made
    made.close()
