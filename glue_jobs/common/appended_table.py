"""The catalog table of a destination to which runs append: one partition for each published run.

A partition appears in one step, with all rows of its run; those that are there are not touched. So a query sees a
run completely or not at all.
"""

from typing import Any, Dict, List, Optional

from glue_jobs.common.appending import Appended
from glue_jobs.common.catalog_view import OWNER_PARAMETER, CatalogView, TableDefinition
from glue_jobs.common.columns import Columns, columns_from_api, columns_to_api
from glue_jobs.common.publishing import Destination
from glue_jobs.common.storage_formats import SNAPPY_PARQUET

RUN_KEY = "run"
"""The partition key: the workflow run that read the rows."""
MAX_PARTITIONS_IN_CALL = 100


class SchemaChanged(Exception):
    """The result has other columns than the table."""


class AppendedTable:
    """The table.

    Args:
        glue: a boto3 Glue client.
        destination: what it shows.
        database: its database.
        name: its name.
    """

    def __init__(self, glue: Any, destination: Destination, database: str, name: str) -> None:
        self._glue = glue
        self._destination = destination
        self._database = database
        self._name = name

    def check(self, columns: Columns) -> None:
        """Make sure that the table is free or the workflow's own, and that rows with these columns fit it.

        Raises:
            NotOwned: another one has made the table.
            SchemaChanged: the columns differ.
        """
        table = TableDefinition(self._database, self._name, columns, ((RUN_KEY, "string"),), SNAPPY_PARQUET)
        CatalogView(self._glue, self._destination, table).check()
        current = self._current()
        if current is None or not columns:
            return
        there = columns_from_api(current["StorageDescriptor"]["Columns"])
        problems = schema_differences(there, columns)
        if problems:
            raise SchemaChanged(
                "The result does not fit the table {}.{}: {}. Nothing was published. Name and CAST the columns in "
                "the Statement, or publish in another table.".format(
                    self._database, self._name, "; ".join(problems)
                )
            )

    def show(self, appended: Appended, columns: Columns) -> None:
        """Show the published runs; may be repeated at any time.

        Args:
            appended: what is published.
            columns: of a new table.

        Raises:
            RuntimeError: Glue refused some of the partitions.
        """
        current = self._current()
        if current is None:
            if not columns:
                return
            self._glue.create_table(DatabaseName=self._database, TableInput=self._input(appended, columns))
            there = columns
        else:
            there = columns_from_api(current["StorageDescriptor"]["Columns"])
        existing = self._existing()
        missing = [one.run for one in appended.runs if one.files_out and one.run not in existing]
        for start in range(0, len(missing), MAX_PARTITIONS_IN_CALL):
            inputs = [
                self._partition(appended, run, there) for run in missing[start : start + MAX_PARTITIONS_IN_CALL]
            ]
            answer = self._glue.batch_create_partition(
                DatabaseName=self._database, TableName=self._name, PartitionInputList=inputs
            )
            if answer.get("Errors"):
                raise RuntimeError("Glue refused partitions, the first one: {}".format(answer["Errors"][0]))
        self._glue.update_table(
            DatabaseName=self._database, TableInput=self._input(appended, there), SkipArchive=True
        )

    def _current(self) -> "Optional[Dict[str, Any]]":
        try:
            table: Dict[str, Any] = self._glue.get_table(DatabaseName=self._database, Name=self._name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return None
        return table

    def _existing(self) -> "set[str]":
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=self._database, TableName=self._name, ExcludeColumnSchema=True
        )
        return {entry["Values"][0] for page in pages for entry in page["Partitions"]}

    def _input(self, appended: Appended, columns: Columns) -> "Dict[str, Any]":
        return {
            "Name": self._name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {
                "EXTERNAL": "TRUE",
                "classification": SNAPPY_PARQUET.classification,
                "typeOfData": "file",
                "recordCount": str(sum(one.rows for one in appended.runs)),
                "objectCount": str(sum(one.files_out for one in appended.runs)),
                OWNER_PARAMETER: self._destination.workflow,
            },
            "PartitionKeys": columns_to_api(((RUN_KEY, "string"),)),
            "StorageDescriptor": SNAPPY_PARQUET.descriptor(columns, self._destination.location),
        }

    def _partition(self, appended: Appended, run: str, columns: Columns) -> "Dict[str, Any]":
        published = appended.find(run)
        return {
            "Values": [run],
            "Parameters": {
                "classification": SNAPPY_PARQUET.classification,
                "recordCount": str(published.rows if published else 0),
            },
            "StorageDescriptor": SNAPPY_PARQUET.descriptor(columns, self._destination.folder(run)),
        }


def schema_differences(there: Columns, found: Columns) -> List[str]:
    """What keeps rows with the found columns from a table; Parquet's columns go by name, their order is free."""
    table, result = dict(there), dict(found)
    problems = ["the column {} is missing".format(name) for name in table if name not in result]
    problems += ["the column {} ({}) is new".format(name, hive) for name, hive in found if name not in table]
    problems += [
        "the column {} is {} and not {}".format(name, result[name], hive)
        for name, hive in there
        if name in result and result[name] != hive
    ]
    return problems
