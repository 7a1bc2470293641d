"""From the targets in a crawler's definition to the crawl's input: listings and connections."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glueprint.crawler.specification import JdbcTarget, ObjectEntry, S3Target
from glueprint.local.glue.catalog.lookup import fold, require_table
from glueprint.local.glue.crawling.connections import CONNECTIONS
from glueprint.local.glue.crawling.crawler_targets import catalog_tables, database_of, s3_location
from glueprint.local.protocol import Context
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.s3 import S3Error, S3Store
from glueprint.local.s3.objects import ObjectInfo
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document


@dataclass(frozen=True, slots=True)
class Targets:
    """A crawler's targets, without the objects of those that have any."""

    of_files: Sequence[S3Target]
    of_databases: tuple[JdbcTarget, ...]


class CrawlTargets:
    """Looks targets up.

    Args:
        s3: lists objects.
        context: whose catalog it is.
        drivers: the folder of JDBC drivers.
    """

    def __init__(self, s3: S3Store, context: Context, drivers: Path) -> None:
        self._s3 = s3
        self._context = context
        self._drivers = drivers

    def of(self, tx: Connection, crawler: Document) -> Targets:
        """Return what is crawled.

        Raises:
            ApiError: a target's table or connection is not there, or cannot be crawled; a driver's JAR file is
                not there.
        """
        jdbc = crawler["Targets"].get("JdbcTargets") or ()
        return Targets(self._of_files(tx, crawler), tuple(self._of_database(tx, target) for target in jdbc))

    def paths(self, tx: Connection, crawler: Document) -> list[str]:
        """The include paths alone."""
        jdbc = crawler["Targets"].get("JdbcTargets") or ()
        return [target.path for target in self._of_files(tx, crawler)] + [target["Path"] for target in jdbc]

    def listed(self, targets: Iterable[S3Target]) -> tuple[S3Target, ...]:
        """The targets with their objects.

        Raises:
            ApiError: a bucket is gone.
        """
        return tuple(replace(target, objects=self._objects(target.path)) for target in targets)

    def _listing(self, path: str) -> Sequence[ObjectInfo]:
        bucket, _, prefix = path.partition("://")[2].partition("/")
        try:
            return self._s3.listing(bucket, prefix)
        except S3Error as error:
            raise invalid_input(f"{path}: {error.message}") from error

    def _of_files(self, tx: Connection, crawler: Document) -> list[S3Target]:
        targets = [
            S3Target(s3_location(target["Path"]), tuple(target.get("Exclusions", ())), target.get("SampleSize"))
            for target in crawler["Targets"].get("S3Targets") or ()
        ]
        for name in catalog_tables(crawler):
            table = require_table(tx, self._context, database_of(crawler), name).body
            location = table.get("StorageDescriptor", {}).get("Location", "")
            if not location.startswith(("s3://", "s3a://", "s3n://")):
                raise invalid_input(f"Table {name} is not over files in S3, which alone can be crawled here")
            keys = tuple(key["Name"] for key in table.get("PartitionKeys") or ())
            targets.append(S3Target(location, catalog_table=fold(name), catalog_keys=keys))
        return targets

    def _of_database(self, tx: Connection, target: Document) -> JdbcTarget:
        name = target["ConnectionName"]
        connection = CONNECTIONS.get(tx, name)
        if connection is None:
            raise invalid_input(f"Connection {name} does not exist")
        properties = connection["ConnectionProperties"]
        user, password = self._signed_in(name, connection)
        return JdbcTarget(
            path=target["Path"],
            connection=name,
            url=_url(properties, target["Path"]),
            user=user,
            password=password,
            driver_class=properties.get("JDBC_DRIVER_CLASS_NAME"),
            jars=(*self._driver(properties), *map(str, sorted(self._drivers.glob("*.jar")))),
            driver_folder=str(self._drivers),
            exclusions=tuple(target.get("Exclusions") or ()),
            metadata=tuple(target.get("EnableAdditionalMetadata") or ()),
        )

    def _driver(self, properties: Mapping[str, str]) -> list[str]:
        uri = properties.get("JDBC_DRIVER_JAR_URI")
        if not uri:
            return []
        scheme, _, rest = uri.partition("://")
        key = rest.partition("/")[2]
        if scheme not in ("s3", "s3a") or not key:
            raise invalid_input(f"JDBC_DRIVER_JAR_URI {uri!r} must look like s3://bucket/folder/driver.jar")
        paths = [str(found.path) for found in self._listing(uri) if found.key == key]
        if not paths:
            raise invalid_input(f"There is no driver at {uri} (JDBC_DRIVER_JAR_URI)")
        return paths

    def _signed_in(self, name: str, connection: Document) -> tuple[str, str]:
        """User and password: the connection's own, or those of its secret."""
        properties = connection["ConnectionProperties"]
        authentication = connection.get("AuthenticationConfiguration", {})
        secret_id = properties.get("SECRET_ID") or authentication.get("SecretArn")
        if not secret_id:
            if "ENCRYPTED_PASSWORD" in properties:
                raise invalid_input(f"Connection {name} has an ENCRYPTED_PASSWORD, which cannot be decrypted here")
            return properties.get("USERNAME", ""), properties.get("PASSWORD", "")
        secret = _secret(self._context, secret_id)
        if secret is None:
            raise invalid_input(f"The secret {secret_id} of connection {name} does not exist in Secrets Manager")
        try:
            held = json.loads(secret)
            return str(held["username"]), str(held["password"])
        except (ValueError, KeyError, TypeError) as error:
            raise invalid_input(
                f"The secret {secret_id} of connection {name} must be JSON with username and password"
            ) from error

    def _objects(self, path: str) -> tuple[ObjectEntry, ...]:
        return tuple(
            ObjectEntry(found.key, found.size, found.modified, str(found.path)) for found in self._listing(path)
        )


def _url(properties: Mapping[str, str], path: str) -> str:
    url = properties.get("JDBC_CONNECTION_URL")
    if url is not None:
        return url
    host, port, engine = (properties.get(key, "") for key in ("HOST", "PORT", "JDBC_ENGINE"))
    return f"jdbc:{engine}://{host}:{port}/{path.split('/')[0]}"


def _secret(context: Context, secret_id: str) -> str | None:
    """Return the text of a secret in moto's Secrets Manager; None if there is no such secret."""
    if "moto.secretsmanager.models" not in sys.modules:  # not imported: nothing was stored
        return None
    from moto.core.exceptions import JsonRESTError
    from moto.secretsmanager.models import secretsmanager_backends

    try:
        found = secretsmanager_backends[context.account_id][context.region].get_secret_value(secret_id, "", "")
    except (JsonRESTError, KeyError):
        return None
    text: str | None = found.get("SecretString")
    return text
