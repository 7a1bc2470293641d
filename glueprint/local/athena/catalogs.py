"""The one data catalog, AwsDataCatalog, and its databases and tables as Athena shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from glueprint.local.athena.family import Answer, Request, invalid, operation
from glueprint.local.protocol import ApiError, Context, JsonService, Runs

CATALOG = "AwsDataCatalog"


class Catalogs:
    """Operations on data catalogs; Glue answers what is in them."""

    def __init__(self, glue: JsonService) -> None:
        self._glue = glue

    @operation("ListDataCatalogs", runs=Runs.INLINE)
    def list_data_catalogs(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListDataCatalogs``: there is one."""
        return {"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE"}]}

    @operation("GetDataCatalog", runs=Runs.INLINE)
    def get_data_catalog(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDataCatalog``."""
        _check_catalog(request["Name"])
        return {
            "DataCatalog": {"Name": CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": context.account_id}}
        }

    @operation("ListDatabases", runs=Runs.IN_THREAD)
    def list_databases(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListDatabases``."""
        _check_catalog(request["CatalogName"])
        found = self._call("GetDatabases", context, _paged(request))
        return {
            "DatabaseList": list(map(_database, found["DatabaseList"])),
            "NextToken": found.get("NextToken"),
        }

    @operation("GetDatabase", runs=Runs.IN_THREAD)
    def get_database(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDatabase``."""
        _check_catalog(request["CatalogName"])
        return {
            "Database": _database(
                self._call("GetDatabase", context, {"Name": request["DatabaseName"]})["Database"]
            )
        }

    @operation("ListTableMetadata", runs=Runs.IN_THREAD)
    def list_table_metadata(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListTableMetadata``: ``Expression`` is a regular expression over names."""
        _check_catalog(request["CatalogName"])
        members = {**_paged(request), "DatabaseName": request["DatabaseName"]}
        if request.get("Expression"):
            members["Expression"] = request["Expression"]
        found = self._call("GetTables", context, members)
        return {
            "TableMetadataList": list(map(_table, found["TableList"])),
            "NextToken": found.get("NextToken"),
        }

    @operation("GetTableMetadata", runs=Runs.IN_THREAD)
    def get_table_metadata(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTableMetadata``."""
        _check_catalog(request["CatalogName"])
        members = {"DatabaseName": request["DatabaseName"], "Name": request["TableName"]}
        return {"TableMetadata": _table(self._call("GetTable", context, members)["Table"])}

    def _call(self, name: str, context: Context, request: Request) -> dict[str, Any]:
        """Return Glue's answer; its errors are Athena's ``MetadataException`` with Glue's code in the text."""
        try:
            return self._glue.call(name, request, context)
        except ApiError as error:
            raise ApiError(
                "MetadataException",
                f"{error.message} (Service: AWSGlue; Status Code: 400; Error Code: {error.code})",
            ) from error


def _paged(request: Request) -> Request:
    found = {"MaxResults": request.get("MaxResults") or 50}
    return {**found, "NextToken": request["NextToken"]} if request.get("NextToken") else found


def _check_catalog(name: str) -> None:
    if not re.fullmatch("awsdatacatalog", name, re.IGNORECASE):
        raise invalid(f"Data catalog {name} was not found: the local Athena has {CATALOG} only")


def _database(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": found["Name"],
        "Description": found.get("Description"),
        "Parameters": found.get("Parameters") or {},
    }


def _table(found: Mapping[str, Any]) -> dict[str, Any]:
    storage = found.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    extra = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()},
    }
    return {
        "Name": found["Name"],
        "CreateTime": found.get("CreateTime"),
        "LastAccessTime": found.get("LastAccessTime"),
        "TableType": found.get("TableType"),
        "Columns": storage.get("Columns") or [],
        "PartitionKeys": found.get("PartitionKeys") or [],
        "Parameters": {
            **(found.get("Parameters") or {}),
            **{key: value for key, value in extra.items() if value},
        },
    }
