"""Found tables and partitions as the Glue API has them: ``TableInput`` and ``PartitionInput`` (service model)."""

from __future__ import annotations

from typing import Any

from .contract import FoundPartition, FoundTable, Pairs, Storage


def _columns(pairs: Pairs) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in pairs]


def _storage_descriptor(location: str, columns: Pairs, storage: Storage, parameters: Pairs) -> dict[str, Any]:
    serde: dict[str, Any] = {"Parameters": dict(storage.serde_parameters)}
    if storage.serde:
        serde["SerializationLibrary"] = storage.serde
    return {
        "Columns": _columns(columns),
        "Location": location,
        "InputFormat": storage.input_format,
        "OutputFormat": storage.output_format,
        "Compressed": storage.compressed,
        "NumberOfBuckets": -1,
        "SerdeInfo": serde,
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": dict(parameters),
        "StoredAsSubDirectories": False,
    }


def found_table_to_table_input(table: FoundTable) -> dict[str, Any]:
    """``TableInput`` for CreateTable and UpdateTable, as crawled tables have it.

    The parameters stand twice, on the table and in its storage descriptor, all of them strings (glue-facts 6.7).
    """
    return {
        "Name": table.name,
        "Owner": "owner",
        "Retention": 0,
        "StorageDescriptor": _storage_descriptor(table.location, table.columns, table.storage, table.parameters),
        "PartitionKeys": _columns(table.partition_keys),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": dict(table.parameters),
    }


def found_partition_to_partition_input(table: FoundTable, partition: FoundPartition) -> dict[str, Any]:
    """``PartitionInput`` for BatchCreatePartition and UpdatePartition: read as the table is, with own columns."""
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _storage_descriptor(
            partition.location, partition.columns, table.storage, partition.parameters
        ),
        "Parameters": dict(partition.parameters),
    }
