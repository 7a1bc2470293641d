"""Databases that Glue knows by name, and how each writes its addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.runtime.storage.errors import StorageError

_SERVER = re.compile(r"(?P<server>jdbc:[a-z0-9:]+?:(?:thin:)?@?/{0,2}(?:[^/;:@]+)(?::\d+)?)(?P<rest>[/;:].*)?")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A database product.

    Attributes:
        name: Glue's connection type and classification.
        drivers: classes of its JDBC driver, newest first.
        prefix: what its addresses begin with.
        separator: what stands between server and database in an address; empty when there is no server.
        modulo: the remainder of two expressions, for reading in parallel.
    """

    name: str
    drivers: tuple[str, ...]
    prefix: str
    separator: str = "/"
    modulo: str = "MOD({0}, {1})"

    def url_of(self, server: str, database: str) -> str:
        """The address of a database on a server."""
        return f"{server}{self.separator}{database}"


VENDORS: Mapping[str, Vendor] = {
    one.name: one
    for one in (
        Vendor("mysql", ("com.mysql.cj.jdbc.Driver", "com.mysql.jdbc.Driver"), "jdbc:mysql:"),
        Vendor("postgresql", ("org.postgresql.Driver",), "jdbc:postgresql:"),
        Vendor("redshift", ("com.amazon.redshift.Driver", "com.amazon.redshift.jdbc42.Driver"), "jdbc:redshift:"),
        Vendor("oracle", ("oracle.jdbc.OracleDriver",), "jdbc:oracle:"),
        Vendor(
            "sqlserver",
            ("com.microsoft.sqlserver.jdbc.SQLServerDriver",),
            "jdbc:sqlserver:",
            ";databaseName=",
            "({0}) % {1}",
        ),
        Vendor("mariadb", ("org.mariadb.jdbc.Driver",), "jdbc:mariadb:"),
        # Not Glue's: it comes with Spark, so that jobs can be tried without any server.
        Vendor("derby", ("org.apache.derby.jdbc.EmbeddedDriver",), "jdbc:derby:", ""),
    )
}


def vendor_of_url(url: str) -> Vendor:
    """The vendor by the beginning of an address.

    Raises:
        StorageError: nobody's.
    """
    for one in VENDORS.values():
        if url.startswith(one.prefix):
            return one
    known = ", ".join(one.prefix for one in VENDORS.values())
    raise StorageError(f"the JDBC address {url!r} begins like none that Glue knows ({known})")


def server_of_url(url: str) -> str:
    """The address without its database: ``jdbc:mysql://host:3306``; whole when it has no such parts."""
    match = _SERVER.fullmatch(url)
    return match["server"] if match else url
