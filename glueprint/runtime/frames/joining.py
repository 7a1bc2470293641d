"""``join``: the records of two frames side by side where keys are equal.

All fields of both stay, the keys too. Where both records have a field of one name, the first frame's gets a period
before its name; where only one of them has it, it keeps the name. A field that is null counts as one that the
record does not have. Which names there are is thus known only from the records, and found out when somebody asks.

Sources: developer guide, "Join class", example ("AWS Glue adds a period (.) to one of the duplicate column
names"); awslabs/aws-glue-libs issue 76 (an output that shows that it is the first frame's); aws-glue-samples,
join_and_relationalize (``links`` of ``orgs``, which no joined record has, leaves no ``.links``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import cells, combining, comparing, paths
from glueprint.runtime.frames.cells import Cell
from glueprint.runtime.frames.frame import Frame


class KeysDoNotMatch(ValueError):
    """A join has more keys on one side than on the other."""


def join(one: Frame, other: Frame, keys: Sequence[str], other_keys: Sequence[str]) -> Frame:
    """The records of ``one`` with those of ``other`` whose ``other_keys`` equal its ``keys``, in this order.

    Args:
        one: the frame whose fields come first.
        other: the frame that is joined to it.
        keys: paths to fields of ``one``.
        other_keys: paths to fields of ``other``, as many.

    Raises:
        KeysDoNotMatch: not as many keys as other keys, or none.
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is no path.
    """
    if len(keys) != len(other_keys) or not keys:
        raise KeysDoNotMatch(
            f"join: {len(keys)} keys in the first frame ({', '.join(keys)}) and {len(other_keys)} in the second "
            f"({', '.join(other_keys)}); each key needs its counterpart"
        )
    return Frame.later(lambda: _joined(one, other, keys, other_keys), name=one.name)


def without(one: Frame, other: Frame, keys: Sequence[str]) -> Frame:
    """The records of ``one`` whose ``keys`` no record of ``other`` has.

    Raises:
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is no path.
    """
    pairs = [
        comparing.pair(
            comparing.key(one, key, "mergeDynamicFrame"), comparing.key(other, key, "mergeDynamicFrame")
        )
        for key in keys
    ]
    left = one.data.select("*", *(mine.alias(f"{_KEY}{at}") for at, (mine, _) in enumerate(pairs)))
    right = other.data.select(*(theirs.alias(f"{_OTHER}{at}") for at, (_, theirs) in enumerate(pairs)))
    kept = left.join(right, _equal(len(pairs)), "left_anti")
    return one.become(kept.select(*(cell.column for cell in cells.of_frame(one))), one.schema)


_KEY, _OTHER = "glueprint.key.", "glueprint.counterpart."
"""What columns are called within a join, where both sides may have any names."""


def _joined(one: Frame, other: Frame, keys: Sequence[str], other_keys: Sequence[str]) -> Frame:
    pairs = [
        comparing.pair(comparing.key(one, mine, "join"), comparing.key(other, theirs, "join"))
        for mine, theirs in zip(keys, other_keys, strict=True)
    ]
    left = _side(one, "first", _KEY, [mine for mine, _ in pairs])
    right = _side(other, "second", _OTHER, [theirs for _, theirs in pairs])
    data = left.data.join(right.data, _equal(len(pairs)))
    equal = {mine for mine, theirs in zip(keys, other_keys, strict=True) if mine == theirs}
    columns = _named(data, left.columns, right.columns, equal)
    return Frame(
        data.select(*(cell.column.alias(cell.name) for cell in columns)),
        cells.schema_of(columns),
        one.name,
        combining.errors_of(one, other),
    )


def _equal(keys: int) -> Column:
    return reduce(
        Column.__and__,
        (cells.top_level(f"{_KEY}{at}") == cells.top_level(f"{_OTHER}{at}") for at in range(keys)),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """A frame made ready to be joined: columns that cannot be confused with those of another, and keys."""

    data: DataFrame
    columns: list[Cell]


def _side(frame: Frame, prefix: str, key_prefix: str, keys: list[Column]) -> _Side:
    own = [cell.column.alias(f"glueprint.{prefix}.{at}") for at, cell in enumerate(cells.of_frame(frame))]
    found = [value.alias(f"{key_prefix}{at}") for at, value in enumerate(keys)]
    columns = [
        Cell(field.name, field.type, cells.top_level(f"glueprint.{prefix}.{at}"))
        for at, field in enumerate(frame.schema)
    ]
    return _Side(frame.data.select(*own, *found), columns)


def _named(data: DataFrame, mine: list[Cell], theirs: list[Cell], equal: set[str]) -> list[Cell]:
    """The columns of both sides under names of their own; ``equal`` are paths of keys that both sides have."""
    counterparts = {cell.name: cell for cell in theirs}
    shared = [cell for cell in mine if cell.name in counterparts]
    keys = {cell.name for cell in shared if paths.quote(cell.name) in equal}
    twice = keys | _had_twice(data, [(one, counterparts[one.name]) for one in shared if one.name not in keys])
    taken = {cell.name for cell in (*mine, *theirs)}
    columns = []
    merged: dict[str, Cell] = {}
    for cell in mine:
        other = counterparts.get(cell.name)
        if other is None:
            columns.append(cell)
            continue
        if cell.name not in keys:  # both sides have a key, so the second's value it is
            merged[cell.name] = _either(cell, other)
        if cell.name in twice:
            name = _free(cell.name, taken)
            taken.add(name)
            columns.append(Cell(name, cell.type, F.when(other.column.isNotNull(), cell.column)))
    return [*columns, *(merged.get(cell.name, cell) for cell in theirs)]


def _had_twice(data: DataFrame, shared: list[tuple[Cell, Cell]]) -> set[str]:
    """The names of the fields that both sides of some joined record have: one run of the join."""
    if not shared:
        return set()
    both = [
        F.max(mine.column.isNotNull() & theirs.column.isNotNull()).alias(str(at))
        for at, (mine, theirs) in enumerate(shared)
    ]
    found = data.agg(*both).head()
    assert found is not None  # an aggregate without groups has one row
    return {mine.name for (mine, _), twice in zip(shared, found, strict=True) if twice}


def _either(mine: Cell, theirs: Cell) -> Cell:
    """The second frame's value, or the first's where there is none."""
    logical = combining.merged(theirs.type, mine.type)
    values = F.coalesce(combining.lifted(theirs, logical).column, combining.lifted(mine, logical).column)
    return theirs.then(logical, values)


def _free(name: str, taken: set[str]) -> str:
    dotted = f".{name}"
    while dotted in taken:
        dotted = f".{dotted}"
    return dotted
