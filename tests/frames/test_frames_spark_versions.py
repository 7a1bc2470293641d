"""What the seams between Spark's versions promise: frames convert alike in all of them, Spark SQL as its version.

Source: Spark's migration guide, "Upgrading from Spark SQL 3.5 to 4.0": ``spark.sql.ansi.enabled`` is on by default
(https://spark.apache.org/docs/4.1.1/sql-migration-guide.html). docs/fidelity/runtime.md: Glue 6.0 has Spark's
default.
"""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.shared.spark_versions import ANSI_SINCE, cast_or_null, date_or_null, seq_of_array, version

pytestmark = pytest.mark.spark

TEXTS = ("1", " 2 ", "1.5", "x", "", "3000000000", "1e3", "2020-02-30", "true")


def test_a_value_that_cannot_be_converted_is_null_in_every_version(spark: SparkSession) -> None:
    """The results are those of Spark 3 without ANSI mode, where '1.5' is the int 1 (``try_cast`` gives null)."""
    targets = ("int", "double", "date", "boolean", "decimal(3,0)", "timestamp")
    data = spark.createDataFrame([(text,) for text in TEXTS], "a string")
    made = data.select(*(cast_or_null(F.col("a"), one).alias(one.partition("(")[0]) for one in targets)).collect()
    assert [row.int for row in made] == [1, 2, 1, None, None, None, None, None, None]
    assert [row.double for row in made] == [1.0, 2.0, 1.5, None, None, 3e9, 1000.0, None, None]
    assert [row.decimal for row in made] == [1, 2, 2, None, None, None, None, None, None]
    assert [row.boolean for row in made] == [True, None, None, None, None, None, None, None, True]
    assert [row.date for row in made] == [None] * len(TEXTS)
    assert [row.timestamp for row in made] == [None] * len(TEXTS)


def test_numbers_and_elements_are_converted_as_texts_are(spark: SparkSession) -> None:
    """A number that does not fit and an element of an array raise no error."""
    row = spark.range(1).select(
        cast_or_null(F.lit(1e40), "decimal(38,0)").alias("big"),
        F.transform(F.array(F.lit("1"), F.lit("b")), lambda one: cast_or_null(one, "int")).alias("each"),
        date_or_null(F.lit("31.12.2020"), "dd.MM.yyyy").cast("string").alias("date"),
        date_or_null(F.lit("2020-12-31"), "dd.MM.yyyy").alias("none"),
    ).first()
    assert row == (None, [1, None], "2020-12-31", None)


def test_the_casts_of_scripts_are_sparks_own(spark: SparkSession) -> None:
    """Glue 6.0 fails for ``cast('x' as int)``, older versions have null: nothing here changes Spark's default."""
    query = spark.sql("select cast('x' as int) as a")
    if version() < ANSI_SINCE:
        assert query.first() == (None,)
    else:
        with pytest.raises(Exception, match="CAST_INVALID_INPUT"):
            query.first()


def test_an_array_of_java_as_scalas_sequence(spark: SparkSession) -> None:
    """Scala 2.13 (Spark 4) requires an immutable one."""
    words = spark._jvm.org.apache.hadoop.util.StringUtils.getStrings("a,b", ",")
    found = seq_of_array(spark._jvm, words)
    assert [found.apply(at) for at in range(found.size())] == ["a", "b"]
