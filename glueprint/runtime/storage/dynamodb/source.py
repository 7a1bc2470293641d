"""Reading a DynamoDB table (developer guide, "DynamoDB connections", the ETL connector)."""

from __future__ import annotations

from dataclasses import dataclass, field

from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.records import from_records
from glueprint.runtime.storage.dynamodb.attributes import plain_item
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services


@dataclass(slots=True)
class DynamoDbSource:
    """All items of a table; types are found in the items, disagreements become choices.

    The table is read by the driver, which a table of a local DynamoDB bears.
    """

    services: Services
    table: str
    options: Options
    format_name: str = ""
    format_options: Options = field(default_factory=Options)

    def frame(self, partitions: int | None = None) -> Frame:
        """The items as records, in ``dynamodb.splits`` Spark partitions."""
        pages = self.services.dynamodb.get_paginator("scan").paginate(TableName=self.table)
        records = [plain_item(one) for page in pages for one in page["Items"]]
        splits = partitions or self.options.number("dynamodb.splits") or None
        spark = self.services.spark
        return from_records(spark, spark.sparkContext.parallelize(records, splits))
