"""What the Data Catalog declares for a table, for ``match_catalog``."""

from __future__ import annotations

import boto3

from glueprint.runtime.frames import type_names, types


def columns(database: str, table: str, catalog_id: str | None) -> types.Struct:
    """The columns of a table, partition keys last.

    Raises:
        botocore.exceptions.ClientError: there is no such table (EntityNotFoundException).
    """
    named = {"CatalogId": catalog_id} if catalog_id else {}
    found = boto3.client("glue").get_table(DatabaseName=database, Name=table, **named)["Table"]
    described = [*found.get("StorageDescriptor", {}).get("Columns", []), *found.get("PartitionKeys", [])]
    return types.Struct(
        tuple(types.Field(one["Name"], type_names.parse(one.get("Type", "string"))) for one in described)
    )
