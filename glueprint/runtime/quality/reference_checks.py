"""Rules that compare the data with other datasets. Each reads both of them on its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce
from zlib import crc32

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn
from pyspark.sql.utils import CapturedException

from glueprint.dqdl.model import SimpleRule
from glueprint.runtime.quality.checks import Check, RowResult, compared
from glueprint.runtime.quality.context import Context
from glueprint.runtime.quality.outcomes import Outcome, RuleFailed

_MARK = "__glueprint_{}_{}"
_REFERENCE = re.compile(r"(?P<alias>.+)\.(?:\{(?P<columns>.+)\}|(?P<column>[^.{}]+))")
_AGGREGATE = re.compile(r"(?P<function>sum|avg)\((?P<column>.+)\)", re.IGNORECASE)


def referential_integrity(rule: SimpleRule, context: Context) -> Check:
    """ReferentialIntegrity: the ratio of rows whose values are in the reference dataset; null is in none."""
    own, reference = rule.parameters[0].value, rule.parameters[1].value
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise RuleFailed(f'Could not parse \'{reference}\': write "alias.column" or "alias.{{column,column}}"')
    columns, others = _split(own), _split(match["columns"] or match["column"])
    if len(columns) != len(others):
        raise RuleFailed(f"'{own}' and '{reference}' have different numbers of columns")
    for name in columns:
        context.type_of(name)
    source = _require_columns(context.source(match["alias"]), others, match["alias"])
    keys = source.select(*[fn.col(_quoted(name)).alias(_MARK.format("key", n)) for n, name in enumerate(others)])
    mark = _MARK.format("found", crc32(str(rule).encode()))
    keys = keys.distinct().withColumn(mark, fn.lit(True))

    def augment(data: DataFrame) -> DataFrame:
        on = [data[_quoted(name)] == keys[_MARK.format("key", n)] for n, name in enumerate(columns)]
        joined = data.join(keys, reduce(lambda left, right: left & right, on), "left")
        return joined.drop(*[_MARK.format("key", n) for n in range(len(columns))])

    return _joined(rule, context, augment, mark, f"Column.{match['alias']}.ReferentialIntegrity")


def dataset_match(rule: SimpleRule, context: Context) -> Check:
    """DatasetMatch: the ratio of rows that have a row of the same key and the same values in the reference."""
    alias = rule.parameters[0].value
    keys = _mappings(rule.parameters[1].value)
    source = _require_columns(context.source(alias), [other for _, other in keys], alias)
    if len(rule.parameters) == 3:
        matched = _mappings(rule.parameters[2].value)
    else:
        names = {own.lower() for own, _ in keys}
        matched = [(name, name) for name in context.data.columns if name.lower() not in names]
    _require_columns(source, [other for _, other in matched], alias)
    for own, _ in [*keys, *matched]:
        context.type_of(own)
    if not (_is_key(context.data, [own for own, _ in keys]) and _is_key(source, [other for _, other in keys])):
        raise RuleFailed("Provided key map not suitable for given data frames")
    mark = _MARK.format("match", crc32(str(rule).encode()))
    others = [*keys, *matched]
    renamed = source.select(
        *[fn.col(_quoted(other)).alias(_MARK.format("other", n)) for n, (_, other) in enumerate(others)],
        fn.lit(True).alias(mark),
    )

    def augment(data: DataFrame) -> DataFrame:
        on = [
            data[_quoted(own)].eqNullSafe(renamed[_MARK.format("other", n)]) for n, (own, _) in enumerate(others)
        ]
        joined = data.join(renamed, reduce(lambda left, right: left & right, on), "left")
        return joined.drop(*[_MARK.format("other", n) for n in range(len(others))])

    return _joined(rule, context, augment, mark, f"Dataset.{alias}.DatasetMatch")


def row_count_match(rule: SimpleRule, context: Context) -> Check:
    """RowCountMatch: the number of rows divided by that of the reference dataset."""
    alias = rule.parameters[0].value
    source = context.source(alias)
    key = context.measures.count_where(fn.lit(True))

    def finish_with(rows: int) -> Outcome:
        others = source.count()
        if not others:
            raise RuleFailed(f"{alias} has no rows; the ratio of row counts is not defined")
        ratio = rows / others
        return compared(rule, context, {f"Dataset.{alias}.RowCountMatch": ratio}, ratio)

    return Check(rule, lambda values: finish_with(values.count(key)))


def schema_match(rule: SimpleRule, context: Context) -> Check:
    """SchemaMatch: the ratio of columns with the same name and type."""
    alias = rule.parameters[0].value
    own = {one.name: one.dataType.typeName() for one in context.data.schema.fields}
    other = {one.name: one.dataType.typeName() for one in context.source(alias).schema.fields}
    metric = f"Dataset.{alias}.SchemaMatch"
    if len(own) != len(other) or not own:
        reason = "Column counts do not match" if own and other else "One or both DataFrames have no columns"
        return Check(rule, lambda _: Outcome(rule, passed=False, reason=reason, metrics={metric: 0.0}))
    ratio = sum(other.get(name) == kind for name, kind in own.items()) / len(own)

    def finish(_: object) -> Outcome:
        outcome = compared(rule, context, {metric: ratio}, ratio)
        if not outcome.passed:
            outcome.reason = f"{ratio * 100:.2f}% of columns passed the threshold"
        return outcome

    return Check(rule, finish)


def aggregate_match(rule: SimpleRule, context: Context) -> Check:
    """AggregateMatch: a sum or an average divided by another one."""
    first, second = (_Aggregate(one.value, context) for one in rule.parameters)
    names = first.column if first.column == second.column else f"{first.column},{second.column}"

    def finish(_: object) -> Outcome:
        left, right = first.value(), second.value()
        ratio = 1.0 if left == right == 0 else 0.0 if right == 0 else left / right
        return compared(rule, context, {f"Column.{names}.AggregateMatch": ratio}, ratio)

    return Check(rule, finish)


class _Aggregate:
    """``sum(column)`` of the data, or ``avg(alias.column)`` of another dataset."""

    def __init__(self, text: str, context: Context) -> None:
        match = _AGGREGATE.fullmatch(text.strip())
        if match is None:
            raise RuleFailed(f"'{text}' is not supported: write sum(column), avg(column) or sum(alias.column)")
        alias, _, name = match["column"].strip().rpartition(".")
        self.column = name.strip().strip('"')
        self._data = context.data if alias in ("", "primary") else context.source(alias)
        _require_columns(self._data, [self.column], alias or "primary")
        function = fn.sum if match["function"].lower() == "sum" else fn.avg
        self._function = function(fn.col(_quoted(self.column))).cast("double")

    def value(self) -> float:
        """Compute it."""
        try:
            found = self._data.agg(self._function).collect()[0][0]
        except CapturedException as error:
            raise RuleFailed(f"Exception: {str(error).splitlines()[0]}") from error
        if found is None:
            raise RuleFailed(f"there is no number in column {self.column}")
        return float(found)


def _joined(
    rule: SimpleRule, context: Context, augment: Callable[[DataFrame], DataFrame], mark: str, metric: str
) -> Check:
    passed: Column = fn.coalesce(fn.col(mark), fn.lit(False))

    def finish(_: object) -> Outcome:
        total, found = (
            augment(context.data).agg(fn.count(fn.lit(1)), fn.sum(fn.when(passed, 1).otherwise(0))).collect()[0]
        )
        if not total:
            raise RuleFailed("Cannot evaluate: primary DataFrame is empty")
        return compared(rule, context, {metric: found / total}, found / total)

    return Check(rule, finish, RowResult(passed, augment))


def _mappings(text: str) -> list[tuple[str, str]]:
    pairs = []
    for part in _split(text):
        own, arrow, other = part.partition("->")
        pairs.append((own.strip(), other.strip() if arrow else own.strip()))
    return pairs


def _is_key(data: DataFrame, names: Sequence[str]) -> bool:
    columns = [fn.col(_quoted(name)) for name in names]
    there: Column = reduce(lambda left, right: left & right, [one.isNotNull() for one in columns])
    rows, distinct, complete = data.agg(
        fn.count(fn.lit(1)), fn.count_distinct(*columns), fn.sum(fn.when(there, 1).otherwise(0))
    ).collect()[0]
    return bool(rows == distinct == (complete or 0))


def _require_columns(data: DataFrame, names: Sequence[str], alias: str) -> DataFrame:
    there = {name.lower() for name in data.columns}
    missing = [name for name in names if name.lower() not in there]
    if missing:
        raise RuleFailed(f"{alias} does not include column {', '.join(missing)}!")
    return data


def _split(text: str) -> list[str]:
    return [part.strip().strip('"') for part in text.split(",") if part.strip()]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


REFERENCE_BUILDERS: dict[str, Callable[[SimpleRule, Context], Check]] = {
    "AggregateMatch": aggregate_match,
    "DatasetMatch": dataset_match,
    "ReferentialIntegrity": referential_integrity,
    "RowCountMatch": row_count_match,
    "SchemaMatch": schema_match,
}
