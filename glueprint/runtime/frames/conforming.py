"""Texts as the types that a table of the catalog declares.

Source: docs/facts/runtime.md#choicetype; aws-glue-samples, resolve_choice (a CSV column that the crawler took for
``bigint`` and that has texts in it is ``choice`` of ``long`` and ``string``).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import cells, types
from glueprint.runtime.frames.casting import cast
from glueprint.runtime.frames.cells import Cell
from glueprint.runtime.frames.frame import Frame


def conform(data: DataFrame, declared: types.Struct) -> Frame:
    """The columns of ``data`` with the types of ``declared``, by name in any case of letters.

    A text that cannot be cast stays one, and the column is then a choice of both types; an empty one is nothing.
    Which columns have such texts takes one pass over the data. Columns that are no text are cast without one.
    Columns that ``declared`` does not have stay as they are.
    """
    frame = Frame.of(data)
    wanted = {one.name.lower(): one for one in declared}
    pairs = [(one, wanted.get(one.name.lower())) for one in cells.of_frame(frame)]
    doubtful = [
        (one, field.type)
        for one, field in pairs
        if field is not None and one.type == types.STRING and field.type != types.STRING
    ]
    failing = _failing(data, doubtful)
    made = [
        one if field is None else _conformed(one.named(field.name), field.type, split=one.name in failing)
        for one, field in pairs
    ]
    return cells.frame_of(frame, made)


def _conformed(cell: Cell, target: types.Type, *, split: bool) -> Cell:
    made = cast(cell, target)
    if not split:
        return made
    text = cell.then(types.STRING, F.when(_fails(cell, target), cell.column))
    return cell.then(*cells.choice_of([made, text]))


def _fails(cell: Cell, target: types.Type) -> Column:
    """Whether there is a text in ``cell`` that is no ``target``."""
    return (F.trim(cell.column) != "") & cast(cell, target).column.isNull()


def _failing(data: DataFrame, doubtful: list[tuple[Cell, types.Type]]) -> set[str]:
    """The names of the columns in which some text is not of its type: one pass."""
    if not doubtful:
        return set()
    found = data.agg(
        *(F.max(_fails(one, target)).alias(str(at)) for at, (one, target) in enumerate(doubtful))
    ).head()
    assert found is not None
    return {one.name for (one, _), fails in zip(doubtful, found, strict=True) if fails}
