"""Amazon's own classes, unmodified: transforms that change nesting or have more than one frame."""

from __future__ import annotations

from typing import Any

import pytest
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import (
    DropFields,
    FlatMap,
    Join,
    MapToCollection,
    Relationalize,
    RenameField,
    SelectFields,
    SelectFromCollection,
    SplitFields,
    SplitRows,
    Unbox,
    UnnestFrame,
)
from pyspark.sql import SparkSession
from pyspark.sql.types import ArrayType, LongType, StructField, StructType

pytestmark = pytest.mark.spark

CUSTOMERS = [
    {"zip": 75091, "customers": [{"id": 623, "address": "108 Park Street, TX"}, {"id": 231, "address": "763 M"}]},
    {"zip": 75023, "customers": [{"id": 343, "address": "66 P Street, NY"}]},
]


@pytest.fixture(scope="module")
def glue(spark: SparkSession) -> GlueContext:
    """Amazon's GlueContext on the shared Spark."""
    return GlueContext(spark.sparkContext)


def made(glue: GlueContext, spark: SparkSession, name: str, schema: str, *rows: Any) -> DynamicFrame:
    """Return a DynamicFrame of ``rows``."""
    return DynamicFrame.fromDF(spark.createDataFrame(list(rows), schema), glue, name)


def rows_of(frame: DynamicFrame) -> list[dict[str, Any]]:
    """Return all records as dicts."""
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def test_orders_of_customers(glue: GlueContext, spark: SparkSession) -> None:
    """Join, DropFields, Relationalize, SelectFromCollection and RenameField in sequence, with values of the
    guide's examples (Join, SelectFromCollection and RenameField classes).
    """
    schema = "zip long, customers array<struct<id:long,address:string>>"
    orders = made(glue, spark, "orders", schema, *CUSTOMERS)
    wanted = SelectFields.apply(frame=made(glue, spark, "zips", "zip long, x int", (75091, 1)), paths=["zip"])
    joined = Join.apply(orders, wanted, "zip", "zip")
    assert joined.name == "orderszips"
    assert joined.toDF().columns == [".zip", "customers", "zip"]
    tables = Relationalize.apply(
        frame=DropFields.apply(frame=joined, paths="`.zip`"), staging_path="s3://none/tmp", name="root"
    )
    assert list(tables.keys()) == ["root", "root_customers"]
    assert rows_of(SelectFromCollection.apply(tables, "root")) == [{"customers": 1, "zip": 75091}]
    pivoted = SelectFromCollection.apply(tables, "root_customers")
    renamed = RenameField.apply(pivoted, "`customers.val.address`", "address")
    renamed = RenameField.apply(renamed, "`customers.val.id`", "cust_id")
    assert rows_of(DropFields.apply(frame=renamed, paths=["index", "id"])) == [
        {"cust_id": 623, "address": "108 Park Street, TX"},
        {"cust_id": 231, "address": "763 M"},
    ]


def test_warehouses(glue: GlueContext, spark: SparkSession) -> None:
    """Unbox, UnnestFrame, SplitFields and SplitRows with the calls of the guide's examples of these classes."""
    boxed = made(
        glue,
        spark,
        "dyf_warehouse",
        "warehouse_loc string, data string",
        ("TX_WAREHOUSE", '{"strawberry":220,"pineapple":560}'),
        ("CA_WAREHOUSE", '{"strawberry":34,"pineapple":123}'),
    )
    flat = UnnestFrame.apply(frame=Unbox.apply(frame=boxed, path="data", format="json"))
    assert flat.toDF().columns == ["warehouse_loc", "data.strawberry", "data.pineapple"]
    parts = SplitFields.apply(frame=flat, paths=["`data.strawberry`"], name1="a", name2="b")
    assert [part.toDF().columns for part in (parts.select("a"), parts.select("b"))] == [
        ["data.strawberry"],
        ["warehouse_loc", "data.pineapple"],
    ]
    rows = SplitRows.apply(
        frame=flat,
        comparison_dict={"`data.pineapple`": {">": "100", "<": "200"}},
        name1="pa_200_less",
        name2="pa_200_more",
    )
    assert [row["warehouse_loc"] for row in rows_of(rows["pa_200_less"])] == ["CA_WAREHOUSE"]
    assert [row["warehouse_loc"] for row in rows_of(rows["pa_200_more"])] == ["TX_WAREHOUSE"]


def test_collections(glue: GlueContext, spark: SparkSession) -> None:
    """A collection maps over its frames, and returns an empty frame for an unknown key (Amazon's class)."""
    rows = made(glue, spark, "rows", "id long, x string", (1, "a"), (20, "b"))
    parts = rows.split_rows({"id": {">": 10}}, "high", "low")
    renamed = MapToCollection.apply(parts, lambda one, ctx: one.rename_field("x", "y"), transformation_ctx="t")
    assert rows_of(renamed.select("high")) == [{"id": 20, "y": "b"}]
    dropped = FlatMap.apply(parts, DropFields, "frame", transformation_ctx="t", paths=["x"])
    assert rows_of(dropped.select("low")) == [{"id": 1}]
    assert parts.select("none").count() == 0


def test_union_and_merge(glue: GlueContext, spark: SparkSession) -> None:
    """The methods of Amazon's class: a union has all records, the staging frame replaces records with the same
    keys.
    """
    old = made(glue, spark, "old", "id long, x string", (1, "a"), (2, "b"))
    new = made(glue, spark, "new", "id long, x string", (2, "c"))
    assert old.union(new).count() == 3
    assert rows_of(old.mergeDynamicFrame(new, "id")) == [{"id": 1, "x": "a"}, {"id": 2, "x": "c"}]


def test_dynamodb_json(glue: GlueContext, spark: SparkSession) -> None:
    """unnest_ddb_json and simplify_ddb_json of Amazon's class call the stand-in."""
    export = made(glue, spark, "export", "Item struct<a:struct<M:struct<b:struct<S:string>>>>", ((((("x",),),),),))
    assert rows_of(export.unnest_ddb_json()) == [{"a.b": "x"}]
    assert rows_of(export.simplify_ddb_json()) == [{"a": {"b": "x"}}]


def test_every_column_may_be_null(glue: GlueContext, spark: SparkSession) -> None:
    """As in the schema of aws-glue-samples, GlueUnitTestingLocalSample, whatever Spark infers."""
    strict = StructType(
        [
            StructField("id", LongType(), False),
            StructField("list", ArrayType(StructType([StructField("x", LongType(), False)]), False), False),
        ]
    )
    rows = DynamicFrame.fromDF(spark.createDataFrame([(1, [(2,)])], strict), glue, "rows")
    element = StructType([StructField("x", LongType(), True)])
    assert rows.toDF().schema == StructType(
        [StructField("id", LongType(), True), StructField("list", ArrayType(element, True), True)]
    )
    tables = rows.relationalize("root", "s3://none/tmp")
    assert all(field.nullable for name in tables.keys() for field in tables.select(name).toDF().schema)  # noqa: SIM118
    assert rows_of(tables.select("root_list")) == [{"id": 1, "index": 0, "list.val.x": 2}]
