"""Relationalize and unnest: Amazon's examples, and random nested records against a model in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from frames_random import Record, Sample, records, samples
from hypothesis import HealthCheck, Phase, given, settings
from pyspark.sql import SparkSession

from glueprint.runtime.frames import schema_text, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.relationalize import relationalize
from glueprint.runtime.frames.unnest import DuplicateColumns, unnest

pytestmark = pytest.mark.spark
FEW_EXAMPLES = settings(
    max_examples=4, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
"""Spark takes a second for an example: few of them, and a failing one is shown as it was found."""


def tables(frame: Frame, root: str) -> dict[str, list[Record]]:
    """Return the rows of all tables, by name, in order."""
    return {one.name: records(one.data) for one in relationalize(frame, root)}


# --- Amazon's examples ---


def test_an_array_becomes_a_table_with_id_and_index(spark: SparkSession) -> None:
    """Three people and their friends (Scala DynamicFrame class, relationalize); columns as other examples have."""
    people = spark.createDataFrame(
        [
            ("Nancy", 47, ["Fred", "Lakshmi"]),
            ("Stephanie", 28, ["Yao", "Phil", "Alvin"]),
            ("Nathan", 54, ["Nicolai", "Karen"]),
        ],
        "name string, age int, friends array<string>",
    )
    assert tables(Frame.of(people), "people") == {
        "people": [
            {"name": "Nancy", "age": 47, "friends": 1},
            {"name": "Stephanie", "age": 28, "friends": 2},
            {"name": "Nathan", "age": 54, "friends": 3},
        ],
        "people_friends": [
            {"id": 1, "index": 0, "friends.val": "Fred"},
            {"id": 1, "index": 1, "friends.val": "Lakshmi"},
            {"id": 2, "index": 0, "friends.val": "Yao"},
            {"id": 2, "index": 1, "friends.val": "Phil"},
            {"id": 2, "index": 2, "friends.val": "Alvin"},
            {"id": 3, "index": 0, "friends.val": "Nicolai"},
            {"id": 3, "index": 1, "friends.val": "Karen"},
        ],
    }


def test_structs_in_arrays_give_a_column_per_field(spark: SparkSession) -> None:
    """The customers of three zip codes (SelectFromCollection class, example): names, ids from 1, types of keys."""
    zips = spark.createDataFrame(
        [
            ([("108 Park Street, TX", 623), ("763 Marsh Ln, TX", 231)], 75091),
            ([("66 P Street, NY", 343)], 75023),
            ([("708 Fed Ln, CA", 932), ("807 Deccan Dr, CA", 102)], 90093),
        ],
        "customers array<struct<address:string,id:long>>, zip long",
    )
    root, customers = relationalize(Frame.of(zips), "root")
    assert [root.name, customers.name] == ["root", "root_customers"]
    assert schema_text.tree_string(root.schema).splitlines() == ["root", "|-- customers: long", "|-- zip: long"]
    assert schema_text.tree_string(customers.schema).splitlines() == [
        "root",
        "|-- id: long",
        "|-- index: int",
        "|-- customers.val.address: string",
        "|-- customers.val.id: long",
    ]
    assert [tuple(row) for row in root.data.collect()] == [(1, 75091), (2, 75023), (3, 90093)]
    assert [tuple(row) for row in customers.data.collect()] == [
        (1, 0, "108 Park Street, TX", 623),
        (1, 1, "763 Marsh Ln, TX", 231),
        (2, 0, "66 P Street, NY", 343),
        (3, 0, "708 Fed Ln, CA", 932),
        (3, 1, "807 Deccan Dr, CA", 102),
    ]


def test_arrays_in_arrays_are_tables(spark: SparkSession) -> None:
    """Names such as root_logics.val.inputs.val.columns, as scripts for Glue use them (docs/fidelity/frames.md).
    """
    data = spark.createDataFrame(
        [([([(["c1", "c2"],)],)],), ([],), (None,)],
        "logics array<struct<inputs:array<struct<columns:array<string>>>>>",
    )
    assert tables(Frame.of(data), "root") == {
        "root": [{"logics": 1}, {"logics": 2}, {"logics": None}],
        "root_logics": [{"id": 1, "index": 0, "logics.val.inputs": 1}],
        "root_logics.val.inputs": [{"id": 1, "index": 0, "logics.val.inputs.val.columns": 1}],
        "root_logics.val.inputs.val.columns": [
            {"id": 1, "index": 0, "logics.val.inputs.val.columns.val": "c1"},
            {"id": 1, "index": 1, "logics.val.inputs.val.columns.val": "c2"},
        ],
    }


def test_timestamps_of_pivoted_tables_are_strings(spark: SparkSession) -> None:
    """As seen in Glue 4.0 (awslabs/aws-glue-libs#178); the root table keeps the type."""
    data = spark.sql("select timestamp'2023-02-09 10:00:00' as at, array(timestamp'2023-02-09 11:00:00') as seen")
    root, seen = relationalize(Frame.of(data), "root")
    assert root.schema.get("at") == types.TIMESTAMP
    assert seen.schema.get("seen.val") == types.STRING
    assert records(seen.data) == [{"id": 1, "index": 0, "seen.val": "2023-02-09 11:00:00"}]


def test_tables_agree_on_ids_after_a_shuffle(spark: SparkSession) -> None:
    """The tables can be joined back, whatever the order of the rows after a shuffle."""
    data = spark.range(2000).selectExpr("id as number", "array(id, id + 1) as pair").repartition(7)
    root, pairs = relationalize(Frame.of(data), "root")
    joined = root.data.join(pairs.data, root.data["pair"] == pairs.data["id"])
    assert joined.count() == 4000
    assert joined.where("number + index != `pair.val`").count() == 0
    assert root.data.selectExpr("min(pair)", "max(pair)", "count(distinct pair)").first() == (1, 2000, 2000)


def test_a_flat_frame_is_not_computed(spark: SparkSession) -> None:
    """Without an array there is no second table, and no run of Spark before the script reads rows (frames are
    lazy).
    """
    data = spark.range(1).selectExpr("id", "named_struct('x', raise_error('computed')) as s")
    (root,) = relationalize(Frame.of(data), "root")
    assert root.schema.names == ["id", "s.x"]


def test_two_fields_of_one_path_are_refused(spark: SparkSession) -> None:
    """Column names must differ; the message contains the name and the remedy (docs/fidelity/frames.md)."""
    data = Frame.of(spark.sql("select 1 as `a.b`, named_struct('b', 2) as a"))
    with pytest.raises(DuplicateColumns, match=r"unnest would make more than one column called a\.b: rename"):
        unnest(data)


def test_unnest_of_an_address(spark: SparkSession) -> None:
    """The example of the Scala DynamicFrame class, unnest; arrays stay (DynamicFrame class, unnest, example)."""
    data = spark.sql(
        "select 'n' as name, named_struct('Zip.Code', '36301', 'Array', array('x')) as Address, "
        "array(named_struct('note', 'w')) as links"
    )
    flat = unnest(Frame.of(data))
    assert schema_text.tree_string(flat.schema).splitlines() == [
        "root",
        "|-- name: string",
        "|-- Address.Zip.Code: string",
        "|-- Address.Array: array",
        "|    |-- element: string",
        "|-- links: array",
        "|    |-- element: struct",
        "|    |    |-- links.val.note: string",
    ]
    assert records(flat.data) == [
        {"name": "n", "Address.Zip.Code": "36301", "Address.Array": ["x"], "links": [{"links.val.note": "w"}]}
    ]


# --- random records against a model ---


def flat(name: str, logical: types.Type, value: Any) -> Iterator[tuple[str, types.Type, Any]]:
    """Return the columns of a value, in plain Python."""
    match logical:
        case types.Struct(fields):
            for field in fields:
                yield from flat(
                    f"{name}.{field.name}", field.type, None if value is None else value[field.name]
                )
        case types.Choice(alternatives):
            others = [one for one in alternatives if not isinstance(one, types.Struct)]
            kept = None
            if value is not None and any(value[one.name] is not None for one in others):
                kept = {one.name: value[one.name] for one in others}
            if len(others) == 1:
                yield name, others[0], None if kept is None else kept[others[0].name]
            elif others:
                yield name, types.choice(others), kept
            for one in alternatives:
                if isinstance(one, types.Struct):
                    yield from flat(name, one, None if value is None else value[one.name])
        case _:
            yield name, logical, value


def model(root: str, name: str, rows: list[list[tuple[str, types.Type, Any]]]) -> dict[str, list[Record]]:
    """Return the tables of flat ``rows``, in plain Python; ids are row numbers."""
    made: dict[str, list[Record]] = {name: []}
    children: dict[str, list[list[tuple[str, types.Type, Any]]]] = {}
    for number, row in enumerate(rows, 1):
        record: Record = {}
        for column, logical, value in row:
            record[column], lists = keyed(logical, value, number)
            for element, entries in lists:
                inner = children.setdefault(column, [])
                for index, entry in enumerate(entries):
                    inner.append(
                        [
                            ("id", types.LONG, number),
                            ("index", types.INT, index),
                            *flat(f"{column}.val", element, entry),
                        ]
                    )
        made[name].append(record)
    for column, inner in children.items():
        made |= model(root, f"{root}_{column}", inner)
    return made


def keyed(logical: types.Type, value: Any, number: int) -> tuple[Any, list[tuple[types.Type, list[Any]]]]:
    """Return a column's value with the id in place of lists, and the lists."""
    match logical:
        case types.Array(element):
            return (None, []) if value is None else (number, [(element, value)])
        case types.Map(inner, key):
            entry = types.Struct((types.Field("key", key), types.Field("value", inner)))
            entries = [{"key": k, "value": v} for k, v in (value or {}).items()]
            return (None, []) if value is None else (number, [(entry, entries)])
        case types.Choice(alternatives) if any(isinstance(one, types.Array | types.Map) for one in alternatives):
            names = {one.name for one in alternatives if not isinstance(one, types.Array | types.Map)} | {"long"}
            if value is None:
                return None, []
            present = next(one for one in alternatives if value[one.name] is not None)
            inner_value, lists = keyed(present, value[present.name], number)
            at = "long" if lists else present.name
            if names == {"long"}:
                return inner_value, lists
            return {one: inner_value if one == at else None for one in names}, lists
        case _:
            return value, []


def one_list_per_column(logical: types.Type) -> bool:
    """Return whether no choice has both an array and a map: their tables would have the same name."""
    match logical:
        case types.Struct(fields):
            return all(one_list_per_column(field.type) for field in fields)
        case types.Choice(alternatives):
            both = {"array", "map"} <= {one.name for one in alternatives}
            return not both and all(one_list_per_column(one) for one in alternatives)
        case types.Array(element):
            return one_list_per_column(element)
        case types.Map(inner):
            return one_list_per_column(inner)
        case _:
            return True


@FEW_EXAMPLES
@given(sample=samples().filter(lambda one: one_list_per_column(one.schema)))
def test_relationalize_agrees_with_a_plain_model(spark: SparkSession, sample: Sample) -> None:
    """The tables of random nested records are those of a model in plain Python."""
    rows = [
        [part for field in sample.schema for part in flat(field.name, field.type, record[field.name])]
        for record in sample.records
    ]
    expected = model("root", "root", rows)
    made = tables(sample.frame(spark), "root")
    assert {name: rows for name, rows in made.items() if rows or name in expected} == expected


@FEW_EXAMPLES
@given(sample=samples())
def test_the_data_of_tables_has_their_schema(spark: SparkSession, sample: Sample) -> None:
    """The data of every table has its schema (contract of Frame), also if it is empty; the same for unnest."""
    frame = sample.frame(spark)
    for table in [*relationalize(frame, "root"), unnest(frame)]:
        assert _types(table.data.schema) == _types(types.physical_struct(table.schema))


def _types(schema: Any) -> str:
    return str(schema.simpleString())
