"""A table of the Data Catalog as a DataFrame."""

from typing import Any, Dict, Mapping


def catalog_frame(spark: Any, glue: Any, database: str, table: str) -> Any:
    """Return the rows of a table, in the order and with the types of its columns.

    Spark reads most tables itself. It takes the header of a text file for a row (SPARK-11374: it does not know
    ``skip.header.line.count``), so tables with headers are read by Glue, which does.

    Args:
        spark: the Spark session, whose catalog is the Data Catalog (``--enable-glue-datacatalog``).
        glue: a boto3 Glue client.
        database: the table's database.
        table: the table.
    """
    definition = glue.get_table(DatabaseName=database, Name=table)["Table"]
    if not header_lines(definition):
        return spark.table("`{}`.`{}`".format(database, table))
    # Imported here: only jobs that read such a table need Glue's package.
    from awsglue.context import GlueContext
    from pyspark.sql import functions

    read = GlueContext(spark.sparkContext).create_dynamic_frame.from_catalog(database=database, table_name=table)
    frame = read.toDF()
    columns = [*definition["StorageDescriptor"].get("Columns", []), *definition.get("PartitionKeys", [])]
    found: Dict[str, str] = {name.lower(): name for name in frame.columns}
    return frame.select(
        *[
            (functions.col("`{}`".format(found[name])) if name in found else functions.lit(None))
            .cast(column.get("Type", "string"))
            .alias(name)
            for name, column in ((column["Name"].lower(), column) for column in columns)
        ]
    )


def header_lines(definition: Mapping[str, Any]) -> int:
    """The number of lines at the start of each text file that are not rows, according to a table's definition."""
    storage = definition.get("StorageDescriptor", {})
    stated = {
        **storage.get("Parameters", {}),
        **storage.get("SerdeInfo", {}).get("Parameters", {}),
        **definition.get("Parameters", {}),
    }
    return int(stated.get("skip.header.line.count", "0"))
