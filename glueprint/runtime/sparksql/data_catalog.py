"""The Glue Data Catalog as the metastore asks for it: whole answers instead of pages, batches of the size that
Glue takes, Hive's exceptions for Glue's.

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

_HIVES: Mapping[str, type[hive.HiveError]] = {
    "AlreadyExistsException": hive.AlreadyExists,
    "InvalidInputException": hive.InvalidObject,
    "EntityNotFoundException": hive.NoSuchObject,
}
_CREATED_AT_ONCE = 100
_NAMED_AT_ONCE = 1000


@contextmanager
def _in_hives_words() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _hives(error.response["Error"]["Code"], error.response["Error"].get("Message", "")) from error
    except BotoCoreError as error:
        raise hive.MetaError(f"the Glue Data Catalog cannot be asked: {error}") from error


def _hives(code: str, message: str) -> hive.HiveError:
    return _HIVES.get(code, hive.MetaError)(f"{message} (Service: AWSGlue; Error Code: {code})")


class GlueCatalog:
    """Databases, tables and partitions, over a boto3 client of Glue. Every method raises Hive's exceptions."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def _ask(self, operation: str, **arguments: Any) -> Shape:
        with _in_hives_words():
            answer: Shape = getattr(self._client, operation)(**arguments)
            return answer

    def _all(self, operation: str, key: str, **arguments: Any) -> list[Shape]:
        with _in_hives_words():
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
        found: Shape = self._ask("get_database", Name=name)["Database"]
        return found

    def create_database(self, database: Shape) -> None:
        """Create a database from its ``DatabaseInput``."""
        self._ask("create_database", DatabaseInput=database)

    def update_database(self, name: str, database: Shape) -> None:
        """Change a database to this ``DatabaseInput``."""
        self._ask("update_database", Name=name, DatabaseInput=database)

    def delete_database(self, name: str) -> None:
        """Delete a database."""
        self._ask("delete_database", Name=name)

    def tables(self, database: str) -> list[Shape]:
        """All tables and views of a database."""
        return self._all("get_tables", "TableList", DatabaseName=database)

    def table_names(self, database: str) -> list[str]:
        """The names of all tables and views of a database."""
        return [each["Name"] for each in self.tables(database)]

    def table(self, database: str, name: str) -> Shape:
        """A table or view."""
        found: Shape = self._ask("get_table", DatabaseName=database, Name=name)["Table"]
        return found

    def create_table(self, database: str, table: Shape) -> None:
        """Create a table from its ``TableInput``."""
        self._ask("create_table", DatabaseName=database, TableInput=table)

    def update_table(self, database: str, table: Shape) -> None:
        """Change the table of this ``TableInput``'s name."""
        self._ask("update_table", DatabaseName=database, TableInput=table)

    def delete_table(self, database: str, name: str) -> None:
        """Delete a table, its partitions with it."""
        self._ask("delete_table", DatabaseName=database, Name=name)

    def partitions(self, database: str, table: str, expression: str | None, most: int | None) -> list[Shape]:
        """The partitions that Glue's ``expression`` selects, all without one; at most ``most`` of them."""
        limits: Shape = {} if most is None else {"PaginationConfig": {"MaxItems": most}}
        chosen: Shape = {} if expression is None else {"Expression": expression}
        return self._all(
            "get_partitions", "Partitions", DatabaseName=database, TableName=table, **chosen, **limits
        )

    def partition(self, database: str, table: str, values: Sequence[str]) -> Shape:
        """The partition of these values."""
        answer = self._ask(
            "get_partition", DatabaseName=database, TableName=table, PartitionValues=list(values)
        )
        found: Shape = answer["Partition"]
        return found

    def partitions_of(self, database: str, table: str, values: Sequence[Sequence[str]]) -> list[Shape]:
        """Those of the partitions of these values that are there."""
        found: list[Shape] = []
        waiting = [{"Values": list(each)} for each in values]
        while waiting:
            now, waiting = waiting[:_NAMED_AT_ONCE], waiting[_NAMED_AT_ONCE:]
            answer = self._ask(
                "batch_get_partition", DatabaseName=database, TableName=table, PartitionsToGet=now
            )
            found += answer["Partitions"]
            waiting += answer.get("UnprocessedKeys", [])
        return found

    def create_partitions(
        self, database: str, table: str, partitions: Sequence[Shape], *, may_exist: bool
    ) -> None:
        """Create partitions from their ``PartitionInput``; with ``may_exist`` those that are there stay."""
        for start in range(0, len(partitions), _CREATED_AT_ONCE):
            answer = self._ask(
                "batch_create_partition",
                DatabaseName=database,
                TableName=table,
                PartitionInputList=list(partitions[start : start + _CREATED_AT_ONCE]),
            )
            for each in answer.get("Errors", []):
                error = _hives(each["ErrorDetail"]["ErrorCode"], each["ErrorDetail"].get("ErrorMessage", ""))
                if not (may_exist and isinstance(error, hive.AlreadyExists)):
                    raise error

    def update_partition(
        self, database: str, table: str, values: Sequence[str], partition: Shape
    ) -> None:
        """Change the partition of ``values`` to this ``PartitionInput``."""
        self._ask(
            "update_partition",
            DatabaseName=database,
            TableName=table,
            PartitionValueList=list(values),
            PartitionInput=partition,
        )

    def delete_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        """Delete the partition of ``values``."""
        self._ask("delete_partition", DatabaseName=database, TableName=table, PartitionValues=list(values))

    def functions(self, database: str) -> list[Shape]:
        """All functions of a database."""
        return self._all("get_user_defined_functions", "UserDefinedFunctions", DatabaseName=database, Pattern="*")

    def function(self, database: str, name: str) -> Shape:
        """A function."""
        answer = self._ask("get_user_defined_function", DatabaseName=database, FunctionName=name)
        found: Shape = answer["UserDefinedFunction"]
        return found

    def create_function(self, database: str, function: Shape) -> None:
        """Create a function from its ``UserDefinedFunctionInput``."""
        self._ask("create_user_defined_function", DatabaseName=database, FunctionInput=function)

    def delete_function(self, database: str, name: str) -> None:
        """Delete a function."""
        self._ask("delete_user_defined_function", DatabaseName=database, FunctionName=name)
