"""In how many parts the records lie."""

from __future__ import annotations

from glueprint.runtime.frames.frame import Frame


def repartition(frame: Frame, parts: int) -> Frame:
    """The records spread evenly over ``parts`` partitions."""
    return frame.become(frame.data.repartition(parts), frame.schema)


def coalesce(frame: Frame, parts: int, *, shuffle: bool) -> Frame:
    """The records in at most ``parts`` partitions; with ``shuffle`` in exactly so many."""
    if shuffle:
        return repartition(frame, parts)
    return frame.become(frame.data.coalesce(parts), frame.schema)


def number(frame: Frame) -> int:
    """How many partitions there are."""
    return int(frame.data.rdd.getNumPartitions())
