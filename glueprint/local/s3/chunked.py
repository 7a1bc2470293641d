"""The ``aws-chunked`` transfer coding: bytes in, bytes out; pure.

A body is a sequence of ``SIZE[;chunk-signature=...]CRLF DATA CRLF``, ended by a chunk of size 0, after which
trailers may follow. If chunks are signed, each is checked before the body counts as complete.
Source: "Signature calculations for the Authorization header: transferring payload in multiple chunks" and
"Trailing checksums" in the Amazon S3 API reference.
"""

from __future__ import annotations

import hashlib
import re
from enum import Enum, auto
from typing import Protocol

from glueprint.local.s3.errors import S3Error

_MAX_LINE_BYTES = 16 * 1024
_SIGNATURE = re.compile(r";\s*chunk-signature=([0-9a-f]{64})")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


class ChunkSignatures(Protocol):
    """Checks the signatures of one body, in the body's order."""

    has_trailer: bool

    def chunk(self, sha256: str, signature: str) -> bool:
        """Whether ``signature`` is that of the next chunk, whose data have this hash."""
        ...

    def trailer(self, sha256: str, signature: str) -> bool:
        """Whether ``signature`` is that of the trailers, which have this hash."""
        ...


class _State(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()
    DONE = auto()


class ChunkedDecoder:
    """Decodes one body.

    Attributes:
        trailers: the trailing headers by lower-case name, complete when :attr:`done`.
    """

    def __init__(self, signatures: ChunkSignatures | None = None) -> None:
        """``signatures`` checks the chunks; None if they are not signed or are not checked."""
        self.trailers: dict[str, str] = {}
        self._signatures = signatures
        self._signature = ""
        self._hash = hashlib.sha256()
        self._signed_trailers = hashlib.sha256()
        self._state = _State.SIZE
        self._buffer = bytearray()
        self._left = 0

    @property
    def done(self) -> bool:
        """Whether the body is complete."""
        return self._state is _State.DONE

    def feed(self, data: bytes) -> bytes:
        """Take coded bytes and return the plain ones that they complete.

        Raises:
            S3Error: InvalidRequest for content that is not aws-chunked; SignatureDoesNotMatch.
        """
        self._buffer += data
        out = bytearray()
        while self._advance(out):
            pass
        return bytes(out)

    def finish(self) -> None:
        """End the body: no more bytes follow.

        A last chunk without the empty line after it is accepted: some clients omit the line.

        Raises:
            S3Error: IncompleteBody; SignatureDoesNotMatch.
        """
        if self._state is _State.TRAILERS and not self._buffer.strip():
            self._end()
        if not self.done:
            raise S3Error(
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
                400,
            )

    def _advance(self, out: bytearray) -> bool:
        """Take one step; return False when more bytes are needed."""
        match self._state:
            case _State.DATA:
                taken = self._buffer[: self._left]
                out += taken
                if self._signatures is not None:
                    self._hash.update(taken)
                del self._buffer[: len(taken)]
                self._left -= len(taken)
                if self._left:
                    return False
                self._state = _State.DATA_END
                return True
            case _State.DONE:
                self._buffer.clear()
                return False
            case _:
                line = self._line()
                if line is None:
                    return False
                self._take_line(line)
                return True

    def _take_line(self, line: str) -> None:
        if self._state is _State.SIZE:
            self._left = _chunk_size(line)
            found = _SIGNATURE.search(line)
            self._signature = found[1] if found else ""
            self._state = _State.DATA if self._left else _State.TRAILERS
            if not self._left:
                self._check_chunk()
        elif self._state is _State.DATA_END:
            if line:
                raise _invalid("a chunk is longer than its size")
            self._check_chunk()
            self._state = _State.SIZE
        elif not line:
            self._end()
        else:
            self._take_trailer(line)

    def _take_trailer(self, line: str) -> None:
        name, colon, value = line.partition(":")
        if not colon:
            raise _invalid("a trailer has no colon")
        name, value = name.strip().lower(), value.strip()
        self.trailers[name] = value
        if name != _TRAILER_SIGNATURE:
            self._signed_trailers.update(f"{name}:{value}\n".encode("latin-1"))

    def _check_chunk(self) -> None:
        """Check the signature of a complete chunk."""
        if self._signatures is not None and not self._signatures.chunk(self._hash.hexdigest(), self._signature):
            raise _mismatch()
        self._hash = hashlib.sha256()

    def _end(self) -> None:
        """End the body, whose trailers are complete."""
        signatures = self._signatures
        if signatures is not None and signatures.has_trailer:
            given = self.trailers.get(_TRAILER_SIGNATURE, "")
            if not signatures.trailer(self._signed_trailers.hexdigest(), given):
                raise _mismatch()
        self._state = _State.DONE

    def _line(self) -> str | None:
        end = self._buffer.find(b"\n")
        if end < 0 or end > _MAX_LINE_BYTES:
            if len(self._buffer) > _MAX_LINE_BYTES:
                raise _invalid("a line is too long")
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line.decode("latin-1")


def _chunk_size(line: str) -> int:
    text = line.partition(";")[0].strip()
    try:
        size = int(text, 16)
    except ValueError:
        raise _invalid(f"'{text[:40]}' is not a chunk size") from None
    if size < 0:
        raise _invalid("a chunk size is negative")
    return size


def _mismatch() -> S3Error:
    return S3Error(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and "
        "signing method.",
        403,
    )


def _invalid(what: str) -> S3Error:
    return S3Error("InvalidRequest", f"The body is not valid aws-chunked content: {what}.", 400)
