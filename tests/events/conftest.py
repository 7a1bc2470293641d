"""A fresh EventBridge for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from events_harness import Bridge, bridge_at


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    """EventBridge over an empty store."""
    with bridge_at(tmp_path / "state.sqlite") as bridge:
        yield bridge
