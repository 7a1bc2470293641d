"""``join`` and ``mergeDynamicFrame``: two frames combined by keys.

The result of a join has all fields of both frames, including the keys. If both records have a field of one
name, the first frame's field gets a period before its name; if only one of them has it, it keeps the name. A
field that is null counts as absent. The names of the result thus depend on the records, and are determined when
they are first used.

Sources: developer guide, "Join class", example ("AWS Glue adds a period (.) to one of the duplicate column
names"); awslabs/aws-glue-libs#76 (an output in which the period is on the first frame's field);
aws-glue-samples, join_and_relationalize (``links`` of ``orgs``, which no joined record has, leaves no
``.links``); developer guide, "DynamicFrame class", ``mergeDynamicFrame`` ("The source frame and staging frame
don't need to have the same schema"; its options are "not currently used").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.compat import strict_zip
from glueprint.runtime.frames import comparison, paths, typed_columns, union
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn


class NoPrimaryKeys(ValueError):
    """A merge has no keys to identify records by."""


class KeysDoNotMatch(ValueError):
    """A join has a different number of keys on each side."""


def join(one: Frame, other: Frame, keys: Sequence[str], other_keys: Sequence[str]) -> Frame:
    """Return the records of ``one``, each with the records of ``other`` whose ``other_keys`` equal its ``keys``.

    Args:
        one: the frame whose fields come first.
        other: the frame that is joined to it.
        keys: paths to fields of ``one``.
        other_keys: the same number of paths to fields of ``other``.

    Raises:
        KeysDoNotMatch: there are no keys, or the numbers of keys differ.
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is not a path.
    """
    if len(keys) != len(other_keys) or not keys:
        raise KeysDoNotMatch(
            f"join: {len(keys)} keys in the first frame ({', '.join(keys)}) and {len(other_keys)} in the second "
            f"({', '.join(other_keys)}); each key needs its counterpart"
        )
    return Frame.lazy(lambda: _joined(one, other, keys, other_keys), name=one.name)


def merge(source: Frame, stage: Frame, keys: Sequence[str]) -> Frame:
    """Return the records of ``source`` whose ``keys`` are not in ``stage``, and all of ``stage``, with duplicates.

    Args:
        source: the frame to update.
        stage: the new records.
        keys: paths to the fields of the primary key, in both frames.

    Raises:
        NoPrimaryKeys: ``keys`` is empty.
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is not a path.
    """
    if not keys:
        raise NoPrimaryKeys("mergeDynamicFrame: primary_keys is empty; pass the fields that identify a record")
    return union.union(anti_join(source, stage, keys), stage)


def anti_join(one: Frame, other: Frame, keys: Sequence[str]) -> Frame:
    """Return the records of ``one`` whose ``keys`` no record of ``other`` has.

    Raises:
        NoSuchField: a frame lacks a key.
        paths.BadPath: a key is not a path.
    """
    pairs = _key_pairs(one, other, keys, keys, "mergeDynamicFrame")
    left = one.data.select("*", *(mine.alias(f"{_KEY}{at}") for at, (mine, _) in enumerate(pairs)))
    right = other.data.select(*(theirs.alias(f"{_OTHER}{at}") for at, (_, theirs) in enumerate(pairs)))
    kept = left.join(right, _equal(len(pairs)), "left_anti")
    return one.transformed(kept.select(*(field.column for field in typed_columns.of_frame(one))), one.schema)


_KEY, _OTHER = "glueprint.key.", "glueprint.counterpart."
"""Prefixes of column names within a join, in which both sides may have any names."""


def _joined(one: Frame, other: Frame, keys: Sequence[str], other_keys: Sequence[str]) -> Frame:
    pairs = _key_pairs(one, other, keys, other_keys, "join")
    left = _side(one, "first", _KEY, [mine for mine, _ in pairs])
    right = _side(other, "second", _OTHER, [theirs for _, theirs in pairs])
    data = left.data.join(right.data, _equal(len(pairs)))
    equal = {mine for mine, theirs in strict_zip(keys, other_keys) if mine == theirs}
    columns = _named(data, left.columns, right.columns, equal)
    return Frame(
        data.select(*(field.column.alias(field.name) for field in columns)),
        typed_columns.schema_of(columns),
        one.name,
        union.combined_errors(one, other),
    )


def _key_pairs(
    one: Frame, other: Frame, keys: Sequence[str], other_keys: Sequence[str], transform: str
) -> list[tuple[Column, Column]]:
    return [
        comparison.comparable_pair(
            comparison.key_column(one, mine, transform), comparison.key_column(other, theirs, transform)
        )
        for mine, theirs in strict_zip(keys, other_keys)
    ]


def _equal(keys: int) -> Column:
    column = typed_columns.column_by_name
    return reduce(Column.__and__, (column(f"{_KEY}{at}") == column(f"{_OTHER}{at}") for at in range(keys)))


@dataclass(frozen=True)
class _Side:
    """One frame of a join: its columns under names that are unique in the join, and its keys."""

    data: DataFrame
    columns: list[TypedColumn]


def _side(frame: Frame, prefix: str, key_prefix: str, keys: list[Column]) -> _Side:
    fields = typed_columns.of_frame(frame)
    own = [field.column.alias(f"glueprint.{prefix}.{at}") for at, field in enumerate(fields)]
    found = [value.alias(f"{key_prefix}{at}") for at, value in enumerate(keys)]
    columns = [
        TypedColumn(field.name, field.type, typed_columns.column_by_name(f"glueprint.{prefix}.{at}"))
        for at, field in enumerate(frame.schema)
    ]
    return _Side(frame.data.select(*own, *found), columns)


@dataclass(frozen=True)
class _SharedField:
    """A field that both frames have, with flags about the joined records: whether any has a value on both sides,
    any only in the first frame, and any in the second frame.
    """

    mine: TypedColumn
    theirs: TypedColumn
    on_both: bool
    only_mine: bool
    some_theirs: bool

    def plain(self) -> TypedColumn:
        """The column under the field's own name: the second frame's value, or the first frame's if there is
        none.
        """
        if not self.only_mine:
            return self.theirs
        if not self.some_theirs:
            return self.mine
        logical = union.merged_type(self.theirs.type, self.mine.type)
        converted = (union.to_merged_type(one, logical).column for one in (self.theirs, self.mine))
        return self.theirs.replaced(logical, F.coalesce(*converted))


def _named(
    data: DataFrame, mine: list[TypedColumn], theirs: list[TypedColumn], equal: set[str]
) -> list[TypedColumn]:
    """Return the columns of both sides with unique names; ``equal`` are the paths of keys that both sides have.
    """
    shared = _shared(data, mine, theirs, equal)
    taken = {field.name for field in (*mine, *theirs)}
    columns = []
    for field in mine:
        twice = shared.get(field.name)
        if twice is None:
            columns.append(field)
        elif twice.on_both:
            name = _unused_name(field.name, taken)
            taken.add(name)
            columns.append(TypedColumn(name, field.type, F.when(twice.theirs.column.isNotNull(), field.column)))
    return [*columns, *(shared[field.name].plain() if field.name in shared else field for field in theirs)]


def _shared(
    data: DataFrame, mine: list[TypedColumn], theirs: list[TypedColumn], equal: set[str]
) -> dict[str, _SharedField]:
    """Return the fields that both sides have, by name. Keys have values on both sides in every record; for other
    fields one run of the join finds out.
    """
    counterparts = {field.name: field for field in theirs}
    pairs = [(field, counterparts[field.name]) for field in mine if field.name in counterparts]
    others = [pair for pair in pairs if paths.quote(pair[0].name) not in equal]
    flags = {one.name: found for (one, _), found in strict_zip(others, _presence(data, others))}
    of_keys = (True, False, True)
    return {one.name: _SharedField(one, other, *flags.get(one.name, of_keys)) for one, other in pairs}


def _presence(data: DataFrame, pairs: list[tuple[TypedColumn, TypedColumn]]) -> list[tuple[bool, bool, bool]]:
    """Return the three flags of :class:`_SharedField` for each pair: one run of the join."""
    if not pairs:
        return []
    aggregates = [
        F.struct(*(F.coalesce(F.max(one), F.lit(False)) for one in (mine & theirs, mine & ~theirs, theirs)))
        for mine, theirs in ((one.column.isNotNull(), other.column.isNotNull()) for one, other in pairs)
    ]
    row = data.agg(*(one.alias(str(at)) for at, one in enumerate(aggregates))).head()
    assert row is not None  # an aggregate without groups has one row
    return [tuple(one) for one in row]


def _unused_name(name: str, taken: set[str]) -> str:
    dotted = f".{name}"
    while dotted in taken:
        dotted = f".{dotted}"
    return dotted
