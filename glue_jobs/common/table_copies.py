"""A table with a stable name that shows what a crawler found, as a copy of the crawler's own table.

A crawler chooses the names of its tables, and changes them as it sees fit. The copy changes only after the crawl,
by steps that can be repeated: each partition in one request, the table itself last. Nothing is changed that is not
different, so that a copy that was interrupted is completed by doing it again.
"""

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from glue_jobs.common.locations import folder_location

COPY_OWNER = "glueprint.workflow"
CRAWLER_PARAMETERS = ("UPDATED_BY_CRAWLER", "CrawlerSchemaDeserializerVersion", "CrawlerSchemaSerializerVersion")
"""What a crawler writes into its tables about itself."""
POSITIONAL_FORMATS = ("csv", "grok")
"""Formats whose columns are found by position: a new one must be the last one."""
MAX_CHANGED_PARTITIONS = 100
MAX_DELETED_PARTITIONS = 25

Values = Tuple[str, ...]


@dataclass(frozen=True)
class TableCopy:
    """What a table is to be.

    Attributes:
        database: the database of both tables.
        table: the TableInput.
        partitions: the PartitionInputs by values.
        current: the table as it is, as GetTable describes it; None if there is none.
    """

    database: str
    table: Dict[str, Any]
    partitions: Dict[Values, Dict[str, Any]]
    current: Optional[Dict[str, Any]]


@dataclass(frozen=True)
class CopyCounts:
    """What a copy has changed.

    Attributes:
        partitions: partitions that the table has.
        added: created ones.
        updated: changed ones.
        removed: deleted ones.
    """

    partitions: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0


def crawled_entry(tables: Sequence[Dict[str, Any]], location: str, prefix: str) -> "Tuple[Any, str]":
    """The crawler's table of a location, or None and why there is no such table.

    Args:
        tables: the database's tables, as GetTables describes them.
        location: the crawled folder.
        prefix: the crawler's table prefix.
    """
    wanted = folder_location(location)
    below = []
    for table in tables:
        found = table.get("StorageDescriptor", {}).get("Location", "")
        if not table["Name"].startswith(prefix) or not found.startswith("s3"):
            continue
        if folder_location(found) == wanted:
            return table, ""
        if found.startswith(wanted):
            below.append(table["Name"])
    if below:
        return None, "{}: the crawler made several tables of it ({}), because its files do not look alike".format(
            wanted, ", ".join(sorted(below))
        )
    return None, "{}: the crawler did not recognise its files".format(wanted)


def schema_problems(current: Optional[Mapping[str, Any]], crawled: Mapping[str, Any], rule: str) -> List[str]:
    """Why the schema of a table must not change to that of the crawled one.

    Args:
        current: the table as it is.
        crawled: the crawler's table.
        rule: ``update`` (columns may change), ``add`` (there may be more of them) or ``fail``.
    """
    if current is None:
        return []
    problems = []
    keys, new_keys = (_columns(table.get("PartitionKeys", [])) for table in (current, crawled))
    if keys != new_keys:
        problems.append(
            "it is partitioned by {}, its files now by {}; delete the table to have it made again".format(
                _text(keys), _text(new_keys)
            )
        )
    columns, new_columns = (_columns(table["StorageDescriptor"]["Columns"]) for table in (current, crawled))
    if rule == "update" or columns == new_columns:
        return problems
    if rule == "fail":
        problems.append("its columns were {}, and are {} now".format(_text(columns), _text(new_columns)))
        return problems
    types = dict(new_columns)
    for name, hive in columns:
        if types.get(name) != hive:
            problems.append("its column {} was {}, and is {} now".format(name, hive, types.get(name, "missing")))
    is_positional = crawled.get("Parameters", {}).get("classification") in POSITIONAL_FORMATS
    if not problems and is_positional and new_columns[: len(columns)] != columns:
        problems.append("a new column is not behind the others: {}".format(_text(new_columns)))
    return problems


def copied_table(crawled: Mapping[str, Any], name: str, workflow: str) -> Dict[str, Any]:
    """The TableInput of the copy of a crawled table."""
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**_parameters(crawled), COPY_OWNER: workflow},
        "PartitionKeys": list(crawled.get("PartitionKeys", [])),
        "StorageDescriptor": crawled["StorageDescriptor"],
    }


def copied_partition(partition: Mapping[str, Any], table: Mapping[str, Any]) -> Dict[str, Any]:
    """The PartitionInput of the copy of a crawled partition, with the table's columns."""
    return {
        "Values": list(partition["Values"]),
        "Parameters": _parameters(partition),
        "StorageDescriptor": {**partition["StorageDescriptor"], "Columns": table["StorageDescriptor"]["Columns"]},
    }


def read_partitions(glue: Any, database: str, table: str) -> Dict[Values, Dict[str, Any]]:
    """All partitions of a table, by their values."""
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
    return {tuple(entry["Values"]): entry for page in pages for entry in page["Partitions"]}


def apply_copy(glue: Any, copy: TableCopy) -> CopyCounts:
    """Make the table what it is to be; may be repeated at any time.

    Raises:
        RuntimeError: Glue refused some of the partitions.
    """
    name = copy.table["Name"]
    where = {"DatabaseName": copy.database, "TableName": name}
    existing: Dict[Values, Dict[str, Any]] = {}
    if copy.current is None:
        glue.create_table(DatabaseName=copy.database, TableInput=copy.table)
    elif copy.table["PartitionKeys"]:
        existing = read_partitions(glue, copy.database, name)
    added = [values for values in copy.partitions if values not in existing]
    updated = [
        values
        for values, wanted in copy.partitions.items()
        if values in existing and not _is_same(existing[values], wanted)
    ]
    removed = [values for values in existing if values not in copy.partitions]
    for batch in _in_batches(added, MAX_CHANGED_PARTITIONS):
        inputs = [copy.partitions[values] for values in batch]
        _raise_errors(name, glue.batch_create_partition(PartitionInputList=inputs, **where))
    for batch in _in_batches(updated, MAX_CHANGED_PARTITIONS):
        entries = [
            {"PartitionValueList": list(values), "PartitionInput": copy.partitions[values]} for values in batch
        ]
        _raise_errors(name, glue.batch_update_partition(Entries=entries, **where))
    for batch in _in_batches(removed, MAX_DELETED_PARTITIONS):
        stale = [{"Values": list(values)} for values in batch]
        _raise_errors(name, glue.batch_delete_partition(PartitionsToDelete=stale, **where))
    if copy.current is not None and not _is_same(copy.current, copy.table):
        glue.update_table(DatabaseName=copy.database, TableInput=copy.table, SkipArchive=True)
    return CopyCounts(len(copy.partitions), len(added), len(updated), len(removed))


def _parameters(entry: Mapping[str, Any]) -> Dict[str, str]:
    return {key: value for key, value in entry.get("Parameters", {}).items() if key not in CRAWLER_PARAMETERS}


def _is_same(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(current.get(key) == value for key, value in wanted.items())


def _columns(entries: Sequence[Mapping[str, str]]) -> List[Tuple[str, str]]:
    return [(entry["Name"].lower(), entry.get("Type", "string")) for entry in entries]


def _text(columns: Sequence[Tuple[str, str]]) -> str:
    return ", ".join("{} {}".format(name, hive) for name, hive in columns) or "nothing"


def _in_batches(items: Sequence[Values], size: int) -> Iterator[Sequence[Values]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _raise_errors(table: str, answer: Mapping[str, Any]) -> None:
    errors = answer.get("Errors", [])
    if errors:
        raise RuntimeError(
            "Glue refused {} partitions of {}, the first one because: {}".format(len(errors), table, errors[0])
        )
