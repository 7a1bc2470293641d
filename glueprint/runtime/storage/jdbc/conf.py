"""How a job reaches a database: vendors, their addresses, the script's options, connections of the catalog."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.options import Options

_SERVER = re.compile(r"(?P<server>jdbc:[a-z0-9:]+?:(?:thin:)?@?/{0,2}(?:[^/;:@]+)(?::\d+)?)(?P<rest>[/;:].*)?")


@dataclass(frozen=True)
class Vendor:
    """A database product.

    Attributes:
        name: Glue's connection type and classification.
        drivers: classes of its JDBC driver, newest first.
        prefix: the prefix of its addresses.
        separator: between server and database in an address; empty if there is no server.
        has_arrays: whether columns may be arrays of simple values.
        modulo: SQL for the remainder of two expressions, for reading in parallel.
    """

    name: str
    drivers: tuple[str, ...]
    prefix: str
    separator: str = "/"
    modulo: str = "MOD({0}, {1})"
    has_arrays: bool = False

    def url_of(self, server: str, database: str) -> str:
        """Return the address of a database on a server."""
        return f"{server}{self.separator}{database}"


VENDORS: Mapping[str, Vendor] = {
    one.name: one
    for one in (
        Vendor("mysql", ("com.mysql.cj.jdbc.Driver", "com.mysql.jdbc.Driver"), "jdbc:mysql:"),
        Vendor("postgresql", ("org.postgresql.Driver",), "jdbc:postgresql:", has_arrays=True),
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
        # Not part of Glue: Spark contains it, so jobs can be tried without any server.
        Vendor("derby", ("org.apache.derby.jdbc.EmbeddedDriver",), "jdbc:derby:", ""),
    )
}


def vendor_of_url(url: str) -> Vendor:
    """Return the vendor for the prefix of an address.

    Raises:
        StorageError: no vendor has such addresses.
    """
    for one in VENDORS.values():
        if url.startswith(one.prefix):
            return one
    known = ", ".join(one.prefix for one in VENDORS.values())
    raise StorageError(f"the JDBC address {url!r} has none of Glue's prefixes ({known})")


def server_of_url(url: str) -> str:
    """Return the address without its database: ``jdbc:mysql://host:3306``; unchanged if it has no such parts."""
    match = _SERVER.fullmatch(url)
    return match["server"] if match else url


@dataclass(frozen=True)
class JdbcConf:
    """An address and credentials.

    Attributes:
        url: with the database.
        driver: the driver's class, if the script names it.
        driver_jar: the path of its JAR, if the script names it.
    """

    url: str
    user: str
    password: str
    vendor: Vendor
    driver: str = ""
    driver_jar: str = ""

    def in_database(self, database: str) -> JdbcConf:
        """Return the database of that name on the same server; an address without a server stays unchanged."""
        server = server_of_url(self.url)
        if not database or not self.vendor.separator or server == self.url:
            return self
        url = self.vendor.url_of(server, database)
        return JdbcConf(url, self.user, self.password, self.vendor, self.driver, self.driver_jar)

    def as_extract_jdbc_conf(self) -> dict[str, str]:
        """Return what ``extract_jdbc_conf`` returns (developer guide, "GlueContext class")."""
        return {
            "url": server_of_url(self.url),
            "fullUrl": self.url,
            "user": self.user,
            "password": self.password,
            "vendor": self.vendor.name,
            "enforceSSL": "false",
            "customJDBCCert": "",
            "skipCustomJDBCCertValidation": "false",
            "customJDBCCertString": "",
        }


def conf_of_options(services: Services, options: Options, vendor_name: str) -> JdbcConf:
    """Return the database that ``connection_options`` name.

    Raises:
        StorageError: no address, or one of another vendor than the connection type.
    """
    if name := options.text("connectionName"):
        base = conf_of_connection(services, name)
        return _overridden(base, options)
    url = options.required("url", f"connection type {vendor_name or 'jdbc'}")
    vendor = VENDORS.get(vendor_name) or vendor_of_url(url)
    if not url.startswith(vendor.prefix):
        raise StorageError(f"connection type {vendor.name}: the url {url!r} must start with {vendor.prefix}")
    return _overridden(JdbcConf(url, *_credentials(services, options), vendor), options)


def conf_of_connection(services: Services, name: str, catalog_id: str = "") -> JdbcConf:
    """Return the database of a connection in the Data Catalog.

    Raises:
        StorageError: the connection has no address.
        botocore's ``EntityNotFoundException``: there is no such connection.
    """
    request = {"Name": name, **({"CatalogId": catalog_id} if catalog_id else {})}
    properties = services.glue.get_connection(**request)["Connection"].get("ConnectionProperties", {})
    url = properties.get("JDBC_CONNECTION_URL", "")
    if not url:
        raise StorageError(f"the connection {name!r} has no JDBC_CONNECTION_URL: it is not one to a database")
    found = {"user": properties.get("USERNAME"), "password": properties.get("PASSWORD")}
    if secret := properties.get("SECRET_ID"):
        found["secretId"] = secret
    user, password = _credentials(services, Options(found))
    return JdbcConf(
        url,
        user,
        password,
        vendor_of_url(url),
        properties.get("JDBC_DRIVER_CLASS_NAME", ""),
        properties.get("JDBC_DRIVER_JAR_URI", ""),
    )


def _overridden(conf: JdbcConf, options: Options) -> JdbcConf:
    """Return ``conf`` with the driver that the script names, if it names one."""
    return JdbcConf(
        conf.url,
        conf.user,
        conf.password,
        conf.vendor,
        options.text("customJdbcDriverClassName") or options.text("className") or conf.driver,
        options.text("customJdbcDriverS3Path") or conf.driver_jar,
    )


def _credentials(services: Services, options: Options) -> tuple[str, str]:
    """Return user and password: from the options, or from the secret of Secrets Manager that they name."""
    if secret := options.text("secretId"):
        secret_values: Mapping[str, Any] = json.loads(
            services.make_client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        )
        user = secret_values.get("username", secret_values.get("user", ""))
        return str(user), str(secret_values.get("password", ""))
    return options.text("user"), options.text("password")
