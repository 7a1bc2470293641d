"""Column types as values (API reference, Column: types are text in Hive's syntax)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glueprint.facts.hive_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    Array,
    BadTypeError,
    GlueType,
    MapOf,
    Primitive,
    Struct,
    decimal,
    depth,
    field_name,
    parse,
)

PRIMITIVES = st.sampled_from([INT, BIGINT, FLOAT, DOUBLE, STRING, BOOLEAN, DATE, decimal(10, 2), decimal(5, 4)])


def types(names: st.SearchStrategy[str]) -> st.SearchStrategy[GlueType]:
    """Types whose fields have such names."""
    return st.recursive(
        PRIMITIVES,
        lambda inner: st.one_of(
            inner.map(Array),
            st.tuples(PRIMITIVES, inner).map(lambda pair: MapOf(*pair)),
            st.dictionaries(names, inner, min_size=1).map(lambda fields: Struct(tuple(fields.items()))),
        ),
        max_leaves=6,
    )


@given(types(st.sampled_from("abcD")))
def test_types_are_read_as_they_are_written(kind: GlueType) -> None:
    """Text and value are the same thing; spaces between symbols do not count."""
    assert parse(str(kind)) == kind
    assert parse(str(kind).replace("<", " < ").replace(",", ", ")) == kind


@example(Struct((("`", Primitive("int")), (":", Primitive("int")))))
@given(types(st.text("ab`<>,:() \n", min_size=1, max_size=5)))
def test_any_field_name_is_read_as_it_is_written(kind: GlueType) -> None:
    """A name with reserved symbols is quoted with backticks (Hive language manual, quoted identifiers)."""
    assert parse(str(kind)) == kind


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


def test_sizes_of_a_type() -> None:
    """``decimal(10,2)`` has precision and scale, ``varchar(20)`` a length, ``int`` none (Hive language manual)."""
    found = parse(" DECIMAL( 10, 2 )")
    assert isinstance(found, Primitive)
    assert (found, found.base, found.sizes) == (decimal(10, 2), "decimal", (10, 2))
    assert Primitive("varchar(20)").sizes == (20,)
    assert INT.sizes == ()
