"""The table that a crawler made of a location: how to read the location's files, and with which types."""

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Sequence, Tuple
from urllib.parse import unquote

from glue_jobs.common.columns import Columns, columns_from_api
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.partition_folders import DEFAULT_PARTITION


class UnusableTable(Exception):
    """The crawler's table is missing, or is not one that can be loaded."""


@dataclass(frozen=True)
class CrawledTable:
    """A crawled location.

    Attributes:
        name: the table's name.
        prefix: the location's key prefix.
        columns: names and Hive types of what the files contain; names are lower case, as Glue writes them.
        partition_keys: names and Hive types of the values in the folders' names.
        data_format: ``csv`` or ``parquet``.
        delimiter: between the fields of a CSV line.
        header: whether the first line of a CSV file has the columns' names.
    """

    name: str
    prefix: str
    columns: Columns
    partition_keys: Columns
    data_format: str
    delimiter: str
    header: bool

    def folder_values(self, key: str) -> Tuple[Optional[str], ...]:
        """The values in the names of a file's folders, one per partition key; None for Hive's default partition.

        Raises:
            UnusableTable: the file has fewer folders above it than there are partition keys.
        """
        folders = key[len(self.prefix) :].split("/")[:-1]
        if len(folders) < len(self.partition_keys):
            raise UnusableTable(
                "{} lies above the folders that the table {} is partitioned by ({}).".format(
                    key, self.name, ", ".join(name for name, _ in self.partition_keys)
                )
            )
        values: List[Optional[str]] = []
        for folder, (name, _) in zip(folders, self.partition_keys):
            left, equals, right = folder.partition("=")
            value = unquote(right) if equals and left.lower() == name else folder
            values.append(None if value == DEFAULT_PARTITION else value)
        return tuple(values)


def align_tables(tables: Sequence[CrawledTable], older_columns: Columns = ()) -> List[CrawledTable]:
    """The tables with the same columns: those of all of them; files without a column have nulls in it.

    Args:
        tables: tables that are loaded together.
        older_columns: columns that the destination has already.

    Raises:
        UnusableTable: a column has two types, the partition keys differ, or CSV files without column names have
            other columns.
    """
    keys = dict(tables[0].partition_keys)
    older = {name: hive for name, hive in older_columns if name not in keys}
    types: Dict[str, Tuple[str, str]] = {name: (hive, "the destination") for name, hive in older.items()}
    problems = [
        "the folders' key {} is {}, but {} in the destination".format(name, keys[name], hive)
        for name, hive in older_columns
        if keys.get(name, hive) != hive
    ]
    for table in tables:
        if table.partition_keys != tables[0].partition_keys:
            problems.append(
                "{} is partitioned by {}, {} by {}".format(
                    tables[0].name, tables[0].partition_keys, table.name, table.partition_keys
                )
            )
        for name, hive in table.columns:
            known, where = types.setdefault(name, (hive, table.name))
            if known != hive:
                problems.append("the column {} is {} in {}, {} in {}".format(name, known, where, hive, table.name))
    columns = tuple((name, hive) for name, (hive, _) in types.items())
    problems += [
        "{} has no column names, and its columns are not those of the others".format(table.name)
        for table in tables
        if table.data_format == "csv" and not table.header and table.columns != columns
    ]
    if problems:
        raise UnusableTable("The files cannot be loaded into one table: " + "; ".join(problems))
    return [replace(table, columns=columns) for table in tables]


def find_crawled_table(glue: Any, database: str, location: str, prefix: str) -> CrawledTable:
    """The table that the workflow's crawler made of the location.

    A job does not know its crawler's name (Glue adds a suffix), so the table is found by its location.

    Args:
        glue: a boto3 Glue client.
        database: where the crawler puts its tables.
        location: the crawled folder.
        prefix: the crawler's table prefix.

    Raises:
        UnusableTable: there is none, or it cannot be loaded.
    """
    wanted = folder_location(location)
    below = []
    for page in glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            if not table["Name"].startswith(prefix):
                continue
            found = table.get("StorageDescriptor", {}).get("Location", "")
            if found.startswith("s3") and folder_location(found) == wanted:
                return crawled_table(table)
            if found.startswith(wanted):
                below.append(table["Name"])
    if below:
        raise UnusableTable(
            "The crawler made several tables of {} ({}), because their files do not look alike. Give a "
            "location that holds one kind of file.".format(wanted, ", ".join(sorted(below)))
        )
    raise UnusableTable(
        "The crawler made no table of {} in the database {}: it did not recognise the files.".format(
            wanted, database
        )
    )


def crawled_table(table: Dict[str, Any]) -> CrawledTable:
    """The part of a table, as GetTables describes it, that a job needs.

    Raises:
        UnusableTable: neither CSV nor Parquet, or a column that is also a folder's key.
    """
    storage = table["StorageDescriptor"]
    parameters = {**storage.get("Parameters", {}), **table.get("Parameters", {})}
    serde = storage.get("SerdeInfo", {}).get("Parameters", {})
    columns = columns_from_api(storage.get("Columns", []))
    keys = columns_from_api(table.get("PartitionKeys", []))
    data_format = parameters.get("classification", "")
    if data_format not in ("csv", "parquet"):
        raise UnusableTable(
            "The crawler says that the files of {} are {}; only csv and parquet can be loaded.".format(
                storage["Location"], data_format or "of a kind that it does not know"
            )
        )
    twice = sorted({name for name, _ in columns} & {name for name, _ in keys})
    if twice:
        raise UnusableTable(
            "{} in {}: a column of the files and a key of the folders have the same name; rename one.".format(
                ", ".join(twice), storage["Location"]
            )
        )
    return CrawledTable(
        name=table["Name"],
        prefix=split_folder(storage["Location"])[1],
        columns=columns,
        partition_keys=keys,
        data_format=data_format,
        delimiter=serde.get("field.delim") or serde.get("separatorChar") or parameters.get("delimiter") or ",",
        header=parameters.get("skip.header.line.count", "0") != "0",
    )
