"""Definitions of tables: from the input of CreateTable and UpdateTable to what is stored and returned (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glueprint.local.glue.catalog.lookup import fold
from glueprint.local.glue.catalog.requests import epoch_seconds, refuse
from glueprint.local.glue.family import Context, Request, without_none
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.store.catalog_rows import TableRow
from glueprint.local.store.resources import Document

_PLAIN = (
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
)
_TIMES = ("LastAccessTime", "LastAnalyzedTime")
_COMPOUND_TYPES = ("array", "map", "struct", "uniontype")

IDENTITY = ("Name", "DatabaseName", "CatalogId", "TargetTable")
"""The members of a resource link; the others are its target's."""


def table_name(request: Request) -> str:
    """Return the name, in lower case, of the table in a request of CreateTable or UpdateTable.

    Raises:
        ApiError: the request has no name, or two different ones.
    """
    name, of_input = request.get("Name"), (request.get("TableInput") or {}).get("Name")
    if name is not None and of_input is not None and fold(name) != fold(of_input):
        raise invalid_input(f"Name {name} and TableInput.Name {of_input} differ: a table cannot be renamed")
    found = of_input if name is None else name
    if found is None:
        raise invalid_input("TableInput must be given")
    return fold(found)


def definition(table_input: Request) -> Document:
    """Return the table's definition as it is stored, with Glue's defaults.

    Raises:
        ApiError: a member is not supported, or breaks a rule of Glue.
    """
    refuse(table_input, "FederatedTable", "ViewDefinition")
    for key in table_input.get("PartitionKeys") or []:
        kind = (key.get("Type") or "").strip().lower()
        if kind.startswith(_COMPOUND_TYPES):
            raise invalid_input(
                f"Partition key {key['Name']} has type {key['Type']}: only primitive types are supported"
            )
    body = without_none({name: table_input.get(name) for name in _PLAIN})
    for name in _TIMES:
        if table_input.get(name) is not None:
            body[name] = epoch_seconds(table_input[name], name)
    storage = body.get("StorageDescriptor")
    if storage and storage.get("Columns"):
        body["StorageDescriptor"] = {**storage, "Columns": _folded(storage["Columns"])}
    if body.get("PartitionKeys"):
        body["PartitionKeys"] = _folded(body["PartitionKeys"])
    body.setdefault("Retention", 0)
    if "TargetTable" not in body:
        body.setdefault("PartitionKeys", [])
    return body


def _folded(columns: Sequence[Document]) -> list[Document]:
    """Return columns with their names in lower case, as the service stores them (apache/flink-connector-aws#206).

    Names within types, ``struct<subName:int>``, keep their case (awslabs/aws-athena-query-federation#245).
    """
    return [{**one, "Name": fold(one["Name"])} for one in columns]


def view(context: Context, table: TableRow) -> Document:
    """Return the table as ``GetTable`` does."""
    return table.body | {
        "Name": table.name,
        "DatabaseName": table.database,
        "CatalogId": context.account_id,
        "VersionId": str(table.version),
        "IsRegisteredWithLakeFormation": False,
    }


def view_of_link(context: Context, link: TableRow, target: TableRow) -> Document:
    """Return the target's properties under the link's name."""
    shown = view(context, link)
    return view(context, target) | {name: shown[name] for name in IDENTITY}


def partition_keys(body: Mapping[str, Any]) -> list[Document]:
    """Return the columns by which the table is partitioned."""
    return list(body.get("PartitionKeys") or [])
