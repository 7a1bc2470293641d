"""Hostile and broken files: they cost themselves, never the crawl (issue 6, bad input)."""

from __future__ import annotations

import gzip
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import fastavro
import pyarrow as pa
import pyarrow.orc
import pytest
from crawler_trees import listed, parquet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glueprint.crawler.contract import CrawlResult, CrawlSpec, S3Target
from glueprint.crawler.crawl import crawl

Crawled = Callable[..., CrawlResult]
GOOD = "id,name\n1,a\n2,b\n"


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


@settings(max_examples=200, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=damaged(), suffix=st.sampled_from([".csv", ".parquet", ".json.gz", ".snappy", ".orc", ""]))
def test_damaged_files_never_end_a_crawl(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Truncated, altered and misnamed files of every format leave the crawl standing, good files beside them
    too.
    """
    tree = {"data/bad/file" + suffix: content, "data/good/file.csv": GOOD}
    spec = CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=listed(tmp_path, tree)),))
    result = crawl(spec)
    assert result.error is None
    assert CrawlResult.from_json(result.to_json()) == result
    assert any(
        "s3://b/data/good/" in (table.location, *(p.location for p in table.partitions)) for table in result.tables
    )


@settings(max_examples=100, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_arbitrary_bytes_never_end_a_crawl(tmp_path: Path, content: bytes) -> None:
    """Whatever a file holds, it is a table or a warning, or too empty to look at."""
    spec = CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=listed(tmp_path, {"data/x": content})),))
    result = crawl(spec)
    assert result.error is None
    assert bool(result.tables) or bool(result.warnings) or not content


EXTREMES: dict[str, tuple[bytes, str]] = {
    "deep JSON": (b"[" * 200_000, "nested too deeply"),
    "JSON nested beyond what a type may be": (b'{"a":' * 300 + b"1" + b"}" * 300, "levels deep"),
    "deep XML": (b"<a>" * 50_000, "levels deep"),
    "entities in XML": (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x><y>&b;</y></x>', "entities"),
    "one line of 20 MB": (b"x" * 20_000_000, "UNKNOWN"),
    "JSON without an end": (b'{"a": "' + b"x" * 12_000_000, "UNKNOWN"),
    "a number of 10,000 digits": (b'{"a": ' + b"1" * 10_000 + b"}", "UNKNOWN"),
    "nothing but line ends": (b"\n" * 2_000_000, "UNKNOWN"),
    "a Parquet footer that lies about its length": (b"PAR1" + b"x" * 50 + b"\xff\xff\xff\x7fPAR1", "footer"),
    "a snappy block that claims a gigabyte": (b"\x40\0\0\0\0\0\0\x04abcd", "UNKNOWN"),
}


@pytest.mark.parametrize(("content", "words"), EXTREMES.values(), ids=EXTREMES.keys())
def test_extreme_files_are_warnings_soon(crawled: Crawled, content: bytes, words: str) -> None:
    """Files made to exhaust a reader become a warning within seconds (issue 6: never crash or hang a crawl)."""
    started = time.process_time()
    result = crawled({"data/bad": content, "data/good/a.csv": GOOD})
    assert time.process_time() - started < 5
    assert [table.name for table in result.tables if "good" in table.name or table.name == "data"]
    assert words in " ".join(result.warnings)


def test_a_compression_bomb_is_read_only_at_its_beginning(crawled: Crawled) -> None:
    """Of a gigabyte in a megabyte only the first megabyte is inflated (KC:glue-crawler-detect-schema: the first
    MB).
    """
    block = gzip.compress(b"id,n\n1,2\n" + b"3,4\n" * 2_500_000)
    started = time.process_time()
    (table,) = crawled({"data/bomb.csv.gz": block * 100}).tables
    assert time.process_time() - started < 2
    assert dict(table.columns) == {"id": "bigint", "n": "bigint"}


def test_mixed_encodings_stay_text(crawled: Crawled) -> None:
    """A byte order mark is no part of a name; Latin-1 letters in a UTF-8 file do not make it binary."""
    content = b"\xef\xbb\xbf" + "id,ort\n1,Köln\n".encode() + "2,Düren\n".encode("latin-1")
    (table,) = crawled({"data/a.csv": content}).tables
    assert table.columns == (("id", "bigint"), ("ort", "string"))


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
