"""Where Spark's versions differ: each difference that the job side has to know, in one place.

Spark 3.3 (Glue 4.0), 3.5 (Glue 5.0 and 5.1) and 4.1 (Glue 6.0). PySpark is imported at the first use: the server
loads other modules of this package.

Sources: Spark's migration guides, "Upgrading from Spark SQL 3.5 to 4.0" and "Upgrading from PySpark 3.5 to 4.0"
(https://spark.apache.org/docs/4.1.1/sql-migration-guide.html).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

ANSI_SINCE = (4, 0)
"""The version from which ``spark.sql.ansi.enabled`` is true by default, and classes are in ``classic``."""


def version() -> tuple[int, int]:
    """Return major and minor version of the Spark that this Python has."""
    import pyspark

    major, minor = pyspark.__version__.split(".")[:2]
    return int(major), int(minor)


def writes_void(source: str) -> bool:
    """Return whether Spark's ``source`` writes columns of the type ``void``: Parquet does in 4.1, ORC does not."""
    return source == "parquet" and version() >= (4, 1)


def session_class(jvm: Any) -> Any:
    """Return the Java class of sessions: in Spark 4 one of two, the other one is Spark Connect's."""
    sql = jvm.org.apache.spark.sql
    return sql.SparkSession if version() < ANSI_SINCE else sql.classic.SparkSession


def seq_of_array(jvm: Any, array: Any) -> Any:
    """Return the Java ``array`` as Scala's ``Seq``, without a copy: Spark 4 is built with Scala 2.13."""
    if version() < ANSI_SINCE:
        return jvm.scala.collection.mutable.WrappedArray.make(array)
    return jvm.scala.collection.immutable.ArraySeq.unsafeWrapArray(array)


def parse_partitions(utilities: Any, *arguments: Any) -> Any:
    """Return what Spark's ``PartitioningUtils`` finds in paths, all of which must be valid."""
    ignores_invalid = () if version() < ANSI_SINCE else (False,)
    return utilities.parsePartitions(*arguments, *ignores_invalid)


def cast_or_null(column: Column, target: DataType | str) -> Column:
    """Return ``column`` converted to ``target``; null where that is impossible, also in ANSI mode.

    Frames of Glue have null for a value that cannot be converted. ``Column.cast`` raises an error for it in ANSI
    mode, the default of Spark 4, and ``try_cast`` refuses more (``'1.5'`` to int), so it would give other results
    than in older versions. This is the conversion of Spark 3 in all of them.
    """
    return column.cast(target) if version() < ANSI_SINCE else _legacy_casts().cast(column, target)


def date_or_null(text: Column, pattern: str) -> Column:
    """Return the date in a text; null for another text, also in ANSI mode."""
    from pyspark.sql import functions

    return functions.to_date(text, pattern) if version() < ANSI_SINCE else functions.try_to_date(text, pattern)


def columns_by_position(data: DataFrame) -> list[Column]:
    """Return the columns of ``data`` as what they are, not by names, which may be ambiguous."""
    output = data._jdf.queryExecution().analyzed().output()
    return [_column(output.apply(at)) for at in range(output.size())]


def field_at(struct: Column, position: int, name: str) -> Column:
    """Return the field of a struct at a position; ``name`` only describes it in plans."""
    jvm = _jvm()
    expressions = jvm.org.apache.spark.sql.catalyst.expressions
    return _column(expressions.GetStructField(_expression(struct), position, jvm.scala.Option.apply(name)))


def _expression(column: Column) -> Any:
    if version() < ANSI_SINCE:
        return column._jc.expr()
    return _jvm().org.apache.spark.sql.classic.ExpressionUtils.expression(column._jc)


def _column(expression: Any) -> Column:
    from pyspark.sql import Column as Made

    sql = _jvm().org.apache.spark.sql
    make = sql.Column if version() < ANSI_SINCE else sql.classic.ExpressionUtils.column
    return Made(make(expression))


def _jvm() -> Any:
    from pyspark import SparkContext

    return SparkContext._jvm


class _LegacyCasts:
    """Makes casts of Spark 4 that follow the rules of Spark 3, which no function of PySpark does."""

    def __init__(self, jvm: Any) -> None:
        self.jvm = jvm
        expressions = jvm.org.apache.spark.sql.catalyst.expressions
        columns = jvm.org.apache.spark.sql.classic.ExpressionUtils
        # Methods, since py4j looks a name up in the JVM each time.
        self._expression, self._column = columns.expression, columns.column
        self._cast = expressions.Cast
        self._data_type = jvm.org.apache.spark.sql.types.DataType
        self._rules = getattr(getattr(expressions, "EvalMode$"), "MODULE$").LEGACY()
        self._time_zone = jvm.scala.Option.apply(None)  # the session's
        self._types: dict[str, Any] = {}

    def cast(self, column: Column, target: DataType | str) -> Column:
        from pyspark.sql import Column as Made

        value = self._expression(column._jc)
        return Made(self._column(self._cast(value, self._type(target), self._time_zone, self._rules)))

    def _type(self, target: DataType | str) -> Any:
        text = target if isinstance(target, str) else json.dumps(target.jsonValue())
        found = self._types.get(text)
        if found is None:
            parse = self._data_type.fromDDL if isinstance(target, str) else self._data_type.fromJson
            found = self._types[text] = parse(text)
        return found


_known: _LegacyCasts | None = None


def _legacy_casts() -> _LegacyCasts:
    """Return those of the running JVM: each name of a class costs several calls of it."""
    global _known
    from pyspark import SparkContext

    jvm = SparkContext._jvm
    if _known is None or _known.jvm is not jvm:
        _known = _LegacyCasts(jvm)
    return _known
