"""The database of a Glue connection as a source, in the job's own Spark."""

from glue_jobs.common.database_source import DatabaseSource, open_database


def connection_source(connection: str, tasks: int, key: str, unbounded_as: str) -> DatabaseSource:
    """Open the database of a connection.

    Args:
        connection: the connection's name.
        tasks: the most tasks that read at once.
        key: the column by which they share a table; empty if it is to be found.
        unbounded_as: how numbers without a precision are read.
    """
    # Imported late: a run without tables ends before it would start Spark.
    from awsglue.context import GlueContext
    from pyspark.context import SparkContext

    context = GlueContext(SparkContext.getOrCreate())
    spark = context.spark_session
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return open_database(spark, context.extract_jdbc_conf(connection), tasks, key, unbounded_as)
