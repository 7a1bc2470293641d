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
    """Return the first ``rows`` records as JSON, one in each line, without the fields that have no value."""
    records = record_values.plain_records(frame.schema, frame.data.take(rows))
    return "\n".join(map(record_values.json_line, records))


@dataclass(frozen=True)
class Sample:
    """The records to write: each with the probability ``prob``, and at most ``topk`` of them."""

    topk: int | None = None
    prob: float | None = None


def spigot(frame: Frame, path: str, sample: Sample) -> None:
    """Write a sample of ``frame`` below ``path``, at once; without options, write all records."""
    data = frame.data
    if sample.prob is not None:
        data = data.sample(fraction=sample.prob, seed=random.randrange(1 << 31))
    if sample.topk is not None:
        data = data.limit(sample.topk)
    data.write.mode("append").json(path)
