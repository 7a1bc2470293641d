"""Creates and updates a table from a job.

Source: developer guide, "Updating the schema, and adding new partitions in the Data Catalog using AWS Glue ETL
jobs".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.compat import StrEnum
from glueprint.facts.partition_names import values_in_folders
from glueprint.runtime.frames import types
from glueprint.runtime.storage.catalog.column_types import hive_text
from glueprint.runtime.storage.catalog.serdes import serde_for
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.errors import BadOption, StorageError, print_note
from glueprint.runtime.storage.formats.base import Target
from glueprint.runtime.storage.options import Options

_BATCH = 100
"""Partitions in one BatchCreatePartition (service model)."""

_NOT_IN_TABLE_INPUT = frozenset(
    {
        "DatabaseName",
        "CreateTime",
        "UpdateTime",
        "CreatedBy",
        "IsRegisteredWithLakeFormation",
        "CatalogId",
        "VersionId",
        "IsMultiDialectView",
        "IsMaterializedView",
        "Status",
        "FederatedTable",
    }
)
"""Members that GetTable returns and UpdateTable does not accept."""


class UpdateBehavior(StrEnum):
    """``updateBehavior``: whether the table's schema follows the frame's."""

    UPDATE_IN_DATABASE = "UPDATE_IN_DATABASE"
    LOG = "LOG"

    @staticmethod
    def of(text: str) -> UpdateBehavior:
        """Return the value; UPDATE_IN_DATABASE if there is none.

        Raises:
            BadOption: another text.
        """
        try:
            return UpdateBehavior(text) if text else UpdateBehavior.UPDATE_IN_DATABASE
        except ValueError:
            raise BadOption("updateBehavior", text, "UPDATE_IN_DATABASE or LOG") from None


@dataclass(frozen=True)
class CatalogUpdate:
    """The update of the catalog after a sink has written."""

    services: Services
    table: TableName
    target: Target
    format_name: str
    format_options: Options
    behavior: UpdateBehavior

    def apply(self, schema: types.Struct, written: Sequence[str]) -> None:
        """Create or update the table, then add the partitions of the files that were written.

        Args:
            schema: the frame's.
            written: addresses of the new files.

        Raises:
            StorageError: the frame does not fit the table.
        """
        existing = self._existing()
        if existing is None:
            self._create(schema)
        else:
            self._check_keys(existing)
            if not self._update_schema(existing, schema):
                return
        if self.target.partition_keys:
            self._add_partitions(dict(self._partitions_of(written)))

    def _existing(self) -> Table | None:
        glue = self.services.glue
        try:
            return Table.fetch(glue, self.table)
        except glue.exceptions.EntityNotFoundException:
            return None

    def _create(self, schema: types.Struct) -> None:
        serde = serde_for(self.format_name, self.format_options)
        parameters = {
            "classification": serde.classification,
            "typeOfData": "file",
            **({"CreatedByJob": self.services.job_name} if self.services.job_name else {}),
            **({"CreatedByJobRun": self.services.job_run_id} if self.services.job_run_id else {}),
            **serde.table_parameters,
        }
        storage = {
            "Columns": self._columns(schema),
            "Location": self.target.path + "/",
            "InputFormat": serde.formats.input_format,
            "OutputFormat": serde.formats.output_format,
            "SerdeInfo": {"SerializationLibrary": serde.library, "Parameters": dict(serde.parameters)},
        }
        self.services.glue.create_table(
            **self._catalog(),
            DatabaseName=self.table.database,
            TableInput={
                "Name": self.table.name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": parameters,
                "PartitionKeys": self._key_columns(schema),
                "StorageDescriptor": storage,
            },
        )

    def _check_keys(self, existing: Table) -> None:
        keys = [name.lower() for name in existing.keys.names]
        if keys != [name.lower() for name in self.target.partition_keys]:
            raise StorageError(
                f"partitionKeys [{', '.join(self.target.partition_keys)}] must be those of the table "
                f"{self.table} in the same order: [{', '.join(existing.keys.names)}]; "
                "the files are written, the catalog is unchanged"
            )

    def _update_schema(self, existing: Table, schema: types.Struct) -> bool:
        """Update the columns if they differ; return whether partitions may be added."""
        columns = self._columns(schema)
        known = {one.name.lower(): hive_text(one.type) for one in existing.columns}
        if {one["Name"].lower(): one["Type"] for one in columns} == known:
            return True
        if self.behavior is UpdateBehavior.LOG:
            fits = all(known.get(one["Name"].lower()) == one["Type"] for one in columns)
            if not fits:
                print_note(
                    f"updateBehavior LOG: the frame's columns are not all in {self.table}; no partition is added"
                )
            return fits
        if not self.target.partition_keys:
            print_note(f"the schema of {self.table} stays: Glue does not update tables without partition keys")
            return True
        self._update(existing, columns)
        return True

    def _update(self, existing: Table, columns: list[dict[str, str]]) -> None:
        kept = {name: value for name, value in existing.definition.items() if name not in _NOT_IN_TABLE_INPUT}
        kept["StorageDescriptor"] = {**kept["StorageDescriptor"], "Columns": columns}
        self.services.glue.update_table(
            **self._catalog(), DatabaseName=self.table.database, TableInput=kept
        )

    def _partitions_of(self, written: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield key values and path of the folders that have new files."""
        for uri in written:
            folders = uri.removeprefix(f"{self.target.path}/").split("/")[:-1]
            values = values_in_folders(self.target.partition_keys, folders)
            if values is not None:
                yield values, f"{uri.rpartition('/')[0]}/"

    def _add_partitions(self, found: Mapping[tuple[str, ...], str]) -> None:
        storage = Table.fetch(self.services.glue, self.table).definition["StorageDescriptor"]
        inputs = [
            {"Values": list(values), "StorageDescriptor": {**storage, "Location": folder}}
            for values, folder in found.items()
        ]
        for at in range(0, len(inputs), _BATCH):
            answer = self.services.glue.batch_create_partition(
                **self.table.members, PartitionInputList=inputs[at : at + _BATCH]
            )
            self._raise_errors(answer.get("Errors", ()))

    def _raise_errors(self, errors: Iterable[dict[str, Any]]) -> None:
        problems = [
            f"{one.get('PartitionValues')}: {one['ErrorDetail'].get('ErrorMessage')}"
            for one in errors
            if one["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"
        ]
        if problems:
            raise StorageError(f"partitions of {self.table} could not be added: {'; '.join(problems)}")

    def _columns(self, schema: types.Struct) -> list[dict[str, str]]:
        keys = set(self.target.partition_keys)
        return [{"Name": one.name, "Type": hive_text(one.type)} for one in schema if one.name not in keys]

    def _key_columns(self, schema: types.Struct) -> list[dict[str, str]]:
        found = {one.name: one.type for one in schema}
        return [{"Name": key, "Type": hive_text(found[key])} for key in self.target.partition_keys]

    def _catalog(self) -> dict[str, str]:
        return {"CatalogId": self.table.catalog_id} if self.table.catalog_id else {}
