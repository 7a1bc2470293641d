"""The records of two frames in one: ``union`` and ``mergeDynamicFrame``.

Fields are matched by name, as if both frames had been read together: a field that only one has is missing in the
other's records, and where they disagree about a type there is a choice.

Source: developer guide, "DynamicFrame class", ``union`` ("may return different results from the union of two
DataFrames with equivalent data") and ``mergeDynamicFrame`` ("The source frame and staging frame don't need to have
the same schema"; its options are "not currently used").
"""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.runtime.frames import combining, joining
from glueprint.runtime.frames.frame import Frame


class NoPrimaryKeys(ValueError):
    """Records are to be merged, but nothing says which are the same."""


def union(one: Frame, other: Frame) -> Frame:
    """The records of both frames, those of ``one`` first, under its name."""
    schema = combining.merged_struct(one.schema, other.schema)
    data = combining.widened(one, schema).data.union(combining.widened(other, schema).data)
    return Frame(data, schema, one.name, combining.errors_of(one, other))


def merge(source: Frame, stage: Frame, keys: Sequence[str]) -> Frame:
    """The records of ``source`` whose ``keys`` are not in ``stage``, and all of ``stage``. Duplicates stay.

    Args:
        source: the frame to be brought up to date.
        stage: the new records.
        keys: paths to the fields of the primary key, in both frames.

    Raises:
        NoPrimaryKeys: ``keys`` is empty.
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is no path.
    """
    if not keys:
        raise NoPrimaryKeys("mergeDynamicFrame: primary_keys is empty; name the fields that tell records apart")
    return union(joining.without(source, stage, keys), stage)

