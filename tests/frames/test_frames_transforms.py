"""Transforms of frames with nested fields and choices; texts converted to declared types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.frames import (
    apply_mapping,
    fields,
    paths,
    record_values,
    records,
    resolve_choice,
    schema_text,
    type_names,
    types,
)
from glueprint.runtime.frames.casting import conform
from glueprint.runtime.frames.frame import Frame

RECORDS = [
    {"id": 1, "items": [{"price": 100.0, "n": 1}, {"price": "$5"}], "s": {"v": 1, "w": "a"}},
    {"id": 2, "items": [], "s": {"v": "one", "w": "b"}},
]


@pytest.fixture
def frame(spark: SparkSession) -> Frame:
    """Records with a choice in an array and one in a struct."""
    return records.from_records(spark, spark.sparkContext.parallelize(RECORDS, 1))


def rows(found: Frame) -> list[dict[str, Any]]:
    """Return all records as plain Python."""
    return list(record_values.plain_records(found.schema, found.data.collect()))


def resolved(frame: Frame, path: str, action: str) -> Frame:
    """Return ``frame`` with one field resolved."""
    return resolve_choice.resolve(frame, [resolve_choice.Spec(paths.parse(path), resolve_choice.action(action))])


@pytest.mark.spark
def test_choices_in_arrays_and_structs(frame: Frame) -> None:
    """``list[].price`` is the price in each element, ``s.v`` a field of a struct (developer guide,
    resolveChoice); where there can be no column, make_cols makes a struct (docs/fidelity/frames.md).
    """
    cast = resolved(frame, "items[].price", "cast:double")
    assert [one["price"] for one in rows(cast)[0]["items"]] == [100.0, None]
    assert cast.schema == resolved(frame, "items.price", "cast:double").schema
    columns = resolved(resolved(frame, "s.v", "make_cols"), "items[].price", "make_cols")
    assert rows(columns)[0] == {
        "id": 1,
        "items": [
            {"price_double": 100.0, "n": 1, "price_string": None},
            {"price_double": None, "n": None, "price_string": "$5"},
        ],
        "s": {"v_int": 1, "w": "a", "v_string": None},
    }
    assert rows(resolved(frame, "absent.v", "make_cols")) == rows(frame)


@pytest.mark.spark
def test_the_first_column_stays_in_its_place(frame: Frame) -> None:
    """make_cols: the first alternative takes the field's place, the others go to the end (aws-glue-samples,
    resolve_choice, printed schema).
    """
    mappings = [apply_mapping.Mapping.of("s.v", "v"), apply_mapping.Mapping.of("id", "id", "long")]
    flat = apply_mapping.apply(frame, mappings)
    assert resolved(flat, "v", "make_cols").schema.names == ["v_int", "id", "v_string"]


@pytest.mark.spark
def test_match_catalog(frame: Frame) -> None:
    """Columns with choices get the table's types; the others stay (developer guide, match_catalog)."""
    declared = type_names.parse("struct<ID:string,S:struct<v:bigint,w:string>>")
    assert isinstance(declared, types.Struct)
    matched = resolve_choice.match_catalog(frame, declared)
    assert matched.schema.get("id") == types.INT
    assert [one["s"]["v"] for one in rows(matched)] == [1, None]


@pytest.mark.spark
def test_elements_are_mapped_and_dropped(frame: Frame) -> None:
    """Mappings and paths lead into the elements of arrays (docs/fidelity/frames.md)."""
    of = apply_mapping.Mapping.of
    mapped = apply_mapping.apply(
        frame, [of("items[].n", "lines[].number", "string"), of("items[].price", "lines[].cost", "string")]
    )
    assert rows(mapped)[0]["lines"] == [{"number": "1", "cost": "100.0"}, {"number": None, "cost": "$5"}]
    assert rows(fields.drop(frame, [paths.parse("items.price"), paths.parse("s")]))[0] == {
        "id": 1,
        "items": [{"n": 1}, {"n": None}],
    }
    with pytest.raises(apply_mapping.BadMapping, match="more than one field is mapped to 'x'"):
        apply_mapping.apply(frame, [of("id", "x"), of("s", "x")])
    with pytest.raises(apply_mapping.BadMapping, match="must all come from the elements of one array"):
        apply_mapping.apply(frame, [of("id", "x[].y")])


@pytest.mark.spark
def test_paths_lead_into_structs_arrays_and_choices(spark: SparkSession) -> None:
    """Paths of rename and select lead into structs, elements of arrays and alternatives of a choice, as in
    other transforms; a field can be moved only if a record has one of it (docs/fidelity/frames.md).
    """
    found = [{"s": {"v": 1, "w": 2}, "list": [{"v": 3}], "c": {"v": 4}}, {"s": None, "list": [], "c": "text"}]
    frame = records.from_records(spark, spark.sparkContext.parallelize(found, 1))

    def renamed(old: str, new: str) -> list[dict[str, Any]]:
        return rows(fields.rename(frame, paths.parse(old), paths.parse(new)))

    assert [one["s"] for one in renamed("s.v", "s.x")] == [{"x": 1, "w": 2}, None]
    assert [one["s"] for one in renamed("s.v", "s.w")] == [{"w": 1}, None]
    assert renamed("list[].v", "list[].x") == renamed("list.v", "list.x")
    assert renamed("list.v", "list.x")[0]["list"] == [{"x": 3}]
    assert [one["c"] for one in renamed("c.v", "c.x")] == [{"x": 4}, "text"]
    assert [one["top"] for one in renamed("c.v", "top")] == [4, None]
    assert renamed("s.absent", "s.w") == rows(frame)
    assert rows(fields.select(frame, [("c", "v")])) == [{"c": {"v": 4}}, {"c": None}]
    for old, new in [("list[].v", "top"), ("s.v", "list[].w")]:
        with pytest.raises(paths.BadPath, match="cannot be moved into an array, or out of one"):
            renamed(old, new)
    with pytest.raises(paths.BadPath, match="elements have no names"):
        renamed("list[]", "list.x")


@pytest.mark.spark
def test_numbers_that_do_not_fit_are_null(spark: SparkSession) -> None:
    """A value that cannot be cast is null (aws-glue-samples, resolve_choice), never another number."""
    data = spark.sql("select 5000000000L as a, 1e300D as b, 'x' as c, 7 as d, 1.5D as e, date'2020-01-01' as f")
    cast = [apply_mapping.Mapping.of(name, name, "int") for name in "abcdef"]
    assert rows(apply_mapping.apply(Frame.of(data), cast)) == [
        {"a": None, "b": None, "c": None, "d": 7, "e": 1, "f": None}
    ]


@pytest.mark.spark
def test_texts_as_declared_types(spark: SparkSession) -> None:
    """Values that fail the declared cast make choice(declared, string); all others have the declared type
    (docs/facts/runtime.md#choicetype).
    """
    data = spark.createDataFrame(
        [("1", "2020-01-02", "1.50", "x"), ("abc", "", None, "y")], "Id string, d string, p string, t string"
    )
    declared = type_names.parse("struct<id:bigint,d:date,p:decimal(6,2),t:string>")
    assert isinstance(declared, types.Struct)
    frame = conform(data, declared)
    assert schema_text.tree_string(frame.schema) == (
        "root\n|-- id: choice\n|    |-- long\n|    |-- string\n|-- d: date\n|-- p: decimal\n|-- t: string\n"
    )
    found = rows(frame)
    assert [one["id"] for one in found] == [1, "abc"]
    assert (str(found[0]["d"]), found[0]["p"], found[1]["d"]) == ("2020-01-02", Decimal("1.50"), None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BIGINT", types.LONG),
        ("varchar(20)", types.STRING),
        ("decimal(12,3)", types.Decimal(12, 3)),
        ("array<struct<a b:int,`c:d`:map<string,double>>>", None),
        ("struct<a:array<int>,`c:d`:map<string,double>>", types.Struct(
            (
                types.Field("a", types.Array(types.INT)),
                types.Field("c:d", types.Map(types.DOUBLE)),
            )
        )),
        ("number", None),
        ("array<int", None),
    ],
)
def test_type_names(text: str, found: types.Type | None) -> None:
    """Glue's and Hive's names are types (MappingSpec; Hive DDL); others are refused with a list of names."""
    if found is not None:
        assert type_names.parse(text) == found
        return
    with pytest.raises(type_names.UnknownTypeName, match="is not a type: use"):
        type_names.parse(text)
