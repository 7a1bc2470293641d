"""Definitions of tables and partitions in the API's form: comparing, deprecating and extending them. Pure."""

from __future__ import annotations

from typing import Any

from glueprint.facts.hive_types import BadTypeError, parse

from .changes import Wire
from .type_merging import extended

DEPRECATED = "DEPRECATED_BY_CRAWLER"
"""Parameter of deprecated tables and partitions; its value is the time in epoch milliseconds (as crawled
tables show it)."""

_TABLE_INPUT_MEMBERS = (
    "Name",
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


def table_input_of(table: Wire) -> dict[str, Any]:
    """Return the ``TableInput`` of a table: GetTable's answer without the members that only the service writes."""
    kept = {name: table[name] for name in _TABLE_INPUT_MEMBERS if name in table}
    return {"PartitionKeys": [], "Parameters": {}, "StorageDescriptor": {"Columns": []}, **kept}


def partition_input_of(partition: Wire) -> dict[str, Any]:
    """Return the ``PartitionInput`` of a partition."""
    return {name: partition[name] for name in ("Values", "StorageDescriptor", "Parameters") if name in partition}


def deprecated(described: Wire, now: float) -> dict[str, Any]:
    """Return a table's or partition's input, marked as deprecated. ``now``: epoch seconds."""
    parameters = {**described.get("Parameters", {}), DEPRECATED: str(int(now * 1000))}
    return {**described, "Parameters": parameters}


def _comparable(described: Wire) -> dict[str, Any]:
    """Return the members that count as a change: not the crawl's id, which differs in each crawl."""
    descriptor = described.get("StorageDescriptor", {})
    serde = descriptor.get("SerdeInfo", {})
    return {
        "columns": [(column["Name"], column.get("Type")) for column in descriptor.get("Columns", ())],
        "location": descriptor.get("Location", "").rstrip("/"),
        "formats": (descriptor.get("InputFormat"), descriptor.get("OutputFormat")),
        "SerDe": (serde.get("SerializationLibrary"), dict(serde.get("Parameters", {}))),
        "parameters": {k: v for k, v in described.get("Parameters", {}).items() if k != "CRAWL_RUN_ID"},
    }


def differs(current: Wire, wanted: Wire) -> bool:
    """Whether writing ``wanted`` over ``current`` would change anything but the crawl's id."""
    return _comparable(current) != _comparable(wanted)


def difference(current: Wire, wanted: Wire) -> str:
    """Return the differences as text, for the log."""
    before, after = _comparable(current), _comparable(wanted)
    parts = [name for name in after if name != "columns" and before[name] != after[name]]
    old, new = dict(before["columns"]), dict(after["columns"])
    parts += [f"column {name} added" for name in new if name not in old]
    parts += [f"column {name} gone" for name in old if name not in new]
    parts += [
        f"column {name} was {old[name]}, is {new[name]}" for name in new if old.get(name, new[name]) != new[name]
    ]
    return ", ".join(parts)


def incompatible(current: Wire, wanted: Wire) -> str | None:
    """Return which attribute changed that ``MergeNewColumns`` cannot follow: "classification, compression type, or
    CSV delimiter" (DG:crawler-configuration); None if none did.

    The message is that of AWS's crawlers, for which an attribute that a table never had has changed as well
    (cloud-intelligence-dashboards-data-collection issue 463, on tables made by hand without ``compressionType``).
    """
    before, after = current.get("Parameters", {}), wanted["Parameters"]
    for name in ("classification", "compressionType", "delimiter"):
        old, new = before.get(name, "null"), after.get(name, "null")
        if old != new:
            return (
                f"Cannot merge new columns into the table as defined in the Data Catalog because the parameter "
                f"'{name}' has changed. The existing value is '{old}', and the crawled value is '{new}'. Either "
                "remove the table or resolve the inconsistent parameter value."
            )
    return None


def with_new_columns(current: dict[str, Any], wanted: Wire) -> dict[str, Any]:
    """Return ``current`` with the new columns of ``wanted`` and the parameters that a crawler sets."""
    descriptor = current["StorageDescriptor"]
    serde = descriptor.get("SerdeInfo", {})
    wanted_descriptor = wanted["StorageDescriptor"]
    serde_parameters = {**serde.get("Parameters", {}), **wanted_descriptor["SerdeInfo"]["Parameters"]}
    parameters = {name: value for name, value in current.get("Parameters", {}).items() if name != DEPRECATED}
    found = {column["Name"]: column for column in wanted_descriptor["Columns"]}
    columns = [_extended_column(column, found.pop(column["Name"], None)) for column in descriptor["Columns"]]
    return {
        **current,
        "StorageDescriptor": {
            **descriptor,
            "Columns": columns + list(found.values()),
            "SerdeInfo": {**serde, "Parameters": serde_parameters},
            "Parameters": {**descriptor.get("Parameters", {}), **wanted_descriptor["Parameters"]},
        },
        "Parameters": {**parameters, **wanted["Parameters"]},
    }


def _extended_column(column: Wire, found: Wire | None) -> Wire:
    if found is None or column.get("Type") == found["Type"]:
        return column
    try:
        kind = extended(parse(column.get("Type", "")), parse(found["Type"]))
    except BadTypeError:
        # A type that was written by hand and cannot be parsed stays as it is.
        return column
    return {**column, "Type": str(kind)}
