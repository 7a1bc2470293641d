"""The storage of a table that is the copy of another one: the same format, at another place."""

from dataclasses import dataclass, field
from typing import Any, Dict

from glue_jobs.common.columns import Columns, columns_to_api
from glue_jobs.common.source_table import SourceTable
from glue_jobs.common.storage_formats import StorageFormat


@dataclass(frozen=True)
class CopiedStorage(StorageFormat):
    """A storage format with all details of another table's, such as the delimiter of CSV files.

    Attributes:
        original: the other table's StorageDescriptor.
    """

    original: Dict[str, Any] = field(default_factory=dict)

    def descriptor(self, columns: Columns, location: str) -> Dict[str, Any]:
        """See :class:`StorageFormat`."""
        return {**self.original, "Columns": columns_to_api(columns), "Location": location}


def copied_storage(table: SourceTable) -> CopiedStorage:
    """The storage of a copy of a table; parameters such as ``skip.header.line.count`` move to the storage."""
    storage = table.storage
    serde = storage.get("SerdeInfo", {})
    kept = ("skip.header.line.count", "delimiter", "areColumnsQuoted", "commentCharacter")
    parameters = {
        **{name: table.parameters[name] for name in kept if name in table.parameters},
        **storage.get("Parameters", {}),
    }
    classification = {**parameters, **table.parameters}.get("classification", "")
    return CopiedStorage(
        classification=classification,
        compression=parameters.get("compressionType", ""),
        input_format=storage.get("InputFormat", ""),
        output_format=storage.get("OutputFormat", ""),
        serde=serde.get("SerializationLibrary", ""),
        original={**storage, "Parameters": parameters},
    )
