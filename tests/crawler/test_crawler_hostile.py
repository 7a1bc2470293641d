"""Hostile and broken files: they cost themselves, never the crawl."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.orc
import pytest
from crawler_trees import listed, parquet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glueprint.crawler.crawl import crawl
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, S3Target

Crawled = Callable[..., CrawlResult]
GOOD = "id,name\n1,a\n2,b\n"


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _avro() -> bytes:
    buffer = io.BytesIO()
    fastavro.writer(
        buffer, {"type": "record", "name": "r", "fields": [{"name": "a", "type": "long"}]}, [{"a": 1}] * 9
    )
    return buffer.getvalue()


def _orc() -> bytes:
    buffer = io.BytesIO()
    pyarrow.orc.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), buffer)
    return buffer.getvalue()


SAMPLES: dict[str, bytes] = {
    "csv": GOOD.encode() * 3,
    "json": b'{"a": {"b": [1, 2.5, null]}, "c": "x"}\n' * 3,
    "array": json.dumps([{"a": 1}, {"a": "x"}]).encode(),
    "xml": b"<?xml version='1.0'?><r><row a='1'><b>2</b></row><row><b>x</b></row></r>",
    "parquet": parquet(a=[1, 2], b=["x", "y"], s=[{"c": [1]}, None]),
    "orc": _orc(),
    "avro": _avro(),
    "gzip": gzip.compress(GOOD.encode()),
    "bzip2": bz2.compress(GOOD.encode()),
    "zstd": pa.compress(GOOD.encode(), "zstd", asbytes=True),
    "lz4": pa.compress(GOOD.encode(), "lz4", asbytes=True),
    "zip": zipped({"a.csv": GOOD.encode()}),
    "snappy": bytes(cramjam.snappy.compress(GOOD.encode())),
    "apache log": b'127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326\n' * 3,
    "redis log": b"[4018] 14 Nov 07:01:22.119 * Background saving terminated with success\n" * 3,
    "ion": b"\xe0\x01\x00\xea\xd3\x81\x21\x01",
    "utf-16": GOOD.encode("utf-16"),
}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file of some format with bytes cut off, changed or put in."""
    data = bytearray(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))])
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["cut", "change", "insert", "drop"])):
            case "cut":
                del data[at:]
            case "change" if data:
                data[at] = draw(st.integers(0, 255))
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=8))
            case _:
                del data[at : at + draw(st.integers(1, 16))]
    return bytes(data)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=damaged(), suffix=st.sampled_from([".csv", ".parquet", ".json.gz", ".snappy", ".orc", ""]))
def test_damaged_files_never_end_a_crawl(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Truncated, altered and misnamed files of every format leave the crawl standing, good files beside them
    too.
    """
    tree = {"data/bad/file" + suffix: content, "data/good/file.csv": GOOD}
    spec = CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=listed(tmp_path, tree)),))
    started = time.process_time()
    result = crawl(spec)
    assert time.process_time() - started < 2
    assert result.error is None
    assert CrawlResult.from_json(result.to_json()) == result
    assert any(
        "s3://b/data/good/" in (table.location, *(p.location for p in table.partitions)) for table in result.tables
    )


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_arbitrary_bytes_never_end_a_crawl(tmp_path: Path, content: bytes) -> None:
    """Whatever a file holds, it is a table or a warning, or too empty to look at."""
    spec = CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=listed(tmp_path, {"data/x": content})),))
    started = time.process_time()
    result = crawl(spec)
    assert time.process_time() - started < 2
    assert result.error is None
    assert bool(result.tables) or bool(result.warnings) or not content


EXTREMES: dict[str, tuple[bytes, str]] = {
    "deep JSON": (b"[" * 200_000, "nested too deeply"),
    "JSON nested beyond what a type may be": (b'{"a":' * 300 + b"1" + b"}" * 300, "levels deep"),
    "deep XML": (b"<a>" * 50_000, "levels deep"),
    "entities in XML": (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x><y>&b;</y></x>', "entities"),
    "one line of 20 MB": (b"x" * 20_000_000, "UNKNOWN"),
    "JSON without an end": (b'{"a": "' + b"x" * 12_000_000, "longer than 10 MB"),
    "a number of 10,000 digits": (b'{"a": ' + b"1" * 10_000 + b"}", "cannot be read as such"),
    "JSON arrays that open and never close": (b"[1," * 300_000, "nested too deeply"),
    "quotes that open on every line": (b'1,"a\n' * 200_000 + b'"', "quotes"),
    "nothing but line ends": (b"\n" * 2_000_000, "UNKNOWN"),
    "a Parquet footer that lies about its length": (b"PAR1" + b"x" * 50 + b"\xff\xff\xff\x7fPAR1", "footer"),
    "a snappy block that claims a gigabyte": (b"\x40\0\0\0\0\0\0\x04abcd", "UNKNOWN"),
    "snappy chunks that claim more than there is": (
        b"\xff\x06\x00\x00sNaPpY" + b"\0\xff\xff\xff" * 100_000,
        "cut short",
    ),
    "a zip archive of 20,000 files": (zipped({str(number): b"" for number in range(20_000)}), "holds 20000"),
    "zip in zip in zip": (zipped({"a": zipped({"b": zipped({"c": b"1,2\n" * 9})})}), "UNKNOWN"),
    "gzip in gzip": (gzip.compress(gzip.compress(b"1,2\n" * 9)), "UNKNOWN"),
    "a zstd frame that wants gigabytes": (b"\x28\xb5\x2f\xfd\x00\xf8" + b"\0" * 100, "zstd compression cannot"),
    "an Avro header that claims exabytes": (b"Obj\x01\x02\xfe\xff\xff\xff\xff\xff\xff\x7fabc", "Avro data"),
    "an ORC postscript of noise": (_orc()[:-20] + b"\xff" * 19 + _orc()[-1:], "ORC footer"),
    "nothing but quotes": (b'"' * 2_000_000, "UNKNOWN"),
    "a JSON object of 50,000 fields": (
        json.dumps({"a": {f"k{number}": number for number in range(50_000)}}).encode(),
        "more than 131072 characters",
    ),
    "structures in arrays in structures": ((b'[{"a":' * 90 + b"1" + b"}]" * 90) * 1000, "levels deep"),
    "XML with 50,000 attributes": (
        b"<r><row " + b" ".join(b'a%d="1"' % number for number in range(50_000)) + b"/></r>",
        "UNKNOWN",
    ),
    "one huge line of a log": (b"1.2.3.4 - - [" + b"x" * 2_000_000, "UNKNOWN"),
    "lines that send expressions back and forth": ((b"1." * 8000 + b"\n") * 60, "UNKNOWN"),
}


@pytest.mark.parametrize(("content", "words"), EXTREMES.values(), ids=EXTREMES.keys())
def test_extreme_files_are_warnings_soon(crawled: Crawled, content: bytes, words: str) -> None:
    """Files made to exhaust a reader become a warning within seconds (never crash or hang a crawl)."""
    started = time.process_time()
    result = crawled({"data/bad": content, "data/good/a.csv": GOOD})
    assert time.process_time() - started < 5
    assert [table.name for table in result.tables if "good" in table.name or table.name == "data"]
    assert words in " ".join(result.warnings)


ROWS = b"id,n\n1,2\n" + b"3,4\n" * 5_000_000

BOMBS: dict[str, bytes] = {
    "gzip": gzip.compress(ROWS) * 100,
    "bzip2": bz2.compress(ROWS, 1),
    "zstd": pa.compress(ROWS, "zstd", asbytes=True),
    "lz4": pa.compress(ROWS, "lz4", asbytes=True),
    "zip": zipped({"a.csv": ROWS}),
}
"""20 MB (of gzip, 2 GB) in a small file."""


@pytest.mark.parametrize("compression", BOMBS)
def test_a_compression_bomb_is_read_only_at_its_beginning(crawled: Crawled, compression: str) -> None:
    """Of a gigabyte in a megabyte only the first megabyte is inflated (KC:glue-crawler-detect-schema: the first
    MB).
    """
    started = time.process_time()
    (table,) = crawled({"data/bomb": BOMBS[compression]}).tables
    assert time.process_time() - started < 2
    assert dict(table.columns) == {"id": "bigint", "n": "bigint"}
    assert dict(table.parameters)["compressionType"] == compression


def test_mixed_encodings_stay_text(crawled: Crawled) -> None:
    """A byte order mark is no part of a name; Latin-1 letters in a UTF-8 file do not make it binary."""
    content = b"\xef\xbb\xbf" + "id,ort\n1,Köln\n".encode() + "2,Düren\n".encode("latin-1")
    (table,) = crawled({"data/a.csv": content}).tables
    assert table.columns == (("id", "bigint"), ("ort", "string"))


def test_50_000_columns_of_one_name(crawled: Crawled) -> None:
    """A row of a megabyte is a table in seconds; its columns stay apart (choice: docs/fidelity/crawler.md)."""
    started = time.process_time()
    (table,) = crawled({"data/a.csv": ",".join(["c"] * 50_000) + "\n" + ",".join(["1"] * 50_000) + "\n"}).tables
    assert time.process_time() - started < 5
    assert (table.columns[0][0], table.columns[-1][0]) == ("c", "c_49999")


def test_a_quote_that_never_closes_is_data(crawled: Crawled) -> None:
    """One stray quote does not swallow the rest of a file (choice, as LazySimpleSerDe reads no quotes)."""
    rows = "".join(f"{number},word\n" for number in range(40_000))
    (table,) = crawled({"data/a.csv": f'id,name\n1,"open\n{rows}'}).tables
    assert table.columns == (("id", "bigint"), ("name", "string"))


def test_a_folder_hierarchy_deeper_than_the_stack(crawled: Crawled) -> None:
    """Keys may have 512 folders (1,024 bytes, S3's limit); each is a partition level."""
    key = "data/" + "a/" * 500 + "x.csv"
    (table,) = crawled({key: GOOD}).tables
    assert len(table.partition_keys) == 500
