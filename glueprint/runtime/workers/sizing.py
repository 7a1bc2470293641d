"""How many Spark workers wait: as many as the machine's memory and cores bear, fewer when nobody needs them.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

WORKER_BYTES = 500 << 20
"""What a waiting worker holds (measured, docs/decisions/waiting-workers.md)."""
_KEPT_FREE = 2 << 30
_KEPT_FREE_SHARE = 4
"""Memory that stays free for jobs and for all else: 2 GiB, and no less than this part of the machine."""
_PER_CORE = 5
_MOST = 12
IDLE_SECONDS = 600.0
"""After so long without a job only one worker goes on waiting."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """How many workers there shall be: ``fixed`` ones, or (``None``) what fits the machine."""

    fixed: int | None
    cores: int
    memory_bytes: int

    @property
    def never(self) -> bool:
        """Whether no worker is wanted at all."""
        return self.fixed == 0

    def target(self, waiting: int, available_bytes: int, idle_seconds: float) -> int:
        """How many workers there should be now.

        Args:
            waiting: how many there are, whose memory is not among the available.
            available_bytes: what the machine could still give to processes.
            idle_seconds: since a worker was last needed.
        """
        if self.fixed is not None:
            return self.fixed
        kept_free = max(_KEPT_FREE, self.memory_bytes // _KEPT_FREE_SHARE)
        affordable = waiting + (available_bytes - kept_free) // WORKER_BYTES
        most = 1 if idle_seconds > IDLE_SECONDS else min(_MOST, _PER_CORE * self.cores)
        return max(0, min(most, affordable))
