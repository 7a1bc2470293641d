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
    """Listens on a free port as soon as it is made; a thread for each connection.

    ``trusted`` returns whether a connection from a port is accepted: any process on this machine can connect, and
    the metastore does not check rights. ``metastore`` is called at the first call, so that a script that uses no
    table does not pay for it.
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
        """The metastore's address, for ``hive.metastore.uris``."""
        return f"thrift://{_LOOPBACK}:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Close all connections and stop listening; the threads end."""
        self._closing = True
        socket.create_connection(self._listener.getsockname()).close()  # wakes the accepting thread
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
        from glueprint.runtime.sparksql import thrift  # not needed by a job that uses no table

        with connection, connection.makefile("rb") as stream:
            try:
                while True:
                    header = thrift.read_header(stream)
                    response = self._started_metastore().answer(header, stream)
                    if header.expects_reply:
                        connection.sendall(response)
            except (EOFError, OSError):
                pass  # the client closed the connection
            except thrift.ProtocolError as error:
                print(f"the Hive metastore received invalid data: {error}", file=sys.stderr)  # noqa: T201
            finally:
                with self._lock:
                    self._connections.discard(connection)

    def _started_metastore(self) -> Metastore:
        with self._lock:
            if self._metastore is None:
                self._metastore = self._make()
            return self._metastore


CATALOG_IMPLEMENTATION = "spark.sql.catalogImplementation"


def use_data_catalog(gateway: Any) -> MetastoreServer:
    """Make Glue, at the endpoint of the environment's variables, the metastore of Spark in ``gateway``'s JVM: for
    contexts that are made later, and for sessions that are made later in an existing context.

    No request is sent, and no part of Hive is loaded, before a script first uses a table.
    """
    from pyspark import SparkContext

    system = gateway.jvm.java.lang.System
    pid = gateway.jvm.java.lang.ProcessHandle.current().pid()
    server = MetastoreServer(_metastore, lambda port: _has_port(pid, port))
    hadoop = {
        "hive.metastore.uris": server.uri,
        "hive.metastore.execute.setugi": "false",  # rights are not checked
        # Hive reconnects in the middle of some statements; by default it waits for a second before.
        "hive.metastore.client.connect.retry.delay": "0",
        # Hive's own default is a directory in /tmp that all users share.
        "hive.exec.scratchdir": f"file://{system.getProperty('java.io.tmpdir')}/hive",
    }
    settings = {CATALOG_IMPLEMENTATION: "hive", **{f"spark.hadoop.{key}": hadoop[key] for key in hadoop}}
    for name, value in settings.items():
        system.setProperty(name, value)  # a new SparkConf reads them
    if (context := SparkContext._active_spark_context) is not None:
        context._jsc.sc().conf().set(CATALOG_IMPLEMENTATION, "hive")
        for name, value in hadoop.items():
            context._jsc.hadoopConfiguration().set(name, value)
    return server


def _metastore() -> Metastore:
    from glueprint.runtime.sparksql import wiring

    return wiring.metastore()


def _has_port(pid: int, port: int) -> bool:
    """Return whether the process ``pid``, the job's JVM, has the local TCP port ``port``."""
    import psutil

    connections = psutil.Process(pid).net_connections(kind="tcp")
    return any(each.laddr and each.laddr.port == port for each in connections)
