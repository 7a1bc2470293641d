"""Joins, unions, merges and splits: Amazon's examples, and random records against models in plain Python."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from frames_random import ATOMICS, Record, Sample, nested, plain_value, records, samples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glueprint.runtime.frames import paths, record_values, schema_text, types
from glueprint.runtime.frames.comparison import NoSuchField
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.join import KeysDoNotMatch, NoPrimaryKeys, join, merge
from glueprint.runtime.frames.split import OPERATORS, BadComparison, Comparison, split_fields, split_rows
from glueprint.runtime.frames.union import union

pytestmark = pytest.mark.spark
FEW_EXAMPLES = settings(
    max_examples=4, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
"""Spark takes a second for an example: few of them, and a failing one is shown as it was found."""


def frame(spark: SparkSession, schema: str, *rows: tuple[Any, ...]) -> Frame:
    """A frame of ``rows`` without choices."""
    return Frame.of(spark.createDataFrame(list(rows), schema), "a frame")


def tree(made: Frame) -> list[str]:
    """The lines of the schema below its root."""
    return schema_text.tree_string(made.schema).splitlines()[1:]


def same(made: list[Record], expected: list[Record]) -> bool:
    """Return whether both contain the same records, in any order."""
    return Counter(map(repr, made)) == Counter(map(repr, expected))


# --- join ---


def test_a_key_of_one_name_has_two_columns(spark: SparkSession) -> None:
    """Join class, example: customers and zips joined on ``zip`` have the columns customers, .zip and zip."""
    left = frame(spark, "customers string, zip int", ("c1", 75091), ("c2", 75023))
    made = join(left, frame(spark, "zip int", (75091,), (90093,)), ["zip"], ["zip"])
    assert records(made.data) == [{"customers": "c1", ".zip": 75091, "zip": 75091}]


def test_keys_of_one_name_keep_their_types(spark: SparkSession) -> None:
    """Both sides have the key, so there is no choice: each column has the type of its own frame."""
    made = join(frame(spark, "k int", (1,)), frame(spark, "k long", (1,)), ["k"], ["k"])
    assert tree(made) == ["|-- .k: int", "|-- k: long"]


def test_the_period_goes_to_the_first_frame(spark: SparkSession) -> None:
    """In the output in awslabs/aws-glue-libs#76, ``.a`` and ``.b`` have the first frame's values."""
    left = frame(spark, "k int, a int", (1, 10))
    made = join(left, frame(spark, "id int, a int", (1, 20)), ["k"], ["id"])
    assert records(made.data) == [{"k": 1, ".a": 10, "id": 1, "a": 20}]


def test_a_field_that_only_one_record_has_keeps_its_name(spark: SparkSession) -> None:
    """The legislatures have no links, so l_history has ``links`` and no ``.links``
    (docs/facts/runtime.md#joins).
    """
    orgs = frame(spark, "org_id string, links string", ("senate", None), ("party", "http://p"))
    people = frame(spark, "name string, organization_id string, links string", ("Ross", "senate", "http://r"))
    made = join(orgs, people, ["org_id"], ["organization_id"])
    assert records(made.data) == [
        {"org_id": "senate", "name": "Ross", "organization_id": "senate", "links": "http://r"}
    ]


@pytest.mark.parametrize(
    ("theirs", "lines"),
    [
        ([10, 20], ["|-- .v: int", "|-- v: long"]),
        ([10, None], ["|-- .v: int", "|-- v: choice", "|    |-- int", "|    |-- long"]),
        ([None, None], ["|-- v: int"]),
    ],
)
def test_a_shared_field_has_the_types_of_its_values(
    spark: SparkSession, theirs: list[int | None], lines: list[str]
) -> None:
    """A type without values is not an alternative (DynamicFrame class): a relationalized table's ``id`` joined
    to a root table with an ``id`` is a long.
    """
    left = frame(spark, "k int, v int", (1, 5), (2, 6))
    made = join(left, frame(spark, "id int, v long", *zip([1, 2], theirs, strict=True)), ["k"], ["id"])
    assert [line for line in tree(made) if line not in ("|-- k: int", "|-- id: int")] == lines


def test_names_with_periods_get_another_period(spark: SparkSession) -> None:
    """A third frame with the same key does not make two columns of one name (docs/fidelity/frames.md)."""
    one = frame(spark, "id int", (1,))
    twice = join(one, frame(spark, "id int, x int", (1, 5)), ["id"], ["id"])
    thrice = join(twice, frame(spark, "id int, y int", (1, 6)), ["id"], ["id"])
    assert records(thrice.data) == [{".id": 1, "..id": 1, "x": 5, "id": 1, "y": 6}]


def test_keys_may_be_nested_and_several(spark: SparkSession) -> None:
    """paths1 and paths2 are lists of paths, compared one by one in order (DynamicFrame class, join)."""
    left = frame(spark, "s struct<`x.y`:int>, n int", ((1,), 2), ((2,), 1))
    made = join(left, frame(spark, "a int, b long", (1, 2)), ["s.`x.y`", "n"], ["a", "b"])
    assert records(made.data) == [{"s": {"x.y": 1}, "n": 2, "a": 1, "b": 2}]


def test_null_keys_and_keys_of_other_kinds_match_nothing(spark: SparkSession) -> None:
    """An equality join (Join class): a text is not a number, because values have types
    (docs/fidelity/frames.md).
    """
    left = frame(spark, "k int", (1,), (None,))
    assert join(left, frame(spark, "id string", ("1",), (None,)), ["k"], ["id"]).count() == 0
    assert join(left, frame(spark, "id double", (1.0,), (None,)), ["k"], ["id"]).count() == 1


def test_a_choice_matches_by_the_value_it_has(spark: SparkSession) -> None:
    """Each record of a choice is compared by its own value (docs/fidelity/frames.md)."""
    either = types.choice([types.INT, types.STRING])
    left = Sample(
        types.Struct((types.Field("k", either),)),
        [{"k": {"int": 1, "string": None}}, {"k": {"int": None, "string": "1"}}, {"k": None}],
    ).frame(spark)
    numbers = frame(spark, "id long, x string", (1, "number"))
    assert records(join(left, numbers, ["k"], ["id"]).data) == [
        {"k": {"int": 1, "string": None}, "id": 1, "x": "number"}
    ]
    assert join(left, left, ["k"], ["k"]).count() == 2


def test_an_empty_increment_joins_to_nothing(spark: SparkSession) -> None:
    """A frame without columns has no records, as after a bookmark without new data (docs/fidelity/frames.md)."""
    empty = Frame.of(spark.createDataFrame([], types.physical_struct(types.Struct())))
    made = join(frame(spark, "k int", (1,)), empty, ["k"], ["id"])
    assert made.schema.names == ["k"]
    assert made.count() == 0


def test_wrong_keys_are_refused(spark: SparkSession) -> None:
    """Both sides need the same number of keys ("Must be the same length as keys1"), and the fields must exist.
    """
    one = frame(spark, "k int, `a.b` int", (1, 2))
    with pytest.raises(KeysDoNotMatch, match=r"1 keys in the first frame .k. and 2 in the second .k, j."):
        join(one, one, ["k"], ["k", "j"])
    with pytest.raises(NoSuchField, match=r"join: there is no field kk in the frame 'a frame'; it has k, `a.b`"):
        join(one, one, ["kk"], ["k"]).schema  # noqa: B018 - the frame is lazy


KEYS = st.one_of(st.none(), st.integers(0, 2))
LEFT = types.Struct((types.Field("k", types.INT), types.Field("x", types.STRING), types.Field("l", types.INT)))
RIGHT = types.Struct((types.Field("k", types.LONG), types.Field("x", types.STRING), types.Field("r", types.INT)))
VALUE = st.one_of(st.none(), st.sampled_from(["p", "q"]))


@FEW_EXAMPLES
@given(
    left=st.lists(st.fixed_dictionaries({"k": KEYS, "x": VALUE, "l": KEYS}), min_size=3, max_size=9),
    right=st.lists(st.fixed_dictionaries({"k": KEYS, "x": VALUE, "r": KEYS}), min_size=3, max_size=9),
)
def test_join_agrees_with_a_plain_model(spark: SparkSession, left: list[Record], right: list[Record]) -> None:
    """A join of random records has the result of two loops; periods where both records have a field."""
    pairs = [(a, b) for a in left for b in right if a["k"] is not None and a["k"] == b["k"]]
    made = join(Sample(LEFT, left).frame(spark), Sample(RIGHT, right).frame(spark), ["k"], ["k"])
    twice = any(a["x"] is not None and b["x"] is not None for a, b in pairs)
    expected = [
        {".k": a["k"]}
        | ({".x": a["x"] if b["x"] is not None else None} if twice else {})
        | {"l": a["l"], "k": b["k"], "x": a["x"] if b["x"] is None else b["x"], "r": b["r"]}
        for a, b in pairs
    ]
    assert same(records(made.data), expected)


# --- union and merge ---


def test_union_matches_by_name_and_makes_choices(spark: SparkSession) -> None:
    """Fields are matched by name, and different types become choices (unlike DataFrames: "may return different
    results").
    """
    made = union(frame(spark, "a int, s struct<x:int>", (1, (2,))), frame(spark, "b int, a string", (3, "z")))
    assert tree(made) == [
        "|-- a: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- s: struct",
        "|    |-- x: int",
        "|-- b: int",
    ]
    assert records(made.data) == [
        {"a": {"int": 1, "string": None}, "s": {"x": 2}, "b": None},
        {"a": {"int": None, "string": "z"}, "s": None, "b": 3},
    ]


@FEW_EXAMPLES
@given(one=samples(nested), other=samples(nested))
def test_union_keeps_every_record(spark: SparkSession, one: Sample, other: Sample) -> None:
    """A union of random nested records has the records of both, with None for absent fields."""
    made = union(one.frame(spark), other.frame(spark))
    assert made.data.schema.simpleString() == types.physical_struct(made.schema).simpleString()
    expected = [plain_value(sample.schema, record) for sample in (one, other) for record in sample.records]
    found = list(record_values.plain_records(made.schema, made.data.collect()))
    assert [_without_none(record) for record in found] == [_without_none(record) for record in expected]


def _without_none(value: Any) -> Any:
    """Return a value without the fields that are None: absent and null are the same here."""
    if isinstance(value, dict):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list) else value


def test_merge(spark: SparkSession) -> None:
    """mergeDynamicFrame, example: records of the staging frame are added, records that only the source has
    stay.
    """
    high = frame(spark, "id long, index int, val string", (20, 0, "fax"), (20, 1, "phone"))
    low = frame(spark, "id long, index int, val string", (1, 0, "fax"), (1, 1, "phone"))
    made = merge(high, low, ["id"])
    assert [tuple(row) for row in made.data.orderBy("id", "index").collect()] == [
        (1, 0, "fax"),
        (1, 1, "phone"),
        (20, 0, "fax"),
        (20, 1, "phone"),
    ]


def test_merge_without_keys_is_refused(spark: SparkSession) -> None:
    """Without keys, no records can be matched; the message contains the argument to pass."""
    one = frame(spark, "id int", (1,))
    with pytest.raises(NoPrimaryKeys, match="primary_keys is empty"):
        merge(one, one, [])
    with pytest.raises(NoSuchField, match="mergeDynamicFrame: there is no field key in the frame 'a frame'"):
        merge(one, one, ["key"])


@FEW_EXAMPLES
@given(
    source=st.lists(st.fixed_dictionaries({"k": KEYS, "x": VALUE, "l": KEYS}), min_size=3, max_size=9),
    stage=st.lists(st.fixed_dictionaries({"k": KEYS, "x": VALUE, "r": KEYS}), min_size=1, max_size=5),
)
def test_merge_agrees_with_a_plain_model(spark: SparkSession, source: list[Record], stage: list[Record]) -> None:
    """Records of the source whose keys the stage lacks, and the stage; duplicates stay (mergeDynamicFrame)."""
    known = {(one["k"], one["x"]) for one in stage if None not in (one["k"], one["x"])}
    kept = [one for one in source if (one["k"], one["x"]) not in known]
    made = merge(Sample(LEFT, source).frame(spark), Sample(RIGHT, stage).frame(spark), ["k", "x"])
    found = record_values.plain_records(made.schema, made.data.collect())
    assert same([_without_none(one) for one in found], [_in_order(one) for one in [*kept, *stage]])


def _in_order(record: Record) -> Record:
    return {name: record[name] for name in ("k", "x", "l", "r") if record.get(name) is not None}


# --- split ---


def test_split_fields(spark: SparkSession) -> None:
    """SplitFields class, example: two fields with dots in their names, and the rest."""
    data = frame(
        spark,
        "warehouse_loc string, `data.strawberry` int, `data.pineapple` int, `data.mango` int",
        ("TX", 220, 560, 350),
    )
    first, second = split_fields(data, [paths.parse("`data.strawberry`"), paths.parse("`data.pineapple`")])
    assert records(first.data) == [{"data.strawberry": 220, "data.pineapple": 560}]
    assert records(second.data) == [{"warehouse_loc": "TX", "data.mango": 350}]


def test_split_rows(spark: SparkSession) -> None:
    """Scala DynamicFrame class, splitRows: people over 65 from the United States, and all others."""
    people = frame(
        spark, "age int, address struct<country:string>", (70, ("USA",)), (70, ("FR",)), (65, ("USA",)), (3, None)
    )
    older = Comparison(paths.parse("age"), ">=", 65)
    american = Comparison(paths.parse("address.country"), "=", "USA")
    first, second = split_rows(people, [older, american])
    assert [row["age"] for row in first.data.collect()] == [70, 65]
    assert [row["age"] for row in second.data.collect()] == [70, 3]


def test_constants_of_another_type_compare_as_numbers(spark: SparkSession) -> None:
    """SplitRows class, example: texts ``"100"`` and ``"200"`` compared with a field of numbers."""
    data = frame(spark, "`data.pineapple` int", (560,), (123,), (180,))
    path = paths.parse("`data.pineapple`")
    first, second = split_rows(data, [Comparison(path, ">", "100"), Comparison(path, "<", "200")])
    assert [row[0] for row in first.data.collect()] == [123, 180]
    assert [row[0] for row in second.data.collect()] == [560]


def test_unknown_comparisons_are_refused(spark: SparkSession) -> None:
    """There are six operators (Scala DynamicFrame class, splitRows); the message lists them."""
    with pytest.raises(BadComparison, match="no comparison '~'; use one of !=, =, <=, <, >=, >"):
        Comparison(paths.parse("a"), "~", 1)
    with pytest.raises(BadComparison, match="has no comparisons"):
        split_rows(frame(spark, "a int", (1,)), [])


@FEW_EXAMPLES
@given(
    sample=samples(st.sampled_from([types.INT, types.LONG, types.DOUBLE])),
    operator=st.sampled_from(list(OPERATORS)),
    data=st.data(),
)
def test_each_row_is_in_one_result(
    spark: SparkSession, sample: Sample, operator: str, data: st.DataObject
) -> None:
    """A row is in the first result exactly if all comparisons are true of it; a comparison with None is not
    (splitRows).
    """
    name = data.draw(st.sampled_from(sample.schema.names))
    values = [record[name] for record in sample.records if record[name] is not None]
    constant = data.draw(st.sampled_from(values) if values else ATOMICS[types.INT])
    holds = {"!=": "__ne__", "=": "__eq__", "<=": "__le__", "<": "__lt__", ">=": "__ge__", ">": "__gt__"}[operator]
    chosen = [
        record[name] is not None and getattr(float(record[name]), holds)(float(constant))
        for record in sample.records
    ]
    first, second = split_rows(sample.frame(spark), [Comparison((name,), operator, float(constant))])
    assert records(first.data) == [one for one, is_in in zip(sample.records, chosen, strict=True) if is_in]
    assert records(second.data) == [one for one, is_in in zip(sample.records, chosen, strict=True) if not is_in]
