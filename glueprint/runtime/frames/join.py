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

from glueprint.runtime.frames import comparison, paths, typed_columns, union
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell


class NoPrimaryKeys(ValueError):
    """Records are to be merged, but nothing says which are the same."""


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
    return union.union(without(source, stage, keys), stage)


def without(one: Frame, other: Frame, keys: Sequence[str]) -> Frame:
    """The records of ``one`` whose ``keys`` no record of ``other`` has.

    Raises:
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is no path.
    """
    pairs = [
        comparison.pair(
            comparison.key(one, key, "mergeDynamicFrame"), comparison.key(other, key, "mergeDynamicFrame")
        )
        for key in keys
    ]
    left = one.data.select("*", *(mine.alias(f"{_KEY}{at}") for at, (mine, _) in enumerate(pairs)))
    right = other.data.select(*(theirs.alias(f"{_OTHER}{at}") for at, (_, theirs) in enumerate(pairs)))
    kept = left.join(right, _equal(len(pairs)), "left_anti")
    return one.become(kept.select(*(cell.column for cell in typed_columns.of_frame(one))), one.schema)


_KEY, _OTHER = "glueprint.key.", "glueprint.counterpart."
"""What columns are called within a join, where both sides may have any names."""


def _joined(one: Frame, other: Frame, keys: Sequence[str], other_keys: Sequence[str]) -> Frame:
    pairs = [
        comparison.pair(comparison.key(one, mine, "join"), comparison.key(other, theirs, "join"))
        for mine, theirs in zip(keys, other_keys, strict=True)
    ]
    left = _side(one, "first", _KEY, [mine for mine, _ in pairs])
    right = _side(other, "second", _OTHER, [theirs for _, theirs in pairs])
    data = left.data.join(right.data, _equal(len(pairs)))
    equal = {mine for mine, theirs in zip(keys, other_keys, strict=True) if mine == theirs}
    columns = _named(data, left.columns, right.columns, equal)
    return Frame(
        data.select(*(cell.column.alias(cell.name) for cell in columns)),
        typed_columns.schema_of(columns),
        one.name,
        union.errors_of(one, other),
    )


def _equal(keys: int) -> Column:
    return reduce(
        Column.__and__,
        (typed_columns.top_level(f"{_KEY}{at}") == typed_columns.top_level(f"{_OTHER}{at}") for at in range(keys)),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """A frame made ready to be joined: columns that cannot be confused with those of another, and keys."""

    data: DataFrame
    columns: list[Cell]


def _side(frame: Frame, prefix: str, key_prefix: str, keys: list[Column]) -> _Side:
    own = [cell.column.alias(f"glueprint.{prefix}.{at}") for at, cell in enumerate(typed_columns.of_frame(frame))]
    found = [value.alias(f"{key_prefix}{at}") for at, value in enumerate(keys)]
    columns = [
        Cell(field.name, field.type, typed_columns.top_level(f"glueprint.{prefix}.{at}"))
        for at, field in enumerate(frame.schema)
    ]
    return _Side(frame.data.select(*own, *found), columns)


@dataclass(frozen=True, slots=True)
class _Shared:
    """A field that both frames have, and what the joined records have of it: on both sides, on the first only, on
    the second at all.
    """

    mine: Cell
    theirs: Cell
    on_both: bool
    only_mine: bool
    some_theirs: bool

    def plain(self) -> Cell:
        """What stands under the field's own name: the second frame's value, or the first's where there is none."""
        if not self.only_mine:
            return self.theirs
        if not self.some_theirs:
            return self.mine
        logical = union.merged(self.theirs.type, self.mine.type)
        lifted = (union.lifted(one, logical).column for one in (self.theirs, self.mine))
        return self.theirs.then(logical, F.coalesce(*lifted))


def _named(data: DataFrame, mine: list[Cell], theirs: list[Cell], equal: set[str]) -> list[Cell]:
    """The columns of both sides under names of their own; ``equal`` are paths of keys that both sides have."""
    shared = _shared(data, mine, theirs, equal)
    taken = {cell.name for cell in (*mine, *theirs)}
    columns = []
    for cell in mine:
        twice = shared.get(cell.name)
        if twice is None:
            columns.append(cell)
        elif twice.on_both:
            name = _free(cell.name, taken)
            taken.add(name)
            columns.append(Cell(name, cell.type, F.when(twice.theirs.column.isNotNull(), cell.column)))
    return [*columns, *(shared[cell.name].plain() if cell.name in shared else cell for cell in theirs)]


def _shared(data: DataFrame, mine: list[Cell], theirs: list[Cell], equal: set[str]) -> dict[str, _Shared]:
    """The fields that both sides have, by name. Keys are on both in every record; of others one run of the join
    tells, as every record knows its own fields.
    """
    counterparts = {cell.name: cell for cell in theirs}
    pairs = [(cell, counterparts[cell.name]) for cell in mine if cell.name in counterparts]
    others = [pair for pair in pairs if paths.quote(pair[0].name) not in equal]
    answers = {one.name: answer for (one, _), answer in zip(others, _asked(data, others), strict=True)}
    of_keys = (True, False, True)
    return {one.name: _Shared(one, other, *answers.get(one.name, of_keys)) for one, other in pairs}


def _asked(data: DataFrame, pairs: list[tuple[Cell, Cell]]) -> list[tuple[bool, bool, bool]]:
    """What :class:`_Shared` tells of each pair: one run of the join."""
    if not pairs:
        return []
    asked = [
        F.struct(*(F.coalesce(F.max(one), F.lit(False)) for one in (mine & theirs, mine & ~theirs, theirs)))
        for mine, theirs in ((one.column.isNotNull(), other.column.isNotNull()) for one, other in pairs)
    ]
    row = data.agg(*(one.alias(str(at)) for at, one in enumerate(asked))).head()
    assert row is not None  # an aggregate without groups has one row
    return [tuple(one) for one in row]


def _free(name: str, taken: set[str]) -> str:
    dotted = f".{name}"
    while dotted in taken:
        dotted = f".{dotted}"
    return dotted
