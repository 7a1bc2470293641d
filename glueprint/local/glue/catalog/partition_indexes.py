"""Partition indexes: their operations and states (docs/facts/catalog.md#partition-indexes).

This Glue does not need an index to be fast. It keeps them because clients create and read them. Creating one takes
time, as on AWS but shorter, so that a client that does not wait is refused as on AWS.
"""

from __future__ import annotations

from glueprint.facts.states import PartitionIndexStatus
from glueprint.local.glue.catalog.lookup import require_target
from glueprint.local.glue.catalog.partition_index_rules import (
    backfill_errors,
    check_indexes,
    index_keys,
    index_row,
)
from glueprint.local.glue.catalog.requests import check_catalog
from glueprint.local.glue.catalog.table_definition import partition_keys
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.glue.paging import page_of
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import ApiError, not_found
from glueprint.local.store.catalog_index_rows import IndexRow, IndexRows
from glueprint.local.store.catalog_rows import PartitionRows, values_of
from glueprint.local.store.resources import Document

BUILD_SECONDS = 1.0
"""The time that an index is CREATING or DELETING; on AWS minutes."""

_INDEXES = IndexRows()
_PARTITIONS = PartitionRows()


class PartitionIndexes(Family):
    """Operations on partition indexes."""

    @operation("CreatePartitionIndex", runs=Runs.ON_WRITER)
    def create_partition_index(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreatePartitionIndex``: it becomes FAILED if partitions do not fit their types."""
        check_catalog(context, request)
        wanted = request["PartitionIndex"]

        def work(tx: Transaction) -> None:
            table = require_target(tx, context, request["DatabaseName"], request["TableName"])
            now = self.clock.now()
            existing = _INDEXES.all(tx, table.id, now)
            check_indexes(table.body, [wanted], existing)
            _refuse_while_busy(existing, now, "ResourceNumberLimitExceededException")
            keys = (values_of(key) for key in _PARTITIONS.keys(tx, table.id))
            errors = backfill_errors(table.body, index_keys(wanted), keys)
            _INDEXES.insert(tx, table.id, index_row(wanted, now + BUILD_SECONDS, errors))

        self.database.write(work)
        return {}

    @operation("DeletePartitionIndex", runs=Runs.ON_WRITER)
    def delete_partition_index(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeletePartitionIndex``."""
        check_catalog(context, request)
        name = request["IndexName"]

        def work(tx: Transaction) -> None:
            table = require_target(tx, context, request["DatabaseName"], request["TableName"])
            now = self.clock.now()
            existing = _INDEXES.all(tx, table.id, now)
            if name not in {index.name for index in existing}:
                raise not_found(f"Partition Index {name} not found.")
            _refuse_while_busy(existing, now, "ConflictException")
            _INDEXES.set_gone(tx, table.id, name, now + BUILD_SECONDS)

        self.database.write(work)
        return {}

    @operation("GetPartitionIndexes", runs=Runs.IN_THREAD)
    def get_partition_indexes(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetPartitionIndexes``."""
        check_catalog(context, request)

        def work(tx: Transaction) -> list[Document]:
            table = require_target(tx, context, request["DatabaseName"], request["TableName"])
            now = self.clock.now()
            types = {key["Name"].lower(): key.get("Type") for key in partition_keys(table.body)}
            return [
                {
                    "IndexName": index.name,
                    "Keys": [{"Name": key, "Type": types.get(key) or "string"} for key in index.keys],
                    "IndexStatus": status_of(index, now),
                    "BackfillErrors": list(index.errors) if index.errors and now >= index.ready else None,
                }
                for index in _INDEXES.all(tx, table.id, now)
            ]

        found, token = page_of(self.database.read(work), request, 100)
        return {"PartitionIndexDescriptorList": found, "NextToken": token}


def status_of(index: IndexRow, now: float) -> PartitionIndexStatus:
    """Return the index's state at ``now``; the caller has left out deleted ones."""
    if index.gone is not None:
        return PartitionIndexStatus.DELETING
    if now < index.ready:
        return PartitionIndexStatus.CREATING
    return PartitionIndexStatus.FAILED if index.errors else PartitionIndexStatus.ACTIVE


def _refuse_while_busy(existing: list[IndexRow], now: float, code: str) -> None:
    """Refuse a second change at a time (text: aws-cdk #24813; the codes are Glueprint's choice)."""
    for index in existing:
        state = status_of(index, now)
        if state in (PartitionIndexStatus.CREATING, PartitionIndexStatus.DELETING):
            raise ApiError(
                code,
                f"Index {index.name} is in {state} state."
                " Only 1 index can be created or deleted simultaneously per table.",
            )
