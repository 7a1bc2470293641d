"""The partitions of a table that a source reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.utils import AnalysisException, ParseException

from glueprint.facts.partition_names import DEFAULT_PARTITION
from glueprint.runtime.frames import types
from glueprint.runtime.shared.spark_versions import cast_or_null
from glueprint.runtime.storage.catalog.tables import Table
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.sql_literals import quoted, values_table


@dataclass(frozen=True)
class Partition:
    """Key values and the location of their data."""

    values: tuple[str | None, ...]
    location: str

    @property
    def catalog_values(self) -> list[str]:
        """The values as the catalog stores them."""
        return [DEFAULT_PARTITION if value is None else value for value in self.values]


def fetch(glue: Any, table: Table, catalog_predicate: str) -> list[Partition]:
    """Return the partitions that GetPartitions lists.

    Args:
        catalog_predicate: ``catalogPartitionPredicate``: evaluated by Glue (GetPartitions, Expression); may be
            empty.
    """
    request: dict[str, Any] = {**table.name.members, "ExcludeColumnSchema": True}
    if catalog_predicate:
        request["Expression"] = catalog_predicate
    pages = glue.get_paginator("get_partitions").paginate(**request)
    return [
        Partition(
            tuple(None if value == DEFAULT_PARTITION else value for value in one["Values"]),
            one.get("StorageDescriptor", {}).get("Location", ""),
        )
        for page in pages
        for one in page["Partitions"]
    ]


def matching(
    session: SparkSession, keys: types.Struct, partitions: Sequence[Partition], predicate: str
) -> list[Partition]:
    """Return the partitions for which ``push_down_predicate`` is true, as Spark evaluates it.

    Values are cast to the types of the keys first. Runs no job.

    Raises:
        StorageError: the predicate contains other columns than the keys, or is not Spark SQL.
    """
    if not predicate.strip() or not partitions:
        return list(partitions)
    rows = [(str(at), *one.values) for at, one in enumerate(partitions)]
    place = _free_name(keys.names)
    table = values_table(session, [place, *keys.names], rows)
    casts = [
        cast_or_null(F.col(quoted(one.name)), one.dataType).alias(one.name)
        for one in types.physical_struct(keys).fields
    ]
    try:
        chosen = table.select(quoted(place), *casts).where(predicate).select(quoted(place)).collect()
    except (AnalysisException, ParseException) as error:
        reason = str(error).splitlines()[0]
        raise StorageError(
            f"User's pushdown predicate: {predicate} can not be resolved against partition columns: "
            f"[{', '.join(keys.names)}]. {reason}"
        ) from error
    return [partitions[int(row[0])] for row in chosen]


def _free_name(taken: Sequence[str]) -> str:
    """Return a column name that is not in ``taken`` in any case."""
    name = "partition"
    while name in {one.lower() for one in taken}:
        name += "_"
    return name
