"""CustomSql: a number that a statement returns, or the rows that it returns (DG:dqdl-rule-types-CustomSql)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from typing import Any
from zlib import crc32

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn
from pyspark.sql.utils import CapturedException

from glueprint.dqdl.model import SimpleRule
from glueprint.runtime.quality.checks import Check, RowResult, compared, statistic
from glueprint.runtime.quality.context import Context
from glueprint.runtime.quality.outcomes import Outcome, RuleFailed, comparison, unmet

_MARK = "__glueprint_sql_{}"


def custom_sql(rule: SimpleRule, context: Context) -> Check:
    """With a condition, the statement returns one number; without, the rows of the data that pass."""
    found = _run(rule.parameters[0].value, context)
    return _number(rule, context, found) if rule.condition is not None else _rows(rule, context, found)


def _number(rule: SimpleRule, context: Context, found: DataFrame) -> Check:
    def finish(_: object) -> Outcome:
        if len(found.columns) != 1:
            raise RuleFailed("Custom SQL did not return exactly 1 column")
        try:
            rows = found.take(2)
        except CapturedException as error:
            raise RuleFailed(f"Error executing SQL statement: {_first_line(error)}") from error
        if len(rows) != 1:
            raise RuleFailed("Custom SQL did not return exactly 1 row")
        value = rows[0][0]
        if value is None:
            raise RuleFailed("Custom SQL returned NULL; a number is needed")
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise RuleFailed(f"Custom SQL returned {value!r}; a number is needed") from None
        return compared(rule, context, {"Dataset.*.CustomSQL": number}, number)

    return Check(rule, finish)


def _rows(rule: SimpleRule, context: Context, found: DataFrame) -> Check:
    there = {name.lower() for name in context.data.columns}
    common = [name for name in found.columns if name.lower() in there]
    if not common:
        raise RuleFailed(
            "The output from CustomSQL must contain at least one column that matches the input dataset. Ensure "
            "that matching columns are returned from the SQL."
        )
    if others := [name for name in found.columns if name.lower() not in there]:
        raise RuleFailed(
            "The columns returned from the SQL statement should only belong to the primary table. Columns not "
            f"found: {', '.join(others)}"
        )
    mark = _MARK.format(crc32(str(rule).encode()))
    renamed = found.distinct().toDF(*[f"{mark}_{n}" for n in range(len(common))]).withColumn(mark, fn.lit(True))

    def augment(data: DataFrame) -> DataFrame:
        on = [data[f"`{name}`"].eqNullSafe(renamed[f"{mark}_{n}"]) for n, name in enumerate(common)]
        joined = data.join(renamed, reduce(lambda left, right: left & right, on), "left")
        return joined.drop(*[f"{mark}_{n}" for n in range(len(common))])

    passed = fn.coalesce(fn.col(mark), fn.lit(False))
    metric = "Dataset.*.CustomSQL.Compliance"

    def finish(_: object) -> Outcome:
        total, matched = (
            augment(context.data).agg(fn.count(fn.lit(1)), fn.sum(fn.when(passed, 1).otherwise(0))).collect()[0]
        )
        if not total:
            raise RuleFailed("Custom SQL rule could not be evaluated due to data frame being empty")
        ratio = matched / total
        holds = ratio == 1.0
        if rule.threshold is not None:
            holds = comparison(rule.threshold, statistic(rule, metric), context.history).holds(ratio)
        return Outcome(rule, holds, None if holds else unmet(ratio), {metric: ratio})

    return Check(rule, finish, RowResult(passed, augment))


def _run(statement: str, context: Context) -> DataFrame:
    spark = context.data.sparkSession
    with _views({**context.sources, "primary": context.data}):
        try:
            return spark.sql(statement)
        except CapturedException as error:
            raise RuleFailed(f"Error executing SQL statement: {_first_line(error)}") from error


@contextmanager
def _views(sources: Mapping[str, DataFrame]) -> Iterator[None]:
    """Make datasets known to SQL by their aliases; the script's own views of these names are put back."""
    spark = next(iter(sources.values())).sparkSession
    catalog: Any = spark._jsparkSession.sessionState().catalog()
    kept = {alias: spark.table(f"`{alias}`") for alias in sources if catalog.getTempView(alias).isDefined()}
    for alias, data in sources.items():
        data.createOrReplaceTempView(f"`{alias}`")
    try:
        yield
    finally:
        for alias in sources:
            spark.catalog.dropTempView(alias)
        for alias, data in kept.items():
            data.createOrReplaceTempView(f"`{alias}`")


def _first_line(error: CapturedException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
