"""Conversion between the structures of Glue's API and those of Hive's metastore.

Source: Amazon's published metastore client (awslabs/aws-glue-data-catalog-client-for-apache-hive-metastore), for
the correspondence of fields and for default values. Skewed values are left out: Spark neither reads nor writes
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from glueprint.compat import UTC
from glueprint.runtime.sparksql import hive
from glueprint.runtime.sparksql.data_catalog import Shape

VIEW = "VIRTUAL_VIEW"
_TABLE_TYPES_WITH_DATA = (None, "MANAGED_TABLE", "EXTERNAL_TABLE")
_OWNERS = ("USER", "ROLE", "GROUP")
_RESOURCES = ("JAR", "FILE", "ARCHIVE")
"""Hive numbers them from 1."""
_STORAGE_HANDLER = "storage_handler"


def _without_none(**fields: Any) -> Shape:
    """Return a structure of Glue's API without the fields that are None."""
    return {name: value for name, value in fields.items() if value is not None}


def _epoch_seconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())


def _datetime(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def database_from_glue(database: Mapping[str, Any]) -> hive.Database:
    """Hive's form of a ``Database``."""
    return hive.Database(
        name=database["Name"],
        description=database.get("Description"),
        location_uri=database.get("LocationUri", ""),
        parameters=database.get("Parameters", {}),
    )


def database_to_glue(database: hive.Database) -> Shape:
    """The ``DatabaseInput`` of a database."""
    return _without_none(
        Name=database.name,
        Description=database.description or None,
        LocationUri=database.location_uri or None,
        Parameters=dict(database.parameters or {}),
    )


def table_from_glue(table: Mapping[str, Any]) -> hive.Table:
    """Hive's form of a ``Table``.

    Raises:
        InvalidObject: a table with data lacks a part that Hive needs to read it; Amazon's client fails in the
        same way.
    """
    _check_complete(table)
    return hive.Table(
        table_name=table["Name"],
        db_name=table["DatabaseName"],
        owner=table.get("Owner"),
        create_time=_epoch_seconds(table.get("CreateTime")),
        last_access_time=_epoch_seconds(table.get("LastAccessTime")),
        retention=table.get("Retention", 0),
        sd=_storage_from_glue(table.get("StorageDescriptor", {})),
        partition_keys=_columns_from_glue(table.get("PartitionKeys", ())),
        parameters=table.get("Parameters", {}),
        view_original_text=table.get("ViewOriginalText"),
        view_expanded_text=table.get("ViewExpandedText"),
        table_type=table.get("TableType"),
    )


def _check_complete(table: Mapping[str, Any]) -> None:
    if table.get("TableType") not in _TABLE_TYPES_WITH_DATA or table.get("Parameters", {}).get(_STORAGE_HANDLER):
        return
    storage = table.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    needed = {
        "TableType": table.get("TableType"),
        "StorageDescriptor": table.get("StorageDescriptor"),
        "StorageDescriptor#InputFormat": storage.get("InputFormat"),
        "StorageDescriptor#OutputFormat": storage.get("OutputFormat"),
        "StorageDescriptor#SerdeInfo": storage.get("SerdeInfo"),
        "StorageDescriptor#SerdeInfo#SerializationLibrary": serde.get("SerializationLibrary"),
    }
    for name, value in needed.items():
        if value is None:
            raise hive.InvalidObject(f"{name} cannot be null for table: {table['Name']}")


def table_to_glue(table: hive.Table) -> Shape:
    """The ``TableInput`` of a table."""
    return _without_none(
        Name=table.table_name,
        Owner=table.owner or None,
        LastAccessTime=_datetime(table.last_access_time),
        Retention=table.retention,
        StorageDescriptor=None if table.sd is None else _storage_to_glue(table.sd),
        PartitionKeys=_columns_to_glue(table.partition_keys or ()),
        Parameters=dict(table.parameters or {}),
        ViewOriginalText=table.view_original_text or None,
        ViewExpandedText=table.view_expanded_text or None,
        TableType=table.table_type,
    )


def partition_from_glue(partition: Mapping[str, Any], database: str, table: str) -> hive.Partition:
    """Hive's form of a ``Partition`` of ``table``."""
    return hive.Partition(
        values=tuple(partition["Values"]),
        db_name=database,
        table_name=table,
        create_time=_epoch_seconds(partition.get("CreationTime")),
        last_access_time=_epoch_seconds(partition.get("LastAccessTime")),
        sd=_storage_from_glue(partition.get("StorageDescriptor", {})),
        parameters=partition.get("Parameters", {}),
    )


def partition_to_glue(partition: hive.Partition) -> Shape:
    """The ``PartitionInput`` of a partition."""
    return _without_none(
        Values=list(partition.values),
        LastAccessTime=_datetime(partition.last_access_time),
        StorageDescriptor=None if partition.sd is None else _storage_to_glue(partition.sd),
        Parameters=dict(partition.parameters or {}),
    )


def function_from_glue(function: Mapping[str, Any], database: str) -> hive.Function:
    """Hive's form of a ``UserDefinedFunction``."""
    return hive.Function(
        function_name=function["FunctionName"],
        db_name=database,
        class_name=function["ClassName"],
        owner_name=function.get("OwnerName"),
        owner_type=_OWNERS.index(function.get("OwnerType", "USER")) + 1,
        create_time=_epoch_seconds(function.get("CreateTime")),
        function_type=1,
        resource_uris=tuple(
            hive.ResourceUri(resource_type=_RESOURCES.index(each["ResourceType"]) + 1, uri=each["Uri"])
            for each in function.get("ResourceUris", ())
        ),
    )


def function_to_glue(function: hive.Function) -> Shape:
    """The ``UserDefinedFunctionInput`` of a function."""
    return _without_none(
        FunctionName=function.function_name,
        ClassName=function.class_name,
        OwnerName=function.owner_name or None,
        OwnerType=None if function.owner_type is None else _OWNERS[function.owner_type - 1],
        ResourceUris=[
            {"ResourceType": _RESOURCES[each.resource_type - 1], "Uri": each.uri}
            for each in function.resource_uris or ()
        ],
    )


def _columns_from_glue(columns: Iterable[Mapping[str, Any]]) -> tuple[hive.FieldSchema, ...]:
    return tuple(
        hive.FieldSchema(name=each["Name"], type=each.get("Type", "string"), comment=each.get("Comment"))
        for each in columns
    )


def _columns_to_glue(columns: Iterable[hive.FieldSchema]) -> list[Shape]:
    return [_without_none(Name=each.name, Type=each.type, Comment=each.comment or None) for each in columns]


def _storage_from_glue(storage: Mapping[str, Any]) -> hive.StorageDescriptor:
    serde = storage.get("SerdeInfo", {})
    return hive.StorageDescriptor(
        cols=_columns_from_glue(storage.get("Columns", ())),
        location=storage.get("Location"),
        input_format=storage.get("InputFormat"),
        output_format=storage.get("OutputFormat"),
        compressed=storage.get("Compressed", False),
        num_buckets=storage.get("NumberOfBuckets", 0),
        serde_info=hive.SerDeInfo(
            name=serde.get("Name"),
            serialization_lib=serde.get("SerializationLibrary"),
            parameters=serde.get("Parameters", {}),
        ),
        bucket_cols=tuple(storage.get("BucketColumns", ())),
        sort_cols=tuple(
            hive.Order(col=each["Column"], order=each["SortOrder"]) for each in storage.get("SortColumns", ())
        ),
        parameters=storage.get("Parameters", {}),
        stored_as_sub_directories=storage.get("StoredAsSubDirectories", False),
    )


def _storage_to_glue(storage: hive.StorageDescriptor) -> Shape:
    return _without_none(
        Columns=_columns_to_glue(storage.cols or ()),
        Location=storage.location or None,
        InputFormat=storage.input_format,
        OutputFormat=storage.output_format,
        Compressed=bool(storage.compressed),
        NumberOfBuckets=storage.num_buckets,
        SerdeInfo=_serde_to_glue(storage.serde_info),
        BucketColumns=list(storage.bucket_cols or ()),
        SortColumns=[{"Column": each.col, "SortOrder": each.order} for each in storage.sort_cols or ()],
        Parameters=dict(storage.parameters or {}),
        StoredAsSubDirectories=bool(storage.stored_as_sub_directories),
    )


def _serde_to_glue(serde: hive.SerDeInfo | None) -> Shape | None:
    if serde is None:
        return None
    return _without_none(
        Name=serde.name or None,
        SerializationLibrary=serde.serialization_lib,
        Parameters=dict(serde.parameters or {}),
    )
