"""The metastore's server: a socket for Spark's Hive client, and the settings that make Spark use it.

``use_data_catalog`` makes the Data Catalog Spark's external Hive metastore and enables Hive support in the
session, as ``--enable-glue-datacatalog`` does (AWS Glue guide, "AWS Glue Data Catalog support for Spark SQL
jobs"). The socket is on the loopback interface and answers only the job's own JVM.

A job's first line waits for this module, so modules that are needed only when a script uses a table are imported
at that time.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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


CATALOG_IMPLEMENTATION = "spark.sql.catalogImplementation"


def use_data_catalog(gateway: Any) -> MetastoreServer:
    """Make the Glue that the environment's variables name the metastore of Spark in ``gateway``'s JVM: of contexts
    that are made later, and of the sessions that are made later in a context that is there already.

    Nothing is asked, and nothing of Hive is loaded, before a script first needs a table.
    """
    from pyspark import SparkContext

    system = gateway.jvm.java.lang.System
    pid = gateway.jvm.java.lang.ProcessHandle.current().pid()
    server = MetastoreServer(_metastore, lambda port: _has_port(pid, port))
    hadoop = {
        "hive.metastore.uris": server.uri,
        "hive.metastore.execute.setugi": "false",  # nobody's rights are asked for
        # Hive's own default is a directory under /tmp that all users share.
        "hive.exec.scratchdir": f"file://{system.getProperty('java.io.tmpdir')}/hive",
    }
    settings = {CATALOG_IMPLEMENTATION: "hive", **{f"spark.hadoop.{key}": hadoop[key] for key in hadoop}}
    for name, value in settings.items():
        system.setProperty(name, value)  # where a new SparkConf looks
    if (context := SparkContext._active_spark_context) is not None:
        context._jsc.sc().conf().set(CATALOG_IMPLEMENTATION, "hive")
        for name, value in hadoop.items():
            context._jsc.hadoopConfiguration().set(name, value)
    return server


def _metastore() -> Metastore:
    from glueprint.runtime.sparksql import wiring

    return wiring.metastore()


def _has_port(pid: int, port: int) -> bool:
    """Whether process ``pid``, our own child, holds the local TCP port ``port``."""
    import psutil

    connections = psutil.Process(pid).net_connections(kind="tcp")
    return any(each.laddr and each.laddr.port == port for each in connections)
