"""Signatures inside an aws-chunked body: the example of the S3 API reference, and what was changed on the way."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from http_harness import HOST, FrontHarness, signed

from glueprint.local.http.chunk_signatures import ChunkSignatures
from glueprint.local.http.signatures import Claim, Scope, signing_key
from glueprint.local.s3.chunked import ChunkedDecoder
from glueprint.local.s3.errors import S3Error

# S3 API reference, "Transferring payload in multiple chunks (chunked upload)", example calculations.
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CHUNKS = (
    (b"a" * 65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (b"a" * 1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (b"", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)


def _example(*, has_trailer: bool = False) -> ChunkSignatures:
    scope = Scope("AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1", "s3")
    claim = Claim(scope, "20130524T000000Z", ("host",), SEED, None)
    key = signing_key(SECRET, scope.date, scope.region, scope.service)
    return ChunkSignatures(key, claim, has_trailer=has_trailer)


def _coded(chunks: Any) -> bytes:
    return b"".join(
        b"%x;chunk-signature=%s\r\n%s%s" % (len(data), signature.encode(), data, b"\r\n" if data else b"")
        for data, signature in chunks
    )


def test_the_example_of_the_reference() -> None:
    """The three signatures of the documented upload hold, in their order (S3 API reference)."""
    decoder = ChunkedDecoder(_example())
    plain = decoder.feed(_coded(CHUNKS) + b"\r\n")
    decoder.finish()
    assert plain == b"a" * 66560


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"b" * 65536, CHUNKS[0][1]), *CHUNKS[1:]],
        [CHUNKS[1], CHUNKS[0], CHUNKS[2]],
        [CHUNKS[0], CHUNKS[2]],
        [*CHUNKS[:2], (b"", "0" * 64)],
    ],
    ids=["other data", "other order", "one left out", "another end"],
)
def test_what_was_changed_on_the_way_is_refused(chunks: Any) -> None:
    """Each signature covers its chunk and the one before: nothing can be changed, moved or left out."""
    with pytest.raises(S3Error) as refusal:
        ChunkedDecoder(_example()).feed(_coded(chunks) + b"\r\n")
    assert (refusal.value.code, refusal.value.status) == ("SignatureDoesNotMatch", 403)


def test_unsigned_chunks_do_not_pass_for_signed_ones() -> None:
    """A request that promises signed chunks must have them."""
    with pytest.raises(S3Error, match="signature"):
        ChunkedDecoder(_example()).feed(b"3\r\nabc\r\n0\r\n\r\n")


@pytest.mark.parametrize("spoilt", [False, True])
def test_trailers_are_signed_too(spoilt: bool) -> None:
    """AWS4-HMAC-SHA256-TRAILER covers the trailing headers (S3 API reference, "including trailing headers")."""
    key = signing_key(SECRET, "20130524", "us-east-1", "s3")
    trailer = "x-amz-checksum-crc32:AAAAAA==\n"
    digest = hashlib.sha256(trailer.encode()).hexdigest()
    scope = "20130524T000000Z\n20130524/us-east-1/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256-TRAILER\n{scope}\n{CHUNKS[-1][1]}\n{digest}"
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    sent = "x-amz-checksum-crc32:BBBBBB==" if spoilt else trailer.strip()
    body = _coded(CHUNKS) + f"{sent}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()
    decoder = ChunkedDecoder(_example(has_trailer=True))
    if spoilt:
        with pytest.raises(S3Error, match="signature"):
            decoder.feed(body)
    else:
        decoder.feed(body)
        decoder.finish()
        assert decoder.trailers["x-amz-checksum-crc32"] == "AAAAAA=="
    with pytest.raises(S3Error, match="signature"):
        ChunkedDecoder(_example(has_trailer=True)).feed(_coded(CHUNKS) + b"\r\n")


@pytest.mark.parametrize(
    ("payload", "checked"),
    [
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", True),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", True),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", False),
        ("UNSIGNED-PAYLOAD", False),
    ],
)
def test_the_front_gives_s3_what_checks_the_chunks(payload: str, checked: bool) -> None:
    """Announced chunk signatures are checked with the key that signed the request; without auth nothing is."""
    url = f"http://{HOST}/bucket/key"
    sent = signed("PUT", url, b"", service="s3", payload=payload)
    front = FrontHarness.build()
    assert front.ask(sent).status == 200
    found = front.services.s3.states[0]["chunk_signatures"]  # type: ignore[attr-defined]
    assert (found is not None) is checked
    open_front = FrontHarness.build(keys=None)
    open_front.ask(sent)
    assert open_front.services.s3.states[0]["chunk_signatures"] is None  # type: ignore[attr-defined]
