"""Where a database is, and who signs in: what a Glue connection of the type JDBC contains."""

import json
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict
from urllib.parse import parse_qsl

POSTGRESQL = "postgresql"
_ADDRESS = re.compile(
    r"jdbc:postgresql://(?P<host>\[[^\]]+\]|[^:/?]+)(?::(?P<port>\d+))?/(?P<database>[^?]+)(?:\?(?P<query>.*))?"
)


class UnusableConnection(Exception):
    """The connection is not one through which a database can be read."""


@dataclass(frozen=True)
class DatabaseAddress:
    """A database and credentials for it.

    Attributes:
        url: the JDBC address with the database.
        user: who signs in.
        password: its password; never printed.
        requires_ssl: whether the connection must be encrypted.
    """

    url: str
    user: str
    password: str
    requires_ssl: bool = False

    def __repr__(self) -> str:
        """The address without the password."""
        return "{}({!r}, {!r})".format(type(self).__name__, self.url, self.user)

    @property
    def vendor(self) -> str:
        """The vendor in the address: ``postgresql`` of ``jdbc:postgresql://...``."""
        return self.url.split(":")[1] if self.url.startswith("jdbc:") and self.url.count(":") > 1 else ""

    def postgresql_parameters(self) -> Dict[str, Any]:
        """What libpq needs to connect.

        Raises:
            UnusableConnection: the address is not one of PostgreSQL.
        """
        found = _ADDRESS.fullmatch(self.url)
        if found is None:
            raise UnusableConnection(
                "{!r} is not an address jdbc:postgresql://host:port/database.".format(self.url)
            )
        options = dict(parse_qsl(found["query"] or ""))
        encrypted = self.requires_ssl or options.get("ssl") == "true"
        return {
            "host": found["host"].strip("[]"),
            "port": int(found["port"] or 5432),
            "dbname": found["database"],
            "user": self.user,
            "password": self.password,
            "sslmode": options.get("sslmode", "require" if encrypted else "prefer"),
        }


def read_connection(glue: Any, name: str, secrets: Callable[[], Any]) -> DatabaseAddress:
    """The database of a Glue connection; the password may be in a secret (DG:connection-properties).

    Args:
        glue: a boto3 Glue client.
        name: the connection.
        secrets: makes a boto3 client of Secrets Manager; called only if the connection names a secret.

    Raises:
        UnusableConnection: the connection does not exist or has no JDBC address.
    """
    try:
        connection = glue.get_connection(Name=name)["Connection"]
    except glue.exceptions.EntityNotFoundException as error:
        raise UnusableConnection("The connection {} does not exist.".format(name)) from error
    properties = connection.get("ConnectionProperties", {})
    url = properties.get("JDBC_CONNECTION_URL", "")
    if not url.startswith("jdbc:"):
        raise UnusableConnection(
            "The connection {} is of the type {} and has no JDBC_CONNECTION_URL; it must be of the type "
            "JDBC.".format(name, connection.get("ConnectionType", "unknown"))
        )
    user, password = properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    if properties.get("SECRET_ID"):
        secret = json.loads(secrets().get_secret_value(SecretId=properties["SECRET_ID"])["SecretString"])
        user, password = secret["username"], secret["password"]
    return DatabaseAddress(url, user, password, properties.get("JDBC_ENFORCE_SSL", "false").lower() == "true")
