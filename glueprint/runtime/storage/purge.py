"""Deletes old files of a path or a table.

Source: developer guide, "GlueContext class", ``purge_s3_path`` and ``purge_table``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from glueprint.runtime.storage.catalog import partitions
from glueprint.runtime.storage.catalog.sources import location_of
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_paths import S3Path

_DEFAULT_HOURS = 168
_DELETES = 1000
"""Objects in one DeleteObjects (its API reference)."""
_PARTITIONS = 25
"""Partitions in one BatchDeletePartition (service model)."""


@dataclass
class _Purge:
    """One call: what it deletes and what it records.

    Attributes:
        youngest: objects that were written later stay; epoch seconds.
        kept_classes: storage classes whose objects stay.
    """

    services: Services
    youngest: float
    kept_classes: frozenset[str]
    deleted: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @staticmethod
    def of(services: Services, options: Options) -> _Purge:
        hours = options.number("retentionPeriod")
        seconds = (_DEFAULT_HOURS if hours is None else hours) * 3600
        return _Purge(services, services.now() - seconds, frozenset(options.texts("excludeStorageClasses")))

    def delete_under(self, path: str) -> bool:
        """Delete what is old enough; return whether nothing is left."""
        address = S3Path.parse(path)
        found = list(self._objects(address))
        old = [
            one
            for one in found
            if one["LastModified"].timestamp() <= self.youngest
            and one.get("StorageClass", "STANDARD") not in self.kept_classes
        ]
        failures = len(self.failed)
        for at in range(0, len(old), _DELETES):
            self._delete(address.bucket, [one["Key"] for one in old[at : at + _DELETES]])
        return len(old) == len(found) and len(self.failed) == failures

    def _objects(self, address: S3Path) -> Iterator[dict[str, Any]]:
        pages = self.services.s3.get_paginator("list_objects_v2").paginate(
            Bucket=address.bucket, Prefix=address.prefix
        )
        for page in pages:
            yield from page.get("Contents", ())

    def _delete(self, bucket: str, keys: Sequence[str]) -> None:
        answer = self.services.s3.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        failed = {one["Key"] for one in answer.get("Errors", ())}
        self.failed += [f"s3://{bucket}/{key}" for key in keys if key in failed]
        self.deleted += [f"s3://{bucket}/{key}" for key in keys if key not in failed]

    def write_manifest(self, options: Options, ctx: str) -> None:
        """Write ``manifestFilePath``: what was deleted and what could not be."""
        if not (path := options.text("manifestFilePath")):
            return
        folder = S3Path.parse(f"{path.rstrip('/')}/{ctx}")
        for name, lines in (("Success.csv", self.deleted), ("Failed.csv", self.failed)):
            self.services.s3.put_object(Bucket=folder.bucket, Key=f"{folder.prefix}{name}", Body=_lines(lines))


def purge_path(services: Services, path: str, options: Options, ctx: str) -> None:
    """Delete the objects under ``path`` that are older than ``retentionPeriod`` hours (default 168).

    Args:
        path: an S3 path of a folder.
        options: ``retentionPeriod``, ``excludeStorageClasses``, ``manifestFilePath``.
        ctx: the manifest is in a folder of this name within ``manifestFilePath``.
    """
    purge = _Purge.of(services, options)
    purge.delete_under(path)
    purge.write_manifest(options, ctx)


def purge_table(services: Services, name: TableName, options: Options, ctx: str) -> None:
    """Delete a table's old objects, and the partitions of which nothing is left from the catalog.

    Args:
        options: those of :func:`purge_path`, and ``partitionPredicate``, Spark SQL over the partition columns.
    """
    purge = _Purge.of(services, options)
    table = Table.fetch(services.glue, name)
    if not table.keys.fields:
        purge.delete_under(table.location)
    else:
        found = partitions.fetch(services.glue, table, "")
        chosen = partitions.matching(services.spark, table.keys, found, options.text("partitionPredicate"))
        emptied = [one for one in chosen if purge.delete_under(location_of(table, one))]
        _delete_partitions(services.glue, table, emptied)
    purge.write_manifest(options, ctx)


def _delete_partitions(glue: Any, table: Table, emptied: Sequence[partitions.Partition]) -> None:
    for at in range(0, len(emptied), _PARTITIONS):
        glue.batch_delete_partition(
            **table.name.members,
            PartitionsToDelete=[{"Values": one.catalog_values} for one in emptied[at : at + _PARTITIONS]],
        )


def _lines(addresses: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([one] for one in addresses)
    return text.getvalue().encode()
