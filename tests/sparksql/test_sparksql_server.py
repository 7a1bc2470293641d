"""The metastore's socket: which connections it serves, and its replies."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from glueprint.runtime.sparksql.calls import Metastore, call
from glueprint.runtime.sparksql.hive import HiveError, MetaError, NoSuchObject
from glueprint.runtime.sparksql.server import MetastoreServer
from glueprint.runtime.sparksql.thrift import STRING, STRINGS, read_fields


class FakeFamily:
    """Calls with every kind of result."""

    def __init__(self) -> None:
        self.made = threading.get_ident()

    @call(STRING, returns=STRINGS, raises={1: MetaError})
    def get_all_tables(self, database: str) -> list[str]:
        """Return the two names."""
        return [f"{database}.one", f"{database}.two"]

    @call(STRING, returns=STRING, raises={1: MetaError, 2: NoSuchObject})
    def get_table(self, name: str) -> str:
        """Raise the error of that name."""
        errors: Mapping[str, HiveError] = {"gone": NoSuchObject("no gone"), "odd": HiveError("odd")}
        raise errors.get(name) or RuntimeError("an internal fault")


class Client:
    """A Thrift client of one connection."""

    def __init__(self, uri: str) -> None:
        host, _, port = uri.removeprefix("thrift://").partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)

    @property
    def port(self) -> int:
        """The port of this end."""
        found: int = self.socket.getsockname()[1]
        return found

    def send(self, name: str, argument: str) -> None:
        """Send a call with one text as the argument."""
        text, value = name.encode(), argument.encode()
        head = b"\x80\x01\x00\x01" + len(text).to_bytes(4, "big") + text + (7).to_bytes(4, "big")
        field = b"\x0b\x00\x01" + len(value).to_bytes(4, "big") + value
        self.socket.sendall(head + field + b"\x00")

    def answer(self, name: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        """Read a message: return its type, and the fields that are named as number_kind."""
        with self.socket.makefile("rb", buffering=0) as stream:
            head = stream.read(12 + len(name))
            assert head is not None
            numbered = {int(key.removeprefix("f")): (kind, key) for key, kind in fields.items()}
            return head[3], read_fields(io.BufferedReader(stream), numbered)


@pytest.fixture
def server() -> Iterator[MetastoreServer]:
    """A server that accepts every connection."""
    made = MetastoreServer(lambda: Metastore([FakeFamily()]), lambda port: True)
    yield made
    made.close()


def test_a_call_is_answered(server: MetastoreServer) -> None:
    """A call of the interface returns its result in field 0 of a reply (Thrift's specification)."""
    client = Client(server.uri)
    with closing(client.socket):
        client.send("get_all_tables", "db")
        assert client.answer("get_all_tables", f0=STRINGS) == (2, {"f0": ("db.one", "db.two")})


class _Error:
    """The struct of an exception: field 1 is its message."""

    code = 12

    def read(self, stream: Any) -> str:
        return str(read_fields(stream, {1: (STRING, "message")})["message"])


@pytest.mark.parametrize(("name", "field", "words"), [("gone", "f2", "no gone"), ("odd", "f1", "odd")])
def test_exceptions_of_the_interface(server: MetastoreServer, name: str, field: str, words: str) -> None:
    """An exception is in the field that the call declares for it, or in that of MetaException."""
    client = Client(server.uri)
    with closing(client.socket):
        client.send("get_table", name)
        assert client.answer("get_table", f1=_Error(), f2=_Error()) == (2, {field: words})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("get_table", "RuntimeError: an internal fault"),
        ("grant_role", "not supported locally: grant_role of the Hive metastore over the Glue Data Catalog"),
    ],
)
def test_unknown_calls_and_internal_errors(server: MetastoreServer, name: str, words: str) -> None:
    """An unknown call and an internal error are Thrift's application errors with a message, never an empty
    reply.
    """
    client = Client(server.uri)
    with closing(client.socket):
        client.send(name, "x")
        assert client.answer(name, f1=STRING) == (3, {"f1": words})


def test_only_the_jobs_jvm_is_served() -> None:
    """A connection from a port that is not the JVM's is closed unread (docs/architecture.md)."""
    made: list[FakeFamily] = []
    ports: list[int] = []

    def refuse(port: int) -> bool:
        ports.append(port)
        return False

    def metastore() -> Metastore:
        made.append(FakeFamily())
        return Metastore(made)

    server = MetastoreServer(metastore, refuse)
    with closing(server):
        client = Client(server.uri)
        with closing(client.socket):
            assert client.socket.recv(1) == b""
            assert ports == [client.port]
    assert made == []


def test_invalid_data_closes_only_its_connection(
    server: MetastoreServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """A connection that sends invalid data is closed, with a line in the log; the next client is served."""
    noisy = Client(server.uri)
    with closing(noisy.socket):
        noisy.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert noisy.socket.recv(1) == b""
    assert "received invalid data" in capfd.readouterr().err
    client = Client(server.uri)
    with closing(client.socket):
        client.send("get_all_tables", "db")
        assert client.answer("get_all_tables", f0=STRINGS)[0] == 2
