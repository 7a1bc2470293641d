"""The socket that Spark's Hive client speaks to: on the loopback interface, for our own JVM only."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glueprint.runtime.sparksql.calls import Metastore

_LOOPBACK = "127.0.0.1"


class MetastoreServer:
    """Listens from its making on, on a port of its own; a thread for each connection.

    ``trusted`` says of a client's port whether it is one that may be answered: everybody on this machine can
    connect, and a metastore changes the catalog without asking who wants it. ``metastore`` is made when the first
    call comes, so that a script that never asks for a table pays nothing.
    """

    def __init__(self, metastore: Callable[[], Metastore], trusted: Callable[[int], bool]) -> None:
        self._make = metastore
        self._trusted = trusted
        self._metastore: Metastore | None = None
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._closing = False
        self._listener = socket.create_server((_LOOPBACK, 0))
        self._thread = threading.Thread(target=self._accept, name="metastore", daemon=True)
        self._thread.start()

    @property
    def uri(self) -> str:
        """Where the metastore is, as ``hive.metastore.uris`` wants it."""
        return f"thrift://{_LOOPBACK}:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Hang up and listen no more; the threads end."""
        self._closing = True
        socket.create_connection(self._listener.getsockname()).close()  # wakes the thread that accepts
        self._thread.join()
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            connection, (_, port) = self._listener.accept()
            if self._closing:
                connection.close()
                return
            if not self._trusted(port):
                connection.close()
                continue
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="metastore call", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        from glueprint.runtime.sparksql import thrift  # here: a job that asks for no table does without

        with connection, connection.makefile("rb") as stream:
            try:
                while True:
                    head = thrift.read_head(stream)
                    said = self._answering().answer(head, stream)
                    if head.wants_answer:
                        connection.sendall(said)
            except (EOFError, OSError):
                pass  # the client hung up
            except thrift.ProtocolError as error:
                print(f"the Hive metastore was spoken to wrongly: {error}", file=sys.stderr)  # noqa: T201
            finally:
                with self._lock:
                    self._connections.discard(connection)

    def _answering(self) -> Metastore:
        with self._lock:
            if self._metastore is None:
                self._metastore = self._make()
            return self._metastore
