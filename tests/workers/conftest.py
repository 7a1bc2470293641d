"""Fixtures and helpers of the processes' own tests serve here too."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker on a busy machine may be slow to take its run; a test of just that gives up sooner."""
    monkeypatch.setattr("glueprint.runtime.workers.idle_worker._ANSWER_TIMEOUT_SECONDS", 60.0)
