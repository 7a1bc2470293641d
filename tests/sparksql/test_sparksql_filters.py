"""Partition filters: never fewer partitions than Spark requires."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.local.glue.catalog.partition_expression import compile_expression
from glueprint.runtime.sparksql import filters

KEYS = {"year": "int", "city": "string", "day": "date"}
WORDS = st.text(alphabet="ab'é %_-", min_size=1, max_size=4)
DAYS = st.dates(date(2020, 1, 1), date(2020, 1, 9)).map(str)
YEARS = st.integers(-3, 3).map(str)
VALUES: dict[str, st.SearchStrategy[str]] = {"year": YEARS, "city": WORDS, "day": DAYS}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Selects = Callable[[dict[str, str]], bool]


def _as_spark_writes(key: str, value: str) -> str:
    return f'"{value}"' if key == "city" else value


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Selects]:
    """A comparison as Spark writes it (``HiveShim.convertFilters``), and what it means."""
    key, sign = draw(st.sampled_from(sorted(KEYS))), draw(st.sampled_from(sorted(COMPARE)))
    value = draw(VALUES[key])
    of = int if key == "year" else str
    return f"{key} {sign} {_as_spark_writes(key, value)}", lambda row: COMPARE[sign](of(row[key]), of(value))


@st.composite
def either(draw: st.DrawFn, parts: st.SearchStrategy[tuple[str, Selects]]) -> tuple[str, Selects]:
    """Two conditions joined."""
    (one, first), (two, second) = draw(parts), draw(parts)
    if draw(st.booleans()):
        return f"({one} or {two})", lambda row: first(row) or second(row)
    return f"{one} and {two}", lambda row: first(row) and second(row)


CONDITIONS = st.recursive(comparisons(), either, max_leaves=5)
ROWS = st.lists(st.fixed_dictionaries(VALUES), max_size=6)


@given(CONDITIONS, ROWS)
def test_glue_selects_what_the_filter_selects(condition: tuple[str, Selects], rows: list[dict[str, str]]) -> None:
    """The expression for Glue selects exactly the partitions of Spark's filter (evaluated by the local
    GetPartitions, which follows the service model).
    """
    text, selects = condition
    expression = filters.to_glue(text, KEYS)
    assert expression is not None
    expected_rows = compile_expression(expression, [{"Name": name, "Type": kind} for name, kind in KEYS.items()])
    for row in rows:
        assert expected_rows([row[key] for key in KEYS]) == selects(row)


@pytest.mark.parametrize(
    "text",
    [
        'city like "a.*"',  # Hive's pattern is no pattern of Glue's
        'city = "it\\"s"',
        'unknown = "a"',
        "city = 5",
        'year = "5"',
        "amount = 1.5",
        " or ".join(f'city = "{"x" * 40}"' for _ in range(60)),  # longer than Glue takes
        "",
    ],
)
def test_filters_that_glue_may_read_differently_are_not_passed_on(text: str) -> None:
    """No expression, hence all partitions: Spark filters again, so too many are correct and too few are not."""
    assert filters.to_glue(text, {**KEYS, "amount": "decimal(4,1)"}) is None


@given(st.lists(WORDS | st.just(""), min_size=3, max_size=3), ROWS)
def test_fixed_values_select_all_partitions_that_have_them(values: list[str], rows: list[dict[str, str]]) -> None:
    """The expression for the first keys' values is true for every partition that has them."""
    expression = filters.values_to_glue(KEYS, tuple(values))
    keys = [{"Name": name, "Type": kind} for name, kind in KEYS.items()]
    for row in rows:
        if expression is not None and row["city"] == values[1]:
            assert compile_expression(expression, keys)([row[key] for key in KEYS])
