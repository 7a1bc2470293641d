"""Column types of the Data Catalog, as sinks write them and sources read them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.frames import type_names, types
from glueprint.runtime.storage.catalog.column_types import hive_text
from glueprint.runtime.storage.catalog.serdes import options_of, serde_for

ATOMICS = st.sampled_from(
    [
        types.STRING,
        types.INT,
        types.LONG,
        types.SHORT,
        types.BYTE,
        types.DOUBLE,
        types.FLOAT,
        types.BOOLEAN,
        types.DATE,
        types.TIMESTAMP,
        types.BINARY,
        types.Decimal(12, 3),
    ]
)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)


def nested(inner: st.SearchStrategy[types.Type]) -> st.SearchStrategy[types.Type]:
    """Types with parts."""
    structs = st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(
        lambda found: types.Struct(tuple(types.Field(name, one) for name, one in found.items()))
    )
    return inner.map(types.Array) | inner.map(types.Map) | structs


@given(st.recursive(ATOMICS, nested, max_leaves=6))
def test_a_written_type_is_read_as_itself(logical: types.Type) -> None:
    """What ``enableUpdateCatalog`` writes, ``from_catalog`` reads: Hive's syntax
    (docs/facts/catalog.md#shapes)."""
    assert type_names.parse(hive_text(logical)) == logical


def test_a_choice_is_what_lies_in_the_file() -> None:
    """Spark's files have a struct of alternatives there (docs/facts/runtime.md#choicetype)."""
    assert hive_text(types.choice([types.STRING, types.LONG])) == "struct<long:bigint,string:string>"


def test_a_written_csv_table_is_read_with_the_same_options() -> None:
    """Separator and header of the sink's options come back from the table's parameters
    (docs/facts/crawlers.md#what-a-crawl-writes)."""
    serde = serde_for("csv", {"separator": "|"})
    found = options_of("csv", "", {**serde.parameters, **serde.table_parameters})
    assert found == {"separator": "|", "withHeader": True}
    bare = serde_for("csv", {"writeHeader": "false"})
    assert "withHeader" not in options_of("csv", "", {**bare.parameters, **bare.table_parameters})
