"""Small Glue reads and writes compared with moto's server, with one client and with sixteen.

All servers get the same bytes: requests that are signed beforehand, over plain sockets, so that the client costs
little. Glueprint runs twice: with its defaults, where it verifies signatures and writes to disk before it answers,
and with ``--ephemeral --no-auth``, where it does neither, like moto.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.server import ROLE, BenchServer

ROUNDS = 5
SECONDS = 0.4
"""Duration of an operation in each round, one server after the other; the median round counts."""
PREPARED = 2000
"""Number of requests that are signed for a round of an operation whose requests must differ."""
CLIENTS = (1, 16)
GOAL = 5.0

_COLUMNS = [{"Name": f"column_{number}", "Type": "string"} for number in range(10)]
_TABLE = {
    "StorageDescriptor": {"Columns": _COLUMNS, "Location": "s3://bucket/table/"},
    "PartitionKeys": [{"Name": "day", "Type": "string"}],
}
_COMMAND = {"Name": "pythonshell", "ScriptLocation": "s3://bucket/job.py", "PythonVersion": "3.9"}


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the credentials for its requests."""

    host: str
    port: int
    credentials: Credentials

    def request(self, operation: str, members: Mapping[str, Any]) -> bytes:
        """Return the bytes of one signed request."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AWSGlue.{operation}"}
        body = json.dumps(members)
        signed = AWSRequest("POST", f"http://{self.host}:{self.port}/", headers=headers, data=body)
        SigV4Auth(self.credentials, "glue", "us-east-1").add_auth(signed)
        signed.headers["Host"] = f"{self.host}:{self.port}"
        signed.headers["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items())
        return f"POST / HTTP/1.1\r\n{head}\r\n{body}".encode()


class Connection:
    """Sends requests, one at a time; connects again where the server does not keep the connection."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body of the response."""
        if self._socket is None:
            self._socket = socket.create_connection((self._address.host, self._address.port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(received) < end + 4 + length:
            received += self._more()
        if head.startswith(b"http/1.0") or b"connection: close" in head:
            self.close()
        return int(head[9:12]), received[end + 4 :]

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> bytes:
        assert self._socket is not None
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection within a response")
        return piece


@dataclass(frozen=True)
class Measured:
    """What the clients of one server measured for one operation."""

    per_second: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    """Run the benchmark and print the result."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _glueprint(Path(folder) / "durable") as durable,
        _glueprint(Path(folder) / "light", "--ephemeral", "--no-auth") as light,
        _moto() as moto,
    ):
        servers = (durable, light, moto)
        for address in servers:
            _prepare(address)
        print(
            f"{'':12} {'clients':>8}   {'calls a second, times moto, p99 in ms: defaults':48}"
            f"{'--ephemeral --no-auth':32}moto"
        )
        ratios: dict[tuple[str, str], list[float]] = {}
        for operation, clients in itertools.product(_REQUESTS, CLIENTS):
            rounds = [[_measure(one, operation, clients) for one in servers] for _ in range(ROUNDS)]
            *local, moto_figures = (_median(one) for one in zip(*rounds, strict=True))
            shown = []
            for name, mine in zip(("defaults", "--ephemeral --no-auth"), local, strict=True):
                ratio = mine.per_second / moto_figures.per_second
                kind = "reads" if operation.startswith("Get") else "writes"
                ratios.setdefault((kind, name), []).append(ratio)
                verdict = "" if ratio >= GOAL else "  below the goal"
                shown.append(f"{mine.per_second:6.0f}/s {ratio:5.1f}x {mine.p99_ms:6.2f}{verdict}")
            print(
                f"{operation:12} {clients:8}   {shown[0]:48}{shown[1]:32}"
                f"{moto_figures.per_second:6.0f}/s {moto_figures.p99_ms:6.2f}"
            )
        # One figure for all would hide where the goal is not reached.
        for (kind, name), some in ratios.items():
            mean = statistics.geometric_mean(some)
            print(f"geometric mean of {kind} {mean:5.1f}x the throughput of moto, {name} (goal {GOAL:.0f}x)")
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"load averages {load} on {os.cpu_count()} cores, of which this benchmark itself is about two")


@contextmanager
def _glueprint(folder: Path, *options: str) -> Iterator[Address]:
    with BenchServer(folder, *options):
        endpoint = json.loads((folder / "endpoint.json").read_text())
        where = urlsplit(endpoint["url"])
        keys = Credentials(endpoint["access_key"], endpoint["secret_key"])
        yield Address(where.hostname or "", where.port or 0, keys)


@contextmanager
def _moto() -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = Address("127.0.0.1", port, Credentials("key", "secret"))
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: Address) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((address.host, address.port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _prepare(address: Address) -> None:
    connection = Connection(address)
    for operation, members in (
        ("CreateDatabase", {"DatabaseInput": {"Name": "db"}}),
        ("CreateTable", {"DatabaseName": "db", "TableInput": {"Name": "table", **_TABLE}}),
        ("CreateJob", {"Name": "job", "Role": ROLE, "Command": _COMMAND}),
    ):
        _check(connection.send(address.request(operation, members)), operation)
    connection.close()


def _median(rounds: Sequence[Measured]) -> Measured:
    """Return the median of each figure: a round in which other programs used the machine does not count."""
    return Measured(
        statistics.median(one.per_second for one in rounds),
        statistics.median(one.p50_ms for one in rounds),
        statistics.median(one.p99_ms for one in rounds),
    )


_REQUESTS = ("GetJob", "GetTable", "UpdateTable", "CreateTable")
_NUMBERS = itertools.count()


def _requests(address: Address, operation: str, clients: int) -> Iterator[bytes]:
    """Return the requests, signed before the clock starts; endless, except where requests must differ."""
    table = {"Name": "table", **_TABLE}
    match operation:
        case "GetJob":
            return itertools.repeat(address.request(operation, {"JobName": "job"}))
        case "GetTable":
            return itertools.repeat(address.request(operation, {"DatabaseName": "db", "Name": "table"}))
        case "UpdateTable":
            members = {"DatabaseName": "db", "TableInput": table, "SkipArchive": True}
            return itertools.repeat(address.request(operation, members))
        case _:
            names = [f"table_{next(_NUMBERS)}" for _ in range(PREPARED)]
            tables = ({"DatabaseName": "db", "TableInput": {**table, "Name": name}} for name in names)
            return iter([address.request("CreateTable", members) for members in tables])


def _measure(address: Address, operation: str, clients: int) -> Measured:
    requests, taking = _requests(address, operation, clients), threading.Lock()
    waits: list[float] = []
    start = threading.Barrier(clients)

    def client() -> None:
        connection, own = Connection(address), []
        start.wait()
        deadline = time.perf_counter() + SECONDS
        while time.perf_counter() < deadline:
            with taking:
                request = next(requests, None)
            if request is None:
                break
            sent = time.perf_counter()
            answer = connection.send(request)
            own.append(time.perf_counter() - sent)
            _check(answer, operation)
        connection.close()
        waits.extend(own)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    waits.sort()
    return Measured(len(waits) / seconds, 1000 * waits[len(waits) // 2], 1000 * waits[int(0.99 * len(waits))])


def _check(answer: tuple[int, bytes], operation: str) -> None:
    status, body = answer
    if status != 200:
        raise RuntimeError(f"{operation} was answered with {status}: {body[:300]!r}")
