"""Text through its compression (DG:add-classifier)."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable

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
    body = pa.Codec("snappy").compress(data, asbytes=True)
    return b"\xff\x06\x00\x00sNaPpY\x00" + (len(body) + 4).to_bytes(3, "little") + b"\0\0\0\0" + body


def _snappy_hadoop(data: bytes) -> bytes:
    body = pa.Codec("snappy").compress(data, asbytes=True)
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
    """Files in these compressions are classified, and ``compressionType`` says which (DG:add-classifier)."""
    table = table_of(crawled, compress(CSV.encode()), name=f"a.csv.{suffix}")
    assert table.columns == (("id", "bigint"), ("name", "string"), ("price", "double"))
    assert dict(table.parameters)["compressionType"] == compression


def test_different_compressions_do_not_share_a_table(crawled: Crawled) -> None:
    """Compression is part of data compatibility (DG:crawler-grouping-policy)."""
    result = crawled({"data/a.csv": CSV, "data/b.csv.gz": gzip.compress(CSV.encode())})
    assert [table.name for table in result.tables] == ["a_csv", "b_csv_gz"]
