"""``split_fields`` and ``split_rows``: one frame divided into two.

Source: developer guide, "DynamicFrame class" and "AWS Glue Scala DynamicFrame class": the first frame has the
named fields, or the rows for which all comparisons are true; the second has the rest.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Union

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import comparison, fields, presence
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Path

Constant = Union[str, int, float, bool]


class BadComparison(ValueError):
    """``split_rows`` does not have this operator, or there are no comparisons."""


OPERATORS: dict[str, Callable[[Column, Column], Column]] = {
    "!=": operator.ne,
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
"""The operators of ``split_rows`` (AWS Glue Scala DynamicFrame class, ``splitRows``)."""


@dataclass(frozen=True)
class Comparison:
    """A field compared with a constant.

    Raises:
        BadComparison: the operator is unknown.
    """

    path: Path
    operator: str
    constant: Constant

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            known = ", ".join(OPERATORS)
            raise BadComparison(f"split_rows has no comparison {self.operator!r}; use one of {known}")

    def is_true(self, frame: Frame) -> Column:
        """Return whether the comparison is true of a record of ``frame``; never null.

        Spark compares texts as texts, and a text with a number as a number. The comparison is false for a record
        without the field. Of a choice, the value that the record has is compared.
        """
        found = comparison.find(frame, self.path)
        by_kind = {} if found is None else comparison.by_kind(found)
        values = [one for same_kind in by_kind.values() for one in same_kind]
        compare, constant = OPERATORS[self.operator], F.lit(self.constant)
        return F.coalesce(*(compare(one.column, constant) for one in values), F.lit(False))


def split_fields(frame: Frame, paths: Sequence[Path]) -> tuple[Frame, Frame]:
    """Return the fields at ``paths``, and the other fields."""
    return fields.select(frame, paths), fields.drop(frame, paths)


def split_rows(frame: Frame, comparisons: Sequence[Comparison]) -> tuple[Frame, Frame]:
    """Return the records for which all ``comparisons`` are true, and the other records.

    Raises:
        BadComparison: there are no comparisons.
    """
    if not comparisons:
        raise BadComparison('split_rows has no comparisons; pass for example {"age": {">": 10}}')
    all_true = reduce(Column.__and__, (one.is_true(frame) for one in comparisons))
    return _where(frame, all_true), _where(frame, ~all_true)


def _where(frame: Frame, chosen: Column) -> Frame:
    made = frame.transformed(frame.data.where(chosen), frame.schema)
    return presence.carried(frame, made, lambda marked: _where(marked, chosen))
