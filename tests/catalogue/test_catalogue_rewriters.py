"""The rewriters of ``compaction``: any files in, the same rows out, in as few files as their schemas allow."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
from collections.abc import Callable
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from compaction_world import AVRO, CSV, JSON_LINES, ORC, CompactionWorld, parquet
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import orc

from glue_jobs.common import frozen_objects, parquet_rewriter, text_rewriter
from glue_jobs.common.avro_rewriter import read_long, write_long
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.rewrite_manifest import FrozenFolder, FrozenPartition
from glue_jobs.common.rewriting import RewriteFailed, plan_bins

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])
ROWS = [{"id": number, "name": None if number % 3 else f"é {number}"} for number in range(10)]


def orc_bytes(rows: list[dict[str, Any]], **options: Any) -> bytes:
    """Rows as an ORC file."""
    body = io.BytesIO()
    orc.write_table(pa.Table.from_pylist(rows, SCHEMA), body, **options)
    return body.getvalue()


def read_orc(body: bytes) -> list[dict[str, Any]]:
    """The rows of an ORC file."""
    rows: list[dict[str, Any]] = orc.ORCFile(io.BytesIO(body)).read().to_pylist()
    return rows


AVRO_SCHEMA = {
    "type": "record",
    "name": "row",
    "fields": [{"name": "id", "type": "long"}, {"name": "name", "type": ["null", "string"]}],
}


def avro_bytes(rows: list[dict[str, Any]], codec: str = "deflate", **options: Any) -> bytes:
    """Rows as an Avro file."""
    body = io.BytesIO()
    fastavro.writer(body, AVRO_SCHEMA, rows, codec=codec, **options)
    return body.getvalue()


def read_avro(body: bytes) -> list[Any]:
    """The rows of an Avro file."""
    return list(fastavro.reader(io.BytesIO(body)))


def text_of(body: bytes) -> str:
    """The text of a file, as its first bytes tell its compression."""
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    elif body.startswith(b"BZh"):
        body = bz2.decompress(body)
    elif body.startswith(b"\x28\xb5\x2f\xfd"):
        body = pa.CompressedInputStream(pa.BufferReader(body), "zstd").read()
    return body.decode()


def csv_rows(body: bytes) -> list[str]:
    """The lines after the header line."""
    return text_of(body).splitlines()[1:]


def json_rows(body: bytes) -> list[Any]:
    """The records of JSON lines."""
    return [json.loads(line) for line in text_of(body).splitlines()]


def zstd(body: bytes) -> bytes:
    """A zstd file."""
    made: bytes = pa.Codec("zstd").compress(body, asbytes=True)
    return made


def compacted(world: CompactionWorld, files: dict[str, bytes], **changes: str) -> list[str]:
    """Compact one partition with these files; the new files' names. The rows are the same as before."""
    world.add_partition("01", files)
    before = world.rows()
    world.run("r1", **changes)
    assert world.rows() == before
    return [key.rpartition("/")[2] for key in world.files("orders/_compacted/r1/")]


def chunks(rows: list[Any], count: int = 3) -> list[list[Any]]:
    """The rows in this many files."""
    return [rows[index::count] for index in range(count)]


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy"])
def test_avro_files_are_joined_block_by_block(codec: str) -> None:
    """Compression keep: header and blocks; every codec, since nothing is decoded (avro_rewriter)."""
    world = CompactionWorld(AVRO, read_avro)
    files = {f"{n}.avro": avro_bytes(rows, codec, sync_interval=20) for n, rows in enumerate(chunks(ROWS))}
    assert compacted(world, files) == ["part-00000-00-000.avro"]


def test_avro_files_of_two_schemas_become_two() -> None:
    """README: no value and no type is ever changed."""
    world = CompactionWorld(AVRO, read_avro)
    files = {f"{n}.avro": avro_bytes(rows, "null" if n else "deflate") for n, rows in enumerate(chunks(ROWS))}
    assert len(compacted(world, files)) == 2


@pytest.mark.parametrize("compression", ["uncompressed", "zlib", "snappy", "zstd"])
def test_orc_files_are_joined(compression: str) -> None:
    """Compression keep: that of the files."""
    world = CompactionWorld(ORC, read_orc)
    files = {f"{n}.orc": orc_bytes(rows, compression=compression) for n, rows in enumerate(chunks(ROWS))}
    assert compacted(world, files) == [f"part-00000-00-000.{compression}.orc"]
    body = world.s3.objects["lake", world.files("orders/_compacted/r1/")[0]]
    assert orc.ORCFile(io.BytesIO(body)).compression == compression.upper()


def test_orc_files_are_sorted_and_recompressed() -> None:
    """SortColumns and Compression for ORC."""
    world = CompactionWorld(ORC, read_orc)
    files = {f"{n}.orc": orc_bytes(rows, compression="zlib") for n, rows in enumerate(chunks(ROWS))}
    assert compacted(world, files, sort_columns="id", compression="zstd") == ["part-00000-00-000.zstd.orc"]
    body = world.s3.objects["lake", world.files("orders/_compacted/r1/")[0]]
    assert read_orc(body) == ROWS


@pytest.mark.parametrize("codec", ["snappy", "gzip", "zstd", "none"])
def test_parquet_keeps_its_compression_or_gets_another(codec: str) -> None:
    """Compression: keep is that of the files."""
    for given_codec, wanted, option in ((codec, codec, "keep"), ("snappy", codec, codec)):
        world = CompactionWorld()
        files = {
            f"{n}.parquet": parquet(rows, SCHEMA, compression=given_codec) for n, rows in enumerate(chunks(ROWS))
        }
        (name,) = compacted(world, files, compression=option)
        body = world.s3.objects["lake", world.files("orders/_compacted/r1/")[0]]
        found = pq.read_metadata(io.BytesIO(body)).row_group(0).column(0).compression
        assert found == {"none": "UNCOMPRESSED"}.get(wanted, wanted.upper())
        assert name == f"part-00000-00-000{'' if wanted == 'none' else '.' + wanted}.parquet"


def test_parquet_files_of_other_schemas_stay_as_they_are() -> None:
    """Schema drift, int here and string there, another order of columns: each schema has its own file."""
    world = CompactionWorld()
    schemas: list[list[dict[str, Any]]] = [
        [{"id": 1, "name": "x"}],
        [{"id": "one", "name": "x"}],
        [{"id": 1, "name": "x", "more": 1.5}],
        [{"name": "x", "id": 1}],
        [{"id": 2, "name": None}],
    ]
    files = {f"{n}.parquet": parquet(rows) for n, rows in enumerate([*schemas, *schemas])}
    assert len(compacted(world, files)) == 5


def test_too_many_schemas_are_an_error() -> None:
    """README: 16 schemas are the limit; nothing is changed."""
    world = CompactionWorld()
    world.add_partition("01", {f"{n}.parquet": parquet([{f"c{n}": 1}]) for n in range(18)})
    with pytest.raises(
        RewriteFailed, match=r"(?s)2 of 18 files cannot be rewritten.*more than 16 different schemas"
    ):
        world.run("r1")


def test_parquet_types_and_metadata_of_spark_survive() -> None:
    """INT96 timestamps stay INT96, decimals, nested types and Spark's metadata stay what they are."""
    schema = pa.schema(
        [
            ("at", pa.timestamp("ns")),
            ("price", pa.decimal128(12, 3)),
            ("tags", pa.list_(pa.struct([("a", pa.int8()), ("b", pa.map_(pa.string(), pa.date32()))]))),
            ("void", pa.null()),
            ("raw", pa.binary()),
        ],
        metadata={"org.apache.spark.version": "3.5.4", "org.apache.spark.legacyDateTime": "", "other": "x"},
    )
    rows = [
        {"at": 10**18 + 1, "price": None, "tags": [{"a": 1, "b": [("k", None)]}], "void": None, "raw": b"\x00"}
    ]
    world = CompactionWorld()
    files = {f"{n}.parquet": parquet(rows, schema, use_deprecated_int96_timestamps=True) for n in range(2)}
    assert len(compacted(world, files)) == 1
    body = world.s3.objects["lake", world.files("orders/_compacted/r1/")[0]]
    made = pq.ParquetFile(io.BytesIO(body))
    assert made.schema.column(0).physical_type == "INT96"
    assert made.schema_arrow.metadata[b"org.apache.spark.legacyDateTime"] == b""
    assert b"other" not in made.schema_arrow.metadata
    assert made.schema_arrow.remove_metadata() == schema.remove_metadata()


def test_large_files_are_split_and_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the target becomes several; large ones go through the disk in batches, not through memory."""
    monkeypatch.setattr(frozen_objects, "MAX_BODY_BYTES", 1000)
    monkeypatch.setattr(parquet_rewriter, "GROUP_BYTES", 400_000)
    monkeypatch.setattr(parquet_rewriter, "BATCH_ROWS", 1_000)
    generator = random.Random(1)
    rows = [{"id": number, "name": generator.randbytes(90).hex()} for number in range(15_000)]
    world = CompactionWorld()
    sizes = [1, 2, 3, 4, 14_990]
    files = {f"{size}.parquet": parquet(rows[:size]) for size in sizes}
    assert len(files["14990.parquet"]) > 2 << 20
    names = compacted(world, files)
    assert 2 <= len(names) <= 4


def test_empty_files_and_markers_are_not_read() -> None:
    """Zero bytes, folder markers, hidden names; Parquet without rows keeps its schema."""
    world = CompactionWorld()
    empty = parquet([], pa.schema([("id", pa.int64()), ("name", pa.string())]))
    files = {"0.parquet": b"", "": b"", "_SUCCESS": b"x", ".x.crc": b"x", "a.parquet": empty, "b.parquet": empty}
    assert compacted(world, files) == ["part-00000-00-000.snappy.parquet"]
    assert world.rows() == []


STRANGE = ["a b", "ü=ö", "50%", "1+1", "x'y", "日本"]


def test_strange_keys_and_values_are_read_as_they_are() -> None:
    """Spaces, =, %, +, quotes and Unicode in keys and partition values."""
    world = CompactionWorld()
    for name in STRANGE:
        files = {f"{name} {n}.parquet": parquet([{"id": n, "name": name}]) for n in range(2)}
        world.add_partition(name, files, f"orders/day={name}/")
    before = world.rows()
    properties = world.run("r1")
    assert properties["compaction.partitions"] == str(len(STRANGE))
    assert world.rows() == before


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".zst": zstd,
}


@pytest.mark.parametrize("suffix", COMPRESS)
def test_csv_files_are_joined_with_one_header(suffix: str) -> None:
    """The header once, a last line without an end, quotes, \\r\\n: the lines are the same."""
    world = CompactionWorld(CSV, csv_rows)
    texts = ["id,name\n1,a\n2,b", 'id,name\n3,"c,d"\n', "id,name\n", "id,name", "id,name\n4,é\r\n"]
    files = {f"{n}.csv{suffix}": COMPRESS[suffix](text.encode()) for n, text in enumerate(texts)}
    assert compacted(world, files) == [f"part-00000-00-000.csv{suffix}"]
    assert world.glue.partitions["orders"][("01",)]["Parameters"]["recordCount"] == "4"


def test_csv_files_with_other_headers_are_not_mixed() -> None:
    """Another order of columns is another file, as is another compression or a byte order mark."""
    world = CompactionWorld(CSV, csv_rows)
    texts = [b"id,name\n1,a\n", b"name,id\na,1\n", gzip.compress(b"id,name\n3,c\n"), b"\xef\xbb\xbfid,name\n4,d\n"]
    files = {f"{n}{kind}": text for kind in "ab" for n, text in enumerate(texts)}
    assert len(compacted(world, files)) == 4


def test_csv_is_compressed_if_requested() -> None:
    """Compression gzip and zstd for text."""
    for option, suffix in (("gzip", ".gz"), ("zstd", ".zst"), ("none", "")):
        world = CompactionWorld(CSV, csv_rows)
        files = {f"{n}.csv": b"id,name\n1,a\n" for n in range(3)}
        assert compacted(world, files, compression=option) == [f"part-00000-00-000.csv{suffix}"]


def test_json_lines_are_joined() -> None:
    """A record in a line; a last line without an end gets one."""
    world = CompactionWorld(JSON_LINES, json_rows)
    files = {f"{n}.json": json.dumps(row).encode() + b"\n" * (n % 2) for n, row in enumerate(ROWS)}
    assert compacted(world, files) == ["part-00000-00-000.json"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[{}]", "a JSON array"),
        (b'{\n"id": 1}', "its first line is not a JSON record"),
        (b"\x00\x00\x01\x00snappy", "zero bytes"),
        (gzip.compress(b"{}\n" * 100, mtime=0)[:-10], "cannot be read"),
    ],
)
def test_what_cannot_be_joined_is_named(body: bytes, problem: str) -> None:
    """JSON that is not one record in a line, other compressions, and files that are cut off."""
    world = CompactionWorld(JSON_LINES, json_rows)
    world.add_partition("01", {"good.json": b"{}\n", "bad.json": body})
    with pytest.raises(RewriteFailed, match=f"1 of 2 files cannot be rewritten.*\n.*bad.json.*{problem}"):
        world.run("r1")


@pytest.mark.parametrize("storage", [ORC, AVRO])
def test_broken_binary_files_are_named(storage: dict[str, Any]) -> None:
    """ORC and Avro that are cut off."""
    world = CompactionWorld(storage)
    good = avro_bytes(ROWS) if storage is AVRO else orc_bytes(ROWS)
    world.add_partition("01", {"good": good, "cut": good[:-20], "no": b"nothing"})
    with pytest.raises(RewriteFailed, match="2 of 3 files cannot be rewritten"):
        world.run("r1")


def test_large_text_is_split_between_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text file above the target becomes several; no line is cut."""
    monkeypatch.setattr(text_rewriter, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(frozen_objects, "MAX_BODY_BYTES", 1000)
    world = CompactionWorld(CSV, csv_rows)
    lines = "".join(f"{n},{'x' * (n % 97)}\n" for n in range(60_000))
    files = {f"{n}.csv": b"id,name\n1,a\n" for n in range(9)}
    assert 2 <= len(compacted(world, {**files, "a.csv": ("id,name\n" + lines).encode()})) <= 4


@given(st.integers(-(2**63), 2**63 - 1))
def test_avro_numbers_survive(number: int) -> None:
    """Zig-zag and variable length (Avro specification, "Binary encoding")."""
    assert read_long(write_long(number) + b"x", 0) == (number, len(write_long(number)))


SIZES = st.lists(st.lists(st.integers(1, 300), max_size=30), max_size=4)


@given(SIZES, st.integers(1, 200))
def test_bins_hold_every_file_once(sizes: list[list[int]], target: int) -> None:
    """No file is lost or doubled; a bin of several files is at most twice the target (rewriting.plan_bins)."""
    partitions = [
        FrozenPartition(
            (str(number),),
            "parquet",
            0,
            (
                FrozenFolder(
                    f"s3://b/{number}/",
                    tuple(FrozenFile(f"{number}/{n:03}", size, "e", "t") for n, size in enumerate(members)),
                ),
            ),
        )
        for number, members in enumerate(sizes)
    ]
    bins = plan_bins(partitions, target, lambda one: ("b", f"out/{one.values[0]}/"))
    assert [entry for one in bins for entry in one.files] == [file for one in partitions for file in one.files()]
    assert [one.number for one in bins] == list(range(len(bins)))
    for one in bins:
        assert len(one.files) == 1 or one.total_bytes <= target + 2 * max(file.size for _, file in one.files)


TABLES = st.lists(
    st.lists(
        st.fixed_dictionaries(
            {"id": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), "name": st.one_of(st.none(), st.text())}
        ),
        max_size=5,
    ),
    min_size=2,
    max_size=6,
)


@given(TABLES)
@settings(max_examples=10, deadline=None)
def test_any_rows_survive(tables: list[list[dict[str, Any]]]) -> None:
    """Nulls everywhere, any text: Parquet, ORC and Avro."""
    world = CompactionWorld()
    compacted(world, {f"{n}.parquet": parquet(rows, SCHEMA) for n, rows in enumerate(tables)})
    world = CompactionWorld(ORC, read_orc)
    compacted(world, {f"{n}.orc": orc_bytes(rows) for n, rows in enumerate(tables)})
