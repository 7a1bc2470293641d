"""The tables of a database of the Data Catalog as a source: their files, read by Spark."""

from typing import Any, Sequence

from glue_jobs.common.catalog_frame import catalog_frame
from glue_jobs.common.listed_tables import ListedTable
from glue_jobs.common.table_source import Slice, UnusableColumn


class CatalogSource:
    """Tables of the Data Catalog, as Spark lists their files when a table is opened.

    Args:
        spark: the Spark session, whose catalog is the Data Catalog (``--enable-glue-datacatalog``).
        glue: a boto3 Glue client.
        database: the database.
    """

    tasks = 1
    # Files may come between the moments in which two tables are opened.
    is_consistent = False

    def __init__(self, spark: Any, glue: Any, database: str) -> None:
        self._spark = spark
        self._glue = glue
        self._database = database

    def begin(self, tables: Sequence[ListedTable]) -> None:
        """See :class:`TableSource`."""

    def slice(self, table: ListedTable, column: str, low: str) -> Slice:
        """See :class:`TableSource`.

        Raises:
            UnusableColumn: the incremental column is not there, or has no value in some rows.
        """
        from pyspark.sql import functions

        frame = catalog_frame(self._spark, self._glue, self._database, table.name)
        frame = frame.select(*[functions.col("`{}`".format(name)).alias(name.lower()) for name in frame.columns])
        high = ""
        if column:
            name = column.lower()
            if name not in frame.columns:
                raise UnusableColumn(
                    "{} has no column {}; there are {}.".format(table.full_name, column, ", ".join(frame.columns))
                )
            value = functions.col("`{}`".format(name))
            kind = frame.schema[name].dataType
            [row] = frame.select(
                functions.max(value).cast("string"), functions.count("*") - functions.count(value)
            ).collect()
            if row[1]:
                raise UnusableColumn(
                    "{} of {} has no value in {} rows: whether they are new cannot be known.".format(
                        column, table.full_name, row[1]
                    )
                )
            high = row[0] or ""
            if low:
                frame = frame.where(value > functions.lit(low).cast(kind))
            if high:
                frame = frame.where(value <= functions.lit(high).cast(kind))
        return Slice(table, frame, 1, lambda _: int(frame.count()), high)

    def close(self) -> None:
        """See :class:`TableSource`."""
