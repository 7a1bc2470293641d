"""How a crawler merges column types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.crawler.type_merging import NOTHING, extended, merged, settled, widened
from glueprint.facts.hive_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    Array,
    GlueType,
    MapOf,
    Struct,
    decimal,
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
def test_a_type_without_undecided_parts_is_settled(kind: GlueType) -> None:
    """Only parts that no value has decided are settled."""
    assert settled(kind) == kind


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
