"""The Glue Data Catalog for the metastore: complete results instead of pages, requests in batches of the size that
Glue accepts, and Hive's exceptions instead of Glue's.

Sources: Glue's service model (page and batch sizes); Amazon's published metastore client for the exceptions
(awslabs/aws-glue-data-catalog-client-for-apache-hive-metastore).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from glueprint.runtime.sparksql import hive

Shape = dict[str, Any]
"""A structure of Glue's API."""

_HIVE_ERRORS: Mapping[str, type[hive.HiveError]] = {
    "AlreadyExistsException": hive.AlreadyExists,
    "InvalidInputException": hive.InvalidObject,
    "EntityNotFoundException": hive.NoSuchObject,
}
_MAX_PARTITIONS_PER_CREATE = 100
_MAX_PARTITIONS_PER_GET = 1000


@contextmanager
def _raising_hive_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _hive_error(error.response["Error"]["Code"], error.response["Error"].get("Message", "")) from error
    except BotoCoreError as error:
        raise hive.MetaError(f"a request to the Glue Data Catalog failed: {error}") from error


def _hive_error(code: str, message: str) -> hive.HiveError:
    return _HIVE_ERRORS.get(code, hive.MetaError)(f"{message} (Service: AWSGlue; Error Code: {code})")


class GlueCatalog:
    """Databases, tables and partitions, over a boto3 client of Glue. Every method raises Hive's exceptions."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def _request(self, operation: str, **arguments: Any) -> Shape:
        with _raising_hive_errors():
            answer: Shape = getattr(self._client, operation)(**arguments)
            return answer

    def _all(self, operation: str, key: str, **arguments: Any) -> list[Shape]:
        with _raising_hive_errors():
            pages = self._client.get_paginator(operation).paginate(**arguments)
            return [each for page in pages for each in page[key]]

    def databases(self) -> list[Shape]:
        """All databases."""
        return self._all("get_databases", "DatabaseList")

    def database_names(self) -> list[str]:
        """The names of all databases."""
        return [each["Name"] for each in self.databases()]

    def database(self, name: str) -> Shape:
        """A database."""
        found: Shape = self._request("get_database", Name=name)["Database"]
        return found

    def create_database(self, database: Shape) -> None:
        """Create a database from its ``DatabaseInput``."""
        self._request("create_database", DatabaseInput=database)

    def update_database(self, name: str, database: Shape) -> None:
        """Change a database to this ``DatabaseInput``."""
        self._request("update_database", Name=name, DatabaseInput=database)

    def delete_database(self, name: str) -> None:
        """Delete a database."""
        self._request("delete_database", Name=name)

    def tables(self, database: str) -> list[Shape]:
        """All tables and views of a database."""
        return self._all("get_tables", "TableList", DatabaseName=database)

    def table_names(self, database: str) -> list[str]:
        """The names of all tables and views of a database."""
        return [each["Name"] for each in self.tables(database)]

    def table(self, database: str, name: str) -> Shape:
        """A table or view."""
        found: Shape = self._request("get_table", DatabaseName=database, Name=name)["Table"]
        return found

    def create_table(self, database: str, table: Shape) -> None:
        """Create a table from its ``TableInput``."""
        self._request("create_table", DatabaseName=database, TableInput=table)

    def update_table(self, database: str, table: Shape) -> None:
        """Change the table of this ``TableInput``'s name."""
        self._request("update_table", DatabaseName=database, TableInput=table)

    def delete_table(self, database: str, name: str) -> None:
        """Delete a table, its partitions with it."""
        self._request("delete_table", DatabaseName=database, Name=name)

    def partitions(self, database: str, table: str, expression: str | None, limit: int | None) -> list[Shape]:
        """The partitions that Glue's ``expression`` selects (None: all), at most ``limit`` of them."""
        limits: Shape = {} if limit is None else {"PaginationConfig": {"MaxItems": limit}}
        chosen: Shape = {} if expression is None else {"Expression": expression}
        return self._all(
            "get_partitions", "Partitions", DatabaseName=database, TableName=table, **chosen, **limits
        )

    def partition(self, database: str, table: str, values: Sequence[str]) -> Shape:
        """The partition of these values."""
        answer = self._request(
            "get_partition", DatabaseName=database, TableName=table, PartitionValues=list(values)
        )
        found: Shape = answer["Partition"]
        return found

    def partitions_of(self, database: str, table: str, values: Sequence[Sequence[str]]) -> list[Shape]:
        """The partitions of these values, those that exist."""
        found: list[Shape] = []
        remaining = [{"Values": list(each)} for each in values]
        while remaining:
            batch, remaining = remaining[:_MAX_PARTITIONS_PER_GET], remaining[_MAX_PARTITIONS_PER_GET:]
            answer = self._request(
                "batch_get_partition", DatabaseName=database, TableName=table, PartitionsToGet=batch
            )
            found += answer["Partitions"]
            remaining += answer.get("UnprocessedKeys", [])
        return found

    def create_partitions(
        self, database: str, table: str, partitions: Sequence[Shape], *, may_exist: bool
    ) -> None:
        """Create partitions from their ``PartitionInput``; with ``may_exist`` existing partitions stay."""
        for start in range(0, len(partitions), _MAX_PARTITIONS_PER_CREATE):
            answer = self._request(
                "batch_create_partition",
                DatabaseName=database,
                TableName=table,
                PartitionInputList=list(partitions[start : start + _MAX_PARTITIONS_PER_CREATE]),
            )
            for each in answer.get("Errors", []):
                error = _hive_error(each["ErrorDetail"]["ErrorCode"], each["ErrorDetail"].get("ErrorMessage", ""))
                if not (may_exist and isinstance(error, hive.AlreadyExists)):
                    raise error

    def update_partition(
        self, database: str, table: str, values: Sequence[str], partition: Shape
    ) -> None:
        """Change the partition of ``values`` to this ``PartitionInput``."""
        self._request(
            "update_partition",
            DatabaseName=database,
            TableName=table,
            PartitionValueList=list(values),
            PartitionInput=partition,
        )

    def delete_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        """Delete the partition of ``values``."""
        self._request("delete_partition", DatabaseName=database, TableName=table, PartitionValues=list(values))

    def functions(self, database: str) -> list[Shape]:
        """All functions of a database."""
        return self._all("get_user_defined_functions", "UserDefinedFunctions", DatabaseName=database, Pattern="*")

    def function(self, database: str, name: str) -> Shape:
        """A function."""
        answer = self._request("get_user_defined_function", DatabaseName=database, FunctionName=name)
        found: Shape = answer["UserDefinedFunction"]
        return found

    def create_function(self, database: str, function: Shape) -> None:
        """Create a function from its ``UserDefinedFunctionInput``."""
        self._request("create_user_defined_function", DatabaseName=database, FunctionInput=function)

    def delete_function(self, database: str, name: str) -> None:
        """Delete a function."""
        self._request("delete_user_defined_function", DatabaseName=database, FunctionName=name)
