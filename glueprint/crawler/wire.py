"""Found tables and partitions as the Glue API has them: ``TableInput`` and ``PartitionInput`` (service model)."""

from __future__ import annotations

from typing import Any

from .found_tables import FoundPartition, FoundTable, Pairs, Storage

MAX_COMMENT_LENGTH = 255
"""Characters (service model, ``CommentString``)."""

MAX_DESCRIPTION_LENGTH = 2048
"""Characters (service model, ``DescriptionString``)."""

RAW_TYPE = "rawType"
"""Column parameter of ``RAWTYPES``; AWS does not document where it writes them."""


def _columns(pairs: Pairs) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in pairs]


def _described_columns(table: FoundTable) -> list[dict[str, Any]]:
    """Return the table's columns with the database's metadata (service model, ``EnableAdditionalMetadata``)."""
    comments, raw_types = dict(table.comments), dict(table.raw_types)
    columns: list[dict[str, Any]] = [*_columns(table.columns)]
    for column in columns:
        name = column["Name"]
        if name in comments:
            column["Comment"] = comments[name][:MAX_COMMENT_LENGTH]
        if name in raw_types:
            column["Parameters"] = {RAW_TYPE: raw_types[name]}
    return columns


def _storage_descriptor(
    location: str, columns: list[dict[str, Any]], storage: Storage, parameters: Pairs
) -> dict[str, Any]:
    serde: dict[str, Any] = {"Parameters": dict(storage.serde_parameters)}
    if storage.serde:
        serde["SerializationLibrary"] = storage.serde
    formats = {"InputFormat": storage.input_format, "OutputFormat": storage.output_format}
    return {
        "Columns": columns,
        "Location": location,
        # A database's table has no formats, not even empty ones (seen in tables crawled through JDBC).
        **(formats if ("typeOfData", "file") in parameters else {}),
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

    The parameters stand twice, on the table and in its storage descriptor, all of them strings
    (docs/facts/crawlers.md#what-a-crawl-writes).
    """
    return {
        "Name": table.name,
        "Owner": "owner",
        "Retention": 0,
        **({"Description": table.description[:MAX_DESCRIPTION_LENGTH]} if table.description else {}),
        "StorageDescriptor": _storage_descriptor(
            table.location, _described_columns(table), table.storage, table.parameters
        ),
        "PartitionKeys": _columns(table.partition_keys),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": dict(table.parameters),
    }


def found_partition_to_partition_input(table: FoundTable, partition: FoundPartition) -> dict[str, Any]:
    """``PartitionInput`` for BatchCreatePartition and UpdatePartition: read as the table is, with own columns."""
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _storage_descriptor(
            partition.location, [*_columns(partition.columns)], table.storage, partition.parameters
        ),
        "Parameters": dict(partition.parameters),
    }
