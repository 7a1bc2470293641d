"""A table of the Data Catalog: where its data are, in which format, with which columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.runtime.frames import types
from glueprint.runtime.storage.catalog.column_types import struct_of
from glueprint.runtime.storage.catalog.serdes import options_of
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.options import Options


@dataclass(frozen=True, slots=True)
class TableName:
    """Which table: ``catalog_id`` is empty for the account's own catalog."""

    database: str
    name: str
    catalog_id: str = ""

    def __str__(self) -> str:
        return f"{self.database}.{self.name}"

    @property
    def members(self) -> dict[str, str]:
        """The members that requests about the table's parts have in common."""
        told = {"DatabaseName": self.database, "TableName": self.name}
        return told | ({"CatalogId": self.catalog_id} if self.catalog_id else {})


@dataclass(frozen=True, slots=True)
class Table:
    """A table as GetTable shows it.

    Attributes:
        declared_location: may be empty; use :attr:`location`.
        columns: without partition keys.
        keys: the partition keys.
        parameters: the table's and its storage descriptor's, the table's winning.
        definition: the answer of GetTable, for an update.
    """

    name: TableName
    declared_location: str
    columns: types.Struct
    keys: types.Struct
    parameters: Mapping[str, str]
    definition: Mapping[str, Any]

    @staticmethod
    def fetch(glue: Any, name: TableName) -> Table:
        """Ask Glue.

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
        """Where the data are: a folder, or a name within what :attr:`connection` leads to.

        Raises:
            StorageError: the table does not say.
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
        """What the data are, ``csv`` or ``mysql``.

        Raises:
            StorageError: the table does not say, which Glue's jobs refuse in these words.
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
        """Format options that the table's SerDe and parameters amount to."""
        serde = self.definition.get("StorageDescriptor", {}).get("SerdeInfo", {})
        return Options(options_of(self.classification, {**self.parameters, **serde.get("Parameters", {})}))

    @property
    def all_columns(self) -> types.Struct:
        """Columns and partition keys, in the order of a frame."""
        return types.Struct((*self.columns.fields, *self.keys.fields))
