"""Endpoints of JDBC connections, and whether they can be reached. No driver is involved."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

CONNECT_TIMEOUT_SECONDS = 5.0

_PORTS = {
    "mariadb": 3306,
    "mysql": 3306,
    "oracle": 1521,
    "postgresql": 5432,
    "redshift": 5439,
    "snowflake": 443,
    "sqlserver": 1433,
}
_URL = re.compile(
    r"jdbc:(?P<engine>[a-z0-9]+):(?:[a-z]+:)?(?:@//|//@?|@)(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?(?:[:/;?].*)?",
    re.ASCII,
)
"""``jdbc:ENGINE://HOST:PORT/...``, and Oracle's ``jdbc:oracle:thin:@HOST:PORT...``
(developer guide, "AWS Glue connection properties", JDBC URL)."""


class BadJdbcUrlError(ValueError):
    """The properties do not contain the database's endpoint; the message has the reason."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The host and port on which a database listens."""

    host: str
    port: int


def endpoint_of(properties: Mapping[str, str]) -> Endpoint:
    """Return the endpoint in the properties of a JDBC connection.

    Raises:
        BadJdbcUrlError: they contain none.
    """
    url = properties.get("JDBC_CONNECTION_URL")
    if url is None:
        host, port, engine = (properties.get(key, "") for key in ("HOST", "PORT", "JDBC_ENGINE"))
    else:
        found = _URL.fullmatch(url)
        if found is None:
            raise BadJdbcUrlError(f"JDBC_CONNECTION_URL {url!r} does not look like jdbc:engine://host:port/database")
        host, port, engine = found["host"].strip("[]"), found["port"] or "", found["engine"]
    number = port or str(_PORTS.get(engine.lower(), ""))
    if not host or not re.fullmatch(r"\d{1,5}", number, re.ASCII) or not 1 <= int(number) <= 65535:
        raise BadJdbcUrlError(f"The connection has no valid host and port: host {host!r}, port {number!r}")
    return Endpoint(host, int(number))


def unreachable_reason(endpoint: Endpoint) -> str | None:
    """Return why ``endpoint`` does not answer within :data:`CONNECT_TIMEOUT_SECONDS`; None if it does."""
    try:
        socket.create_connection((endpoint.host, endpoint.port), timeout=CONNECT_TIMEOUT_SECONDS).close()
    except (OSError, UnicodeError) as error:  # a host name that cannot be encoded is a UnicodeError
        return str(error)
    return None
