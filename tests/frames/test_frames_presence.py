"""Records keep which fields they really have: a Python function does not find a field that its record lacks.

Public sources: screenshots of runs on AWS in lcalcagni/aws-glue-sensor-data-lakehouse (482 rows remain where
``lambda r: not(r["shareWithResearchAsOfDate"] == 0)`` filters JSON of which 474 records lack the field).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.frames import apply_mapping, fields, paths, presence, resolve_choice, split, union, unnest
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.json_reading import read_json
from glueprint.runtime.frames.records import from_records, to_records

pytestmark = pytest.mark.spark

LINES = """\
{"a":1,"b":5,"s":{"x":1,"y":2},"l":[{"k":1},{}]}
{"a":2,"s":{"y":null}}
{"a":3,"b":null}
{"a":4,"b":0,"s":null}
"""
RECORDS: list[dict[str, Any]] = [
    {"a": 1, "b": 5, "s": {"x": 1, "y": 2}, "l": [{"k": 1}, {}]},
    {"a": 2, "s": {"y": None}},
    {"a": 3, "b": None},
    {"a": 4, "b": 0, "s": None},
]


@pytest.fixture
def people(spark: SparkSession, s3_root: Path, tmp_path: Path) -> Frame:
    """Four records, some without ``b``, ``s`` and ``l``."""
    folder = s3_root / "frames-presence" / tmp_path.name
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(LINES)
    return read_json(spark, [f"s3://frames-presence/{tmp_path.name}/a.json"])


def found(frame: Frame) -> list[dict[str, Any]]:
    """The records as a script's function gets them."""
    return to_records(frame).collect()


def mapping(*moves: tuple[str, str, str]) -> list[apply_mapping.Mapping]:
    """Mappings of source, target and type."""
    return [apply_mapping.Mapping.of(source, target, name) for source, target, name in moves]


CARRIED: dict[str, tuple[Callable[[Frame], Frame], list[dict[str, Any]]]] = {
    "drop": (lambda f: fields.drop(f, [("s", "y"), ("l",)]), [
        {"a": 1, "b": 5, "s": {"x": 1}}, {"a": 2, "s": {}}, {"a": 3, "b": None}, {"a": 4, "b": 0, "s": None},
    ]),
    "select": (lambda f: fields.select(f, [("b",)]), [{"b": 5}, {}, {"b": None}, {"b": 0}]),
    "rename": (lambda f: fields.rename(fields.select(f, [("a",), ("b",)]), ("b",), ("B2",)), [
        {"a": 1, "B2": 5}, {"a": 2}, {"a": 3, "B2": None}, {"a": 4, "B2": 0},
    ]),
    "mapping": (
        lambda f: apply_mapping.apply(f, mapping(("A", "id", "long"), ("B", "n", "string"), ("s.x", "x", "int"))),
        [{"id": 1, "n": "5", "x": 1}, {"id": 2}, {"id": 3, "n": None}, {"id": 4, "n": "0", "x": None}],
    ),
    "cast": (
        lambda f: resolve_choice.resolve(
            fields.select(f, [("b",)]), [resolve_choice.Spec(("b",), resolve_choice.action("cast:string"))]
        ),
        [{"b": "5"}, {}, {"b": None}, {"b": "0"}],
    ),
    "split": (
        lambda f: split.split_rows(fields.select(f, [("a",), ("b",)]), [split.Comparison(("a",), "<", 3)])[0],
        [{"a": 1, "b": 5}, {"a": 2}],
    ),
    "unnest": (lambda f: unnest.unnest(fields.drop(f, [("l",)])), [
        {"a": 1, "b": 5, "s.x": 1, "s.y": 2},
        {"a": 2, "s.y": None},
        {"a": 3, "b": None},
        {"a": 4, "b": 0, "s.x": None, "s.y": None},
    ]),
    "union": (
        lambda f: union.union(fields.select(f, [("b",)]), fields.select(f, [("a",)])),
        [{"b": 5}, {}, {"b": None}, {"b": 0}, {"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}],
    ),
    "coalesce": (lambda f: f.coalesce(1, shuffle=False).renamed("x"), RECORDS),
}  # fmt: skip


def test_records_of_json_lack_the_fields_that_their_lines_lack(people: Frame) -> None:
    """An explicit null stays None, also within structs and arrays; the frame itself has every column."""
    assert found(people) == RECORDS
    assert people.data.count() == 4
    assert people.schema.names == ["a", "b", "s", "l"]


@pytest.mark.parametrize("name", CARRIED)
def test_transforms_of_single_records_keep_absent_fields(people: Frame, name: str) -> None:
    """Each transform that works record by record; the frame's own columns do not change."""
    transform, expected = CARRIED[name]
    made = transform(people)
    assert found(made) == expected
    assert presence.ABSENT not in made.schema.names
    assert presence.ABSENT not in made.data.columns


def test_records_of_python_keep_absent_fields(spark: SparkSession) -> None:
    """What ``map`` returned, and the items of DynamoDB."""
    made = from_records(spark, spark.sparkContext.parallelize([{"a": 1}, {"b": None, "a": 2}], 1))
    assert found(fields.drop(made, [paths.parse("c")])) == [{"a": 1}, {"a": 2, "b": None}]


def test_a_dataframe_has_every_field(people: Frame) -> None:
    """After ``toDF`` and ``fromDF`` every field exists."""
    assert found(Frame.of(people.data.select("a", "b")))[1] == {"a": 2, "b": None}
