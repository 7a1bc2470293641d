"""JSON as Glue reads it: types of every record, choices, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.frames import json_reading, json_text, record_values, records, schema_text, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.json_reading import read_json
from glueprint.runtime.frames.json_text import JsonPath, Malformed

Write = Callable[..., str]


@pytest.fixture
def written(s3_root: Path, tmp_path: Path) -> Write:
    """Return a function that writes text to a new object and returns its address."""
    bucket = s3_root / "frames-json"
    bucket.mkdir(exist_ok=True)

    def write(*records: Any) -> str:
        lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
        (bucket / f"{tmp_path.name}.json").write_text("\n".join(lines) + "\n")
        return f"s3://frames-json/{tmp_path.name}.json"

    return write


def tree(frame: Frame) -> str:
    """The schema as printed, without its first line."""
    return schema_text.tree_string(frame.schema).removeprefix("root\n")


def plain_rows(frame: Frame) -> list[dict[str, Any]]:
    """Return all records as plain Python."""
    return list(record_values.plain_records(frame.schema, frame.data.collect()))


MIXED = [
    {"id": 1, "v": 7, "list": [1, "x"], "later": None},
    {"id": 2, "v": "seven", "list": []},
    {"id": 3, "v": {"a": 1, "b": [True]}, "list": [{"k": 1.5}]},
    {"id": 4, "v": {"a": "text"}, "extra": 3_000_000_000},
    {"id": 5, "v": None, "extra": 2.5},
    {"id": 6, "extra": 1},
]
MIXED_TREE = """\
|-- id: int
|-- v: choice
|    |-- int
|    |-- string
|    |-- struct
|    |    |-- a: choice
|    |    |    |-- int
|    |    |    |-- string
|    |    |-- b: array
|    |    |    |-- element: boolean
|-- list: array
|    |-- element: choice
|    |    |-- int
|    |    |-- string
|    |    |-- struct
|    |    |    |-- k: double
|-- later: null
|-- extra: choice
|    |-- double
|    |-- int
|    |-- long
"""


def expected(record: dict[str, Any], schema: types.Type) -> Any:
    """Return a record with None for its absent fields."""
    match schema:
        case types.Struct(fields) if record is not None:
            return {one.name: expected(record.get(one.name), one.type) for one in fields}
        case types.Array(element) if record is not None:
            return [expected(one, element) for one in record]
        case types.Choice(alternatives) if isinstance(record, dict | list):
            kind = types.Struct if isinstance(record, dict) else types.Array
            return expected(record, next(one for one in alternatives if isinstance(one, kind)))
        case _:
            return record


@pytest.mark.spark
@pytest.mark.parametrize("few", [0, json_reading.MAX_SAMPLE_LINES])
def test_int_string_and_struct_in_one_file(
    spark: SparkSession, written: Write, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Values of different types make choices, also nested ones, whichever way leads to the schema (schema text
    and rows).
    """
    monkeypatch.setattr(json_reading, "MAX_SAMPLE_LINES", few)
    frame = read_json(spark, [written(*MIXED)])
    if few:
        assert tree(frame) == MIXED_TREE
    assert plain_rows(frame) == [expected(one, frame.schema) for one in MIXED]
    assert frame.data.select("v.*").collect()[1].asDict() == {"int": None, "string": "seven", "struct": None}
    assert frame.count() == len(MIXED)


NUMBERS = [
    {"z": 1, "wide": 1, "mix": 1, "date": "2011-01-01", "code": "17", "nest": {"y": [1, 2.5], "x": "true"}},
    {"z": 2, "wide": 3_000_000_000, "mix": 1.0, "date": "x", "code": "18", "nest": {"y": [], "x": "no"}},
    {"z": -3, "wide": None, "mix": 3_000_000_000, "empty": None, "none": [], "f": 1e3, "t": True},
]
NUMBERS_TREE = """\
|-- z: int
|-- wide: choice
|    |-- int
|    |-- long
|-- mix: choice
|    |-- double
|    |-- int
|    |-- long
|-- date: string
|-- code: string
|-- nest: struct
|    |-- y: array
|    |    |-- element: choice
|    |    |    |-- double
|    |    |    |-- int
|    |-- x: string
"""


@pytest.mark.spark
@pytest.mark.parametrize("few", [1, json_reading.MAX_SAMPLE_LINES])
def test_types_of_numbers_are_found_inside_the_jvm(
    spark: SparkSession, written: Write, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """int within 32 bits, else long, with a fraction double; texts that look like numbers stay texts; no record
    is read by Python (docs/facts/runtime.md#choicetype; docs/decisions/json-reading.md).
    """
    monkeypatch.setattr(json_reading, "MAX_SAMPLE_LINES", few)
    monkeypatch.setattr(records, "infer", None)
    frame = read_json(spark, [written(*NUMBERS)])
    assert tree(frame).startswith(NUMBERS_TREE)
    rest = {one.name: one.type for one in frame.schema.fields[6:]}
    assert rest == {
        "empty": types.NULL,
        "none": types.Array(types.NULL),
        "f": types.DOUBLE,
        "t": types.BOOLEAN,
    }
    assert plain_rows(frame) == [expected(one, frame.schema) for one in NUMBERS]


@pytest.mark.spark
def test_lines_that_are_not_json_are_errors(spark: SparkSession, written: Write) -> None:
    """A malformed line becomes an error record, the others are read (developer guide, errorsAsDynamicFrame).
    Glue also loses the next line: docs/fidelity/frames.md.
    """
    good = [{"id": 1, "name": "george"}, {"id": 4, "name": "john"}]
    frame = read_json(spark, [written(good[0], '{"id": 2, "name": "benjamin", "surname": "franklin",', good[1])])
    assert (frame.count(), frame.errors.total()) == (2, 1)
    assert plain_rows(frame) == good
    [error] = plain_rows(records.errors_of(spark, frame))
    assert error["error"]["msg"].startswith("error in jackson reader")
    assert error["error"]["input"].startswith('{"id": 2')


@pytest.mark.spark
def test_multiline_and_json_path(spark: SparkSession, written: Write) -> None:
    """``multiline`` reads records that span several lines, ``jsonPath`` those at a path (developer guide, Using
    the JSON format in AWS Glue).
    """
    text = json.dumps({"found": [{"a": 1}, {"a": 2}]}, indent=2)
    address = written(text)
    assert plain_rows(read_json(spark, [address], multiline=True)) == [{"found": [{"a": 1}, {"a": 2}]}]
    assert plain_rows(read_json(spark, [address], json_path="$.found[*]")) == [{"a": 1}, {"a": 2}]


@pytest.mark.spark
def test_counting_needs_no_schema(spark: SparkSession, written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DynamicFrame infers its schema only when it is used (developer guide, DynamicFrame class)."""
    monkeypatch.setattr(json_reading, "_lines", None)
    assert read_json(spark, [written({"a": 1}, "", [{"a": 2}, {"a": 3}], "{broken")]).count() == 3


@pytest.mark.spark
@pytest.mark.parametrize("few", [1, json_reading.MAX_SAMPLE_LINES])
def test_several_records_on_a_line(
    spark: SparkSession, written: Write, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Objects that follow each other, as Firehose writes them, are a record each, whichever way leads to them
    (docs/decisions/json-reading.md).
    """
    monkeypatch.setattr(json_reading, "MAX_SAMPLE_LINES", few)
    frame = read_json(spark, [written({"a": 0}, '{"a": 1}{"a": 2} {"a": 3}', {"a": 4}, {"a": "} {"})])
    assert frame.count() == 6
    assert [one["a"] for one in plain_rows(frame)] == [0, 1, 2, 3, 4, "} {"]


def test_records_before_an_error_are_read() -> None:
    """Of an array over several lines Glue reads all but the first object (awslabs/aws-glue-libs#68)."""
    lines = ['[{"a": 1},', '{"a": 2},', '{"a": 3}]']
    found = [one for line in lines for one in json_text.parse(line)]
    assert [one for one in found if not isinstance(one, Malformed)] == [{"a": 2}, {"a": 3}]
    assert [one.text for one in found if isinstance(one, Malformed)] == ['[{"a": 1},', ",", "]"]


def test_documents_follow_each_other() -> None:
    """In a multiline file values may follow each other, and arrays are records; an incomplete value is an
    error.
    """
    assert list(json_text.parse('{"a": 1}\n[{"a": 2}]  {"a":')) == [
        {"a": 1},
        {"a": 2},
        Malformed('{"a":', "Expecting value: line 2 column 18 (char 26)"),
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [{"a": [{"b": 1}, {"b": 2}], "c.d": 3}]),
        ("$.a[*].b", [1, 2]),
        ("$.a[1]", [{"b": 2}]),
        ("$['c.d']", [3]),
        ("$.*", [[{"b": 1}, {"b": 2}], 3]),
        ("$.absent.b", []),
    ],
)
def test_json_paths(path: str, found: list[Any]) -> None:
    """Names, positions and ``*`` (the developer guide's JSON classifiers use the same paths)."""
    assert list(JsonPath.parse(path).find({"a": [{"b": 1}, {"b": 2}], "c.d": 3})) == found


def test_unsupported_json_paths_are_refused() -> None:
    """A filter is refused, and the message contains what is supported."""
    with pytest.raises(json_text.BadJsonPath, match="supported are names, positions"):
        JsonPath.parse("$.a[?(@.b>1)]")
