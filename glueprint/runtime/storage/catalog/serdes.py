"""From a table's SerDe and parameters to Glue's format options, and back.

The classes and parameters are those that crawlers write (docs/facts/crawlers.md#formats; developer guide,
"Creating tables").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.facts import serdes
from glueprint.runtime.storage.errors import StorageError

Parameters = Mapping[str, str]
NULL_TEXT = "null text"
"""The option of csv for the text of cells that are null; scripts cannot give it."""


@dataclass(frozen=True)
class SerDe:
    """How the catalog describes files of one format."""

    classification: str
    parameters: Parameters = field(default_factory=dict)
    table_parameters: Parameters = field(default_factory=dict)

    @property
    def library(self) -> str:
        """The class name of the SerDe."""
        return serdes.DEFAULT_SERDES[self.classification]

    @property
    def formats(self) -> serdes.FileFormats:
        """The classes that read and write the files."""
        return serdes.file_formats(self.library)


def options_of(classification: str, library: str, parameters: Parameters) -> dict[str, Any]:
    """Return the format options of a table of ``classification``.

    Args:
        classification: the format.
        library: the class name of the SerDe.
        parameters: the table's and the SerDe's.
    """
    reader = _OPTIONS.get(classification.lower())
    return reader(library, parameters) if reader else {}


def _csv_options(library: str, parameters: Parameters) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if library == serdes.LAZY_SIMPLE:
        found[NULL_TEXT] = parameters.get("serialization.null.format", r"\N")
    for option, names in _CSV_PARAMETERS.items():
        value = next((parameters[name] for name in names if parameters.get(name)), None)
        if value is not None:
            found[option] = value
    if parameters.get("skip.header.line.count", "0") != "0":
        found["withHeader"] = True
    return found


def _json_options(library: str, parameters: Parameters) -> dict[str, Any]:
    return {"jsonPath": parameters["jsonPath"]} if parameters.get("jsonPath") else {}


def _xml_options(library: str, parameters: Parameters) -> dict[str, Any]:
    return {"rowTag": parameters["rowTag"]} if parameters.get("rowTag") else {}


_CSV_PARAMETERS = {
    "separator": ("field.delim", "separatorChar", "delimiter"),
    "quoteChar": ("quoteChar", "quote.delim"),
    "escaper": ("escapeChar", "escape.delim"),
}
_OPTIONS: Mapping[str, Callable[[str, Parameters], dict[str, Any]]] = {
    "csv": _csv_options,
    "json": _json_options,
    "xml": _xml_options,
}


def serde_for(format_name: str, options: Mapping[str, Any]) -> SerDe:
    """Return the description of a table whose files a sink writes in ``format_name``.

    Raises:
        StorageError: Glue creates no tables of that format ("Only the following formats are supported", developer
            guide, "Updating the schema ... using AWS Glue ETL jobs").
    """
    try:
        return _WRITTEN[format_name.lower()](options)
    except KeyError:
        raise StorageError(
            f"enableUpdateCatalog: tables of the format {format_name!r} cannot be created or updated from a job; "
            "use json, csv, avro, orc or parquet"
        ) from None


def _written_csv(options: Mapping[str, Any]) -> SerDe:
    separator = str(options.get("separator", ","))
    has_header = str(options.get("writeHeader", True)).lower() == "true"
    return SerDe(
        "csv",
        parameters={"field.delim": separator},
        table_parameters={"delimiter": separator, **({"skip.header.line.count": "1"} if has_header else {})},
    )


def _written_json(options: Mapping[str, Any]) -> SerDe:
    return SerDe("json")


def _written_parquet(options: Mapping[str, Any]) -> SerDe:
    return SerDe("parquet", {"serialization.format": "1"})


def _written_orc(options: Mapping[str, Any]) -> SerDe:
    return SerDe("orc")


def _written_avro(options: Mapping[str, Any]) -> SerDe:
    return SerDe("avro", {"serialization.format": "1"})


_WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], SerDe]] = {
    "csv": _written_csv,
    "json": _written_json,
    "parquet": _written_parquet,
    "glueparquet": _written_parquet,
    "orc": _written_orc,
    "avro": _written_avro,
}
