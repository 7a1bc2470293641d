"""Fields that hold more than one value: ``unnest`` brings what is inside up to the top.

Source: developer guide, "DynamicFrame class" and "AWS Glue Scala DynamicFrame class", ``unnest``.
"""

from __future__ import annotations

from glueprint.runtime.frames import cells, flattening
from glueprint.runtime.frames.frame import Frame


def unnest(frame: Frame) -> Frame:
    """``frame`` with the fields of its structs as columns of their own, named by their paths; arrays stay arrays.

    Raises:
        NamesCollide: two fields have one path, such as ``"a.b"`` and ``b`` within ``a``.
    """
    flat = (one for cell in cells.of_frame(frame) for one in flattening.flattened(cell))
    columns = flattening.with_own_names(map(flattening.within_arrays, flat), "unnest")
    return cells.frame_of(frame, columns)
