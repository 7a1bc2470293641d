"""Amazon's own DynamicFrame and transforms, unmodified, on the stand-in."""

from __future__ import annotations

import importlib
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, ResolveOption
from awsglue.gluetypes import StringType
from awsglue.transforms import (
    ApplyMapping,
    DropFields,
    DropNullFields,
    ErrorsAsDynamicFrame,
    Filter,
    Map,
    RenameField,
    ResolveChoice,
    SelectFields,
    Spigot,
)
from pyspark.sql import SparkSession

from glueprint.runtime.standin import dynamic_frame

pytestmark = pytest.mark.spark

ROWS = [
    {"id": 1, "name": "ann", "place": {"city": "a", "zip": 1}, "x.y": 1.5},
    {"id": 2, "name": "bob", "place": {"city": "b", "zip": 2}, "x.y": 2.5},
]


@pytest.fixture(scope="module")
def glue(spark: SparkSession) -> GlueContext:
    """Amazon's GlueContext on the shared Spark."""
    return GlueContext(spark.sparkContext)


@pytest.fixture
def people(glue: GlueContext, spark: SparkSession) -> DynamicFrame:
    """Two records."""
    schema = "id bigint, name string, place struct<city:string,zip:int>, `x.y` double"
    return DynamicFrame.fromDF(spark.createDataFrame(ROWS, schema), glue, "people")


def rows_of(frame: DynamicFrame) -> list[dict[str, Any]]:
    """Return all records as dicts."""
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def printed(frame: DynamicFrame) -> list[str]:
    """Return the schema as ``printSchema`` prints it."""
    out = io.StringIO()
    with redirect_stdout(out):
        frame.printSchema()
    return out.getvalue().split("\n")[:-2]


def test_a_frame_of_a_dataframe_and_back(people: DynamicFrame) -> None:
    """``fromDF``, ``count``, ``schema``, ``toDF``, ``show`` (docs/facts/runtime.md#calls-into-the-jvm)."""
    assert people.count() == 2
    assert people.schema().getField("place").dataType.typeName() == "struct"
    assert rows_of(people) == ROWS
    out = io.StringIO()
    with redirect_stdout(out):
        people.show(1)
    assert out.getvalue() == '{"id": 1, "name": "ann", "place": {"city": "a", "zip": 1}, "x.y": 1.5}\n'
    assert people.repartition(3).getNumPartitions() == 3
    assert people.repartition(3).coalesce(1).getNumPartitions() == 1


def test_every_kind_of_value_is_shown(glue: GlueContext, spark: SparkSession) -> None:
    """``show`` prints values as they are written to JSON (docs/fidelity/frames.md): texts unchanged, no Python
    syntax.
    """
    values = "1.50 as p, date'2024-01-02' as d, timestamp'2024-01-02 03:04:05' as t, binary('ab') as b, 'ä' as s"
    frame = DynamicFrame.fromDF(spark.sql(f"select {values}, map(1, true) as m, int(null) as n"), glue, "x")
    out = io.StringIO()
    with redirect_stdout(out):
        frame.show()
    assert json.loads(out.getvalue()) == {
        "p": 1.5,
        "d": "2024-01-02",
        "t": "2024-01-02 03:04:05.000000",
        "b": "YWI=",
        "s": "ä",
        "m": {"1": True},
    }
    assert "ä" in out.getvalue()


def test_from_rdd(glue: GlueContext, spark: SparkSession) -> None:
    """``create_dynamic_frame.from_rdd`` takes an RDD and a schema (developer guide, DynamicFrameReader)."""
    rdd = spark.sparkContext.parallelize([(1, "a")])
    frame = glue.create_dynamic_frame.from_rdd(rdd, "f", schema="n int, t string")
    assert rows_of(frame) == [{"n": 1, "t": "a"}]


def test_fields_are_dropped_selected_renamed(people: DynamicFrame) -> None:
    """Paths lead into structs, backticks enclose names with dots, unknown paths change nothing (developer
    guide, DynamicFrame class).
    """
    assert rows_of(DropFields.apply(people, ["place.zip", "`x.y`", "absent"])) == [
        {"id": one["id"], "name": one["name"], "place": {"city": one["place"]["city"]}} for one in ROWS
    ]
    assert rows_of(SelectFields.apply(people, ["place.city", "id"]))[0] == {"place": {"city": "a"}, "id": 1}
    renamed = RenameField.apply(RenameField.apply(people, "place.city", "place.town"), "name", "who")
    assert rows_of(renamed)[0] == {"id": 1, "who": "ann", "place": {"town": "a", "zip": 1}, "x.y": 1.5}
    assert printed(renamed)[:3] == ["root", "|-- id: long", "|-- who: string"]


def test_apply_mapping(people: DynamicFrame) -> None:
    """Targets with dots make structs, sources with dots lead into them or are in backticks, types are cast
    (aws-glue-samples, data_cleaning_and_lambda); fields without a mapping are dropped.
    """
    mapped = ApplyMapping.apply(
        people,
        [
            ("ID", "long", "who.id", "string"),
            ("place.city", "string", "city", "string"),
            ("name", "string", "who.name", "string"),
            ("`x.y`", "double", "`x.y`", "int"),
            ("absent", "string", "absent", "string"),
        ],
    )
    assert printed(mapped) == [
        "root",
        "|-- who: struct",
        "|    |-- id: string",
        "|    |-- name: string",
        "|-- city: string",
        "|-- x.y: int",
    ]
    assert rows_of(mapped)[0] == {"who": {"id": "1", "name": "ann"}, "city": "a", "x.y": 1}


def test_map_and_filter_receive_plain_values(people: DynamicFrame) -> None:
    """Functions receive records whose structs are records, and the types of their results are inferred; chains
    need no schema between (developer guide, Map and Filter classes).
    """

    def older(record: Any) -> Any:
        record["zip"] = record.place.zip * 100000000000
        del record["place"]
        return record

    mapped = Map.apply(Filter.apply(people, lambda record: record["place"]["city"] == "b"), older)
    assert mapped.count() == 1
    assert rows_of(mapped) == [{"id": 2, "name": "bob", "x.y": 2.5, "zip": 200000000000}]
    assert printed(mapped) == ["root", "|-- id: int", "|-- name: string", "|-- x.y: double", "|-- zip: long"]


def test_records_that_fail_are_counted_and_shown(people: DynamicFrame) -> None:
    """A function that raises leaves an error record; later transforms keep it (developer guide,
    errorsAsDynamicFrame, errorsCount, stageErrorsCount).
    """

    def picky(record: Any) -> Any:
        if record["id"] == 2:
            raise RuntimeError("not this one")
        return record

    mapped = Map.apply(people, picky, info="the picky one")
    assert [one["id"] for one in rows_of(mapped)] == [1]
    assert (mapped.errorsCount(), mapped.stageErrorsCount(), mapped.count()) == (1, 1, 1)
    dropped = mapped.drop_fields(["name"])
    assert (dropped.errorsCount(), dropped.stageErrorsCount()) == (1, 0)
    [error] = [one["error"] for one in rows_of(ErrorsAsDynamicFrame.apply(dropped))]
    assert list(error) == ["callsite", "msg", "stackTrace", "input", "bytesread", "source", "dynamicRecord"]
    assert (error["msg"], error["callsite"]["info"]) == ("not this one", "the picky one")
    assert error["dynamicRecord"]["name"] == "bob"
    dropped.assertErrorThreshold()


def test_too_many_errors_stop_the_script(people: DynamicFrame) -> None:
    """A threshold is the number of errors that are allowed (AWS Glue Scala DynamicFrame class). On AWS, ``Unbox``
    with ``totalThreshold=1`` and one broken record continues: PacktPublishing,
    Serverless-ETL-and-Analytics-with-AWS-Glue, Chapter04/04_ErrorsAsDynamicFrame.py.
    """

    def never(record: Any) -> Any:
        raise RuntimeError("never")

    with pytest.raises(RuntimeError, match="2 records failed, and stageThreshold is 1; the first error: never"):
        Map.apply(people, never, stageThreshold=1)
    assert Map.apply(people, never, stageThreshold=2).errorsCount() == 2
    with pytest.raises(RuntimeError, match="totalThreshold is 1"):
        Map.apply(people, never).drop_fields(["id"], totalThreshold=1)


def test_null_fields_are_dropped(glue: GlueContext, spark: SparkSession) -> None:
    """``DropNullFields`` drops fields of the type null, also in structs (developer guide, DropNullFields)."""
    data = spark.sql("select 1 as a, null as b, struct(null as `c.d`, 2 as e) as s")
    assert rows_of(DropNullFields.apply(DynamicFrame.fromDF(data, glue, "f"))) == [{"a": 1, "s": {"e": 2}}]


def test_choices_of_python_records(people: DynamicFrame) -> None:
    """Values of different types make a choice; each action resolves it (developer guide, resolveChoice)."""

    def mixed(record: Any) -> Any:
        record["v"] = 7 if record["id"] == 1 else "seven"
        return record

    frame = Map.apply(people, mixed).select_fields(["id", "v"])
    assert printed(frame) == ["root", "|-- id: int", "|-- v: choice", "|    |-- int", "|    |-- string"]
    assert sorted(frame.schema().getField("v").dataType.choices) == ["int", "string"]
    both = [{"int": 7, "string": None}, {"int": None, "string": "seven"}]
    assert [one["v"] for one in rows_of(frame)] == both
    assert [one["v"] for one in rows_of(frame.resolveChoice(choice="make_struct"))] == both
    assert [one["v"] for one in rows_of(frame.resolveChoice([("v", "cast:string")]))] == ["7", "seven"]
    assert [one["v"] for one in rows_of(frame.resolveChoice([("v", "cast:long")]))] == [7, None]
    assert [one["v"] for one in rows_of(frame.resolveChoice([("v", "project:string")]))] == [None, "seven"]
    assert rows_of(ResolveChoice.apply(frame, choice="make_cols"))[0] == {"id": 1, "v_int": 7, "v_string": None}
    option = ResolveOption("v", "Project", StringType())
    assert [row.v for row in frame.toDF([option]).collect()] == [None, "seven"]
    with pytest.raises(ValueError, match="resolveChoice does not support the action 'make_rows'"):
        frame.resolveChoice(choice="make_rows")


class FakeGlue:
    """A Data Catalog with one table."""

    def get_table(self, **request: str) -> dict[str, Any]:
        """Return the table, if it is the one requested."""
        assert request == {"DatabaseName": "db", "Name": "t"}
        columns = [{"Name": "v", "Type": "bigint"}]
        return {"Table": {"StorageDescriptor": {"Columns": columns}, "PartitionKeys": []}}


def test_choices_as_the_catalog_declares(people: DynamicFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """``match_catalog`` casts choices to the table's types (developer guide, resolveChoice)."""
    monkeypatch.setattr(dynamic_frame, "default_client", lambda service: FakeGlue())
    frame = Map.apply(people, lambda record: {"v": 7 if record["id"] == 1 else "seven"})
    matched = frame.resolveChoice(choice="match_catalog", database="db", table_name="t")
    assert rows_of(matched) == [{"v": 7}, {"v": None}]
    assert printed(matched) == ["root", "|-- v: long"]
    with pytest.raises(ValueError, match="needs database and table_name"):
        frame.resolveChoice(choice="match_catalog")


def test_spigot_writes_some_records(people: DynamicFrame, s3_root: Path) -> None:
    """``spigot`` writes ``topk`` records as JSON and returns the frame (developer guide, spigot)."""
    (s3_root / "spigots").mkdir()
    same = Spigot.apply(people, "s3://spigots/out", {"topk": 1})
    assert same.count() == 2
    written = "".join(path.read_text() for path in (s3_root / "spigots" / "out").glob("part-*"))
    assert written.splitlines() == ['{"id":1,"name":"ann","place":{"city":"a","zip":1},"x.y":1.5}']


def test_names_without_a_stand_in_are_refused(glue: GlueContext, people: DynamicFrame) -> None:
    """Other names of Glue's JVM raise "not supported locally: X"; Java's own names work
    (docs/fidelity/frames.md).
    """
    with pytest.raises(NotImplementedError, match=r"not supported locally: DynamicFrame\.pyWithFrameSchema"):
        people.with_frame_schema(people.schema())
    view = glue.spark_session._jvm
    with pytest.raises(NotImplementedError, match=r"locally: com\.amazonaws\.services\.glue\.ml\.FindMatches"):
        view.com.amazonaws.services.glue.ml.FindMatches()
    with pytest.raises(NotImplementedError, match="not supported locally: EvaluateDataQuality"):
        view.EvaluateDataQuality()
    assert view.com.amazonaws.services.glue.MappingSpec is view.MappingSpec
    assert view.com.google.common.base.Strings.isNullOrEmpty("")


def test_packages_that_only_aws_has_are_refused_as_missing() -> None:
    """A script that works with and without them expects ModuleNotFoundError; the message states the reason
    (developer guide, "Detect PII": the import of its scripts)."""
    with pytest.raises(ModuleNotFoundError, match=r"awsglueml is not published: only AWS has it"):
        importlib.import_module("awsglueml.transforms")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("awsgluestudio")


def test_data_quality_returns_frames(people: DynamicFrame) -> None:
    """``apply`` returns a frame of outcomes; ``process_rows`` the frames that scripts select from
    (DG:tutorial-data-quality)."""
    evaluate = importlib.import_module("awsgluedq.transforms").EvaluateDataQuality
    rules = "Rules = [ColumnCount > 0, RowCount > 100]"
    outcomes = evaluate.apply(frame=people, ruleset=rules)
    assert outcomes.toDF().columns == ["Rule", "Outcome", "FailureReason", "EvaluatedMetrics", "EvaluatedRule"]
    assert outcomes.filter(lambda one: one["Outcome"] == "Failed").count() == 1
    found = evaluate().process_rows(
        frame=people, ruleset=rules, additional_options={"publishAggregatedMetrics.status": "ENABLED"}
    )
    assert list(found.keys()) == ["originalData", "ruleOutcomes", "rowLevelOutcomes", "aggregatedMetrics"]
    rows = found[evaluate.DATA_QUALITY_ROW_LEVEL_OUTCOMES_KEY].toDF()
    assert {row.DataQualityEvaluationResult for row in rows.collect()} == {"Passed"}
    (totals,) = found["aggregatedMetrics"].toDF().collect()
    assert (totals.PassedRows, totals.RulesPassed, totals.RulesFailed) == (people.count(), 1, 1)
    with pytest.raises(ValueError, match="line 1, column 11: Rule Type: IsNotNull is not valid"):
        evaluate.apply(frame=people, ruleset='Rules = [ IsNotNull "name" ]')
