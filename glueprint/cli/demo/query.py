"""A query as any engine makes it: the Data Catalog has the location and schema, S3 the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from glueprint.client.servers import Endpoint


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table of the Data Catalog with its partitions, as the API returns them."""

    definition: dict[str, Any]
    partitions: tuple[dict[str, Any], ...]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The names and Hive types; partition keys last."""
        listed = [*self.definition["StorageDescriptor"]["Columns"], *self.definition["PartitionKeys"]]
        return [(column["Name"], column["Type"]) for column in listed]


@dataclass(frozen=True, slots=True)
class Month:
    """One row of the result."""

    month: str
    flights: int
    mean_delay: float
    """Mean departure delay, minutes."""


def read_table(glue: Any, database: str, table: str) -> CatalogTable:
    """GetTable and GetPartitions."""
    definition = glue.get_table(DatabaseName=database, Name=table)["Table"]
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
    return CatalogTable(definition, tuple(one for page in pages for one in page["Partitions"]))


def delay_by_month(table: CatalogTable, endpoint: Endpoint) -> list[Month]:
    """``SELECT month, count(*), avg(dep_delay) FROM table GROUP BY month``, by pyarrow through the S3 API."""
    import pyarrow.dataset as ds
    from pyarrow import fs

    host = urlsplit(endpoint.url)
    s3 = fs.S3FileSystem(
        access_key=endpoint.access_key,
        secret_key=endpoint.secret_key,
        endpoint_override=host.netloc,
        scheme=host.scheme,
        region=endpoint.region,
    )
    keys = [key["Name"] for key in table.definition["PartitionKeys"]]
    months = []
    for partition in table.partitions:
        values = dict(zip(keys, partition["Values"], strict=True))
        location = partition["StorageDescriptor"]["Location"].removeprefix("s3://").rstrip("/")
        data = ds.dataset(location, filesystem=s3, format="parquet").to_table(columns=["dep_delay"])
        (answer,) = data.group_by([]).aggregate([("dep_delay", "mean"), ([], "count_all")]).to_pylist()
        months.append(Month(values["month"], answer["count_all"], answer["dep_delay_mean"]))
    return sorted(months, key=lambda month: month.month)
