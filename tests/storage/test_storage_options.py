"""Options without effect are reported; the columns that options of every format attach."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness.storage_lake import Lake, rows

from glueprint.runtime.storage import option_tables
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.formats.registry import FORMATS


@pytest.mark.parametrize(
    ("format_name", "options", "notes"),
    [
        ("csv", {"withHeadr": True}, ["'withHeadr' of format csv is not known", "did you mean 'withHeader'?"]),
        ("csv", {"withheader": True, "optimizePerformance": True, "attachFilename": "f"}, []),
        ("json", {"withSchema": "{}"}, ["'withSchema' of format json has no effect here: the types are"]),
        ("glueparquet", {"compression": "gzip", "x": 1}, ["option 'x' of format glueparquet is not known"]),
        ("xml", {"rowTag": "r"}, []),
    ],
)
def test_format_options_without_effect_are_reported(
    capsys: pytest.CaptureFixture[str], format_name: str, options: dict[str, Any], notes: list[str]
) -> None:
    """A misspelt option must not pass silently (DG:aws-glue-programming-etl-format has the names)."""
    option_tables.report_format_options(format_name, options)
    printed = capsys.readouterr().err
    assert bool(printed) is bool(notes)
    for note in notes:
        assert note in printed


@pytest.mark.parametrize(
    ("kind", "options", "notes"),
    [
        ("s3", {"path": "s3://b", "recurce": True}, ["'recurce' of connection", "did you mean 'recurse'?"]),
        ("s3", {"paths": [], "groupFiles": "none", "callSite": {}, "useS3ListImplementation": True}, []),
        ("s3", {"compressionType": "gzip"}, ["the suffix of each file's name decides"]),
        ("parquet", {"paths": [], "attachFilename": "f", "mergeSchema": True, "parquet.page.size": 1}, []),
        ("parquet", {"paths": [], "margeSchema": True}, ["did you mean 'mergeSchema'?"]),
        ("mysql", {"url": "u", "dbTable": "t", "hashfeild": "a"}, ["did you mean 'hashfield'?"]),
        ("dynamodb", {"dynamodb.input.tableName": "t", "q": 1}, ["'q' of connection type"]),
    ],
)
def test_connection_options_without_effect_are_reported(
    capsys: pytest.CaptureFixture[str], kind: str, options: dict[str, Any], notes: list[str]
) -> None:
    """Each connection type has its own options (DG:aws-glue-programming-etl-connect)."""
    option_tables.report_connection_options(kind, options)
    printed = capsys.readouterr().err
    assert bool(printed) is bool(notes)
    for note in notes:
        assert note in printed


def test_every_format_that_works_has_a_table_of_options() -> None:
    """A new format needs its options."""
    refused = {name for name, found in FORMATS.items() if type(found).__name__ == "UnsupportedFormat"}
    assert set(FORMATS) - refused == {*option_tables.FORMATS, "glueparquet"}


@pytest.mark.spark
@pytest.mark.parametrize("kind", ["csv", "json", "avro", "parquet", "orc"])
def test_the_file_of_each_record_can_be_attached(lake: Lake, kind: str) -> None:
    """``attachFilename`` and ``attachTimestamp`` name columns with a record's file and its time of modification
    (DG:aws-glue-programming-etl-format, shared configuration)."""
    lake.put("in/a b+c.csv", "x\n1\n")
    lake.put("in/d.csv", "x\n2\n")
    plain = lake.read("s3", "csv", {"withHeader": True}, paths=[lake.uri("in/")])
    lake.write(plain, kind, {"writeHeader": False} if kind == "csv" else {}, path=lake.uri("out/"))
    attach: dict[str, Any] = {"attachFilename": "file", "attachTimestamp": "at"}
    if kind in ("parquet", "orc"):
        frame = lake.read(kind, "", paths=[lake.uri("out/")], **attach)
    else:
        frame = lake.read("s3", kind, attach, paths=[lake.uri("out/")])
    found = rows(frame)
    assert len(found) == 2
    assert {one["file"] for one in found} == {lake.uri(key) for key in lake.keys("out/")}
    assert all(isinstance(one["at"], datetime.datetime) for one in found)
    assert frame.schema.names[-2:] == ["file", "at"] or kind in ("json",)
    source = lake.read("s3", "csv", {"withHeader": True, "attachFilename": "f"}, paths=[lake.uri("in/")])
    assert {(one["x"], one["f"]) for one in rows(source)} == {
        ("1", lake.uri("in/a b+c.csv")),
        ("2", lake.uri("in/d.csv")),
    }


@pytest.mark.spark
def test_sparks_own_options_are_passed_on_for_parquet_and_orc(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    """ "Any options that are accepted by the underlying SparkSQL code can be passed to it by way of the
    connection_options map parameter" (guide, format="parquet", format="orc"). Others have Glue's readers."""
    files = {"a/k=1/x.parquet": ["a"], "a/k=2/y.parquet": ["a", "b"], "a/k=2/z.other": ["a", "c"]}
    for key, fields in files.items():
        body = io.BytesIO()
        pq.write_table(pa.table({name: [1] for name in fields}), body)
        lake.put(key, body.getvalue())

    def columns(kind: str = "parquet", at: str = "a/", **options: Any) -> list[str]:
        given = {"paths": [lake.uri(at)], "recurse": True, **options}
        return sorted(lake.read(kind, "parquet" if kind == "s3" else "", **given).schema.names)

    assert columns() == ["a", "b", "c", "k"]
    assert columns(pathGlobFilter="*.{parquet,x}") == ["a", "b", "k"]
    assert columns("s3", pathGlobFilter="[xy]*") == ["a", "b"]
    assert columns(recursiveFileLookup="true") == ["a", "b", "c"]
    assert columns(at="a/k=1/") == ["a"]
    assert columns(at="a/k=1/", basePath=lake.uri("a/")) == ["a", "k"]
    assert columns("s3", mergeSchema=False) == ["a"]  # Spark takes one file's
    assert columns("s3", modifiedAfter="2100-01-01T00:00:00") == []
    assert columns("s3", modifiedBefore="2100-01-01T00:00:00", modifiedAfter="2001-01-01") == ["a", "b", "c"]
    with pytest.raises(StorageError, match="modifiedAfter"):
        columns(modifiedAfter="yesterday")
    assert "Spark's" not in capsys.readouterr().err

    lake.put("in/d.csv", "x\n1\n2\n")
    plain = lake.read("s3", "csv", {"withHeader": True}, paths=[lake.uri("in/")], mergeSchema=True)
    note = "mergeSchema are Spark's: Glue passes them on for parquet and orc only; they have no effect for csv"
    assert note in capsys.readouterr().err
    lake.write(plain, "orc", path=lake.uri("out/"), maxRecordsPerFile=1)
    assert len(lake.keys("out/")) == 2
