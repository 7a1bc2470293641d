"""What a client without keys can make a real server do: little, whatever name and path it uses."""

from __future__ import annotations

import contextlib
import socket
import time
from urllib.parse import urlsplit

import psutil
import pytest
from harness.local_server import Server

HOSTS = ("localhost", "bucket.localhost", "bucket.s3.localhost", "s3.us-east-1.localhost")
PATHS = ("/", "/favicon.ico", "/console/home", "/moto-api/", "/health", "/bucket/key?uploads", "/v20180820/x")
FORGED = (
    "Authorization: AWS4-HMAC-SHA256 Credential=GLPRAAAAAAAAAAAAAAAA/{day}/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64 + "\r\nX-Amz-Date: {stamp}\r\n"
)


def _sent(server: Server, data: bytes, seconds: float = 20.0) -> bytes:
    """What comes back until the server closes the connection or is silent."""
    split = urlsplit(server.url)
    with socket.create_connection((split.hostname, split.port), timeout=seconds) as connection:
        received = b""
        with contextlib.suppress(OSError):
            connection.sendall(data)
        with contextlib.suppress(OSError):
            while part := connection.recv(65536):
                received += part
                if b"\r\n\r\n" in received and b" 43" not in received and b" 429" not in received:
                    break
        return received


def _head(method: str, host: str, path: str, *more: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{''.join(more)}".encode()


@pytest.mark.parametrize("host", HOSTS)
def test_heads_have_the_same_limits_on_every_name_and_path(shared_server: Server, host: str) -> None:
    """Large heads are 431, many pipelined requests 429, before it is decided what the request is for."""
    for path in PATHS:
        large = _head("GET", host, path, f"X-Large: {'x' * 70_000}\r\n\r\n")
        assert _sent(shared_server, large).startswith(b"HTTP/1.1 431 "), path
    split = urlsplit(shared_server.url)
    with socket.create_connection((split.hostname, split.port), timeout=20) as connection:
        received = b""
        with contextlib.suppress(OSError):
            connection.sendall(_head("GET", host, "/bucket", "\r\n") * 2000)
            while part := connection.recv(65536):
                received += part
    assert received.count(b"HTTP/1.1 ") < 50
    assert b" 429 " in received


@pytest.mark.parametrize("service", ["none", "glue", "s3", "logs", "events", "iam", "sqs"])
def test_a_large_body_without_a_known_key_is_refused_before_it_is_read(
    shared_server: Server, service: str
) -> None:
    """Unsigned, or signed with a key that this server did not issue: the answer comes after the head, and the
    server has not kept what arrived.
    """
    assert shared_server.process is not None
    memory = psutil.Process(shared_server.process.pid).memory_info().rss
    now = time.gmtime()
    stamp, day = time.strftime("%Y%m%dT%H%M%SZ", now), time.strftime("%Y%m%d", now)
    forged = "" if service == "none" else FORGED.format(day=day, stamp=stamp, service=service)
    target = "X-Amz-Target: AWSGlue.GetJobs\r\nContent-Type: application/x-amz-json-1.1\r\n"
    for method, path in (("POST", "/"), ("PUT", "/bucket/key"), ("GET", "/")):
        for more in ("", target if service in ("glue", "none") else ""):
            declared = "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nContent-Length: 5000000\r\n\r\n"
            head = _head(method, "localhost", path, forged, more, declared)
            answer = _sent(shared_server, head + bytes(100_000))
            assert answer.split(b" ")[1].startswith(b"4"), (method, path, answer[:200])
    assert psutil.Process(shared_server.process.pid).memory_info().rss - memory < 50_000_000
