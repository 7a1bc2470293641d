"""Limits of one connection, before anything is known of its client: time, size and number of request heads.

A client must send complete requests in reasonable time: otherwise its connection is closed. Limits of bodies are
in :mod:`bodies`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 30.0
"""From a connection, or the first byte of a further request, to the end of the request's headers; also from an
answer to the end of the body that it did not wait for."""
MAX_HEAD_BYTES = 64 * 1024
"""Request line and headers. S3 takes 8 KB of headers (API reference, PUT requests); AWS's load balancers 64 KB."""
MAX_HEADERS = 200
MAX_PIPELINED = 16
"""Requests that were sent before the answer to the one before them. No AWS client sends any."""

_TOO_LARGE = (b"431 Request Header Fields Too Large", f"the request's head is over {MAX_HEAD_BYTES} bytes")
_TOO_MANY = (b"431 Request Header Fields Too Large", f"the request has more than {MAX_HEADERS} headers")
_PIPELINED = (b"429 Too Many Requests", f"more than {MAX_PIPELINED} requests wait on this connection")


class _OverLimit(Exception):
    """The head breaks a limit; the parser ends."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which has no limits within heads and for what follows an answer."""

    header_seconds = HEADER_SECONDS
    _limit: asyncio.TimerHandle | None = None
    _in_head = True
    _in_message = False
    _head_bytes = 0
    _refusal: tuple[bytes, str] | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the limit for the first request."""
        super().connection_made(transport)
        self._start_limit()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the limit."""
        self._end_limit()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, unless the head that arrives is already over the limit."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head and self._in_message and not self.transport.is_closing():
            self._head_bytes += len(data)  # the parser keeps an incomplete header to itself
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refusal = _TOO_LARGE
                self.send_400_response(_TOO_LARGE[1])

    def on_message_begin(self) -> None:
        """Start the limits for the head of a request."""
        super().on_message_begin()
        self._in_head = self._in_message = True
        self._head_bytes = 0
        if self._limit is None:
            self._start_limit()

    def on_url(self, url: bytes) -> None:
        """Refuse a long URL."""
        super().on_url(url)
        self._check(len(self.url) > MAX_HEAD_BYTES, _TOO_LARGE)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Refuse too many or too long headers."""
        super().on_header(name, value)
        self._check(len(self.headers) > MAX_HEADERS, _TOO_MANY)
        self._check(len(name) + len(value) > MAX_HEAD_BYTES, _TOO_LARGE)

    def on_headers_complete(self) -> None:
        """End the limits of the head, and refuse a request that others wait before."""
        self._end_limit()
        self._in_head = False
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        self._check(size > MAX_HEAD_BYTES, _TOO_LARGE)
        self._check(len(self.pipeline) >= MAX_PIPELINED, _PIPELINED)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request has arrived completely."""
        self._in_message = False
        if not self._in_head:
            self._end_limit()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Limit the time for the rest of a body that the answer did not wait for."""
        super().on_response_complete()
        if self._in_message and not self._in_head and self._limit is None:
            self._start_limit()

    def send_400_response(self, msg: str) -> None:
        """Send uvicorn's refusal of a request that cannot be parsed, or that of a limit."""
        if self._refusal is None:
            super().send_400_response(msg)
            return
        status, reason = self._refusal
        text = reason.encode()
        head = b"HTTP/1.1 %b\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, len(text)) + text)
        self.transport.close()

    def _check(self, over_limit: bool, refusal: tuple[bytes, str]) -> None:
        if over_limit:
            self._refusal = refusal
            raise _OverLimit(refusal[1])

    def _start_limit(self) -> None:
        self._limit = self.loop.call_later(self.header_seconds, self._give_up)

    def _end_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _give_up(self) -> None:
        self._limit = None
        if not self.transport.is_closing():
            self.transport.close()
