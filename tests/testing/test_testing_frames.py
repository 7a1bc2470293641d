"""The assertions about frames: what they accept, and the message of a failed one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glueprint.testing import assert_rows, assert_schema, rows

VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False))
ROWS = st.lists(st.fixed_dictionaries({"a": VALUES, "b": st.lists(VALUES, max_size=2)}), max_size=6)


@given(ROWS, st.randoms())
def test_rows_in_any_order_are_the_same_rows(some: list[dict[str, Any]], random: Any) -> None:
    """Order does not matter unless ``ordered`` is true."""
    shuffled = list(some)
    random.shuffle(shuffled)
    assert_rows(shuffled, some)
    assert_rows(some, some, ordered=True)


@given(ROWS)
def test_a_row_too_many_or_too_few_is_reported(some: list[dict[str, Any]]) -> None:
    """Rows are a bag: one more of the same is another frame, and the message names it."""
    odd = {"a": "odd", "b": []}
    with pytest.raises(AssertionError, match=r"not expected:\n  \{'a': 'odd', 'b': \[\]\}"):
        assert_rows([*some, odd], some)
    with pytest.raises(AssertionError, match=r"missing:\n  \{'a': 'odd', 'b': \[\]\}"):
        assert_rows(some, [odd, *some])


def test_floats_may_differ_a_little() -> None:
    """Sums of floats depend on the order of partitions; a hair's breadth is no difference, a percent is one."""
    assert_rows([{"x": 0.1 + 0.2}], [{"x": 0.3}])
    assert_rows([{"x": {"y": [1.0]}}], [{"x": {"y": [1]}}])
    with pytest.raises(AssertionError):
        assert_rows([{"x": 1.01}], [{"x": 1.0}])


def test_order_matters_if_ordered_is_true() -> None:
    """The first row that differs is shown with what was expected."""
    with pytest.raises(AssertionError, match="row 0 is"):
        assert_rows([{"n": 2}, {"n": 1}], [{"n": 1}, {"n": 2}], ordered=True)
    with pytest.raises(AssertionError, match="1 rows, expected 2"):
        assert_rows([{"n": 1}], [{"n": 1}, {"n": 2}], ordered=True)


@pytest.mark.spark
def test_frames_of_spark(spark: SparkSession) -> None:
    """Structs are dictionaries; the schema is what printSchema prints, without nullability."""
    frame = spark.sql("SELECT 1 AS id, named_struct('x', 'y', 'z', array(1.5D)) AS nested")
    assert rows(frame) == [{"id": 1, "nested": {"x": "y", "z": [1.5]}}]
    assert_rows(frame, [{"id": 1, "nested": {"x": "y", "z": [1.5]}}])
    assert_schema(
        frame,
        """
        root
         |-- id: integer
         |-- nested: struct
         |    |-- x: string
         |    |-- z: array
         |    |    |-- element: double
        """,
    )
    with pytest.raises(AssertionError, match="the schema is"):
        assert_schema(frame, "root\n |-- id: long")


@pytest.mark.spark
def test_dynamic_frames(spark: SparkSession) -> None:
    """What printSchema prints of a DynamicFrame, and the rows of its toDF (docs/facts/runtime.md#choicetype)."""
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

    frame = DynamicFrame.fromDF(spark.createDataFrame([(1, "a")], "id int, name string"), GlueContext(spark), "f")
    assert_rows(frame, [{"id": 1, "name": "a"}])
    assert_schema(frame, "root\n|-- id: int\n|-- name: string")
