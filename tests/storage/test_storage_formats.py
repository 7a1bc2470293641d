"""What each file format reads and writes."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from harness.storage_lake import Lake, rows

from glueprint.runtime.frames import lost_records, types
from glueprint.runtime.storage.errors import BadOption, NotSupportedLocally, StorageError

pytestmark = pytest.mark.spark


def texts(*names: str) -> types.Struct:
    """Columns of strings."""
    return types.Struct(tuple(types.Field(name, types.STRING) for name in names))


def test_csv_without_a_header(lake: Lake) -> None:
    """Columns ``col0``, ``col1``, all strings; empty cells are empty texts (docs/facts/runtime.md#choicetype); the
    columns may be null, as those of all DynamicFrames (data_cleaning_and_lambda.md, printSchema).
    """
    lake.put("in/a.csv", '1,"x, y",\n2,"say ""hi""",z\n')
    frame = lake.read("s3", "csv", paths=[lake.uri("in/")])
    assert frame.schema == texts("col0", "col1", "col2")
    assert all(field.nullable for field in frame.data.schema)
    assert [tuple(row.values()) for row in rows(frame)] == [("1", "x, y", ""), ("2", 'say "hi"', "z")]


@pytest.mark.parametrize(
    ("options", "body", "expected"),
    [
        ({"withHeader": True}, "a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ({"skipFirst": "true"}, "a,b\n1,2\n", [{"col0": "1", "col1": "2"}]),
        ({"separator": "|", "quoteChar": "'"}, "1|'2|3'\n", [{"col0": "1", "col1": "2|3"}]),
        ({"quoteChar": -1}, '1,"2\n', [{"col0": "1", "col1": '"2'}]),
        ({"escaper": "\\"}, '1,"a\\"b"\n', [{"col0": "1", "col1": 'a"b'}]),
        ({"multiLine": True}, '1,"a\nb"\n', [{"col0": "1", "col1": "a\nb"}]),
        ({"optimizePerformance": True, "withHeader": "true"}, "a\nx\n", [{"a": "x"}]),
    ],
)
def test_csv_options(lake: Lake, options: dict[str, Any], body: str, expected: list[dict[str, str]]) -> None:
    """The options of the developer guide, "Using the CSV format in AWS Glue", one by one."""
    lake.put("in/a.csv", body)
    assert rows(lake.read("s3", "csv", options, paths=[lake.uri("in/")])) == expected


RAGGED = "a,b\n1,2\n3\n4,5,6\n"


@pytest.mark.parametrize("through_rdd", [False, True])
def test_csv_rows_with_other_numbers_of_cells_are_reported(lake: Lake, through_rdd: bool) -> None:
    """Surplus cells are left out and missing ones are null: the log states how many rows that concerns."""
    lake.put("in/a.csv", RAGGED)
    lost_records.report(io.StringIO())
    frame = lake.read("s3", "csv", {"withHeader": True}, paths=[lake.uri("in/")])
    if through_rdd:
        assert frame.data.rdd.map(tuple).collect() == [("1", "2"), ("3", None), ("4", "5")]
    else:
        assert rows(frame) == [{"a": "1", "b": "2"}, {"a": "3", "b": None}, {"a": "4", "b": "5"}]
    printed = io.StringIO()
    lost_records.report(printed)
    place = lake.uri("in")
    assert f"glueprint: csv in {place}: 2 rows have more or fewer cells than the 2 columns" in printed.getvalue()
    assert "one of them: 3 (counted by the first query of the frame: " in printed.getvalue()


def test_headers_of_csv_leave_no_warnings(lake: Lake) -> None:
    """Spark compares a file's header with the names that cells have while they are read, and would warn."""
    manager = lake.services.spark._jvm.org.apache.logging.log4j.LogManager
    checker = manager.getLogger("org.apache.spark.sql.catalyst.csv.CSVHeaderChecker")
    assert not checker.isWarnEnabled()
    assert checker.isErrorEnabled()


def test_csv_frames_are_joined_and_united_with_themselves(lake: Lake) -> None:
    """Counting rows on the way changes nothing for queries that use a frame twice; good files leave no note."""
    lake.put("in/a.csv", "1,2\n3,4\n")
    lost_records.report(io.StringIO())
    data = lake.read("s3", "csv", paths=[lake.uri("in/")]).data
    assert data.union(data).count() == 4
    assert data.alias("x").join(data.alias("y"), "col0").select("x.col1", "y.col1").count() == 2
    assert data.limit(1).collect()
    printed = io.StringIO()
    lost_records.report(printed)
    assert printed.getvalue() == ""


def test_csv_with_the_types_of_a_table(lake: Lake) -> None:
    """Cells that are not of the declared type make a choice (aws-glue-samples, resolve_choice)."""
    lake.put("t/a.csv", "1;2024-01-02;x\nn/a;2024-01-03;\n")
    lake.table("t", "csv", {"n": "bigint", "d": "date", "s": "string"}, serde={"field.delim": ";"})
    frame = lake.read_table("t")
    assert frame.schema.get("n") == types.choice([types.LONG, types.STRING])
    assert frame.schema.get("d") == types.DATE
    assert rows(frame) == [
        {"n": {"long": 1, "string": None}, "d": datetime.date(2024, 1, 2), "s": "x"},
        {"n": {"long": None, "string": "n/a"}, "d": datetime.date(2024, 1, 3), "s": ""},
    ]


def test_csv_refuses_what_it_cannot_do(lake: Lake) -> None:
    """Nothing is read wrong in silence: a header with skipFirst, separators of two characters, nested columns.
    """
    lake.put("in/a.csv", "a\n1\n")
    with pytest.raises(NotSupportedLocally, match="skipFirst together with withHeader"):
        lake.read("s3", "csv", {"withHeader": True, "skipFirst": True}, paths=[lake.uri("in/")])
    with pytest.raises(BadOption, match="'separator': '::' is not one character"):
        lake.read("s3", "csv", {"separator": "::"}, paths=[lake.uri("in/")])
    with pytest.raises(StorageError, match="csv cannot contain the nested columns b"):
        lake.write(lake.frame([(1, [1])], "a int, b array<int>"), "csv", path=lake.uri("out/"))


def test_json_with_disagreements_keeps_them(lake: Lake) -> None:
    """Read as a choice, written as the values that the records have, per partition folder (developer guide,
    "ResolveChoice"; Glue writes records).
    """
    lake.put_records("in/a.json", {"a": 1, "b": {"c": "x"}, "p": "u"}, {"a": "one", "b": {"c": 2}, "p": "u"})
    frame = lake.read("s3", "json", paths=[lake.uri("in/")])
    assert frame.schema.get("a") == types.choice([types.INT, types.STRING])
    lake.write(frame, "json", path=lake.uri("out"), partitionKeys=["p"])
    written = sorted(lake.text("out/p=u/").splitlines())
    assert written == ['{"a": "one", "b": {"c": 2}}', '{"a": 1, "b": {"c": "x"}}']
    kept = types.Struct(tuple(one for one in frame.schema if one.name != "b"))
    flat = frame.transformed(frame.data.select("a", "p"), kept)
    lake.write(flat, "csv", {"writeHeader": False}, path=lake.uri("csv"))
    assert sorted(lake.text("csv").splitlines()) == ["1,u", "one,u"]


def test_json_documents(lake: Lake) -> None:
    """``jsonPath`` and ``multiline`` (developer guide, "Using the JSON format"), the path also from a table."""
    lake.put("t/a.json", '{"people": [{"id": 1},\n {"id": 2}]}')
    by_path = lake.read("s3", "json", {"jsonPath": "$.people[*]"}, paths=[lake.uri("t/")])
    assert rows(by_path) == [{"id": 1}, {"id": 2}]
    assert lake.read("s3", "json", {"multiline": True}, paths=[lake.uri("t/")]).count() == 1
    lake.table("t", "json", {"id": "int"}, parameters={"jsonPath": "$.people[*]"})
    assert rows(lake.read_table("t")) == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("kind", ["parquet", "orc"])
def test_columnar_files_with_different_schemas(lake: Lake, kind: str) -> None:
    """Columns of all files; a column of two types is a choice (developer guide, "DynamicFrame class": a schema per
    record).
    """
    lake.write(lake.frame([(1, "x")], "a int, b string"), kind, path=lake.uri("in"))
    lake.write(lake.frame([(2, 0.5)], "a int, c double"), kind, path=lake.uri("in"))
    frame = lake.read("s3", kind, paths=[lake.uri("in/")])
    assert rows(frame) == [{"a": 1, "b": "x", "c": None}, {"a": 2, "b": None, "c": 0.5}]
    lake.write(lake.frame([("three",)], "a string"), kind, path=lake.uri("in"))
    frame = lake.read("s3", kind, paths=[lake.uri("in/")])
    assert frame.schema.get("a") == types.choice([types.INT, types.STRING])
    found = {(row["a"]["int"], row["a"]["string"]) for row in rows(frame)}
    assert found == {(1, None), (2, None), (None, "three")}


def test_sparks_own_formats_find_partitions(lake: Lake) -> None:
    """With ``format="parquet"`` Amazon's package requests the connection type ``parquet``: Spark's reader, which
    reads folders ``key=value`` as columns and passes over others.
    """
    lake.write(lake.frame([(1, 7), (2, 8)], "a int, p int"), "parquet", path=lake.uri("in"), partitionKeys=["p"])
    lake.write(lake.frame([(3,)], "a int"), "parquet", path=lake.uri("in/other"))
    assert rows(lake.read("parquet", paths=[lake.uri("in/")])) == [{"a": 1, "p": 7}, {"a": 2, "p": 8}]
    with pytest.raises(StorageError, match=r"Unable to infer schema for Orc\. It must be specified manually\."):
        lake.read("orc", paths=[lake.uri("nothing/")])


def test_avro_there_and_back(lake: Lake) -> None:
    """Every type survives; choices are unions; partition keys are folders (Avro specification 1.11)."""
    day, moment = datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)
    simple = (1, 2**40, 0.5, "t", True, b"b", day, moment, Decimal("1.25"))
    record = (*simple, [1, None], {"k": 1.5}, ("n", None), "a/b")
    schema = (
        "i int, l bigint, d double, s string, b boolean, y binary, day date, at timestamp, n decimal(9,2), "
        "a array<int>, m map<string,double>, r struct<x:string,`y z`:int>, p string"
    )
    frame = lake.frame([record, (*[None] * 12, None)], schema)
    lake.write(frame, "avro", path=lake.uri("out"), partitionKeys=["p"], compression="bzip2")
    folders = {key.split("/")[1] for key in lake.keys("out")}
    assert folders == {"p=a%2Fb", "p=__HIVE_DEFAULT_PARTITION__"}
    read = lake.read("s3", "avro", paths=[lake.uri("out/")], recurse=True)
    full = next(row for row in rows(read) if row["i"] == 1)
    assert full == {
        "i": 1, "l": 2**40, "d": 0.5, "s": "t", "b": True, "y": bytearray(b"b"), "day": day, "at": moment,
        "n": Decimal("1.25"), "a": [1, None], "m": {"k": 1.5}, "r": {"x": "n", "y_z": None},
    }  # fmt: skip
    assert read.schema.names == [name for name in frame.schema.names if name != "p"]


def test_avro_files_of_others(lake: Lake) -> None:
    """Unions are choices, enums texts, names may be used twice; files with other fields add columns (Avro
    specification).
    """
    point = {"type": "record", "name": "Point", "fields": [{"name": "x", "type": "long"}]}
    first = {
        "type": "record",
        "name": "R",
        "namespace": "n",
        "fields": [
            {"name": "u", "type": ["null", "long", "string"]},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            {"name": "p", "type": point},
            {"name": "q", "type": ["null", "Point"]},
        ],
    }
    more = [{"name": "u", "type": "string"}, {"name": "z", "type": "int"}]
    second = {"type": "record", "name": "R", "fields": more}
    records_of_first = [
        {"u": 5, "e": "A", "p": {"x": 1}, "q": None},
        {"u": "s", "e": "B", "p": {"x": 2}, "q": {"x": 3}},
    ]
    for name, schema, records in [("a", first, records_of_first), ("b", second, [{"u": "t", "z": 9}])]:
        body = io.BytesIO()
        fastavro.writer(body, fastavro.parse_schema(schema), records)
        lake.put(f"in/{name}.avro", body.getvalue())
    frame = lake.read("s3", "avro", paths=[lake.uri("in/")])
    assert frame.schema.get("u") == types.choice([types.LONG, types.STRING])
    found = {(row["u"]["long"], row["u"]["string"]): (row["e"], row["q"], row["z"]) for row in rows(frame)}
    assert found == {
        (5, None): ("A", None, None),
        (None, "s"): ("B", {"x": 3}, None),
        (None, "t"): (None, None, 9),
    }


def test_xml_of_paths_and_tables(lake: Lake) -> None:
    """Types come from the records and conflicts become choices, as in public scripts over XML, which resolve
    ``FileSize`` to a string; a crawled table states its row tag (DG:custom-classifier, XML)."""
    lake.put("in/k=1/a.xml", "<all><row n='1'><size>5</size></row><row n='2'><size>5 kB</size></row></all>")
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?><all><row><t>é</t></row></all>'
    lake.put("in/k=2/b.xml", latin.encode("latin1"))
    frame = lake.read("s3", "xml", {"rowTag": "row"}, paths=[lake.uri("in/k=1/")])
    assert frame.schema.get("size") == types.choice([types.INT, types.STRING])
    assert [row["_n"] for row in rows(frame)] == [1, 2]
    options = {"rowTag": "row", "encoding": "latin1"}
    assert rows(lake.read("s3", "xml", options, paths=[lake.uri("in/k=2/")])) == [{"t": "é"}]
    lake.table("in", "xml", {"size": "string"}, {"k": "string"}, serde={"rowTag": "row"})
    lake.partition("in", "1", folder="k=1")
    assert [(row["_n"], row["k"]) for row in rows(lake.read_table("in"))] == [(1, "1"), (2, "1")]
    with pytest.raises(StorageError, match="needs the option 'rowTag'"):
        lake.read("s3", "xml", paths=[lake.uri("in/k=1/")]).schema  # noqa: B018
    with pytest.raises(StorageError, match="xml cannot be written: Glue only reads it"):
        lake.write(frame, "xml", path=lake.uri("out/"))


@pytest.mark.parametrize("name", ["grokLog", "ion", "hudi"])
def test_formats_that_are_not_there(lake: Lake, name: str) -> None:
    """Refused, with the name in the error; an unknown name has another error."""
    lake.put("in/a", "x")
    with pytest.raises(NotSupportedLocally, match=f"not supported locally: format {name}"):
        lake.read("s3", name, paths=[lake.uri("in/")])
    with pytest.raises(StorageError, match="'cvs' is not a format of Glue; formats are csv, json"):
        lake.read("s3", "cvs", paths=[lake.uri("in/")])


def test_a_source_or_sink_without_format(lake: Lake) -> None:
    """Reported before anything is listed or written; the connection ``s3`` accepts S3 paths only."""
    with pytest.raises(StorageError, match="the source has no format"):
        lake.read("s3", paths=[lake.uri("in/")])
    with pytest.raises(StorageError, match="the sink has no format"):
        lake.write(lake.frame([(1,)], "a int"), "", path=lake.uri("out"))
    with pytest.raises(StorageError, match="'/tmp' is not an S3 path"):
        lake.read("s3", "json", paths=["/tmp"])
    with pytest.raises(StorageError, match="needs the option 'paths'"):
        lake.read("s3", "json")
