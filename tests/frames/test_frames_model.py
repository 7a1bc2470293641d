"""Random nested records: reading, resolving and mapping agree with a plain-Python model."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glueprint.runtime.frames import apply_mapping, json_reading, paths, record_values, resolve_choice, types
from glueprint.runtime.frames.frame import Frame

pytestmark = pytest.mark.spark
FILES = count()
SLOW = settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 100),
    st.integers(1 << 31, 1 << 40),
    st.integers(-100, 100).map(lambda number: number + 0.5),
    st.sampled_from(["", "1", "true", "x", "{", "ünï"]),
)
# A struct without fields is left out: Spark's inference drops it (docs/fidelity/frames.md).
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["x", "y"]), inner, min_size=1, max_size=2),
    max_leaves=4,
)
RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1), min_size=1, max_size=6
)


def kind(value: Any) -> str:
    """Return the name of a value's type, as Glue writes it (docs/facts/runtime.md#choicetype)."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "int" if abs(value) < 1 << 31 else "long"
        case float():
            return "double"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "struct"


def model_type(values: list[Any]) -> Any:
    """Return the type of values: a name, ``[element]``, ``{field: type}``, or ``("choice", {name: type})``."""
    some = [one for one in values if one is not None]
    found: dict[str, Any] = {name: name for name in map(kind, some)}
    if "struct" in found:
        structs = [one for one in some if kind(one) == "struct"]
        names = {name for one in structs for name in one}
        found["struct"] = {name: model_type([one[name] for one in structs if name in one]) for name in names}
    if "array" in found:
        found["array"] = [model_type([item for one in some if kind(one) == "array" for item in one])]
    if len(found) == 1:
        return next(iter(found.values()))
    return ("choice", found) if found else "null"


def simplified(logical: types.Type) -> Any:
    """Convert a type to the model's form."""
    match logical:
        case types.Struct(fields):
            return {one.name: simplified(one.type) for one in fields}
        case types.Array(element):
            return [simplified(element)]
        case types.Choice(alternatives):
            return ("choice", {one.name: simplified(one) for one in alternatives})
        case _:
            return logical.name


def present(value: Any) -> Any:
    """Return a value without the fields that are None, which rows do not distinguish from absent ones."""
    match value:
        case dict():
            return {name: present(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [present(inner) for inner in value]
        case _:
            return value


def rows_of(frame: Frame) -> list[Any]:
    """Return all records as plain Python, without None."""
    return [present(one) for one in record_values.plain_records(frame.schema, frame.data.collect())]


@pytest.fixture
def read(spark: SparkSession, s3_root: Path) -> Any:
    """Read records from a file; Python infers the types of up to ``few`` lines."""
    folder = s3_root / "frames-model"
    folder.mkdir(exist_ok=True)

    def reading(records: list[dict[str, Any]], few: int) -> Frame:
        name = f"{next(FILES)}.json"
        (folder / name).write_text("".join(f"{json.dumps(one)}\n" for one in records))
        with patch.object(json_reading, "MAX_SAMPLE_LINES", few):
            frame = json_reading.read_json(spark, [f"s3://frames-model/{name}"])
            assert frame.schema is not None
        return frame

    return reading


@SLOW
@given(records=RECORDS, few=st.sampled_from([0, json_reading.MAX_SAMPLE_LINES]))
def test_reading(read: Any, records: list[dict[str, Any]], few: int) -> None:
    """Schema and values of random records are the model's, whichever way leads to the schema."""
    frame = read(records, few)
    assert simplified(frame.schema) == model_type(records)
    assert rows_of(frame) == present(records)
    assert frame.count() == len(records)


@SLOW
@given(records=RECORDS)
def test_resolving(read: Any, records: list[dict[str, Any]]) -> None:
    """make_cols has a column for each type of value, project keeps one type, cast converts what it can
    (developer guide, resolveChoice).
    """
    frame = read(records, json_reading.MAX_SAMPLE_LINES)
    found = model_type(records)
    choices = {name: alternatives[1] for name, alternatives in found.items() if isinstance(alternatives, tuple)}
    columns = [
        {
            f"{name}_{kind(value)}" if name in choices else name: value
            for name, value in one.items()
            if value is not None
        }
        for one in records
    ]
    made = resolve_choice.resolve_all(frame, resolve_choice.MakeCols())
    assert not types.has_choice(made.schema)
    specs = [resolve_choice.Spec((name,), resolve_choice.MakeCols()) for name in choices]
    assert rows_of(resolve_choice.resolve(frame, specs)) == present(columns)
    for name, alternatives in choices.items():
        for kept in alternatives:
            projected = resolve_choice.Project(_type(frame, name, kept))
            one_kind = resolve_choice.resolve(frame, [resolve_choice.Spec((name,), projected)])
            assert [one.get(name) for one in rows_of(one_kind)] == [
                present(one[name]) if one.get(name) is not None and kind(one[name]) == kept else None
                for one in records
            ]
        if not {"struct", "array"} & set(alternatives):
            cast = resolve_choice.action("cast:string")
            texts = resolve_choice.resolve(frame, [resolve_choice.Spec((name,), cast)])
            assert [one.get(name) for one in rows_of(texts)] == [text(one.get(name)) for one in records]


def _type(frame: Frame, name: str, alternative: str) -> types.Type:
    found = frame.schema.get(name)
    assert isinstance(found, types.Choice)
    chosen = found.get(alternative)
    assert chosen is not None
    return chosen


def text(value: Any) -> str | None:
    """Return a value as text."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


@SLOW
@given(records=RECORDS, order=st.permutations(["a", "b", "c"]))
def test_mapping(read: Any, records: list[dict[str, Any]], order: list[str]) -> None:
    """Fields, complete or in parts, are moved to the targets of the mappings; all others are dropped (developer
    guide, apply_mapping).
    """
    frame = read(records, json_reading.MAX_SAMPLE_LINES)
    found = model_type(records)
    mappings = [apply_mapping.Mapping((name,), ("out", name)) for name in order]
    mappings += [apply_mapping.Mapping((name, "x"), (f"x of {name}",)) for name in order]
    mapped = apply_mapping.apply(frame, mappings)
    expected = []
    for one in records:
        out = {name: value for name, value in one.items() if value is not None}
        parts = {
            f"x of {name}": one[name]["x"]
            for name in order
            if isinstance(one.get(name), dict) and one[name].get("x") is not None
        }
        expected.append(present({"out": out, **parts}))
    assert rows_of(mapped) == expected
    assert mapped.schema.names[0] == "out"
    assert simplified(mapped.schema)["out"] == {name: found[name] for name in order if name in found}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b c", ("a", "b c")),
        ("`a.b`.c", ("a.b", "c")),
        ("list[].price", ("list", paths.ELEMENT, "price")),
        ("m[][]", ("m", paths.ELEMENT, paths.ELEMENT)),
        ("`x``y`", ("x`y",)),
    ],
)
def test_paths(path: str, steps: paths.Path) -> None:
    """Dots divide names, backticks enclose them, brackets lead into arrays (developer guide, resolveChoice and
    rename_field).
    """
    assert paths.parse(path) == steps


@given(st.text(st.sampled_from("ab.`[] "), min_size=1))
def test_a_quoted_name_is_one_step(name: str) -> None:
    """``quoteName`` makes one step of any name, as DropNullFields needs."""
    assert paths.parse(paths.quote(name)) == (name,)


@pytest.mark.parametrize("path", ["", "`a", "a..b", ".a", "a`b"])
def test_texts_that_are_not_paths(path: str) -> None:
    """The message contains the syntax of a path."""
    with pytest.raises(paths.BadPath, match="is not a path to a field"):
        paths.parse(path)
