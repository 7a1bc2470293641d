"""The aws-chunked coding, alone and as a client sends it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.local.s3 import S3Error
from glueprint.local.s3.chunked import ChunkedDecoder

SIGNATURE = ";chunk-signature=" + "0" * 64


def encode(chunks: list[bytes], trailers: dict[str, str], extension: str = "") -> bytes:
    """Code a body as the API reference describes it ("transferring payload in multiple chunks")."""
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension.encode(), chunk) for chunk in chunks if chunk)
    body += b"0" + extension.encode() + b"\r\n"
    body += b"".join(f"{name}:{value}\r\n".encode() for name, value in trailers.items())
    return body + b"\r\n"


@given(
    chunks=st.lists(st.binary(max_size=40), max_size=5),
    cuts=st.lists(st.integers(min_value=1, max_value=30), max_size=30),
    signed=st.booleans(),
    trailers=st.dictionaries(st.sampled_from(["x-amz-checksum-crc32", "x-amz-trailer"]), st.just("AA==")),
)
def test_decoding_undoes_coding_however_it_is_cut(
    chunks: list[bytes], cuts: list[int], signed: bool, trailers: dict[str, str]
) -> None:
    """Body and trailers are decoded for any sizes of chunks and of received pieces (API reference)."""
    coded = encode(chunks, trailers, SIGNATURE if signed else "")
    decoder, plain = ChunkedDecoder(), b""
    for cut in cuts:
        plain += decoder.feed(coded[:cut])
        coded = coded[cut:]
    plain += decoder.feed(coded)
    decoder.finish()
    assert (plain, decoder.trailers, decoder.done) == (b"".join(chunks), trailers, True)


@given(st.binary(max_size=60))
def test_other_bytes_are_refused_or_incomplete(data: bytes) -> None:
    """Input that is not an aws-chunked body raises S3Error, never another exception."""
    decoder = ChunkedDecoder()
    with contextlib.suppress(S3Error):
        decoder.feed(data)
        decoder.finish()
        assert decoder.done


@pytest.mark.parametrize("coded", [b"", b"5\r\nabc", b"3\r\nabc\r\n", b"3\r\nabc"])
def test_a_body_that_breaks_off_is_incomplete(coded: bytes) -> None:
    """A body without its last chunk is IncompleteBody (API reference, errors)."""
    decoder = ChunkedDecoder()
    decoder.feed(coded)
    with pytest.raises(S3Error) as refusal:
        decoder.finish()
    assert refusal.value.code == "IncompleteBody"


def put(endpoint: Any, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Send a PUT as it is and return status and body of the answer."""
    connection = http.client.HTTPConnection(endpoint.url.removeprefix("http://"), timeout=60)
    try:
        connection.request("PUT", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("payload", "extension"),
    [
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", ""),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", SIGNATURE),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SIGNATURE),
    ],
)
def test_streamed_payloads_are_stored_plain(
    s3: Any, endpoint: Any, bucket: str, payload: str, extension: str
) -> None:
    """The three streaming payloads are decoded, the trailer's checksum is verified and kept."""
    data = b"0123456789" * 30_000
    value = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    trailing = payload.endswith("TRAILER")
    headers = {
        "x-amz-content-sha256": payload,
        "content-encoding": "aws-chunked,gzip",
        "x-amz-decoded-content-length": str(len(data)),
        **({"x-amz-trailer": "x-amz-checksum-crc32"} if trailing else {}),
    }
    chunks = [data[:70_000], data[70_000:]]
    body = encode(chunks, {"x-amz-checksum-crc32": value} if trailing else {}, extension)
    assert put(endpoint, f"/{bucket}/k", body, headers)[0] == 200
    answer = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (answer["Body"].read(), answer["ContentEncoding"]) == (data, "gzip")
    assert answer.get("ChecksumCRC32") == (value if trailing else None)
    if trailing:
        wrong = encode(chunks, {"x-amz-checksum-crc32": "AAAAAA=="}, extension)
        status, document = put(endpoint, f"/{bucket}/k", wrong, headers)
        assert (status, b"BadDigest" in document) == (400, True)
        status, document = put(endpoint, f"/{bucket}/k", encode(chunks, {}), headers)
        assert (status, b"MalformedTrailerError" in document) == (400, True)
    short = {**headers, "x-amz-decoded-content-length": "5"}
    status, document = put(endpoint, f"/{bucket}/k", body, short)
    assert (status, b"IncompleteBody" in document) == (400, True)
