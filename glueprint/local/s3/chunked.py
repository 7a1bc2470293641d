"""The ``aws-chunked`` transfer coding: bytes in, bytes out; knows no socket.

A body is a sequence of ``SIZE[;chunk-signature=...]CRLF DATA CRLF``, ended by a chunk of size 0, after which
trailers may follow. Chunk signatures are not checked: the seed signature was checked in front, on loopback.
Source: "Signature calculations for the Authorization header: transferring payload in multiple chunks" and
"Trailing checksums" in the Amazon S3 API reference.
"""

from __future__ import annotations

from enum import Enum, auto

from glueprint.local.s3.errors import S3Error

_LINE_LIMIT = 16 * 1024


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

    def __init__(self) -> None:
        self.trailers: dict[str, str] = {}
        self._state = _State.SIZE
        self._buffer = bytearray()
        self._left = 0

    @property
    def done(self) -> bool:
        """Whether the body ended as it should."""
        return self._state is _State.DONE

    def feed(self, data: bytes) -> bytes:
        """Take coded bytes and return the plain ones that they complete.

        Raises:
            S3Error: InvalidRequest for what is not aws-chunked.
        """
        self._buffer += data
        out = bytearray()
        while self._advance(out):
            pass
        return bytes(out)

    def finish(self) -> None:
        """Say that no more bytes come.

        A last chunk without the empty line after it is taken too: some clients leave it out.

        Raises:
            S3Error: IncompleteBody.
        """
        if self._state is _State.TRAILERS and not self._buffer.strip():
            self._state = _State.DONE
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
            self._state = _State.DATA if self._left else _State.TRAILERS
        elif self._state is _State.DATA_END:
            if line:
                raise _invalid("a chunk is longer than its size")
            self._state = _State.SIZE
        elif not line:
            self._state = _State.DONE
        else:
            name, colon, value = line.partition(":")
            if not colon:
                raise _invalid("a trailer without a colon")
            self.trailers[name.strip().lower()] = value.strip()

    def _line(self) -> str | None:
        end = self._buffer.find(b"\n")
        if end < 0 or end > _LINE_LIMIT:
            if len(self._buffer) > _LINE_LIMIT:
                raise _invalid("a line without end")
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line.decode("latin-1")


def _chunk_size(line: str) -> int:
    text = line.partition(";")[0].strip()
    try:
        size = int(text, 16)
    except ValueError:
        raise _invalid(f"'{text[:40]}' is no chunk size") from None
    if size < 0:
        raise _invalid("a negative chunk size")
    return size


def _invalid(what: str) -> S3Error:
    return S3Error("InvalidRequest", f"The body is not valid aws-chunked content: {what}.", 400)
