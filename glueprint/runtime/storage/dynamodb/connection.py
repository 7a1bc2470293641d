"""The connection type ``dynamodb``."""

from __future__ import annotations

from glueprint.runtime.storage.dynamodb.sink import DynamoDbSink
from glueprint.runtime.storage.dynamodb.source import DynamoDbSource
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services
from glueprint.runtime.unsupported import NotSupportedLocally


class DynamoDb:
    """DynamoDB with Glue's ETL connector; its export connector is refused by name."""

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> DynamoDbSource:
        """The table ``dynamodb.input.tableName``."""
        if options.text("dynamodb.export"):
            raise NotSupportedLocally(
                "option dynamodb.export", "leave it out: the ETL connector reads the same table"
            )
        table = options.required("dynamodb.input.tableName", "a source of DynamoDB")
        return DynamoDbSource(services, table, options)

    def sink(self, services: Services, options: Options, ctx: str) -> DynamoDbSink:
        """The table ``dynamodb.output.tableName``."""
        table = options.required("dynamodb.output.tableName", "a sink of DynamoDB")
        return DynamoDbSink(services, table, options)
