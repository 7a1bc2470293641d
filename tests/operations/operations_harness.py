"""A local Glue within the test's own process, without HTTP; its engine runs only when a test starts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness.in_process import CONTEXT, GlueInProcess
from harness.local_server import ROLE, until

from glueprint.local.protocol import ApiError

__all__ = ["CONTEXT", "ROLE", "Operations", "until"]


class Operations(GlueInProcess):
    """A Glue at a fixed time, whose refusals can be inspected."""

    def __init__(self, path: Path, *, slots: int = 0, has_engine: bool = False) -> None:
        super().__init__(path, 1_800_000_000.0, slots=slots, has_engine=has_engine)

    def refused(self, operation: str, **request: Any) -> ApiError:
        """Return the error that a client would get."""
        with pytest.raises(ApiError) as caught:
            self.call(operation, **request)
        return caught.value
