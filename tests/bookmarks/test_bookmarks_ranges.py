"""Ranges of rows as Spark conditions: a chain of ranges returns every row once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from glueprint.runtime.bookmarks import KeyRange, SortOrder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

COLUMNS = ("number", "text", "amount", "at", "day")


def _key(number: int) -> tuple[Any, ...]:
    return (
        number // 4,
        f"it's \\{number // 2 % 2}",
        Decimal(number).scaleb(-2),
        datetime(2026, 1, 1, 3, 4, 5, 600),
        date(2026, 1, 2),
    )


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    """Twenty rows with a key of every kind of value."""
    data = [(index, *_key(index)) for index in range(20)]
    schema = "id int, number bigint, text string, amount decimal(10,2), at timestamp, day date"
    return spark.createDataFrame(data, schema).cache()


@pytest.mark.parametrize("order", SortOrder)
def test_a_chain_of_ranges_returns_every_row_once(rows: DataFrame, order: SortOrder) -> None:
    """Keys of several columns form one compound key (docs/facts/bookmarks.md#jdbc-sources)."""
    ends = [2, 3, 10, 19] if order is SortOrder.ASCENDING else [17, 16, 10, 0]
    found: list[list[int]] = []
    after = None
    for end in ends:
        condition = KeyRange(COLUMNS, order, after, _key(end)).where()
        assert condition is not None
        found.append(sorted(row.id for row in rows.where(condition).collect()))
        after = _key(end)
    if order is SortOrder.DESCENDING:
        assert found == [[17, 18, 19], [16], list(range(10, 16)), list(range(10))]
    else:
        assert found == [[0, 1, 2], [3], list(range(4, 11)), list(range(11, 20))]


def test_rows_without_a_key_are_read_by_the_first_run(spark: SparkSession) -> None:
    """No later range contains them, and no row may be skipped (docs/fidelity/bookmarks.md)."""
    rows = spark.createDataFrame([(1,), (None,), (3,)], "number int")

    def read(wanted: KeyRange) -> list[int | None]:
        condition = wanted.where()
        assert condition is not None
        return [row.number for row in rows.where(condition).collect()]

    assert read(KeyRange(("number",), up_to=(1,))) == [1, None]
    assert read(KeyRange(("number",), after=(1,), up_to=(3,))) == [3]
    assert read(KeyRange(("number",), empty=True)) == []
