"""Writes files, and updates the Data Catalog. Sinks add to existing files, as Glue's do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from glueprint.facts.bucket_names import RULES, bucket_name_problem
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.catalog.update import CatalogUpdate, UpdateBehavior
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.formats.base import Target
from glueprint.runtime.storage.formats.registry import file_format
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_paths import S3Path, is_s3, list_objects
from glueprint.runtime.storage.spark_options import writer_options


@dataclass
class FileSink:
    """A sink of files in S3 or on this machine.

    Attributes:
        options: ``path``, ``partitionKeys``, ``compression``, ``enableUpdateCatalog``, ``updateBehavior``;
            ``useFrameName`` writes each frame of a collection to a folder of its name.
        format_name: set by the script or by the table.
        table: the table to create or update with ``enableUpdateCatalog`` (``setCatalogInfo``).
    """

    services: Services
    options: Options
    format_name: str = ""
    format_options: Options = field(default_factory=Options)
    table: TableName | None = None

    def write(self, frame: Frame) -> None:
        """Add the records; then update the catalog if the options request it.

        Raises:
            StorageError: no path or format, a bucket that does not exist, partition keys that are not columns.
        """
        if not self.format_name:
            raise StorageError("the sink has no format: call setFormat, or give format=")
        target = self._target(frame)
        if not frame.schema.fields:
            return  # a frame without columns has no data
        if _is_known_to_be_empty(frame):
            return  # Spark would write one more file without rows in each run
        self._check(frame, target)
        update = self._update(target)
        before = self._objects(target) if update else set()
        file_format(self.format_name).write(frame, target, self.format_options)
        if update:
            update.apply(frame.schema, sorted(self._objects(target) - before))

    def _target(self, frame: Frame) -> Target:
        path = self.options.required("path", "a sink of files").rstrip("/")
        if self.options.flag("useFrameName"):
            path = f"{path}/{frame.name}"
        compression = self.options.text("compression") or self.format_options.text("compression")
        passed_on = writer_options(self.options, self.format_name)
        keys = _columns_of(frame, self.options.texts("partitionKeys"))
        return Target(path, keys, compression, passed_on)

    def _check(self, frame: Frame, target: Target) -> None:
        if missing := [key for key in target.partition_keys if key not in frame.schema.names]:
            raise StorageError(
                f"partitionKeys: the frame has no column {', '.join(map(repr, missing))}; "
                f"its columns are {', '.join(frame.schema.names)} (folders {missing[0]}=VALUE of a source are a "
                "column if it is read as a table, by from_catalog, or with spark.read)"
            )
        if len(target.partition_keys) == len(frame.schema.fields):
            raise StorageError("partitionKeys: all columns are partition keys, so that nothing is left to write")
        if is_s3(target.path):
            _require_bucket(self.services.s3, S3Path.parse(target.path).bucket)

    def _update(self, target: Target) -> CatalogUpdate | None:
        if self.table is None or not self.options.flag("enableUpdateCatalog"):
            return None
        return CatalogUpdate(
            self.services,
            self.table,
            target,
            self.format_name,
            self.format_options,
            UpdateBehavior.of(self.options.text("updateBehavior")),
        )

    def _objects(self, target: Target) -> set[str]:
        """Return the objects of the target. New files after writing show which partitions were written."""
        return {one.uri for one in list_objects(lambda: self.services.s3, [target.path], recurse=True)}


def _columns_of(frame: Frame, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the partition keys as the frame's columns are called: like Spark's ``partitionBy``, in any case."""
    folded = {name.lower(): name for name in frame.schema.names}
    return tuple(key if key in frame.schema.names else folded.get(key.lower(), key) for key in keys)


def _is_known_to_be_empty(frame: Frame) -> bool:
    """Whether the frame's plan shows that it has no rows: what a source without new files returns, also after
    transforms. No job runs.
    """
    rows = frame.data._jdf.queryExecution().optimizedPlan().maxRows()
    return bool(rows.isDefined() and rows.get() == 0)


def _require_bucket(s3: Any, bucket: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        problem = bucket_name_problem(bucket)  # of such a bucket, S3 answers only "Bad Request"
        if problem is None and error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        remedy = "create it first" if problem is None else f"it cannot exist: {problem}, and {RULES}"
        raise StorageError(
            f"NoSuchBucket: the specified bucket does not exist: s3://{bucket}; {remedy}"
        ) from error
