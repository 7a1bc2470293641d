"""Many seeded walks, and the proof that they are not vacuous."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random

Labels = Counter[str]
"""How often each thing that matters happened."""


def walk_many(walk: Callable[[Random], Labels], walks: int, least: Mapping[str, float]) -> None:
    """Walk with the seeds 0, 1, ...; a disagreement is raised with the seed that repeats it.

    Args:
        walk: drives engine and oracle with random events, compares, and returns what was reached.
        walks: how many.
        least: in which share of the walks each label must at least occur.
    """
    reached: Labels = Counter()
    for seed in range(walks):
        try:
            labels = walk(Random(seed))
        except Exception as error:
            error.add_note(f"walk of seed {seed}")
            raise
        reached.update(label for label, count in labels.items() if count)
    missed = {
        label: f"{reached[label] / walks:.0%} of the walks, not {share:.0%}"
        for label, share in least.items()
        if reached[label] / walks < share
    }
    assert not missed, missed
