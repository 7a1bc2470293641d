"""conversion, CSV: exactly the rows of the files, with types; bad records are counted and kept, never dropped."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from conversion_world import ConversionWorld
from fake_s3 import FakeS3
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.common import object_streams, pieces
from glue_jobs.common.bad_records import TooManyBadRecords
from glue_jobs.common.source_rounds import ReadingFailed


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> ConversionWorld:
    """A workflow from CSV to Parquet."""
    return ConversionWorld(FakeS3(), monkeypatch)


def types(world: ConversionWorld) -> dict[str, str]:
    """The columns of the result's table."""
    columns = world.glue.tables["orders"]["StorageDescriptor"]["Columns"]
    return {column["Name"]: column["Type"] for column in columns}


def test_types_are_inferred(world: ConversionWorld) -> None:
    """Inferred: the narrowest type that holds every value, and no number that would lose digits (README)."""
    world.put(
        "a.csv",
        "Id,Price,Day,At,Ok,Name,Zip,Long,None,Zoned\n"
        "1,2.5,2024-01-31,2024-01-31 10:00:00,true,x,007,123456789012345678901,,2024-01-31T10:00:00Z\n",
    )
    (row,) = world.run()
    assert types(world) == {
        "id": "bigint",
        "price": "double",
        "day": "date",
        "at": "timestamp",
        "ok": "boolean",
        "name": "string",
        "zip": "string",
        "long": "string",
        "none": "string",
        "zoned": "timestamp",
    }
    assert (row["zip"], row["long"], row["none"]) == ("007", "123456789012345678901", "")
    assert (row["day"], row["zoned"]) == (date(2024, 1, 31), datetime(2024, 1, 31, 10))
    assert [world.count("wr_1", name) for name in ("rows", "files_in", "files_out", "bad_records")] == [1, 1, 1, 0]
    assert "1 rows of 1 files" in world.report("wr_1")[-1]


def test_files_that_differ_are_one_table(world: ConversionWorld) -> None:
    """Schema drift: columns in any order, missing ones are null, numbers widen, number and text are text."""
    world.put("a.csv", "id,price,code\n1,2,3\n")
    world.put("b.csv", "PRICE,id,extra,code\n2.5,2,x,A3\n")
    assert world.run() == [
        {"id": 1, "price": 2.0, "code": "3", "extra": None},
        {"id": 2, "price": 2.5, "code": "A3", "extra": "x"},
    ]
    assert types(world) == {"id": "bigint", "price": "double", "code": "string", "extra": "string"}


def test_choices_may_be_refused(world: ConversionWorld) -> None:
    """ChoiceTypes=fail: the run fails, names column and both types, and publishes nothing (README)."""
    world.put("a.csv", "id,code\n1,3\n")
    world.put("b.csv", "id,code\n2,A3\n")
    with pytest.raises(ReadingFailed, match="column code is int64 here and string there"):
        world.run(choice_types="fail")
    assert "orders" not in world.glue.tables


def test_a_value_beyond_the_sample_changes_the_type(
    world: ConversionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inferred type holds for all rows: what the sample has not shown is found, and all is written again."""
    monkeypatch.setattr(pieces, "MIN_GROUP_BYTES", 5_000)
    monkeypatch.setattr(object_streams, "CHUNK_BYTES", 2_000)
    monkeypatch.setattr("glue_jobs.common.source_tasks.SAMPLE_BYTES", 1_000)
    lines = [f"{number},{number}" for number in range(4_000)]
    lines[3_000] = "3000,N/A"
    lines[3_500] = "3500.5,7"
    world.put("a.csv", "id,code\n" + "\n".join(lines) + "\n")
    rows = world.run()
    assert types(world) == {"id": "double", "code": "string"}
    assert [row["id"] for row in rows[:3_500]] == list(range(3_500))
    assert (rows[3_000]["code"], rows[3_500]["id"], len(rows)) == ("N/A", 3500.5, 4_000)
    assert world.count("wr_1", "files_out") > 5


def test_bad_records_are_kept_with_their_reason(world: ConversionWorld) -> None:
    """Up to MaximumBadRecords are left out: each with file, place, reason and text; the counts agree."""
    world.put("a.csv", "id,name\n1,x\ntwo,y\n3\n4,z,zz\n5,v\n")
    world.put("b.csv", b"id,name\n6,\xff\n7,w\n")
    rows = world.run(schema="id bigint, name string", maximum_bad_records="4")
    assert [row["id"] for row in rows] == [1, 5, 7]
    assert world.count("wr_1", "bad_records") == 4
    assert world.count("wr_1", "rows") == 3
    bad = {(one["file"], one["where"]): (one["reason"], one["record"]) for one in world.bad()}
    assert bad == {
        ("s3://landing/in/a.csv", "record 2"): ("id: 'two' is not int64", "two,y"),
        ("s3://landing/in/a.csv", "record 3"): ("1 fields instead of 2", "3"),
        ("s3://landing/in/a.csv", "record 4"): ("3 fields instead of 2", "4,z,zz"),
        ("s3://landing/in/b.csv", "record 1"): (
            "its text is not UTF-8: invalid start byte",
            "6,\\xff\r\n".replace("\r", ""),
        ),
    }


def test_one_bad_record_too_many_fails_the_run(world: ConversionWorld) -> None:
    """The limit counts over all files; nothing is published, the input is untouched, the message has a count."""
    world.put("a.csv", "id\n1\nx\n")
    world.put("b.csv", "id\n2\ny\n")
    with pytest.raises(TooManyBadRecords, match=r"At least 2 records are bad.*MaximumBadRecords is 1.*id: 'x'"):
        world.run(schema="id int", maximum_bad_records="1")
    assert "orders" not in world.glue.tables
    assert len(world.bad()) == 2
    assert world.count("wr_1", "bad_records") == 2
    assert [key for key in world.s3.objects if key[0] == "landing"] == [
        ("landing", "in/a.csv"),
        ("landing", "in/b.csv"),
    ]


def test_column_types_overrule_what_is_inferred(world: ConversionWorld) -> None:
    """ColumnTypes: the other columns are inferred; a value that does not fit is bad, not a reason to widen."""
    world.put("a.csv", "id,price,at\n1,2.50,2024-01-01\nx,3,2024-01-02\n")
    rows = world.run(column_types="id int, price decimal(10,2)", maximum_bad_records="1")
    assert types(world) == {"id": "int", "price": "decimal(10,2)", "at": "date"}
    assert [(row["id"], str(row["price"])) for row in rows] == [(1, "2.50")]
    with pytest.raises(ReadingFailed, match="ColumnTypes: nope not a column; there are id, price, at"):
        world.run("wr_2", column_types="nope int")


def test_the_schema_may_be_that_of_a_table(world: ConversionWorld) -> None:
    """SchemaTable: names and types come from the Data Catalog."""
    columns = [{"Name": "id", "Type": "smallint"}, {"Name": "note", "Type": "varchar(20)"}]
    world.glue.tables["model"] = {"Name": "model", "StorageDescriptor": {"Columns": columns}}
    world.put("a.csv", "id\n1\n")
    assert world.run(schema_table="sales.model") == [{"id": 1, "note": None}]
    assert types(world) == {"id": "smallint", "note": "string"}


@pytest.mark.parametrize(
    ("name", "body", "arguments", "expected"),
    [
        ("bom", b"\xef\xbb\xbfid,name\r\n1,x\r\n", {}, [(1, "x")]),
        ("latin", "id,name\n1,é\n".encode("latin-1"), {"encoding": "latin-1"}, [(1, "é")]),
        ("utf16", "id,name\n1,é\n2,ü\n".encode("utf-16"), {"encoding": "utf-16"}, [(1, "é"), (2, "ü")]),
        ("quoted", b'id,name\n1,"a ""b"",\r\nc"\n2,"d"\n', {}, [(1, 'a "b",\r\nc'), (2, "d")]),
        ("no newline", b"id,name\n1,x", {}, [(1, "x")]),
        ("blank lines", b"id,name\n\n1,x\n\n\n2,y\n\n", {}, [(1, "x"), (2, "y")]),
        ("header only", b"id,name\n", {"schema": "id bigint, name string"}, []),
        ("no header", b"1,x\n2,y\n", {"header": "false"}, [(1, "x"), (2, "y")]),
        ("given names", b"1,x\n", {"header": "false", "schema": "a int, b string"}, [(1, "x")]),
        ("tab", b"id\tname\n1\tx,y\n", {"delimiter": "\\t"}, [(1, "x,y")]),
        ("semicolon", b"id;name\n1;'a;b'\n", {"delimiter": ";", "quote": "'"}, [(1, "a;b")]),
        ("no quotes", b'id,name\n1,"x\n', {"quote": "none"}, [(1, '"x')]),
        ("escape", b'id,name\n1,"a\\"b"\n', {"escape": "\\"}, [(1, 'a"b')]),
        ("null text", b"id,name\nNA,x\n2,NA\n", {"null_text": "NA"}, [(None, "x"), (2, None)]),
        ("spaces", b"id,name\n 1 , x \n", {}, [(1, " x ")]),
        ("stray quote", b'id,name\n1,5" pipe\n2,6"\n', {}, [(1, '5" pipe'), (2, '6"')]),
        ("one column", b"id\n1\n\n3\n", {}, [(1,), (None,), (3,)]),
    ],
)
def test_dialects_and_encodings(
    world: ConversionWorld, name: str, body: bytes, arguments: dict[str, str], expected: list[tuple[Any, ...]]
) -> None:
    """Delimiter, Quote, Escape, Header, Encoding, NullText; line ends and byte order marks of any kind."""
    world.put(name + ".csv", body)
    assert [tuple(row.values()) for row in world.run(**arguments)] == expected


def test_a_quote_that_is_never_closed_swallows_nothing(world: ConversionWorld) -> None:
    """The record is bad, whether records may have several lines or not."""
    world.put("a.csv", 'id,name\n1,x\n2,"y\n3,z\n')
    rows = world.run(schema="id bigint, name string", multi_line="false", maximum_bad_records="9")
    assert [row["id"] for row in rows] == [1, 3]
    rows = world.run("wr_2", schema="id bigint, name string", multi_line="true", maximum_bad_records="9")
    assert [row["id"] for row in rows] == [1]
    assert [one["record"] for one in world.bad("wr_2")] == ['2,"y\n3,z\n']


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\n\n", "its first line has no column names"),
        (b"id,ID\n1,2\n", "two columns are named id"),
        (b"id,,x\n1,2,3\n", "column 2 has no name"),
        ("id,name\n1,é\n".encode("utf-16"), "its first line is not text in utf-8"),
        ("id,name\n1,é\n".encode("utf-16-le"), "its first line is not text in utf-8"),
        (gzip.compress(b"id,name\n1,x\n", mtime=0), "its first line is not text in utf-8"),
    ],
)
def test_headers_that_cannot_be_columns(world: ConversionWorld, body: bytes, message: str) -> None:
    """All files that cannot be read are named at once, with a count; nothing is published."""
    world.put("a.csv", body)
    world.put("b.csv", body)
    with pytest.raises(ReadingFailed, match=f"(?s)2 files could not be read:.*a.csv: .*{message}.*b.csv"):
        world.run()


def test_columns_beyond_a_given_schema_are_refused(world: ConversionWorld) -> None:
    """No column is dropped silently: the file is named."""
    world.put("a.csv", "id,extra\n1,2\n")
    with pytest.raises(ReadingFailed, match=r"1 files could not be read:\n.*in/a.csv: .* no column extra"):
        world.run(schema="id int")


def test_compressed_files(world: ConversionWorld) -> None:
    """gz is read, also in several parts; one that is cut off, or of an unknown kind, is named."""
    world.put("a.csv.gz", gzip.compress(b"id\n1\n") + gzip.compress(b"2\n"))
    assert world.run() == [{"id": 1}, {"id": 2}]
    world.put("b.csv.gz", gzip.compress(b"id\n" + bytes(range(48, 58)) * 1000)[:-20])
    world.put("c.csv.snappy", b"x")
    with pytest.raises(ReadingFailed, match=r"(?s)2 files could not be read:.*b.csv.gz: not a complete .gz"):
        world.run("wr_2")


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 99), st.text("ab\",\n\r é'", max_size=12), st.text("xyz", max_size=3)),
        max_size=60,
    ),
    cut=st.integers(50, 200),
)
@settings(max_examples=40, deadline=None)
def test_any_text_survives_any_cut(rows: list[tuple[int, str, str]], cut: int) -> None:
    """Files are cut into ranges and chunks anywhere: the rows are those that Python's csv module has written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "MIN_GROUP_BYTES", cut)
        patch.setattr(object_streams, "CHUNK_BYTES", cut // 2)
        patch.setattr(object_streams, "MARGIN_BYTES", 7)
        patch.setattr("glue_jobs.common.csv_rows.MARGIN_BYTES", 64)
        world = ConversionWorld(FakeS3(), patch)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerows([("id", "text", "more"), *rows])
        world.put("a.csv", text.getvalue())
        found = world.run(schema="id bigint, text string, more string")
    assert [tuple(row.values()) for row in found] == rows


def test_a_large_file_with_quotes_is_cut(world: ConversionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several tasks read a file with line ends inside of quotes; its rows are those of the file."""
    monkeypatch.setattr(pieces, "MIN_GROUP_BYTES", 3_000)
    monkeypatch.setattr(object_streams, "CHUNK_BYTES", 1_000)
    for module in ("object_streams", "csv_ranges", "csv_rows"):
        monkeypatch.setattr(f"glue_jobs.common.{module}.MARGIN_BYTES", 100)
    monkeypatch.setattr("glue_jobs.common.csv_ranges.CHUNK_BYTES", 1_000)
    quoted = [f'a "quoted",\nline {number}' if number % 3 else "" for number in range(1500)]
    rows = [(number, text, "x" * (number % 50)) for number, text in enumerate(quoted)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("id", "text", "more"), *rows])
    world.put("a.csv", "\ufeff" + text.getvalue())
    assert [tuple(row.values()) for row in world.run()] == rows
    assert world.count("wr_1", "files_out") >= 8


def test_peak_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by a chunk and a row group (README): a file four times as large needs no more of it."""
    for module in ("object_streams", "csv_ranges", "csv_rows"):
        monkeypatch.setattr(f"glue_jobs.common.{module}.CHUNK_BYTES", 1 << 18)
    monkeypatch.setattr("glue_jobs.common.row_writers.ROW_GROUP_BYTES", 1 << 20)
    peaks = []
    before = pa.default_memory_pool()
    for lines in (100_000, 400_000):
        world = ConversionWorld(FakeS3(), monkeypatch)
        world.put("a.csv", "id,name\n" + "".join(f'{number},"name {number}"\n' for number in range(lines)))
        pool = pa.proxy_memory_pool(before)
        pa.set_memory_pool(pool)
        try:
            world.look("wr_1")
            world.convert("wr_1")
        finally:
            pa.set_memory_pool(before)
        assert world.count("wr_1", "rows") == lines
        peaks.append(pool.max_memory())
    assert peaks[1] < peaks[0] * 1.3
