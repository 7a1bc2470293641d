"""Signatures inside an ``aws-chunked`` body: each one covers a chunk and the signature before it.

Sources: "Signature calculations for the Authorization header: transferring payload in multiple chunks" and
"... including trailing headers" in the Amazon S3 API reference.
"""

from __future__ import annotations

import hashlib
import hmac

from glueprint.local.http.signatures import ALGORITHM, Claim, KeyLookup, signing_key

SIGNED_CHUNKS = f"STREAMING-{ALGORITHM}-PAYLOAD"
"""The value in place of the body's hash if chunks are signed; with ``-TRAILER`` also the trailers."""
_EMPTY = hashlib.sha256().hexdigest()


class ChunkSignatures:
    """The chain of signatures of one body; calls must be in the order of the body.

    Attributes:
        has_trailer: whether a signature of the trailers must follow the last chunk.
    """

    def __init__(self, key: bytes, claim: Claim, *, has_trailer: bool) -> None:
        self._key = key
        self._claim = claim
        self._previous = claim.signature
        self.has_trailer = has_trailer

    def chunk(self, sha256: str, signature: str) -> bool:
        """Whether ``signature`` is that of the next chunk, whose data have this hash (hex)."""
        return self._next("PAYLOAD", f"{_EMPTY}\n{sha256}", signature)

    def trailer(self, sha256: str, signature: str) -> bool:
        """Whether ``signature`` is that of the trailers, ``name:value`` and a line feed each, with this hash."""
        return self._next("TRAILER", sha256, signature)

    def _next(self, kind: str, hashes: str, signature: str) -> bool:
        head = f"{ALGORITHM}-{kind}\n{self._claim.stamp}\n{self._claim.scope}\n{self._previous}\n"
        right = hmac.new(self._key, (head + hashes).encode("latin-1", "replace"), hashlib.sha256).hexdigest()
        self._previous = right
        return hmac.compare_digest(right.encode("ascii"), signature.encode("latin-1", "replace"))


def chunk_signatures(claim: Claim, payload_hash: str, keys: KeyLookup) -> ChunkSignatures | None:
    """What checks the body of a request whose ``claim`` was verified; None if its chunks are not signed."""
    if payload_hash not in (SIGNED_CHUNKS, f"{SIGNED_CHUNKS}-TRAILER"):
        return None
    scope = claim.scope
    secret = keys(scope.access_key)
    assert secret is not None
    key = signing_key(secret, scope.date, scope.region, scope.service)
    return ChunkSignatures(key, claim, has_trailer=payload_hash.endswith("-TRAILER"))
