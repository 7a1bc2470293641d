"""Slow clients: a connection that does not complete its headers is closed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from glueprint.local.http.header_timeout import HeaderTimeoutProtocol


class _Hasty(HeaderTimeoutProtocol):
    """Waits for a moment only."""

    header_seconds = 1.5


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a server with that protocol listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    options = {"http": _Hasty, "log_level": "critical", "lifespan": "off", "ws": "none"}
    config = uvicorn.Config(PlainTextResponse("hello"), **options)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


def _answer(port: int, *pieces: bytes) -> bytes:
    """What comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while part := connection.recv(4096):
            received += part
        return received


def test_headers_that_never_end_close_the_connection(port: int) -> None:
    """Half a request is given up after the limit, without an answer."""
    assert _answer(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ") == b""


def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    """A connection without a byte is given up after the limit."""
    assert _answer(port) == b""


def test_whole_requests_are_answered_and_a_slow_second_one_is_given_up(port: int) -> None:
    """The limit is for headers only: a complete request is answered, and the next one has its own limit."""
    complete = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answered = _answer(port, complete, b"GET / HTTP/1.1\r\nHost: ")
    assert answered.count(b"200 OK") == 1
    assert answered.endswith(b"hello")
