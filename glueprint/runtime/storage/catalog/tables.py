"""A table of the Data Catalog: location, format and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.runtime.frames import types
from glueprint.runtime.storage.catalog.column_types import struct_of
from glueprint.runtime.storage.catalog.serdes import options_of
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.options import Options


@dataclass(frozen=True)
class TableName:
    """The name of a table; ``catalog_id`` is empty for the account's own catalog."""

    database: str
    name: str
    catalog_id: str = ""

    def __str__(self) -> str:
        return f"{self.database}.{self.name}"

    @property
    def members(self) -> dict[str, str]:
        """The members that requests about partitions have in common."""
        members = {"DatabaseName": self.database, "TableName": self.name}
        return members | ({"CatalogId": self.catalog_id} if self.catalog_id else {})


@dataclass(frozen=True)
class Table:
    """A table as GetTable returns it.

    Attributes:
        declared_location: may be empty; use :attr:`location`.
        columns: without partition keys.
        keys: the partition keys.
        parameters: the table's and its storage descriptor's, the table's winning.
        definition: the response of GetTable, for an update.
    """

    name: TableName
    declared_location: str
    columns: types.Struct
    keys: types.Struct
    parameters: Mapping[str, str]
    definition: Mapping[str, Any]

    @staticmethod
    def fetch(glue: Any, name: TableName) -> Table:
        """Read the table with GetTable.

        Raises:
            botocore's ``EntityNotFoundException``: there is no such table.
        """
        request = {"DatabaseName": name.database, "Name": name.name}
        if name.catalog_id:
            request["CatalogId"] = name.catalog_id
        definition = glue.get_table(**request)["Table"]
        storage = definition.get("StorageDescriptor", {})
        return Table(
            name,
            storage.get("Location", ""),
            struct_of(storage.get("Columns", ()), str(name)),
            struct_of(definition.get("PartitionKeys", ()), str(name)),
            {**storage.get("Parameters", {}), **definition.get("Parameters", {})},
            definition,
        )

    @property
    def location(self) -> str:
        """The place of the data: a folder, or a name in the database of :attr:`connection`.

        Raises:
            StorageError: the table has no location.
        """
        if not self.declared_location:
            raise StorageError(f"the table {self.name} has no location: set its StorageDescriptor.Location")
        return self.declared_location

    @property
    def connection(self) -> str:
        """The name of the connection through which the data are reached; empty for files."""
        return self.parameters.get("connectionName", "")

    @property
    def classification(self) -> str:
        """The kind of the data, ``csv`` or ``mysql``.

        Raises:
            StorageError: the table has no classification; Glue's jobs refuse it with the same message.
        """
        found = self.parameters.get("classification", "")
        if not found:
            raise StorageError(
                f"No classification or connection in {self.name}: set the table's parameter 'classification', "
                "for example to 'parquet'"
            )
        return found

    @property
    def format_options(self) -> Options:
        """The format options that follow from the table's SerDe and parameters."""
        serde = self.definition.get("StorageDescriptor", {}).get("SerdeInfo", {})
        parameters = {**self.parameters, **serde.get("Parameters", {})}
        return Options(options_of(self.classification, serde.get("SerializationLibrary", ""), parameters))

    @property
    def all_columns(self) -> types.Struct:
        """Columns and partition keys, in the order of a frame."""
        return types.Struct((*self.columns.fields, *self.keys.fields))
