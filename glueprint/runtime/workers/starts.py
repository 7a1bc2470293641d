"""Supervisors for runs: one that keeps a waiting worker, where there is a right one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from glueprint.runtime.supervisors import Supervisors


class Taker(Protocol):
    """Who keeps waiting workers of a kind."""

    def take(self, run_dir: Path) -> bool:
        """Hand the run over to a worker; False: it must be started otherwise."""
        ...


class WarmStarts:
    """A source of supervisors: the first of ``takers`` that takes the run, or ``otherwise``."""

    def __init__(self, takers: Sequence[Taker], otherwise: Supervisors) -> None:
        self._takers = takers
        self._otherwise = otherwise

    def launch(self, run_dir: str) -> None:
        """See :class:`~glueprint.runtime.supervisors.Supervisors`."""
        if not any(taker.take(Path(run_dir)) for taker in self._takers):
            self._otherwise.launch(run_dir)
