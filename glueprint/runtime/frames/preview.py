"""Some records of a frame to look at: ``show`` prints them, ``spigot`` writes them to files.

Source: developer guide, "DynamicFrame class", ``spigot``: ``topk`` is a number of records from the first on,
``prob`` the probability of any record. Written as JSON, as its example shows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from glueprint.runtime.frames import record_values
from glueprint.runtime.frames.frame import Frame


def show_string(frame: Frame, rows: int) -> str:
    """The first ``rows`` records as JSON, a line each, fields without a value left out."""
    return "\n".join(map(record_values.line, record_values.plain_records(frame.schema, frame.data.take(rows))))


@dataclass(frozen=True, slots=True)
class Sample:
    """Which records: each with the probability ``prob``, and no more than ``topk`` of them."""

    topk: int | None = None
    prob: float | None = None


def spigot(frame: Frame, path: str, sample: Sample) -> None:
    """Write a sample of ``frame`` below ``path``, at once; without any choice, all records."""
    data = frame.data
    if sample.prob is not None:
        data = data.sample(fraction=sample.prob, seed=random.randrange(1 << 31))
    if sample.topk is not None:
        data = data.limit(sample.topk)
    data.write.mode("append").json(path)
