"""A request's body as it arrives: taken out of ``aws-chunked``, counted, in blocks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from glueprint.local.s3.chunked import ChunkedDecoder, ChunkSignatures
from glueprint.local.s3.errors import S3Error
from glueprint.local.s3.staging import BLOCK_BYTES

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_PUT_BYTES = 5 * 1024**3
"""The most bytes in one PUT ("Uploading objects")."""


class ClientGone(Exception):
    """The client closed the connection before its body was complete: no one receives an answer."""


class BodyReader:
    """The body of one request.

    Args:
        headers: names in lower case.
        receive: ASGI's.
        signatures: checks the chunks; None if they are not signed or are not checked.

    Attributes:
        trailers: the trailing headers, once all blocks were read.
        ended: whether the complete body was received.
    """

    def __init__(
        self, headers: Mapping[str, str], receive: Receive, signatures: ChunkSignatures | None = None
    ) -> None:
        coded = headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
        codings = headers.get("content-encoding", "").replace(" ", "").split(",")
        self._decoder = ChunkedDecoder(signatures) if coded or "aws-chunked" in codings else None
        length = headers.get("x-amz-decoded-content-length" if self._decoder else "content-length", "")
        self._expected = int(length[:20]) if length.isdecimal() else None  # 20 digits are too many already
        self._receive = receive
        self.trailers: Mapping[str, str] = {}
        self.ended = False
        if self._expected is not None and self._expected > MAX_PUT_BYTES:
            raise S3Error(
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
                400,
                {"ProposedSize": str(self._expected), "MaxSizeAllowed": str(MAX_PUT_BYTES)},
            )

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """Yield the plain bytes, about a mebibyte at a time.

        Raises:
            S3Error: IncompleteBody, InvalidRequest.
            ClientGone: the connection ended first.
        """
        buffer = bytearray()
        total = 0
        ended = False
        while not ended:
            data, ended = await self._next()
            plain = data if self._decoder is None else self._decoder.feed(data)
            buffer += plain
            total += len(plain)
            if ended:
                self._check(total)
            if len(buffer) >= BLOCK_BYTES or (ended and buffer):
                yield bytes(buffer)
                buffer.clear()

    async def read(self, limit: int) -> bytes:
        """Return a short body.

        Raises:
            S3Error: MaxMessageLengthExceeded beyond ``limit`` bytes; as :meth:`blocks`.
        """
        parts: list[bytes] = []
        total = 0
        async for block in self.blocks():
            total += len(block)
            if total > limit:
                raise S3Error("MaxMessageLengthExceeded", "Your request was too large.", 400)
            parts.append(block)
        return b"".join(parts)

    async def drain(self, limit: int) -> bool:
        """Read and discard up to ``limit`` bytes; return whether the body ended. A client that is still sending
        does not read an answer."""
        taken, ended = 0, self.ended
        while not ended and taken <= limit:
            data, ended = await self._next()
            taken += len(data)
        return ended

    async def _next(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self.ended = not message.get("more_body", False)
        return message.get("body", b""), self.ended

    def _check(self, total: int) -> None:
        if self._decoder is not None:
            self._decoder.finish()
            self.trailers = self._decoder.trailers
        if self._expected is not None and total != self._expected:
            raise S3Error(
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
                400,
                {"NumberBytesExpected": str(self._expected), "NumberBytesProvided": str(total)},
            )
