"""conversion: every input format to every output format, with the same values."""

from __future__ import annotations

import decimal
import gzip
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from conversion_world import ConversionWorld
from fake_s3 import FakeS3

from glue_jobs.common import object_streams, pieces
from glue_jobs.common.avro_blocks import decompress_block
from glue_jobs.common.bad_records import TooManyBadRecords
from glue_jobs.common.source_rounds import ReadingFailed


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> ConversionWorld:
    """A workflow to Parquet."""
    return ConversionWorld(FakeS3(), monkeypatch)


def types(world: ConversionWorld) -> dict[str, str]:
    """The columns of the result's table."""
    columns = world.glue.tables["orders"]["StorageDescriptor"]["Columns"]
    return {column["Name"]: column["Type"] for column in columns}


def parquet(table: pa.Table) -> bytes:
    """A Parquet file."""
    body = io.BytesIO()
    pq.write_table(table, body)
    return body.getvalue()


def test_json_lines(world: ConversionWorld) -> None:
    """Nested values keep their structure; a name's case does not matter; long numbers keep their digits."""
    world.put(
        "a.json", '{"Id": 1, "tags": ["x"], "at": {"x": 1.5}, "on": "2024-01-01"}\n\n{"Id": 2, "tags": null}\n'
    )
    world.put("b.json", '{"id": 12345678901234567890, "at": {"y": true}}')
    rows = world.run(input_format="json")
    assert types(world) == {
        "id": "string",
        "tags": "array<string>",
        "at": "struct<x:double,y:boolean>",
        "on": "string",
    }
    assert [row["id"] for row in rows] == ["1", "2", "12345678901234567890"]
    assert [row["at"] for row in rows] == [{"x": 1.5, "y": None}, None, {"x": None, "y": True}]


def test_a_choice_in_json_is_text(world: ConversionWorld) -> None:
    """A number here, a text and an object there: the text of each, as it is in the file."""
    world.put("a.json", '{"v": 1.10}\n{"v": "x"}\n{"v": {"a": [1, null]}}\n{"v": true}\n')
    assert [row["v"] for row in world.run(input_format="json")] == ["1.10", "x", '{"a": [1, null]}', "true"]
    with pytest.raises(ReadingFailed, match="column v is"):
        world.run("wr_2", input_format="json", choice_types="fail")


@pytest.mark.parametrize(
    "body",
    [
        '[{"id": 1}, {"id": 2}]',
        '[\n  {"id": 1},\n  {"id": 2}\n]\n',
        '[{"id": 1}]\n[{"id": 2}]\n',
        '{\n "id": 1\n}\n{\n "id": 2\n}\n',
        '{"id": 1}\n{"id": 2}',
        '\ufeff{"id": 1}\r\n{"id": 2}\r\n',
    ],
)
def test_json_arrays_and_objects_over_several_lines(world: ConversionWorld, body: str) -> None:
    """Lines, arrays, and objects that follow each other (README)."""
    world.put("a.json", body)
    assert world.run(input_format="json") == [{"id": 1}, {"id": 2}]


def test_a_long_array_is_a_stream(world: ConversionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by a chunk, whether there are line ends or not."""
    monkeypatch.setattr(object_streams, "CHUNK_BYTES", 100)
    monkeypatch.setattr(object_streams, "MAX_RECORD_BYTES", 300)
    monkeypatch.setattr(pieces, "MIN_GROUP_BYTES", 500)
    monkeypatch.setattr("glue_jobs.common.source_tasks.SAMPLE_BYTES", 200)
    monkeypatch.setattr("glue_jobs.common.source_rounds.MIN_GROUP_BYTES", 500)
    values = [{"id": number, "name": "é{[" * 3} for number in range(200)]
    world.put("a.json", json.dumps(values, ensure_ascii=False))
    world.put("b.json", "\n".join(json.dumps(value) for value in values))
    assert world.run(input_format="json") == values * 2
    assert world.run("wr_2", input_format="json", schema="id bigint, name string") == values * 2


def test_bad_json(world: ConversionWorld) -> None:
    """What is no JSON, no object, has a name twice or a value of another type, is bad; with line and reason."""
    lines = [
        '{"id": 1}',
        "{",
        "5",
        '{"id": 1, "id": 2}',
        '{"id": "x"}',
        '{"id": 6.5}',
        '{"id": 7, "more": 1}',
        '{"id": "8"}',
    ]
    world.put("a.json", "\n".join(lines).encode() + b'\n{"id": "\xff"}\n')
    assert world.run(input_format="json", schema="id int", maximum_bad_records="7") == [{"id": 1}, {"id": 8}]
    reasons = {one["where"]: one["reason"] for one in world.bad()}
    assert list(reasons) == ["line 2", "line 3", "line 4", "line 9", "line 5", "line 6", "line 7"]
    assert reasons["line 4"] == "a name occurs twice in an object"
    assert reasons["line 5"] == "id: 'x' is not int32"
    assert reasons["line 7"] == "the schema has no column more"
    assert reasons["line 9"] == "its text is not UTF-8"


def test_a_broken_array_is_refused(world: ConversionWorld) -> None:
    """After a syntax error in an array no record can be found: the file is named."""
    world.put("a.json", '[{"id": 1}, {"id": ]')
    with pytest.raises(ReadingFailed, match=r"a.json: record 2 is not JSON"):
        world.run(input_format="json")
    world.put("a.json", '[{"id": 1}, {"id": 2}')
    with pytest.raises(ReadingFailed, match="an array is not closed"):
        world.run("wr_2", input_format="json")


def test_xml(world: ConversionWorld) -> None:
    """Attributes, texts, lists (also of one), nested elements, types as in CSV files (README)."""
    world.put(
        "a.xml",
        """<?xml version="1.0" encoding="ISO-8859-1"?>
        <orders xmlns="urn:x"><order id="1"><name>caf\xe9</name><item>5</item><zip>01</zip>
        <p c="EUR">1.50</p></order>
        <order id="2"><name/><item>6</item><item>7</item><zip>2</zip>
        <p c="USD">3</p></order></orders>""".encode("latin-1"),
    )
    rows = world.run(input_format="xml", row_tag="order")
    assert types(world) == {
        "_id": "bigint",
        "name": "string",
        "item": "array<bigint>",
        "zip": "string",
        "p": "struct<_c:string,_VALUE:double>",
    }
    assert rows == [
        {"_id": 1, "name": "café", "item": [5], "zip": "01", "p": {"_c": "EUR", "_VALUE": 1.5}},
        {"_id": 2, "name": None, "item": [6, 7], "zip": "2", "p": {"_c": "USD", "_VALUE": 3.0}},
    ]


def test_broken_xml_is_refused(world: ConversionWorld) -> None:
    """A file that is not well-formed is named; nothing is published."""
    world.put("a.xml", "<orders><order><id>1</id></order><order>")
    with pytest.raises(ReadingFailed, match=r"a.xml: after row 1: "):
        world.run(input_format="xml", row_tag="order")


COLUMNS = {
    "i": pa.array([1, None], pa.int32()),
    "d": pa.array([Decimal("1.50"), None]).cast(pa.decimal128(10, 2)),
    "s": pa.array(['é "quoted",\nline', None]),
    "at": pa.array([datetime(2024, 1, 31, 10, 0, 0, 123456), None], pa.timestamp("us")),
    "on": pa.array([date(2024, 1, 31), None]),
    "ok": pa.array([True, None]),
    "x": pa.array([1.25, None]),
    "raw": pa.array([b"\x00\xff", None]),
}


@pytest.mark.parametrize("output", ["parquet", "orc", "json", "csv"])
@pytest.mark.parametrize("source", ["parquet", "orc"])
def test_columnar_files_to_every_format(world: ConversionWorld, source: str, output: str) -> None:
    """Types and values stay; nulls everywhere, decimals, moments, binary values (README)."""
    body = io.BytesIO()
    (pq if source == "parquet" else orc).write_table(pa.table(COLUMNS), body)
    world.put("a." + source, body.getvalue())
    compression = {"parquet": "zstd", "orc": "zlib"}.get(output, "gzip")
    world.look("wr_1")
    world.convert("wr_1", input_format=source, output_format=output, compression=compression)
    if output in ("parquet", "orc"):
        assert world.rows() == pa.table(COLUMNS).to_pylist()
        assert types(world)["d"] == "decimal(10,2)"
        return
    (key,) = [key for _, key in world.s3.objects if key.startswith("out/run=")]
    text = gzip.decompress(world.s3.objects["lake", key]).decode()
    at, day, quoted = "2024-01-31 10:00:00.123456", "2024-01-31", 'é ""quoted"",\nline'
    if output == "json":
        first, second = map(json.loads, text.splitlines())
        assert first == {
            "i": 1, "d": "1.50", "s": COLUMNS["s"][0].as_py(), "at": at, "on": day, "ok": True, "x": 1.25,
            "raw": "AP8=",
        }  # fmt: skip
        assert set(second.values()) == {None}
    else:
        assert text.splitlines()[0] == '"i","d","s","at","on","ok","x","raw"'
        assert f'1,1.50,"{quoted}","{at}",{day},true,1.25,"AP8="\n,,,,,,,\n' in text
        assert types(world)["d"] == "string"
        assert world.glue.tables["orders"]["StorageDescriptor"]["Parameters"]["skip.header.line.count"] == "1"


def test_schema_drift_of_parquet_files(world: ConversionWorld) -> None:
    """Columns that some files lack are null; numbers widen; number and text become text; UTC."""
    at = datetime(2024, 1, 31, 10, tzinfo=UTC)
    world.put(
        "a.parquet",
        parquet(
            pa.table({"id": pa.array([1], pa.int32()), "v": [7], "at": pa.array([at], pa.timestamp("ns", "UTC"))})
        ),
    )
    world.put("b.parquet", parquet(pa.table({"ID": pa.array([2.5]), "v": ["x"], "more": [[1, 2]]})))
    assert world.run(input_format="parquet") == [
        {"id": 1.0, "v": "7", "at": at.replace(tzinfo=None), "more": None},
        {"id": 2.5, "v": "x", "at": None, "more": [1, 2]},
    ]


def test_values_that_do_not_fit_a_given_type_are_bad(world: ConversionWorld) -> None:
    """Columnar files to a narrower schema: every value that fits is kept, every other one is a bad record."""
    world.put("a.parquet", parquet(pa.table({"id": [1, 300, 3], "v": ["7", "8", "x"]})))
    rows = world.run(input_format="parquet", schema="id tinyint, v int", maximum_bad_records="2")
    assert rows == [{"id": 1, "v": 7}]
    assert [one["reason"] for one in world.bad()] == ["id: 300 is not int8", "v: 'x' is not int32"]


@pytest.mark.parametrize("source", ["parquet", "orc", "avro"])
def test_broken_files_are_named(world: ConversionWorld, source: str) -> None:
    """A file of another format, or one that is cut off, fails the run by name; an empty object is counted."""
    world.put("a." + source, b"not " * 10)
    world.put("empty." + source, b"")
    world.put("folder/", b"")
    with pytest.raises(ReadingFailed, match=f"1 files could not be read:\n.*a.{source}: "):
        world.run(input_format=source)
    assert world.count("wr_1", "empty_files") == 1
    with pytest.raises(ReadingFailed, match=f"1 files could not be read:\n.*a.{source}: "):
        world.run("wr_2", input_format=source, schema="id int")


AVRO = {
    "type": "record",
    "name": "order",
    "fields": [
        {"name": "Id", "type": "long"},
        {"name": "i", "type": ["null", "int"]},
        {"name": "name", "type": ["null", "string"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "on", "type": {"type": "int", "logicalType": "date"}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "attrs", "type": {"type": "map", "values": "double"}},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
        {"name": "again", "type": "kind"},
        {"name": "inner", "type": {"type": "record", "name": "inner", "fields": [{"name": "x", "type": "float"}]}},
        {"name": "mixed", "type": ["long", "string"]},
        {"name": "raw", "type": {"type": "fixed", "name": "four", "size": 4}},
    ],
}


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "bzip2", "xz"])
def test_avro(world: ConversionWorld, codec: str) -> None:
    """Every type and codec of the specification; the files are fastavro's."""
    at = datetime(2024, 1, 31, 10, tzinfo=UTC)
    record: dict[str, Any] = {
        "Id": -(1 << 40), "i": None, "name": "é", "price": Decimal("-1.50"), "at": at, "on": date(1969, 12, 31),
        "tags": ["a", ""], "attrs": {"x": 0.5}, "kind": "B", "again": "A", "inner": {"x": 0.25}, "mixed": "t",
        "raw": b"\0\1\2\3",
    }  # fmt: skip
    body = io.BytesIO()
    with decimal.localcontext():
        fastavro.writer(body, AVRO, [{**record, "Id": n, "mixed": n} for n in range(3000)] + [record], codec=codec)
    world.put("a.avro", body.getvalue())
    rows = world.run(input_format="avro")
    assert len(rows) == 3001
    wanted = {name.lower(): value for name, value in record.items()}
    assert rows[-1] == {**wanted, "at": at.replace(tzinfo=None), "attrs": [("x", 0.5)]}
    assert rows[7]["mixed"] == "7"
    assert types(world)["price"] == "decimal(10,2)"
    assert types(world)["attrs"] == "map<string,double>"
    world.put("a.avro", body.getvalue()[:-9])
    with pytest.raises(ReadingFailed, match=r"a.avro: the file ends too early"):
        world.run("wr_2", input_format="avro")


def test_nested_columns_cannot_become_csv(world: ConversionWorld) -> None:
    """CSV has no lists: the column is named before anything is written."""
    world.put("a.json", '{"id": 1, "tags": [1]}')
    with pytest.raises(ReadingFailed, match="column tags is array<bigint>, which CSV has not"):
        world.run(input_format="json", output_format="csv", compression="none")


def test_too_many_bad_records_stop_a_task(world: ConversionWorld) -> None:
    """A hopeless file is not read to its end."""
    world.put("a.json", "x\n" * 1000)
    with pytest.raises(TooManyBadRecords, match="At least 4 records are bad"):
        world.run(input_format="json", schema="id int", maximum_bad_records="3")
    assert len(world.bad()) == 4


def test_zstandard_blocks() -> None:
    """The one codec of the Avro specification that fastavro does not write here."""
    assert decompress_block(pa.compress(b"x" * 9, codec="zstd", asbytes=True), "zstandard") == b"x" * 9


@pytest.mark.parametrize("source", ["csv", "json", "xml", "parquet"])
def test_choices_may_become_columns(world: ConversionWorld, source: str) -> None:
    """ChoiceTypes=split: a column for each type, as Glue's make_cols names them; in each row one has the value."""
    bodies: dict[str, tuple[str | bytes, str | bytes]] = {
        "csv": ("id,v\n1,7\n2,8.5\n", "id,v\n3,x\n4,\n"),
        "json": ('{"id": 1, "v": 7}\n{"id": 2, "v": 8.5}\n', '{"id": 3, "v": "x"}\n{"id": 4}\n'),
        "xml": (
            "<r><o><id>1</id><v>7</v></o><o><id>2</id><v>8.5</v></o></r>",
            "<r><o><id>3</id><v>x</v></o><o><id>4</id></o></r>",
        ),
        "parquet": (
            parquet(pa.table({"id": [1, 2], "v": [7, 8.5]})),
            parquet(pa.table({"id": [3, 4], "v": ["x", None]})),
        ),
    }
    for name, body in zip("ab", bodies[source], strict=True):
        world.put(f"{name}.{source}", body)
    rows = world.run(input_format=source, choice_types="split", row_tag="o")
    assert types(world) == {"id": "bigint", "v_double": "double", "v_string": "string"}
    assert [row["v_double"] for row in rows] == [7.0, 8.5, None, None]
    assert [row["v_string"] or None for row in rows] == [None, None, "x", None]
