"""Run the Statement over the staged rows and write the result into the run's folder. Spark."""

import math
import sys
from typing import Any, Callable, List, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.batches import (
    BatchGone,
    BatchResult,
    StagedBatch,
    begin_job,
    clear_folder,
    data_files,
    read_staged_batch,
    refuse_loaded_files,
    write_result,
)
from glue_jobs.common.clients import aws_client
from glue_jobs.common.columns import Columns
from glue_jobs.common.locations import split_folder
from glue_jobs.common.observed_rows import ObservedRows
from glue_jobs.common.presence import put_count
from glue_jobs.common.publishing import claim

REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "destination", "statement")
BLUEPRINT = "incremental_chain"
VIEW = "input"
RESERVED_COLUMNS = ("run",)
UNSUPPORTED_TYPES = ("void", "interval", "timestamp_ntz", "variant")
FILE_BYTES = 64 << 20
"""Of input per output file, so that a small batch is not many small files."""

Compute = Callable[[StagedBatch, List[str], int, str], Tuple[Columns, int]]
"""Computes the result of staged folders with this number of bytes into a folder; returns its columns and rows."""


class StatementFailed(Exception):
    """The Statement does not work, or its result cannot be published."""


def transform(s3: Any, glue: Any, arguments: "dict[str, str]", compute: Compute) -> None:
    """Compute the batch's result, again if an earlier attempt has: the statement may have changed."""
    chain = begin_job(s3, glue, arguments)
    if chain is None:
        return
    if chain.is_published:
        print("The batch {} is published already.".format(chain.batch))
        return
    batch = read_staged_batch(s3, chain.staging)
    if batch is None:
        raise BatchGone("The staged input of {} was deleted; start the workflow again.".format(chain.batch))
    refuse_loaded_files(s3, chain, batch.files)
    claim(s3, chain.destination, chain.batch)
    folder = chain.destination.folder(chain.batch)
    bucket, prefix = split_folder(chain.staging)
    # First the record: without it a result that is half replaced is not published.
    s3.delete_object(Bucket=bucket, Key=prefix + "_result.json")
    clear_folder(s3, folder)
    columns: Columns = ()
    rows = 0
    staged = [(place, data_files(s3, place)) for place in (chain.staging + "new/", chain.staging + "late/")]
    if batch.rows:
        size = sum(length for _, files in staged for _, length in files)
        columns, rows = compute(batch, [place for place, files in staged if files], size, folder)
    parts = tuple(data_files(s3, folder))
    write_result(s3, chain.staging, BatchResult(chain.batch, columns, rows, parts))
    print("{:,} rows in, {:,} rows out".format(sum(batch.rows.values()), rows))
    put_count(glue, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], "rows", rows, BLUEPRINT)


def result_columns(fields: List[Tuple[str, str]]) -> Columns:
    """The result's columns, in lower case as Glue has them.

    Args:
        fields: names and types, as Spark has them.

    Raises:
        StatementFailed: a table cannot have them; every problem is named.
    """
    columns = tuple((name.lower(), kind) for name, kind in fields)
    names = [name for name, _ in columns]
    problems = ["two columns are named {}".format(name) for name in sorted(set(names)) if names.count(name) > 1]
    problems += ["{} is the name of the partition key".format(name) for name in names if name in RESERVED_COLUMNS]
    problems += [
        "the column name {!r} has characters that a table cannot have".format(name)
        for name in names
        if not name or set(name) & set(" ,;{}()\n\t=`'\"")
    ]
    problems += [
        "the column {} is of type {}".format(name, kind)
        for name, kind in columns
        if any(one in kind for one in UNSUPPORTED_TYPES)
    ]
    if not columns:
        problems.append("it has no columns: it must be a query")
    if problems:
        raise StatementFailed(
            "The Statement's result cannot be published; use AS and CAST: " + "; ".join(problems)
        )
    return columns


class SparkStatement:
    """Computes with Spark SQL.

    Args:
        statement: the query; its input is the view ``input``.
    """

    def __init__(self, statement: str) -> None:
        self._statement = statement

    def __call__(self, batch: StagedBatch, places: List[str], size: int, folder: str) -> Tuple[Columns, int]:
        """Compute; see :data:`Compute`.

        Raises:
            StatementFailed: with Spark's reason.
        """
        # Imported late: a run without new files ends before it would start Spark.
        from awsglue.context import GlueContext
        from pyspark.context import SparkContext
        from pyspark.errors import AnalysisException, ParseException

        session = GlueContext(SparkContext.getOrCreate()).spark_session
        frames = [session.read.parquet(place) for place in places]
        rows = frames[0]
        for other in frames[1:]:
            rows = rows.unionByName(other, allowMissingColumns=True)
        rows.createOrReplaceTempView(VIEW)
        try:
            result = session.sql(self._statement)
        except (AnalysisException, ParseException) as error:
            raise StatementFailed("The Statement does not work: {}".format(error)) from error
        columns = result_columns([(field.name, field.dataType.simpleString()) for field in result.schema.fields])
        named = result.toDF(*[name for name, _ in columns])
        observed = ObservedRows()
        files = max(1, math.ceil(size / FILE_BYTES))
        observed.watch(named).coalesce(files).write.mode("overwrite").parquet(folder)
        written: int = session.read.schema(named.schema).parquet(folder).count()
        if observed.differs(written):
            raise StatementFailed("{} rows are written, but another number was computed.".format(written))
        return columns, written


def main() -> None:
    """Transform the batch."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    transform(
        aws_client("s3", region), aws_client("glue", region), arguments, SparkStatement(arguments["statement"])
    )


if __name__ == "__main__":
    main()
