"""Column types as values (docs/facts/catalog.md#shapes: types are text in Hive's syntax)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.crawler.glue_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    NOTHING,
    STRING,
    Array,
    BadTypeError,
    GlueType,
    MapOf,
    Primitive,
    Struct,
    decimal,
    depth,
    extended,
    field_name,
    merged,
    parse,
    settled,
    widened,
)

PRIMITIVES = st.sampled_from([INT, BIGINT, FLOAT, DOUBLE, STRING, BOOLEAN, DATE, decimal(10, 2), decimal(5, 4)])
TYPES = st.recursive(
    PRIMITIVES,
    lambda inner: st.one_of(
        inner.map(Array),
        st.tuples(PRIMITIVES, inner).map(lambda pair: MapOf(*pair)),
        st.dictionaries(st.sampled_from("abcD"), inner, min_size=1).map(
            lambda fields: Struct(tuple(fields.items()))
        ),
    ),
    max_leaves=6,
)


@given(TYPES)
def test_types_are_read_as_they_are_written(kind: GlueType) -> None:
    """Text and value are the same thing, and settled types stay."""
    assert parse(str(kind)) == kind
    assert settled(kind) == kind
    assert parse(str(kind).replace("<", " < ").replace(",", ", ")) == kind


@given(TYPES, TYPES)
def test_merging_is_an_upper_bound(left: GlueType, right: GlueType) -> None:
    """A merged type takes both in: merging either again changes nothing."""
    both = merged(left, right)
    assert merged(both, left) == both
    assert merged(left, left) == left
    assert merged(left, NOTHING) == merged(NOTHING, left) == left


@given(TYPES, TYPES)
def test_merge_new_columns_changes_nothing_that_is_there(existing: GlueType, found: GlueType) -> None:
    """Extending adds fields only, and once (DG:crawler-configuration, MergeNewColumns)."""
    result = extended(existing, found)
    assert extended(result, found) == result
    if not isinstance(existing, Struct):
        assert type(result) is type(existing)
    else:
        assert isinstance(result, Struct)
        assert [name for name, _ in result.fields][: len(existing.fields)] == [name for name, _ in existing.fields]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (INT, BIGINT, BIGINT),
        (BIGINT, DOUBLE, DOUBLE),
        (FLOAT, INT, DOUBLE),
        (FLOAT, DOUBLE, DOUBLE),
        (decimal(10, 2), decimal(5, 4), decimal(12, 4)),
        (INT, STRING, None),
        (BOOLEAN, INT, None),
        (Array(INT), STRING, None),
        (Struct((("a", INT),)), Struct((("b", INT),)), Struct((("a", INT), ("b", INT)))),
    ],
)
def test_common_types(left: GlueType, right: GlueType, expected: GlueType | None) -> None:
    """Numbers widen, structs join, anything else has no common type (choice: docs/fidelity/crawler.md)."""
    assert widened(left, right) == expected


@pytest.mark.parametrize("text", ["", "array<", "array<int", "struct<a>", "map<int>", "int>", "list<int>", "a<b>"])
def test_text_that_is_no_type_is_refused(text: str) -> None:
    """What cannot be read is an error that quotes it."""
    with pytest.raises(BadTypeError):
        parse(text)


@given(st.text(max_size=20))
def test_field_names_never_break_a_type(name: str) -> None:
    """Whatever a field is called in a file, the type that holds it can be read again."""
    kind = Struct(((field_name(name) or "_", Primitive("int")),))
    assert parse(str(kind)) == kind
    assert depth(kind) == 2
