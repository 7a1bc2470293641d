"""The number of Spark workers that wait: what the machine's memory and cores allow, fewer while none is needed.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

WORKER_BYTES = 500 << 20
"""Memory of a waiting worker (measured, docs/decisions/waiting-workers.md)."""
_KEPT_FREE = 2 << 30
_KEPT_FREE_SHARE = 4
"""Memory that stays free for everything else: 2 GiB, and at least the machine's memory divided by this."""
_MAX_PER_CORE = 5
_MAX_WORKERS = 12
IDLE_SECONDS = 600.0
"""After this time without a job only one worker goes on waiting."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """The wanted number of workers: ``fixed``, or (``None``) what fits the machine."""

    fixed: int | None
    cores: int
    memory_bytes: int

    @property
    def never(self) -> bool:
        """Whether no worker is wanted at all."""
        return self.fixed == 0

    def target(self, waiting: int, available_bytes: int, idle_seconds: float, pools: int = 1) -> int:
        """Return the wanted number of workers.

        Args:
            waiting: the number of existing workers; their memory is not part of the available.
            available_bytes: memory that the machine can still give to processes.
            idle_seconds: since a worker was last needed.
            pools: the number of pools that share the memory, each with workers of another Spark.
        """
        if self.fixed is not None:
            return self.fixed
        kept_free = max(_KEPT_FREE, self.memory_bytes // _KEPT_FREE_SHARE)
        affordable = waiting + (available_bytes - kept_free) // WORKER_BYTES
        in_all = min(_MAX_WORKERS, _MAX_PER_CORE * self.cores)
        most = 1 if idle_seconds > IDLE_SECONDS else max(1, in_all // max(1, pools))
        return max(0, min(most, affordable))
