"""What a check gets to know: the data, its columns, other datasets, the time, and where to register measures."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as fn
from pyspark.sql.types import DataType, NumericType, StringType
from pyspark.sql.utils import CapturedException, IllegalArgumentException

from glueprint.dqdl.model import SimpleRule
from glueprint.runtime.quality.measures import Measures
from glueprint.runtime.quality.outcomes import History, RuleFailed


@dataclass
class Context:
    """Shared by all checks of one evaluation.

    Attributes:
        sources: further datasets, by alias.
        now: the time of the evaluation, UTC.
    """

    data: DataFrame
    sources: Mapping[str, DataFrame]
    history: History
    now: datetime.datetime
    measures: Measures = field(init=False)

    def __post_init__(self) -> None:
        self.measures = Measures(self.data)
        is_exact = self.data.sparkSession.conf.get("spark.sql.caseSensitive", "false") == "true"
        self._fold = (lambda name: name) if is_exact else str.lower
        self._types = {self._fold(one.name): one.dataType for one in self.data.schema.fields}
        self._where: dict[str, Column] = {}

    def has(self, name: str) -> bool:
        """Whether the data has a column of this name."""
        return self._fold(_bare(name)) in self._types

    def column(self, name: str) -> Column:
        """Return a column.

        Raises:
            RuleFailed: there is none of this name.
        """
        self.type_of(name)
        return fn.col("`" + _bare(name).replace("`", "``") + "`")

    def type_of(self, name: str) -> DataType:
        """Return the type of a column.

        Raises:
            RuleFailed: there is none of this name.
        """
        found = self._types.get(self._fold(_bare(name)))
        if found is None:
            raise RuleFailed(f"Input data does not include column {name}!")
        return found

    def number(self, name: str) -> Column:
        """Return a column of numbers.

        Raises:
            RuleFailed: there is none of this name, or it has another type.
        """
        kind = self.type_of(name)
        if not isinstance(kind, NumericType):
            raise RuleFailed(
                f"Expected type of column {name} to be one of (Byte, Decimal, Double, Float, Integer, Long, "
                f"Short), but found {type(kind).__name__} instead!"
            )
        return self.column(name)

    def text(self, name: str) -> Column:
        """Return a column of texts.

        Raises:
            RuleFailed: there is none of this name, or it has another type.
        """
        kind = self.type_of(name)
        if not isinstance(kind, StringType):
            raise RuleFailed(
                f"Expected type of column {name} to be StringType, but found {type(kind).__name__} instead!"
            )
        return self.column(name)

    def where(self, rule: SimpleRule) -> Column | None:
        """Return the condition of a rule's where clause, false where it is unknown.

        Raises:
            IllegalArgumentException: it is not valid, in AWS's words (DG:dqdl, "Filtering with Where Clause").
        """
        if rule.where is None:
            return None
        if rule.where not in self._where:
            try:
                condition = fn.expr(rule.where)
                self.data.where(condition)  # analyses it
            except CapturedException as error:
                raise IllegalArgumentException(
                    f"Rule {rule} has provided an invalid where clause :\n{_first_line(error)}"
                ) from error
            self._where[rule.where] = fn.coalesce(condition, fn.lit(False))
        return self._where[rule.where]

    def source(self, alias: str) -> DataFrame:
        """Return another dataset.

        Raises:
            RuleFailed: there is none of this alias.
        """
        if alias not in self.sources:
            known = ", ".join(sorted(self.sources)) or "none"
            raise RuleFailed(f"{alias} not found in additional sources (there are: {known})")
        return self.sources[alias]

    def occurrences(self, columns: Sequence[Column], where: Column | None) -> Column:
        """Return how often a row's value occurs: a window function, for outcomes of rows."""
        counted = fn.lit(1) if where is None else fn.when(where, fn.lit(1))
        return fn.count(counted).over(Window.partitionBy(*columns))


def _bare(name: str) -> str:
    """Return a column's name without the backticks of Spark SQL."""
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "`" else name


def _first_line(error: CapturedException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
