"""Limits of connections: heads that are slow, large or many, and bodies that nothing waits for, close them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from glueprint.local.http.connection_limits import LimitedProtocol


class _Hasty(LimitedProtocol):
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
        with contextlib.suppress(ConnectionResetError):  # closed before all was read
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


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"X-Large: " + b"x" * 70_000 + b"\r\n\r\n",
        HEAD + b"X-Endless: " + b"x" * 66_000,
        HEAD + b"".join(b"X-%d: %b\r\n" % (number, b"x" * 1000) for number in range(70)) + b"\r\n",
        HEAD + b"".join(b"X-%d: x\r\n" % number for number in range(300)) + b"\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["header", "endless header", "headers", "number", "path"],
)
def test_a_large_head_is_refused_and_closes_the_connection(port: int, head: bytes) -> None:
    """431 (RFC 6585), before a signature or a path is looked at."""
    assert _answer(port, head).startswith(b"HTTP/1.1 431 ")


def test_a_head_as_large_as_aws_takes_is_answered(port: int) -> None:
    """8 KB of headers and a long presigned URL (Amazon S3 API reference) are far below the limit."""
    request = b"GET /?" + b"x" * 8000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + b"y" * 20_000
    assert b"200 OK" in _answer(port, request + b"\r\n\r\n")


def test_many_pipelined_requests_are_refused(port: int) -> None:
    """Those over the limit are not queued: the connection is closed. A few are answered in order."""
    request = HEAD + b"\r\n"
    assert _answer(port, request * 5).count(b"200 OK") == 5
    assert b" 429 " in _answer(port, request * 1000)


def test_a_body_that_the_answer_did_not_wait_for_has_a_limit(port: int) -> None:
    """A request that is refused by its head alone cannot keep its connection by a body that arrives slowly."""
    head = b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head)
        assert b"200 OK" in connection.recv(4096)
        started = time.monotonic()
        with contextlib.suppress(OSError):  # closed
            while time.monotonic() - started < 20:
                connection.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - started < 20
