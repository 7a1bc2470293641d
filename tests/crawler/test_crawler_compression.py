"""Text through its compression (DG:add-classifier)."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable

import cramjam
import pyarrow as pa
import pytest
from crawler_files import CSV, Crawled, table_of


def _zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inside.csv", data)
    return buffer.getvalue()


def _arrow_compressed(codec: str) -> Callable[[bytes], bytes]:
    def compress(data: bytes) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, codec) as stream:
            stream.write(data)
        return bytes(sink.getvalue())

    return compress


def _snappy_framed(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(data))


def _snappy_hadoop(data: bytes) -> bytes:
    body = bytes(cramjam.snappy.compress_raw(data))
    return len(data).to_bytes(4, "big") + len(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("compression", "suffix", "compress"),
    [
        ("gzip", "gz", gzip.compress),
        ("bzip2", "bz2", bz2.compress),
        ("zip", "zip", _zipped),
        ("zstd", "zst", _arrow_compressed("zstd")),
        ("lz4", "lz4", _arrow_compressed("lz4")),
        ("snappy", "sz", _snappy_framed),
        ("snappy", "snappy", _snappy_hadoop),
    ],
)
def test_compressed_text_is_seen_through(
    crawled: Crawled, compression: str, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    """Files in these compressions are classified, and ``compressionType`` names it (DG:add-classifier)."""
    table = table_of(crawled, compress(CSV.encode()), name=f"a.csv.{suffix}")
    assert table.columns == (("id", "bigint"), ("name", "string"), ("price", "double"))
    assert dict(table.parameters)["compressionType"] == compression


def test_different_compressions_do_not_share_a_table(crawled: Crawled) -> None:
    """Compression is part of data compatibility (DG:crawler-grouping-policy)."""
    result = crawled({"data/a.csv": CSV, "data/b.csv.gz": gzip.compress(CSV.encode())})
    assert [table.name for table in result.tables] == ["a_csv", "b_csv_gz"]


@pytest.mark.parametrize("compress", [_snappy_framed, lambda data: _snappy_hadoop(data[:99_000]) * 9])
def test_a_snappy_file_that_is_cut_short_is_known_by_what_comes_before(
    crawled: Crawled, compress: Callable[[bytes], bytes]
) -> None:
    """Blocks are read one by one, so complete ones before a broken one are enough (formats/snappy.py)."""
    content = compress(b"id,name\n" + b"1,a\n2,b\n" * 50_000)
    table = table_of(crawled, content[:-40], name="a.csv.snappy")
    assert table.columns == (("id", "bigint"), ("name", "string"))


def test_a_snappy_chunk_with_another_checksum_is_broken(crawled: Crawled) -> None:
    """The checksum of the framing format is verified (google/snappy, framing_format.txt)."""
    content = bytearray(_snappy_framed(CSV.encode()))
    content[14] ^= 1
    result = crawled({"data/a.csv.sz": bytes(content)})
    assert result.tables == ()
    assert "its snappy compression cannot be read" in result.warnings[0]
