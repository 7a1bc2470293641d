"""Partitions of tables (docs/facts/catalog.md#partitions)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence

from glueprint.local.glue.catalog.lookup import require_target
from glueprint.local.glue.catalog.partition_expression import compile_expression
from glueprint.local.glue.catalog.requests import check_catalog, epoch_seconds, position
from glueprint.local.glue.catalog.table_definition import partition_keys
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_token
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import ApiError, already_exists, invalid_input, not_found
from glueprint.local.store.catalog_rows import PartitionRows, TableRow, key_of, values_of
from glueprint.local.store.resources import Document

_PARTITIONS = PartitionRows()
_PLAIN = ("StorageDescriptor", "Parameters")
_TIMES = ("LastAccessTime", "LastAnalyzedTime")
_DEFAULT_PAGE = 1000


class Partitions(Family):
    """Operations on partitions."""

    @operation("CreatePartition", runs=Runs.ON_WRITER)
    def create_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreatePartition``."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            table = _table(tx, context, request)
            self._insert(tx, table, request["PartitionInput"])

        self.database.write(work)
        return {}

    @operation("BatchCreatePartition", runs=Runs.ON_WRITER)
    def batch_create_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchCreatePartition``: creates those that can be, and lists the others."""
        check_catalog(context, request)
        errors = self.database.write(
            lambda tx: self.insert_many(
                tx, context, request["DatabaseName"], request["TableName"], request["PartitionInputList"]
            )
        )
        return {"Errors": errors}

    def insert_many(
        self, tx: Transaction, context: Context, database: str, table: str, inputs: Iterable[Request]
    ) -> list[Document]:
        """Create partitions within the caller's transaction, any number of them.

        Args:
            inputs: the model's ``PartitionInput``.

        Returns:
            The model's ``PartitionError`` for each that could not be created: it exists, or is refused.

        Raises:
            ApiError: the database or the table does not exist.
        """
        target = require_target(tx, context, database, table)
        errors = []
        for partition in inputs:
            try:
                self._insert(tx, target, partition)
            except ApiError as error:
                errors.append(_partition_error(partition.get("Values") or [], error))
        return errors

    @operation("UpdatePartition", runs=Runs.ON_WRITER)
    def update_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdatePartition``: replaces everything except the values."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            table = _table(tx, context, request)
            self._replace(tx, table, request["PartitionValueList"], request["PartitionInput"])

        self.database.write(work)
        return {}

    @operation("BatchUpdatePartition", runs=Runs.ON_WRITER)
    def batch_update_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchUpdatePartition``: updates those that can be, and lists the others."""
        check_catalog(context, request)
        errors = self.database.write(
            lambda tx: self.replace_many(
                tx,
                context,
                request["DatabaseName"],
                request["TableName"],
                [(entry["PartitionValueList"], entry["PartitionInput"]) for entry in request["Entries"]],
            )
        )
        return {"Errors": errors}

    def replace_many(
        self,
        tx: Transaction,
        context: Context,
        database: str,
        table: str,
        entries: Iterable[tuple[Sequence[str], Request]],
    ) -> list[Document]:
        """Update partitions, given by their values, within the caller's transaction.

        Returns:
            The model's ``BatchUpdatePartitionFailureEntry`` for each that could not be updated.

        Raises:
            ApiError: the database or the table does not exist.
        """
        target = require_target(tx, context, database, table)
        errors: list[Document] = []
        for values, partition in entries:
            try:
                self._replace(tx, target, values, partition)
            except ApiError as error:
                errors.append({"PartitionValueList": list(values), "ErrorDetail": _detail(error)})
        return errors

    @operation("DeletePartition", runs=Runs.ON_WRITER)
    def delete_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeletePartition``."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            table = _table(tx, context, request)
            if not _PARTITIONS.delete(tx, table.id, request["PartitionValues"]):
                raise _missing()

        self.database.write(work)
        return {}

    @operation("BatchDeletePartition", runs=Runs.ON_WRITER)
    def batch_delete_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchDeletePartition``: missing ones are listed, the others are deleted."""
        check_catalog(context, request)
        wanted = [item["Values"] for item in request["PartitionsToDelete"]]
        errors = self.database.write(
            lambda tx: self.delete_many(tx, context, request["DatabaseName"], request["TableName"], wanted)
        )
        return {"Errors": errors or None}

    def delete_many(
        self, tx: Transaction, context: Context, database: str, table: str, wanted: Iterable[Sequence[str]]
    ) -> list[Document]:
        """Delete partitions, given by their values, within the caller's transaction.

        Returns:
            The model's ``PartitionError`` for each that does not exist.

        Raises:
            ApiError: the database or the table does not exist.
        """
        target = require_target(tx, context, database, table)
        return [
            _partition_error(values, _missing())
            for values in wanted
            if not _PARTITIONS.delete(tx, target.id, values)
        ]

    @operation("GetPartition", runs=Runs.INLINE)
    def get_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetPartition``."""
        check_catalog(context, request)
        values = request["PartitionValues"]

        def work(tx: Transaction) -> Document:
            table = _table(tx, context, request)
            body = _PARTITIONS.get(tx, table.id, values)
            if body is None:
                raise _missing()
            return _view(context, table, values, body)

        return {"Partition": self.database.read(work)}

    @operation("BatchGetPartition", runs=Runs.IN_THREAD)
    def batch_get_partition(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetPartition``: missing ones are left out (measured on AWS, moto #2320)."""
        check_catalog(context, request)
        keys = [key_of(item["Values"]) for item in request["PartitionsToGet"]]

        def work(tx: Transaction) -> list[Document]:
            table = _table(tx, context, request)
            return _views(tx, context, table, keys)

        return {"Partitions": self.database.read(work), "UnprocessedKeys": []}

    @operation("GetPartitions", runs=Runs.IN_THREAD)
    def get_partitions(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetPartitions``: by values, so that pages stay stable while partitions change."""
        check_catalog(context, request, "TransactionId", "QueryAsOfTime")
        after = position(request, str) or ""
        limit = request.get("MaxResults") or _DEFAULT_PAGE
        in_segment = _segment(request.get("Segment"))

        def work(tx: Transaction) -> tuple[list[Document], str | None]:
            table = _table(tx, context, request)
            keys = _selected(tx, table, after, in_segment, request.get("Expression") or "", limit + 1)
            token = page_token(keys[limit - 1]) if len(keys) > limit else None
            return _views(tx, context, table, keys[:limit]), token

        found, token = self.database.read(work)
        if request.get("ExcludeColumnSchema"):
            found = [_without_columns(partition) for partition in found]
        return {"Partitions": found, "NextToken": token}

    def all_of(self, tx: Transaction, context: Context, database: str, table: str) -> list[Document]:
        """Return every partition of a table as ``GetPartition`` does, by values.

        Raises:
            ApiError: the database or the table does not exist.
        """
        target = require_target(tx, context, database, table)
        return _views(tx, context, target, list(_PARTITIONS.keys(tx, target.id)))

    def _insert(self, tx: Transaction, table: TableRow, partition: Request) -> None:
        values = partition.get("Values") or []
        _check_count(table, values)
        body = _definition(partition) | {"CreationTime": self.clock.now()}
        if not _PARTITIONS.insert(tx, table.id, values, body):
            raise already_exists("Partition already exists.")

    def _replace(self, tx: Transaction, table: TableRow, values: Sequence[str], partition: Request) -> None:
        before = _PARTITIONS.get(tx, table.id, values)
        if before is None:
            raise _missing()
        if partition.get("Values") not in (None, list(values)):
            raise invalid_input("The values of a partition cannot be changed: delete and recreate the partition")
        body = _definition(partition) | {"CreationTime": before["CreationTime"]}
        _PARTITIONS.replace(tx, table.id, values, body)


def _table(tx: Transaction, context: Context, request: Request) -> TableRow:
    return require_target(tx, context, request["DatabaseName"], request["TableName"])


def _check_count(table: TableRow, values: Sequence[str]) -> None:
    if len(values) != len(partition_keys(table.body)):
        raise invalid_input("The number of partition keys do not match the number of partition values")


def _definition(partition: Request) -> Document:
    body = without_none({name: partition.get(name) for name in _PLAIN})
    for name in _TIMES:
        if partition.get(name) is not None:
            body[name] = epoch_seconds(partition[name], name)
    return body


def _segment(segment: Request | None) -> Callable[[str], bool]:
    """Return whether a key belongs to the requested segment; each key belongs to exactly one segment."""
    if segment is None:
        return lambda key: True
    number, total = segment["SegmentNumber"], segment["TotalSegments"]
    if number >= total:
        raise invalid_input(f"SegmentNumber {number} must be less than TotalSegments {total}")
    return lambda key: zlib.crc32(key.encode()) % total == number


def _selected(
    tx: Transaction,
    table: TableRow,
    after: str,
    in_segment: Callable[[str], bool],
    expression: str,
    limit: int,
) -> list[str]:
    """Return at most ``limit`` selected keys after ``after``."""
    is_selected = compile_expression(expression, partition_keys(table.body))
    filtered = bool(expression.strip())
    found: list[str] = []
    for key in _PARTITIONS.keys(tx, table.id, after):
        if in_segment(key) and (not filtered or is_selected(values_of(key))):
            found.append(key)
            if len(found) == limit:
                break
    return found


def _views(tx: Transaction, context: Context, table: TableRow, keys: Sequence[str]) -> list[Document]:
    bodies = _PARTITIONS.bodies(tx, table.id, keys)
    return [_view(context, table, values_of(key), bodies[key]) for key in keys if key in bodies]


def _view(context: Context, table: TableRow, values: Sequence[str], body: Document) -> Document:
    return body | {
        "Values": list(values),
        "DatabaseName": table.database,
        "TableName": table.name,
        "CatalogId": context.account_id,
    }


def _without_columns(partition: Document) -> Document:
    storage = partition.get("StorageDescriptor")
    if not storage:
        return partition
    kept = {name: value for name, value in storage.items() if name != "Columns"}
    return partition | {"StorageDescriptor": kept}


def _missing() -> ApiError:
    return not_found("Cannot find partition.")


def _detail(error: ApiError) -> Document:
    return {"ErrorCode": error.code, "ErrorMessage": error.message}


def _partition_error(values: Sequence[str], error: ApiError) -> Document:
    return {"PartitionValues": list(values), "ErrorDetail": _detail(error)}
