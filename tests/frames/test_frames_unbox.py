"""Unbox and DynamoDB's JSON: Amazon's examples, and the cases that they do not decide."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from frames_random import records, values
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glueprint.runtime.frames import dynamodb_json, lost_records, paths, record_values, schema_text, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.unbox import NotText, UnknownFormat, format_of, unbox

pytestmark = pytest.mark.spark


def texts(spark: SparkSession, *found: str | None) -> Frame:
    """Records with a number and a text."""
    return Frame.of(spark.createDataFrame(list(enumerate(found)), "at int, box string"), "boxes")


def unboxed(frame: Frame, name: str, path: str = "box", **options: Any) -> Frame:
    """Call :func:`unbox` as the stand-in does."""
    return unbox(frame, paths.parse(path), format_of(name, options))


def tree(made: Frame) -> list[str]:
    """The lines of the schema below its root."""
    return schema_text.tree_string(made.schema).splitlines()[1:]


def test_unbox_makes_a_struct_of_json(spark: SparkSession) -> None:
    """The warehouses of the example of the Unbox class: a struct with the field's name; null stays null."""
    made = unboxed(
        texts(spark, '{"strawberry":220,"pears":null}', '{"strawberry":34,"pears":null} ', None, " "), "json"
    )
    assert tree(made) == [
        "|-- at: int",
        "|-- box: struct",
        "|    |-- strawberry: int",
        "|    |-- pears: null",
    ]
    assert [row["box"] for row in records(made.data)] == [
        {"strawberry": 220, "pears": None},
        {"strawberry": 34, "pears": None},
        None,
        None,
    ]


def test_unboxed_records_may_have_several_types(spark: SparkSession) -> None:
    """Types of texts are inferred as those of files: choices, also between objects and other values."""
    made = unboxed(texts(spark, '{"a":1}', '{"a":"x"}', "7"), "json")
    assert tree(made) == [
        "|-- at: int",
        "|-- box: choice",
        "|    |-- int",
        "|    |-- struct",
        "|    |    |-- a: choice",
        "|    |    |    |-- int",
        "|    |    |    |-- string",
    ]
    plain_boxes = [one["box"] for one in record_values.plain_records(made.schema, made.data.collect())]
    assert plain_boxes == [{"a": 1}, {"a": "x"}, 7]


def test_texts_that_are_not_json_are_errors(spark: SparkSession) -> None:
    """Records that cannot be processed become error records (DynamicFrame class, errorsAsDynamicFrame)."""
    made = unboxed(texts(spark, '{"a":1}', '{"a":'), "json")
    assert records(made.data) == [{"at": 0, "box": {"a": 1}}]
    assert made.errors.stage_count() == 1
    printed = io.StringIO()
    lost_records.report(printed)
    assert "1 record is not in the result of unbox: the first error is: the text cannot" in printed.getvalue()


def test_a_schema_spares_the_pass_over_the_texts(spark: SparkSession) -> None:
    """withSchema, in the form of PySpark's StructType.json() and in Glue's form (DynamicFrame class, unbox)."""
    declared = types.Struct((types.Field("a", types.LONG), types.Field("b", types.Array(types.STRING))))
    for text in (types.physical_struct(declared).json(), schema_text.to_json(declared)):
        assert schema_text.parse(text) == declared
        made = unboxed(texts(spark, '{"a":1,"b":["x"],"c":2}'), "json", withSchema=text)
        assert records(made.data) == [{"at": 0, "box": {"a": 1, "b": ["x"]}}]
    with pytest.raises(schema_text.BadSchema, match=r"pass the result of StructType\.json"):
        schema_text.parse("[]")


def test_unbox_of_csv(spark: SparkSession) -> None:
    """The call in Amazon's own comment, unbox("a.b.c", "csv", separator="|"); columns are named as in files."""
    data = Frame.of(spark.sql("select named_struct('b', named_struct('c', 'x|\\'y z\\'|1')) as a"))
    made = unboxed(data, "csv", "a.b.c", separator="|")
    assert records(made.data) == [{"a": {"b": {"c": {"col0": "x", "col1": "'y z'", "col2": "1"}}}}]


def test_csv_lines_of_different_lengths(spark: SparkSession) -> None:
    """There are as many columns as the longest line has; quotes enclose a separator (formats: csv, quoteChar
    and escaper).
    """
    made = unboxed(texts(spark, 'a,"b,c"', "d", 'e,"f""g",h'), "csv")
    assert [tuple(row["box"].values()) for row in records(made.data)] == [
        ("a", "b,c", None),
        ("d", None, None),
        ("e", 'f"g', "h"),
    ]


def test_only_texts_are_unboxed(spark: SparkSession) -> None:
    """The field "must be a string or binary" (Scala DynamicFrame class, unbox); an absent field is skipped."""
    data = texts(spark, "{}")
    with pytest.raises(NotText, match="unbox: at is int; only a string or binary can be unboxed"):
        unboxed(data, "json", "at")
    assert unboxed(data, "json", "nowhere") is data
    binary = Frame.of(spark.sql("""select cast('{"a":1}' as binary) as box"""))
    assert records(unboxed(binary, "json").data) == [{"box": {"a": 1}}]


def test_unsupported_formats_are_refused(spark: SparkSession) -> None:
    """An unsupported format is named in the error; stock Spark has no avro."""
    with pytest.raises(UnknownFormat, match="not supported locally: unbox format 'avro'; supported are json, csv"):
        format_of("avro", {})
    with pytest.raises(UnknownFormat, match="not supported locally: unbox csv option withHeader"):
        format_of("csv", {"withHeader": True})


DECLARED = types.Struct(
    (
        types.Field("a", types.Array(types.Struct((types.Field("b", types.STRING), types.Field("c", types.INT))))),
        types.Field("d", types.Struct((types.Field("e", types.BOOLEAN),))),
    )
)


@settings(max_examples=3, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(boxes=st.lists(values(DECLARED), min_size=2, max_size=6))
def test_unbox_reads_what_json_wrote(spark: SparkSession, boxes: list[Any]) -> None:
    """For random records json.dumps and unbox agree, except that nulls and absent fields are the same."""
    made = unboxed(texts(spark, *(None if one is None else json.dumps(one) for one in boxes)), "json")
    found = [one["box"] for one in record_values.plain_records(made.schema, made.data.collect())]
    assert [_dense(one) for one in found] == [_dense(one) for one in boxes]


def _dense(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _dense(one) for name, one in value.items() if one is not None}
    return [_dense(one) for one in value] if isinstance(value, list) else value


# --- DynamoDB's JSON ---


def item(spark: SparkSession, schema: str, *values: Any) -> Frame:
    """An export with one item."""
    return Frame.of(spark.createDataFrame([(values,)], f"Item struct<{schema}>"))


def test_attributes_of_an_export_become_columns(spark: SparkSession) -> None:
    """The schema in DynamicFrame class, unnest_ddb_json, before and after."""
    export = item(
        spark,
        "ColA:struct<S:string>,ColB:struct<S:string>,ColC:struct<N:string>,ColD:struct<L:array<void>>",
        ("a",),
        ("b",),
        ("1",),
        ([],),
    )
    made = dynamodb_json.unnest(export)
    assert tree(made) == [
        "|-- ColA: string",
        "|-- ColB: string",
        "|-- ColC: string",
        "|-- ColD: array",
        "|    |-- element: null",
    ]
    assert records(made.data) == [{"ColA": "a", "ColB": "b", "ColC": "1", "ColD": []}]


def test_maps_of_an_export_are_flattened_or_simplified(spark: SparkSession) -> None:
    """unnest_ddb_json flattens; simplify_ddb_json keeps the maps as structs (its schema before and after)."""
    export = item(
        spark,
        "parentMap:struct<M:struct<childMap:struct<M:struct<appName:struct<S:string>>>>>,"
        "strings:struct<SS:array<string>>,isDDBJson:struct<BOOL:boolean>,nullValue:struct<`NULL`:boolean>",
        ((((("x",),),),),),
        (["s"],),
        (True,),
        (True,),
    )
    simplified = dynamodb_json.simplify(export)
    assert tree(simplified) == [
        "|-- parentMap: struct",
        "|    |-- childMap: struct",
        "|    |    |-- appName: string",
        "|-- strings: array",
        "|    |-- element: string",
        "|-- isDDBJson: boolean",
        "|-- nullValue: null",
    ]
    assert records(simplified.data) == [
        {"parentMap": {"childMap": {"appName": "x"}}, "strings": ["s"], "isDDBJson": True, "nullValue": None}
    ]
    assert records(dynamodb_json.unnest(export).data) == [
        {"parentMap.childMap.appName": "x", "strings": ["s"], "isDDBJson": True, "nullValue": None}
    ]


def test_lists_of_an_export(spark: SparkSession) -> None:
    """Lists of one type are simplified, those of maps or of several types are not (simplify_ddb_json)."""
    export = item(
        spark,
        "one:struct<L:array<struct<S:string>>>,maps:struct<L:array<struct<M:struct<a:struct<S:string>>>>>",
        ([("x",), ("y",)],),
        ([((("z",),),)],),
    )
    assert records(dynamodb_json.simplify(export).data) == [
        {"one": ["x", "y"], "maps": [{"M": {"a": {"S": "z"}}}]}
    ]
    assert records(dynamodb_json.unnest(export).data) == [
        {"one": [{"S": "x"}, {"S": "y"}], "maps": [{"M": {"a": {"S": "z"}}}]}
    ]
