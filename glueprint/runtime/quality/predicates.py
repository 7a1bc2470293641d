"""Conditions on single values as Spark columns: true where a row meets the condition, never null.

Null (DG:dqdl-rule-types-ColumnValues, "Null behavior"): a null value fails, except of ``!=`` and ``not in``, which
it passes; with the keyword NULL among the operands it is a value like others.
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as fn

from glueprint.dqdl.model import Condition, Operator
from glueprint.dqdl.operands import Date, Keyword, Now, OperandKind, Text
from glueprint.runtime.quality.outcomes import Comparison

NEGATIONS = (Operator.NOT_EQUAL, Operator.NOT_IN)
_SETS = (Operator.EQUAL, Operator.IN, *NEGATIONS)
_COMPARED: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.GREATER: operator.gt,
    Operator.GREATER_EQUAL: operator.ge,
    Operator.LESS: operator.lt,
    Operator.LESS_EQUAL: operator.le,
}


def number_predicate(column: Column, compared: Comparison, *, with_null: bool = False) -> Column:
    """Return whether a number meets the condition.

    Args:
        with_null: whether the keyword NULL is among the operands.
    """
    constants = [fn.lit(one) for one in compared.operands]
    return _predicate(column, compared.operator, constants, with_null=with_null)


def text_predicate(column: Column, condition: Condition) -> Column:
    """Return whether a text meets the condition."""
    text = column.cast("string")
    if condition.operator in (Operator.MATCHES, Operator.NOT_MATCHES):
        pattern = condition.operands[0]
        assert isinstance(pattern, (Text, Date))
        value = pattern.value if isinstance(pattern, Text) else pattern.text
        matches = text.rlike(f"^(?:{value})$")
        return _known(matches if condition.operator is Operator.MATCHES else ~matches)
    values = [one.value for one in condition.operands if isinstance(one, Text)]
    found: Column = _known(text.isin(values)) if values else fn.lit(False)
    if Keyword.EMPTY in condition.operands:
        found = found | _known(text == "")
    if Keyword.WHITESPACES_ONLY in condition.operands:
        found = found | _known(text.rlike(r"^\s+$"))
    if Keyword.NULL in condition.operands:
        found = found | column.isNull()
    return ~found if condition.operator in NEGATIONS else found


def date_predicate(column: Column, condition: Condition, now: datetime.datetime) -> Column:
    """Return whether a date or a point in time meets the condition.

    Days are compared with days, points in time (``now()``, ``"9:30 AM"``) with points in time.
    """
    moments = [one.at(now) for one in condition.operands if isinstance(one, (Date, Now))]
    is_days = all(
        isinstance(one, Date) and "-" in one.text for one in condition.operands if one is not Keyword.NULL
    )
    if is_days:
        value, constants = fn.to_date(column), [fn.lit(one.date()) for one in moments]
    else:
        value, constants = fn.to_timestamp(column), [fn.to_timestamp(fn.lit(str(one))) for one in moments]
    return _predicate(value, condition.operator, constants, with_null=Keyword.NULL in condition.operands)


def _predicate(column: Column, compared: Operator, constants: list[Column], *, with_null: bool) -> Column:
    if compared in _SETS:
        found = _known(column.isin(*constants)) if constants else fn.lit(False)
        if with_null:
            found = found | column.isNull()
        return ~found if compared in NEGATIONS else found
    if compared is Operator.BETWEEN:
        return _known((column > constants[0]) & (column < constants[-1]))
    if compared is Operator.NOT_BETWEEN:
        return _known((column <= constants[0]) | (column >= constants[-1]))
    return _known(_COMPARED[compared](column, constants[0]))


def _known(condition: Column) -> Column:
    """Return the condition, false where it is unknown."""
    return fn.coalesce(condition, fn.lit(False))


def is_about(condition: Condition) -> OperandKind:
    """Return what a condition of ColumnValues is about; NULL alone is a text."""
    return condition.kind or OperandKind.TEXT
