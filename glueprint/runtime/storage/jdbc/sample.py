"""``sampleQuery``: a query in place of a table, which may be read in parallel.

With ``enablePartitioningForSampleQuery``, the query ends in WHERE or AND, and Glue appends the condition of each
partition; ``sampleSize`` counts only without it (DG:aws-glue-programming-etl-connect-jdbc-home).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from pyspark.sql import DataFrame

from glueprint.runtime.storage.errors import BadOption
from glueprint.runtime.storage.jdbc.database import JdbcDatabase
from glueprint.runtime.storage.options import Options

QUERY, PARTITIONING, SIZE = "sampleQuery", "enablePartitioningForSampleQuery", "sampleSize"
_OPEN_END = re.compile(r"\b(where|and)\s*$", re.IGNORECASE)
_EVERY_ROW = "1 = 1"


def as_table(query: str) -> str:
    """Return a query in the form in which it can replace a table's name."""
    return f"({query.rstrip().rstrip(';')}) glue_query"


def is_partitioned(options: Options) -> bool:
    """Whether the source is a sample query to which conditions are appended."""
    return bool(options.text(QUERY)) and not options.text("query") and options.flag(PARTITIONING)


def query_of(options: Options) -> str:
    """Return the complete query, without the conditions of partitions.

    Raises:
        BadOption: with partitioning, a query that does not end in WHERE or AND.
    """
    query = options.text(QUERY).rstrip().rstrip(";")
    if not is_partitioned(options):
        return query
    if not _OPEN_END.search(query):
        raise BadOption(QUERY, query, f"a query that ends in WHERE or AND, as {PARTITIONING} requires")
    return f"{query} {_EVERY_ROW}"


def read_partitioned(database: JdbcDatabase, options: Options, conditions: Sequence[str]) -> DataFrame:
    """Read the query once for each condition, which is appended to it; without conditions in one piece."""
    query = options.text(QUERY).rstrip().rstrip(";")
    pieces = [database.read(as_table(f"{query} ({one})")) for one in conditions or (_EVERY_ROW,)]
    return functools.reduce(DataFrame.unionByName, pieces)


def limited(data: DataFrame, options: Options) -> DataFrame:
    """Return at most ``sampleSize`` rows of a sample query."""
    size = options.number(SIZE) if options.text(QUERY) else None
    return data if size is None else data.limit(size)
