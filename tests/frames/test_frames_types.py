"""Glue's types: their texts, and their form in Spark."""

from __future__ import annotations

from awsglue.gluetypes import _deserialize_json_string
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import types as spark_types

from glueprint.runtime.frames import schema_text, types

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
        types.NULL,
        types.Decimal(12, 3),
    ]
)
NAMES = st.sampled_from(["a", "b c", "d.e", "ü", "`q`"])


def structs(inner: st.SearchStrategy[types.Type]) -> st.SearchStrategy[types.Struct]:
    """Structs of up to three fields."""
    return st.dictionaries(NAMES, inner, max_size=3).map(
        lambda found: types.Struct(tuple(types.Field(name, kind) for name, kind in found.items()))
    )


PLAIN = st.recursive(
    ATOMICS, lambda inner: structs(inner) | inner.map(types.Array) | inner.map(types.Map), max_leaves=6
)


@given(structs(PLAIN))
def test_plain_types_survive_spark(schema: types.Struct) -> None:
    """A schema without choices survives a round trip through Spark's types."""
    assert types.of_spark(types.physical_struct(schema)) == schema


@given(structs(PLAIN | st.lists(PLAIN, min_size=2, unique_by=lambda one: one.name).map(types.choice)))
def test_amazons_package_reads_the_schema(schema: types.Struct) -> None:
    """Amazon's gluetypes parses ``schema().toString()``, names and choices included (its jsonValue)."""
    parsed = _deserialize_json_string(schema_text.to_json(schema))
    assert [field.name for field in parsed] == schema.names
    for field, logical in zip(parsed, schema, strict=True):
        assert field.dataType.typeName() == logical.type.name
        if isinstance(logical.type, types.Choice):
            assert sorted(field.dataType.choices) == [one.name for one in logical.type.alternatives]


def test_a_choice_is_a_struct_of_its_alternatives() -> None:
    """One nullable field per alternative, named by type and sorted (docs/facts/runtime.md#choicetype)."""
    either = types.choice([types.STRING, types.INT])
    assert types.physical(either) == spark_types.StructType(
        [
            spark_types.StructField("int", spark_types.IntegerType()),
            spark_types.StructField("string", spark_types.StringType()),
        ]
    )


def test_the_tree_looks_like_the_guides() -> None:
    """``printSchema`` prints a choice with its alternatives below it, an array's element, a map's key and value
    (developer guide, join_and_relationalize and resolve_choice samples).
    """
    schema = types.Struct(
        (
            types.Field("provider id", types.choice([types.STRING, types.LONG])),
            types.Field("links", types.Array(types.Struct((types.Field("note", types.STRING),)))),
            types.Field("m", types.Map(types.INT)),
        )
    )
    assert schema_text.tree_string(schema) == (
        "root\n"
        "|-- provider id: choice\n"
        "|    |-- long\n"
        "|    |-- string\n"
        "|-- links: array\n"
        "|    |-- element: struct\n"
        "|    |    |-- note: string\n"
        "|-- m: map\n"
        "|    |-- keyType: string\n"
        "|    |-- valueType: int\n"
    )
