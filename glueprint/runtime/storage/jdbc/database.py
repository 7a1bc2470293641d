"""One database, as Spark reaches it: its driver found, its tables read and written, statements run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark import SparkFiles
from pyspark.sql import DataFrame, SparkSession

from glueprint.runtime.shared.s3_mounts import data_directory
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.jdbc.conf import JdbcConf

DRIVERS = "jdbc-drivers"
"""The folder of the data directory with JARs of JDBC drivers."""


class JdbcDatabase:
    """Reads and writes one database.

    Raises:
        StorageError: (on creation) its driver is missing; the message contains the remedy.
    """

    def __init__(self, spark: SparkSession, conf: JdbcConf) -> None:
        self._spark = spark
        self._conf = conf
        self._driver = self._found_driver()

    def read(self, table: str, predicates: Sequence[str] = ()) -> DataFrame:
        """Return the rows of a table or ``(query) alias``; with ``predicates``, in a Spark partition for each."""
        reader = self._spark.read
        if predicates:
            return reader.jdbc(self._conf.url, table, predicates=list(predicates), properties=self._properties())
        return reader.jdbc(self._conf.url, table, properties=self._properties())

    def append(self, data: DataFrame, table: str, options: Mapping[str, str]) -> None:
        """Add rows; create the table if it does not exist."""
        data.write.mode("append").jdbc(self._conf.url, table, properties={**self._properties(), **options})

    def execute(self, statements: Sequence[str]) -> None:
        """Run statements that return nothing."""
        if not statements:
            return
        with self._connected() as connection:
            statement = connection.createStatement()
            for one in statements:
                statement.execute(one)
            statement.close()

    def primary_key(self, table: str) -> tuple[str, ...]:
        """Return the columns of the table's primary key, in its order; none if it has no key."""
        schema, _, name = table.rpartition(".")
        with self._connected() as connection:
            metadata = connection.getMetaData()
            for spelling in (str, str.upper, str.lower):  # databases fold unquoted names one way or the other
                rows = metadata.getPrimaryKeys(None, spelling(schema) or None, spelling(name))
                found: dict[int, str] = {}
                while rows.next():
                    found[rows.getInt("KEY_SEQ")] = rows.getString("COLUMN_NAME")
                rows.close()
                if found:
                    return tuple(found[at] for at in sorted(found))
        return ()

    def quoted_table(self, table: str) -> str:
        """Return the name of a table as SQL needs it: quoted if the database has a table of exactly that spelling.

        Other names (written by hand in another case) stay as they are, so that the database folds them.

        Args:
            table: ``table`` or ``schema.table``, where a name may contain dots itself.
        """
        dots = [at for at, character in enumerate(table) if character == "."]
        candidates = [("", table), *((table[:at], table[at + 1 :]) for at in dots)]
        with self._connected() as connection:
            metadata = connection.getMetaData()
            mark = metadata.getIdentifierQuoteString().strip()
            for schema, name in candidates if mark else ():
                if _has_table(metadata, schema, name):
                    return ".".join(_quoted(one, mark) for one in (schema, name) if one)
        return table

    def quoted_column(self, name: str) -> str:
        """Return the name of a column as SQL needs it."""
        with self._connected() as connection:
            mark = connection.getMetaData().getIdentifierQuoteString().strip()
        return _quoted(name, mark) if mark else name

    def _properties(self) -> dict[str, str]:
        credentials = {"user": self._conf.user, "password": self._conf.password}
        return {"driver": self._driver, **{name: value for name, value in credentials.items() if value}}

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        java = self._jvm.java
        properties = java.util.Properties()
        for name, value in self._properties().items():
            properties.setProperty(name, value)
        connection = java.sql.DriverManager.getConnection(self._conf.url, properties)
        try:
            yield connection
        finally:
            connection.close()

    @property
    def _jvm(self) -> Any:
        return self._spark._jvm

    def _found_driver(self) -> str:
        """Register the driver and return its class: the first that exists."""
        if jar := self._conf.driver_jar:
            # Fetched first: Java's class loaders do not read s3 addresses. Spark removes the copy at its end.
            self._spark.sparkContext.addFile(jar)
            self._load(Path(SparkFiles.get(jar.rstrip("/").rpartition("/")[2])))
        names = (self._conf.driver,) if self._conf.driver else self._conf.vendor.drivers
        if found := self._registered(names):
            return found
        for driver in self._drivers_of_data_directory():
            self._load(driver)
        if found := self._registered(names):
            return found
        raise StorageError(
            f"no JDBC driver for {self._conf.vendor.name}: there is no class {' or '.join(names)}. Put the "
            f"driver's JAR into the folder {DRIVERS}/ of the data directory, name it in the connection's "
            "JDBC_DRIVER_JAR_URI or in the job's --extra-jars, or give the options customJdbcDriverS3Path and "
            "customJdbcDriverClassName"
        )

    def _load(self, jar: Path) -> None:
        """Put a JAR on the class path of all of Spark.

        The session's own ``addJar`` would hide the driver's exceptions from the threads that receive the results
        of tasks: what the database refused would become "UnknownReason".
        """
        loader = self._jvm.java.lang.Thread.currentThread().getContextClassLoader()
        loader.addURL(self._jvm.java.net.URL(jar.as_uri()))

    def _registered(self, names: Sequence[str]) -> str | None:
        registry = self._jvm.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry
        for name in names:
            try:
                registry.register(name)
            except Py4JJavaError as error:
                if "ClassNotFoundException" not in str(error.java_exception):
                    raise
            else:
                return name
        return None

    def _drivers_of_data_directory(self) -> list[Path]:
        """Return the JARs in ``<data-dir>/jdbc-drivers/``, which crawls use, too: AWS has drivers of its own."""
        conf = self._spark._jsc.hadoopConfiguration()
        found = data_directory(dict(conf.getPropsWithPrefix("fs.viewfs.mounttable.")))
        return [] if found is None else sorted(found.joinpath(DRIVERS).glob("*.jar"))


def _quoted(name: str, mark: str) -> str:
    return mark + name.replace(mark, mark * 2) + mark


def _has_table(metadata: Any, schema: str, name: str) -> bool:
    """Whether there is a table or view of exactly this name; with an empty schema, in any."""
    escape = metadata.getSearchStringEscape()
    pattern = "".join(escape + one if one in ("_", "%", escape) else one for one in name)
    rows = metadata.getTables(None, None, pattern, None)
    try:
        while rows.next():
            schemas = (rows.getString("TABLE_SCHEM"), rows.getString("TABLE_CAT"))
            if rows.getString("TABLE_NAME") == name and (not schema or schema in schemas):
                return True
        return False
    finally:
        rows.close()
