"""A session with a database in the job's own process, through the JDBC driver that Spark's tasks use, too.

It lists columns and counts rows, where Spark's JDBC source only reads them; and of PostgreSQL it holds the
snapshot in which all tasks read.
"""

import threading
from typing import Any, Dict, List, Sequence, Tuple

from glue_jobs.common.database_address import POSTGRESQL, DatabaseAddress

DRIVERS = {
    "postgresql": "org.postgresql.Driver",
    "mysql": "com.mysql.cj.jdbc.Driver",
    "sqlserver": "com.microsoft.sqlserver.jdbc.SQLServerDriver",
    "oracle": "oracle.jdbc.OracleDriver",
    "derby": "org.apache.derby.jdbc.EmbeddedDriver",
}
"""Drivers by vendor; Glue has those of all but Derby (DG:aws-glue-programming-etl-connect-jdbc-home)."""
REPEATABLE_READ = 4
"""java.sql.Connection.TRANSACTION_REPEATABLE_READ."""
LOCK_WAIT = "300s"
PING_SECONDS = 30.0
NO_LIMITS = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"


class JdbcSession:
    """One connection of the job's process to a database.

    Args:
        spark: the job's Spark session, whose Java process has the driver.
        address: the database.
    """

    def __init__(self, spark: Any, address: DatabaseAddress) -> None:
        self.address = address
        self._jvm = spark._jvm
        self._mutex = threading.Lock()
        properties = self._jvm.java.util.Properties()
        for name, value in self.properties().items():
            properties.setProperty(name, value)
        if address.vendor in DRIVERS:
            self._jvm.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry.register(
                DRIVERS[address.vendor]
            )
        self._connection = self._jvm.java.sql.DriverManager.getConnection(address.url, properties)

    def properties(self) -> Dict[str, str]:
        """What the driver gets: of this session, and of each of Spark's tasks."""
        properties = {"user": self.address.user, "password": self.address.password}
        if self.address.vendor == POSTGRESQL:
            # A firewall between forgets a connection over which nothing goes for minutes.
            properties["tcpKeepAlive"] = "true"
            properties["ApplicationName"] = "glueprint"
            if self.address.requires_ssl:
                properties["sslmode"] = "require"
        return {name: value for name, value in properties.items() if value}

    def execute(self, statement: str) -> None:
        """Run statements that return nothing."""
        with self._mutex:
            prepared = self._connection.createStatement()
            try:
                prepared.execute(statement)
            finally:
                prepared.close()

    def query(self, statement: str) -> List[Tuple[Any, ...]]:
        """The rows of a query, each value as text or None."""
        with self._mutex:
            prepared = self._connection.createStatement()
            try:
                found = prepared.executeQuery(statement)
                width = found.getMetaData().getColumnCount()
                rows = []
                while found.next():
                    rows.append(tuple(found.getString(number + 1) for number in range(width)))
                return rows
            finally:
                prepared.close()

    def result_columns(self, statement: str) -> List[Tuple[str, str, int, int, int]]:
        """The columns of a query: name, the database's type, java.sql.Types, precision, scale. It is not run."""
        with self._mutex:
            prepared = self._connection.prepareStatement(statement)
            try:
                found = prepared.getMetaData()
                return [
                    (
                        str(found.getColumnLabel(number)),
                        str(found.getColumnTypeName(number)),
                        int(found.getColumnType(number)),
                        int(found.getPrecision(number)),
                        int(found.getScale(number)),
                    )
                    for number in range(1, found.getColumnCount() + 1)
                ]
            finally:
                prepared.close()

    def begin_reading(self) -> None:
        """Begin a transaction that sees the database as it is now, and changes nothing."""
        self._connection.setReadOnly(True)
        self._connection.setAutoCommit(False)
        self._connection.setTransactionIsolation(REPEATABLE_READ)

    def begin_writing(self) -> None:
        """Begin a transaction that :meth:`commit` ends."""
        self._connection.setAutoCommit(False)

    def commit(self) -> None:
        """Make everything since the last commit permanent, in one step."""
        with self._mutex:
            self._connection.commit()

    def quote(self, name: str) -> str:
        """A name as the database writes one that keeps its case."""
        mark = str(self._connection.getMetaData().getIdentifierQuoteString()).strip() or '"'
        return mark + name.replace(mark, mark * 2) + mark

    def quoted(self, schema: str, name: str) -> str:
        """A table's name with its schema."""
        return ".".join(self.quote(part) for part in (schema, name) if part)

    def described(self, what: str, *arguments: Any) -> List[Dict[str, Any]]:
        """Rows of ``java.sql.DatabaseMetaData``, such as ``getColumns``; by column name, in capitals."""
        with self._mutex:
            found = getattr(self._connection.getMetaData(), what)(*arguments)
            try:
                names = [
                    str(found.getMetaData().getColumnLabel(number + 1)).upper()
                    for number in range(found.getMetaData().getColumnCount())
                ]
                rows = []
                while found.next():
                    rows.append({name: found.getString(number + 1) for number, name in enumerate(names)})
                return rows
            finally:
                found.close()

    def close(self) -> None:
        """End the session; what was not committed is undone."""
        with self._mutex:
            if not self._connection.getAutoCommit():
                self._connection.rollback()
            self._connection.close()


class SharedSnapshot:
    """A transaction of PostgreSQL whose snapshot Spark's tasks read in, held open as long as they do.

    The tables are locked first, as ``pg_dump`` does: no ALTER, DROP or TRUNCATE comes between; reading and writing
    go on (PostgreSQL manual, "Snapshot Synchronization Functions").

    Args:
        session: a session of its own for this.
        tables: the quoted names of ordinary and partitioned tables.
    """

    def __init__(self, session: JdbcSession, tables: Sequence[str]) -> None:
        self._session = session
        session.execute("{}; SET lock_timeout = '{}'".format(NO_LIMITS, LOCK_WAIT))
        session.begin_reading()
        if tables:
            session.execute("LOCK TABLE {} IN ACCESS SHARE MODE".format(", ".join(tables)))
        [(self.name,)] = session.query("SELECT pg_export_snapshot()")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._stay, daemon=True)
        self._thread.start()

    @property
    def statement(self) -> str:
        """What each task executes first, in its own transaction."""
        return "{}; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '{}'".format(
            NO_LIMITS, self.name
        )

    def end(self) -> None:
        """Let the snapshot go."""
        self._over.set()
        self._thread.join()

    def _stay(self) -> None:
        """Ask for nothing from time to time: an idle connection is closed by firewalls."""
        while not self._over.wait(PING_SECONDS):
            self._session.query("SELECT 1")
