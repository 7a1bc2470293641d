"""Reads a workflow with what it needs: scripts, connections, classifiers, databases, tables, first objects.

Passwords are never read: GetConnection is called with ``HidePassword``, and members of a connection that could be
secrets are left out. Objects are read only as far as the caller's limits allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.client.errors import NotFound, error_code, is_not_found
from glueprint.deploy.definitions.model import Definition, UploadedObject, WorkflowDefinition
from glueprint.deploy.definitions.reading import owner, read_workflow
from glueprint.deploy.importing.collected import Collected, CollectedTable, Wire
from glueprint.deploy.importing.read_only import ReadOnly

MAX_SCRIPT_BYTES = 5_000_000
"""The most that a blueprint's zip may contain, uncompressed (DG:blueprint_workflow_restrictions)."""
MAX_LIBRARY_BYTES = 100_000_000
DEFAULT_MAX_BYTES = 50_000_000
MAX_PARTITIONS = 10

_LIBRARIES = ("--extra-py-files", "--extra-files", "--extra-jars", "--additional-python-modules")
_SECRET = re.compile(r"password|secret|token|credential|private.?key", re.IGNORECASE)
_REFERENCE = re.compile(r"SECRET_ID|SecretArn|secretId", re.IGNORECASE)
_S3 = re.compile(r"s3[an]?://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^\s,;\"']*))?")


@dataclass(frozen=True, slots=True)
class Sample:
    """How much data is copied.

    Attributes:
        objects: of each table and crawler target; 0 copies definitions only.
        max_bytes: of all together.
    """

    objects: int = 0
    max_bytes: int = DEFAULT_MAX_BYTES


def collect(
    source: ReadOnly,
    name: str,
    *,
    sample: Sample | None = None,
    notify: Callable[[str], None] = lambda line: None,
) -> Collected:
    """Read a workflow with what it needs.

    Args:
        source: the account to read from.
        name: the workflow's full name.
        sample: how much data to read.
        notify: receives a line at each step.

    Raises:
        NotFound: there is no such workflow.
    """
    account = owner(source.session)
    notify(f"reading workflow {name}")
    definition = read_workflow(source.glue, name, account_id=account)
    if definition is None:
        raise NotFound(f"there is no workflow {name}", "`aws glue list-workflows` lists those of an account")
    reading = _Reading(source, definition, sample or Sample())
    notify(f"reading scripts of {len(definition.jobs)} jobs, connections, classifiers, tables")
    scripts = tuple(reading.scripts())
    libraries = list(reading.libraries())
    connections, classifiers = tuple(reading.connections()), tuple(reading.classifiers())
    databases, tables = reading.catalog()
    objects = [*libraries, *reading.first_objects(tables)]
    reading.note_what_is_only_named()
    return Collected(
        definition,
        account,
        source.glue.meta.region_name,
        scripts,
        tuple({(one.bucket, one.key): one for one in objects}.values()),
        connections,
        classifiers,
        databases,
        tables,
        tuple(sorted(_buckets(definition, tables) | {one.bucket for one in (*scripts, *objects)})),
        tuple(dict.fromkeys(reading.notes)),
    )


def _buckets(definition: WorkflowDefinition, tables: tuple[CollectedTable, ...]) -> set[str]:
    """Return the buckets that definitions and tables name; those of libraries alone may be AWS's public ones."""
    texts = [text for one in definition for text in _texts(one.members, _LIBRARIES)]
    texts += [text for one in tables for wire in (one.table, *one.partitions) for text in _texts(wire)]
    return {found[1] for text in texts for found in _S3.finditer(text)}


class _Reading:
    """One import: what is read, and the notes about what is not."""

    def __init__(self, source: ReadOnly, definition: WorkflowDefinition, sample: Sample) -> None:
        self._source = source
        self._definition = definition
        self._sample = sample
        self._left = sample.max_bytes
        self.notes: list[str] = []

    def scripts(self) -> Iterator[UploadedObject]:
        read: set[str] = set()
        for job in self._definition.jobs:
            location = str((job.members.get("Command") or {}).get("ScriptLocation", ""))
            found = _S3.fullmatch(location)
            if location in read:
                continue
            read.add(location)
            if found is None or not found[2]:
                self.notes.append(f"job {job.name} has no script in S3: {location or 'no ScriptLocation'}")
                continue
            yield from self._object(found[1], found[2], MAX_SCRIPT_BYTES, f"script of job {job.name}")

    def libraries(self) -> Iterator[UploadedObject]:
        for job in self._definition.jobs:
            for arguments in (
                job.members.get(one) or {} for one in ("DefaultArguments", "NonOverridableArguments")
            ):
                for parameter in _LIBRARIES:
                    for part in str(arguments.get(parameter, "")).split(","):
                        found = _S3.fullmatch(part.strip())
                        if found is not None and found[2]:
                            yield from self._object(
                                found[1], found[2], MAX_LIBRARY_BYTES, f"{parameter} of job {job.name}"
                            )

    def connections(self) -> Iterator[Wire]:
        names = {one for job in self._definition.jobs for one in _connections_of(job)}
        for crawler in self._definition.crawlers:
            targets = crawler.members.get("Targets") or {}
            every = (one for group in targets.values() if isinstance(group, list) for one in group)
            names |= {
                one["ConnectionName"] for one in every if isinstance(one, Mapping) and one.get("ConnectionName")
            }
        for name in sorted(names):
            try:
                wire = self._source.glue.get_connection(Name=name, HidePassword=True)["Connection"]
            except self._source.glue.exceptions.ClientError as error:
                self._refused(error, f"connection {name}")
                continue
            yield self._without_secrets(wire)

    def _without_secrets(self, wire: Wire) -> Wire:
        properties = dict(wire.get("ConnectionProperties") or {})
        secret = [one for one in properties if _SECRET.search(one) and not _REFERENCE.search(one)]
        for one in secret:
            del properties[one]
        by_reference = [one for one in properties if _REFERENCE.search(one)]
        what = (
            f"it names its secret ({', '.join(by_reference)}), which is not copied" if by_reference else "set it"
        )
        self.notes.append(f"connection {wire['Name']} is copied without its password: {what}")
        members = ("Name", "Description", "ConnectionType", "MatchCriteria", "PhysicalConnectionRequirements")
        given = {one: wire[one] for one in members if wire.get(one)}
        return {**given, "ConnectionProperties": properties}

    def classifiers(self) -> Iterator[Wire]:
        names = {one for crawler in self._definition.crawlers for one in crawler.members.get("Classifiers") or ()}
        for name in sorted(names):
            try:
                wire = self._source.glue.get_classifier(Name=name)["Classifier"]
            except self._source.glue.exceptions.ClientError as error:
                self._refused(error, f"classifier {name}")
                continue
            times = ("CreationTime", "LastUpdated", "Version")
            yield {
                kind: {one: value for one, value in what.items() if one not in times}
                for kind, what in wire.items()
            }

    def catalog(self) -> tuple[tuple[Wire, ...], tuple[CollectedTable, ...]]:
        """Return the databases that crawlers or arguments name, and those of their tables that they name."""
        words = {text for one in self._definition for text in _texts(one.members)}
        prefixes: dict[str, set[str]] = {}
        for crawler in self._definition.crawlers:
            if crawler.members.get("DatabaseName"):
                prefixes.setdefault(crawler.members["DatabaseName"], set()).add(
                    crawler.members.get("TablePrefix", "")
                )
        named = {
            (target["DatabaseName"], table)
            for crawler in self._definition.crawlers
            for target in (crawler.members.get("Targets") or {}).get("CatalogTargets") or ()
            for table in target.get("Tables") or ()
        }
        glue = self._source.glue
        databases, tables = [], []
        try:
            pages = list(glue.get_paginator("get_databases").paginate())
        except glue.exceptions.ClientError as error:
            self._refused(error, "the Data Catalog")
            return (), ()
        for wire in (one for page in pages for one in page["DatabaseList"]):
            name = wire["Name"]
            if name not in prefixes and name not in words and name not in {one for one, _ in named}:
                continue
            databases.append(_given(wire, ("Name", "Description", "LocationUri", "Parameters")))
            try:
                found = list(glue.get_paginator("get_tables").paginate(DatabaseName=name))
            except glue.exceptions.ClientError as error:
                self._refused(error, f"each table of database {name}")
                continue
            for table in (one for page in found for one in page["TableList"]):
                short = table["Name"]
                by_crawler = any(short.startswith(one) for one in prefixes.get(name, ()))
                if by_crawler or short in words or (name, short) in named:
                    tables.append(self._table(name, table))
        return tuple(databases), tuple(tables)

    def _table(self, database: str, wire: Wire) -> CollectedTable:
        members = (
            *("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys"),
            *("ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable"),
        )
        partitions: list[Wire] = []
        if wire.get("PartitionKeys"):
            answer: Mapping[str, Any] = {"Partitions": ()}
            try:
                answer = self._source.glue.get_partitions(
                    DatabaseName=database, TableName=wire["Name"], MaxResults=MAX_PARTITIONS
                )
            except self._source.glue.exceptions.ClientError as error:
                self._refused(error, f"each partition of table {database}.{wire['Name']}")
            partitions = [
                _given(one, ("Values", "StorageDescriptor", "Parameters")) for one in answer["Partitions"]
            ]
            if answer.get("NextToken"):
                self.notes.append(f"table {database}.{wire['Name']}: the first {MAX_PARTITIONS} partitions only")
        return CollectedTable(database, _given(wire, members), tuple(partitions))

    def first_objects(self, tables: tuple[CollectedTable, ...]) -> Iterator[UploadedObject]:
        """Yield the first objects of each table, partition and crawler target, within the limits."""
        if self._sample.objects <= 0:
            return
        places = [
            str((wire.get("StorageDescriptor") or {}).get("Location", ""))
            for table in tables
            for wire in (table.partitions or (table.table,))
        ]
        for crawler in self._definition.crawlers:
            places += [one["Path"] for one in (crawler.members.get("Targets") or {}).get("S3Targets") or ()]
        for place in dict.fromkeys(places):
            found = _S3.match(place)
            if found is not None:
                yield from self._first_below(found[1], found[2] or "")

    def _first_below(self, bucket: str, prefix: str) -> Iterator[UploadedObject]:
        s3 = self._source.client("s3")
        try:
            answer = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=min(1000, self._sample.objects))
        except s3.exceptions.ClientError as error:
            self._refused(error, f"objects of s3://{bucket}/{prefix}")
            return
        for one in answer.get("Contents", ()):
            if one["Size"] > self._left:
                self.notes.append(
                    f"s3://{bucket}/{prefix}: the limit of {self._sample.max_bytes:,} bytes is reached"
                )
                return
            self._left -= one["Size"]
            yield from self._object(bucket, one["Key"], self._sample.max_bytes, "data")

    def note_what_is_only_named(self) -> None:
        """Note what the definitions name and an import does not copy."""
        if any(one.members.get("Type") == "EVENT" for one in self._definition.triggers):
            self.notes.append("EventBridge rules that start the workflow are not copied")
        for job in self._definition.jobs:
            if job.members.get("SecurityConfiguration"):
                name = job.members["SecurityConfiguration"]
                self.notes.append(f"security configuration {name} of job {job.name} is not copied")

    def _object(self, bucket: str, key: str, limit: int, what: str) -> Iterator[UploadedObject]:
        s3 = self._source.client("s3")
        try:
            size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
            if size > limit:
                self.notes.append(f"{what}: s3://{bucket}/{key} has {size:,} bytes and is not copied")
                return
            yield UploadedObject(bucket, key, s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except s3.exceptions.ClientError as error:
            self._refused(error, f"{what}: s3://{bucket}/{key}")

    def _refused(self, error: Exception, what: str) -> None:
        code = error_code(error)
        reason = "does not exist" if is_not_found(error) or code in ("404", "NoSuchKey", "NoSuchBucket") else code
        self.notes.append(f"{what} is not copied: {reason}")


def _connections_of(job: Definition) -> list[str]:
    return list((job.members.get("Connections") or {}).get("Connections") or ())


def _given(wire: Wire, members: tuple[str, ...]) -> Wire:
    return {one: wire[one] for one in members if wire.get(one) not in (None, "")}


def _texts(value: Any, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield all texts in a JSON value, but those of some members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name not in without:
                yield from _texts(one, without)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one, without)
