"""``split_fields`` and ``split_rows``: one frame made two.

Source: developer guide, "DynamicFrame class" and "AWS Glue Scala DynamicFrame class": the first frame has the
fields that are named or the rows for which all comparisons are true, the second has the rest.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import comparison, fields
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Path

Constant = str | int | float | bool


class BadComparison(ValueError):
    """``split_rows`` knows no such operator, or has nothing to compare."""


OPERATORS: dict[str, Callable[[Column, Column], Column]] = {
    "!=": operator.ne,
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
"""What ``split_rows`` compares with (AWS Glue Scala DynamicFrame class, ``splitRows``)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a constant.

    Raises:
        BadComparison: there is no such operator.
    """

    path: Path
    operator: str
    constant: Constant

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            known = ", ".join(OPERATORS)
            raise BadComparison(f"split_rows knows no comparison {self.operator!r}; it knows {known}")

    def holds(self, frame: Frame) -> Column:
        """Whether it is true of a record of ``frame``: never null.

        As Spark compares them: texts as texts, and a text with a number as a number. A record without the field
        has nothing to compare. One whose field is a choice is compared by the value it has.
        """
        found = comparison.find(frame, self.path)
        values = [] if found is None else [one for held in comparison.kinds(found).values() for one in held]
        compare, constant = OPERATORS[self.operator], F.lit(self.constant)
        return F.coalesce(*(compare(one.column, constant) for one in values), F.lit(False))


def split_fields(frame: Frame, paths: Sequence[Path]) -> tuple[Frame, Frame]:
    """The fields at ``paths``, and the others."""
    return fields.select(frame, paths), fields.drop(frame, paths)


def split_rows(frame: Frame, comparisons: Sequence[Comparison]) -> tuple[Frame, Frame]:
    """The records for which all ``comparisons`` are true, and the others.

    Raises:
        BadComparison: there are none.
    """
    if not comparisons:
        raise BadComparison('split_rows has nothing to compare; it takes for example {"age": {">": 10}}')
    all_hold = reduce(Column.__and__, (one.holds(frame) for one in comparisons))
    first, second = (frame.data.where(chosen) for chosen in (all_hold, ~all_hold))
    return frame.become(first, frame.schema), frame.become(second, frame.schema)
