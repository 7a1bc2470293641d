"""What goes into a crawl and what comes out: the only things that the server and the crawl's process share.

Both sides are plain values with a JSON form. A listing is the large part (10,000 objects are common), so objects
and partitions are written as arrays, and schemas that repeat are written once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

Pairs = tuple[tuple[str, str], ...]
"""Ordered name and value pairs: columns with their types, or parameters."""


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
    """One JDBC target of a crawler (service model, ``JdbcTarget``) with what its connection says.

    Attributes:
        path: ``database/schema/table`` or ``database/table``, with ``%`` for all schemas or tables.
        connection: the connection's name; written as ``connectionName``.
        url: the JDBC URL.
        user: who signs in, empty for nobody.
        password: with what.
        driver_class: the driver's class, or None to take the one that knows the URL.
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
    """A table that the database already holds: its name and its location (empty when it has none)."""

    name: str
    location: str


@dataclass(frozen=True, slots=True)
class CrawlSpec:
    """Everything that one crawl needs.

    Attributes:
        crawler: the crawler's name; written as ``UPDATED_BY_CRAWLER``.
        database: the target database.
        targets: S3 targets with their listings.
        jdbc_targets: databases.
        table_prefix: put before every table's name.
        configuration: the crawler's ``Configuration`` member, JSON text, or None.
        classifiers: custom classifiers in the crawler's order, as GetClassifier's ``Classifier`` gives them
            (``{"CsvClassifier": {...}}``).
        existing_tables: the database's tables, so that a crawl finds its own tables again and a clash of names
            gets a suffix.
        crawl_id: written as ``CRAWL_RUN_ID``.
        new_folders_only: whether folders that an earlier crawl looked at are left as they were then, which the
            memory knows (``RecrawlPolicy`` after the first crawl).
        memory: a local file in which the crawl keeps what it learned of each object; with it, a crawl of unchanged
            data reads no file bodies. None remembers nothing.
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


@dataclass(frozen=True, slots=True)
class Storage:
    """How a table's files are read (service model, ``StorageDescriptor``)."""

    input_format: str
    output_format: str
    serde: str
    serde_parameters: Pairs = ()
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class FoundPartition:
    """One partition of a found table: a folder.

    Attributes:
        values: one per partition key, in the keys' order.
        location: the folder, ``s3://bucket/.../``.
        columns: what this folder's own files hold.
        object_count: data files.
        size: their bytes.
        record_count: their records; exact for formats with a footer, otherwise estimated from the sample.
        parameters: the partition's own parameters (counts, classification ...), as Glue writes them.
    """

    values: tuple[str, ...]
    location: str
    columns: Pairs
    object_count: int
    size: int
    record_count: int
    parameters: Pairs


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table that the crawl inferred. ``columns`` and ``partition_keys`` are (name, type) pairs.

    ``comments`` and ``raw_types`` (of columns, by name) and ``description`` are what a database says of its own
    table, if a crawler asks for it.
    """

    name: str
    location: str
    classification: str
    columns: Pairs
    partition_keys: Pairs
    parameters: Pairs
    storage: Storage
    partitions: tuple[FoundPartition, ...] = ()
    comments: Pairs = ()
    raw_types: Pairs = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What a crawl found.

    Attributes:
        tables: the tables, in the order of their locations.
        messages: log lines in order, saying which file decided what.
        warnings: what went wrong without ending the crawl, such as a file that could not be read.
        error: why the crawl as a whole failed (and nothing may be written to the catalog), or None.
        files_read: how many file bodies or footers were read.
    """

    tables: tuple[FoundTable, ...] = ()
    messages: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str | None = None
    files_read: int = 0

    def to_json(self) -> str:
        """The result as JSON text."""
        return json.dumps(
            {
                "tables": [_table_to_json(table) for table in self.tables],
                "messages": self.messages,
                "warnings": self.warnings,
                "error": self.error,
                "files_read": self.files_read,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> CrawlResult:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: the text is not such a result.
        """
        data = json.loads(text)
        return cls(
            tables=tuple(_table_from_json(table) for table in data["tables"]),
            messages=tuple(data["messages"]),
            warnings=tuple(data["warnings"]),
            error=data["error"],
            files_read=data["files_read"],
        )


@dataclass(slots=True)
class _Shared:
    """Column lists written once each and referred to by number."""

    lists: list[Pairs] = field(default_factory=list)
    numbers: dict[Pairs, int] = field(default_factory=dict)

    def number(self, columns: Pairs) -> int:
        if columns not in self.numbers:
            self.numbers[columns] = len(self.lists)
            self.lists.append(columns)
        return self.numbers[columns]


def _pairs(entries: Sequence[Sequence[str]]) -> Pairs:
    return tuple((name, value) for name, value in entries)


def _table_to_json(table: FoundTable) -> dict[str, Any]:
    shared = _Shared()
    partitions = [
        (
            part.values,
            part.location,
            shared.number(part.columns),
            part.object_count,
            part.size,
            part.record_count,
            part.parameters,
        )
        for part in table.partitions
    ]
    storage = table.storage
    return {
        "name": table.name,
        "location": table.location,
        "classification": table.classification,
        "columns": table.columns,
        "partition_keys": table.partition_keys,
        "parameters": table.parameters,
        "storage": (
            storage.input_format,
            storage.output_format,
            storage.serde,
            storage.serde_parameters,
            storage.compressed,
        ),
        "schemas": shared.lists,
        "partitions": partitions,
        "comments": table.comments,
        "raw_types": table.raw_types,
        "description": table.description,
    }


def _table_from_json(data: Mapping[str, Any]) -> FoundTable:
    schemas = [_pairs(columns) for columns in data["schemas"]]
    input_format, output_format, serde, serde_parameters, compressed = data["storage"]
    return FoundTable(
        name=data["name"],
        location=data["location"],
        classification=data["classification"],
        columns=_pairs(data["columns"]),
        partition_keys=_pairs(data["partition_keys"]),
        parameters=_pairs(data["parameters"]),
        storage=Storage(input_format, output_format, serde, _pairs(serde_parameters), compressed),
        partitions=tuple(
            FoundPartition(tuple(values), location, schemas[schema], count, size, records, _pairs(parameters))
            for values, location, schema, count, size, records, parameters in data["partitions"]
        ),
        comments=_pairs(data["comments"]),
        raw_types=_pairs(data["raw_types"]),
        description=data["description"],
    )
