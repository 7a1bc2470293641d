"""One sentence or two for a failure that is recognised."""

from __future__ import annotations

from collections.abc import Callable

from glueprint.runtime.results import memory, permissions, surroundings
from glueprint.runtime.results.ending import Ending

_KINDS: tuple[Callable[[Ending], str | None], ...] = (
    memory.java_heap,
    memory.java_killed,
    memory.python_memory,
    memory.python_worker,
    memory.killed,
    permissions.no_credentials,
    permissions.no_bucket,
    permissions.access_denied,
    permissions.file_permission,
    surroundings.disk_full,
    surroundings.limit,
    surroundings.missing_module,
    surroundings.debugger,
)
"""The surest signs first: who runs out of memory may fail in many ways afterwards."""


def explanation(ending: Ending) -> str | None:
    """What happened and what to do; None for a success and for failures that speak for themselves."""
    if not ending.failed:
        return None
    return next((told for kind in _KINDS if (told := kind(ending)) is not None), None)
