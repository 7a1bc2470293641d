"""The input of a crawl's process: the crawler's settings and the listings of its targets.

A listing is the large part (10,000 objects are common), so objects are written as JSON arrays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class ObjectEntry(NamedTuple):
    """One object of a listing.

    Attributes:
        key: the object's key in the target's bucket.
        size: bytes.
        modified: last modification, epoch seconds.
        path: the local file that holds the object's bytes.
    """

    key: str
    size: int
    modified: float
    path: str


@dataclass(frozen=True, slots=True)
class S3Target:
    """One S3 target of a crawler (service model, ``S3Target``) with its listing.

    Attributes:
        path: ``s3://bucket/prefix``; a folder, a bucket or a single object.
        exclusions: glob patterns, relative to the include path (DG:define-crawler).
        sample_size: files to read per leaf folder (1 to 249), or None for all.
        objects: every object under the path.
        catalog_table: for a Catalog target, the table whose location this is: its name is kept, and its objects
            are combined into one schema (DG:define-crawler, "Catalog tables as the crawler source").
        catalog_keys: that table's partition keys, whose names stay where the folders have as many levels.
    """

    path: str
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None
    objects: tuple[ObjectEntry, ...] = ()
    catalog_table: str | None = None
    catalog_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JdbcTarget:
    """One JDBC target of a crawler (service model, ``JdbcTarget``) with the properties of its connection.

    Attributes:
        path: ``database/schema/table`` or ``database/table``, with ``%`` for all schemas or tables.
        connection: the connection's name; written as ``connectionName``.
        url: the JDBC URL.
        user: the user that signs in; empty for none.
        password: the user's password.
        driver_class: the driver's class, or None for the one that accepts the URL.
        jars: local JAR files with drivers.
        driver_folder: for the message about a missing driver: where JAR files may be put.
        exclusions: glob patterns, relative to the include path.
        metadata: ``COMMENTS``, ``RAWTYPES`` or both (service model, ``EnableAdditionalMetadata``).
    """

    path: str
    connection: str
    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    driver_class: str | None = None
    jars: tuple[str, ...] = ()
    driver_folder: str = ""
    exclusions: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JdbcTarget:
        """Read what :func:`dataclasses.asdict` wrote."""
        lists = {name: tuple(data[name]) for name in ("jars", "exclusions", "metadata")}
        return cls(**{**data, **lists})


class KnownTable(NamedTuple):
    """A table that the database already has: its name and its location (empty if it has none)."""

    name: str
    location: str


@dataclass(frozen=True, slots=True)
class CrawlSpec:
    """The input of one crawl.

    Attributes:
        crawler: the crawler's name; written as ``UPDATED_BY_CRAWLER``.
        database: the target database.
        targets: S3 targets with their listings.
        jdbc_targets: databases.
        table_prefix: put before every table's name.
        configuration: the crawler's ``Configuration`` member, JSON text, or None.
        classifiers: custom classifiers in the crawler's order, as GetClassifier's ``Classifier`` gives them
            (``{"CsvClassifier": {...}}``).
        existing_tables: the database's tables: a crawl finds its own tables again, and a name that is taken gets
            a suffix.
        crawl_id: written as ``CRAWL_RUN_ID``.
        new_folders_only: whether folders that an earlier crawl read keep the result of that crawl, which is in the
            memory (``RecrawlPolicy`` after the first crawl).
        memory: a local file in which the crawl stores the result for each object; with it, a crawl of unchanged
            data reads no file bodies. None stores nothing.
    """

    crawler: str
    database: str
    targets: tuple[S3Target, ...]
    table_prefix: str = ""
    configuration: str | None = None
    classifiers: tuple[Mapping[str, Any], ...] = ()
    existing_tables: tuple[KnownTable, ...] = ()
    crawl_id: str = ""
    memory: str | None = None
    jdbc_targets: tuple[JdbcTarget, ...] = ()
    new_folders_only: bool = False

    def to_json(self) -> str:
        """The specification as JSON text."""
        return json.dumps(
            {
                "crawler": self.crawler,
                "database": self.database,
                "targets": [
                    {
                        "path": target.path,
                        "exclusions": target.exclusions,
                        "sample_size": target.sample_size,
                        "catalog_table": target.catalog_table,
                        "catalog_keys": target.catalog_keys,
                        "objects": target.objects,
                    }
                    for target in self.targets
                ],
                "table_prefix": self.table_prefix,
                "configuration": self.configuration,
                "classifiers": self.classifiers,
                "existing_tables": self.existing_tables,
                "crawl_id": self.crawl_id,
                "memory": self.memory,
                "new_folders_only": self.new_folders_only,
                "jdbc_targets": [asdict(target) for target in self.jdbc_targets],
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> CrawlSpec:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: the text is not such a specification.
        """
        data = json.loads(text)
        return cls(
            crawler=data["crawler"],
            database=data["database"],
            targets=tuple(
                S3Target(
                    path=target["path"],
                    exclusions=tuple(target["exclusions"]),
                    sample_size=target["sample_size"],
                    objects=tuple(ObjectEntry(*entry) for entry in target["objects"]),
                    catalog_table=target["catalog_table"],
                    catalog_keys=tuple(target["catalog_keys"]),
                )
                for target in data["targets"]
            ),
            table_prefix=data["table_prefix"],
            configuration=data["configuration"],
            classifiers=tuple(data["classifiers"]),
            existing_tables=tuple(KnownTable(*entry) for entry in data["existing_tables"]),
            crawl_id=data["crawl_id"],
            memory=data["memory"],
            new_folders_only=data["new_folders_only"],
            jdbc_targets=tuple(map(JdbcTarget.from_json, data["jdbc_targets"])),
        )
