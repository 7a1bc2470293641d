"""Tables of the Data Catalog as a query sees them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.query.errors import QueryError
from glueprint.query.types import Type, from_hive

_VIEW_START, _VIEW_END = "/* Presto View: ", " */"


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table or a view: GetTable's ``Table``.

    Attributes:
        columns: names and types, without those of partition keys.
    """

    database: str
    name: str
    columns: tuple[tuple[str, Type], ...]
    partition_keys: tuple[tuple[str, Type], ...]
    wire: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_wire(cls, table: Mapping[str, Any]) -> TableDefinition:
        """Read GetTable's ``Table``.

        Raises:
            QueryError: a column's type is not one that Athena reads.
        """
        storage = table.get("StorageDescriptor") or {}
        is_view = table.get("TableType") == "VIRTUAL_VIEW"
        return cls(
            table["DatabaseName"],
            table["Name"],
            () if is_view else _columns(storage.get("Columns")),
            () if is_view else _columns(table.get("PartitionKeys")),
            table,
        )

    @property
    def location(self) -> str:
        """Where its files are."""
        return str((self.wire.get("StorageDescriptor") or {}).get("Location") or "")

    @property
    def serde(self) -> str:
        """The class that reads its files."""
        serde = (self.wire.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
        return str(serde.get("SerializationLibrary") or "")

    @property
    def input_format(self) -> str:
        """The class that splits its files."""
        return str((self.wire.get("StorageDescriptor") or {}).get("InputFormat") or "")

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the table."""
        return dict(self.wire.get("Parameters") or {})

    @property
    def serde_parameters(self) -> dict[str, str]:
        """The parameters of its SerDe."""
        serde = (self.wire.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
        return dict(serde.get("Parameters") or {})

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return self.wire.get("TableType") == "VIRTUAL_VIEW"

    @property
    def full_name(self) -> str:
        """``database.table``."""
        return f"{self.database}.{self.name}"


@dataclass(frozen=True, slots=True)
class View:
    """What a view of Athena is: its query, the names that its query may leave out, its columns."""

    sql: str
    schema: str
    columns: tuple[tuple[str, str], ...]
    """Names, and types in Athena's syntax."""


def view_of(table: TableDefinition) -> View:
    """Return the view that a table of the Data Catalog describes.

    Raises:
        QueryError: it is a view of another engine.
    """
    text = str(table.wire.get("ViewOriginalText") or "")
    if not text.startswith(_VIEW_START):
        raise QueryError(
            "NOT_SUPPORTED",
            f"View {table.full_name} was not created by Athena: Hive views are not supported by the local"
            " Athena",
        )
    try:
        found = json.loads(base64.b64decode(text[len(_VIEW_START) : -len(_VIEW_END)]))
        columns = tuple((one["name"], one["type"]) for one in found["columns"])
        return View(found["originalSql"], found.get("schema") or table.database, columns)
    except (ValueError, KeyError, TypeError) as error:
        raise QueryError("INVALID_VIEW", f"View {table.full_name} cannot be read: {error}") from error


def view_text(view: View) -> str:
    """Return ``ViewOriginalText`` of a view."""
    content = {
        "originalSql": view.sql,
        "catalog": "awsdatacatalog",
        "schema": view.schema,
        "columns": [{"name": name, "type": kind} for name, kind in view.columns],
    }
    return f"{_VIEW_START}{base64.b64encode(json.dumps(content).encode()).decode()}{_VIEW_END}"


def _columns(columns: Any) -> tuple[tuple[str, Type], ...]:
    return tuple((one["Name"].lower(), from_hive(one.get("Type") or "string")) for one in columns or ())
