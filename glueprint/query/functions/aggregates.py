"""Aggregate functions and window functions.

A template has ``{0}`` for the first argument, ``{distinct}``, ``{order}`` within the parentheses and ``{over}``
behind each aggregate: FILTER and OVER belong to the aggregate and not to what is computed from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.query.compiling.scope import Value
from glueprint.query.functions.registry import AGGREGATES, WINDOWS, Returns, define, returns_first
from glueprint.query.types import BIGINT, BOOLEAN, DOUBLE, VARCHAR, Type, array, decimal, map_of


def _sum(arguments: Sequence[Value]) -> Type:
    kind = arguments[0].type
    if kind.name == "decimal":
        return decimal(38, kind.args[1])
    return BIGINT if kind.is_integer else kind


def _avg(arguments: Sequence[Value]) -> Type:
    kind = arguments[0].type
    return kind if kind.name in ("decimal", "real") else DOUBLE


def _aggregate(name: str, parameters: str, build: str, returns: Returns) -> None:
    define(name, parameters, build, returns, AGGREGATES)


_aggregate("count", "", "count(*){over}", BIGINT)
_aggregate("count", "any any*", "count({distinct}{0}){over}", BIGINT)
_aggregate("count_if", "bool", "count_if({distinct}{0}){over}", BIGINT)
_aggregate("sum", "int", "CAST(sum({distinct}{0}){over} AS BIGINT)", _sum)
_aggregate("sum", "number", "sum({distinct}{0}){over}", _sum)
_aggregate("avg", "int", "avg({distinct}{0}){over}", _avg)
_aggregate("avg", "decimal", "avg of decimals", _avg)
_aggregate("avg", "number", "avg({distinct}{0}){over}", _avg)
_aggregate("min", "any", "min({0}){over}", returns_first)
_aggregate("max", "any", "max({0}){over}", returns_first)
_aggregate("min", "any int", "min({0}, {1}){over}", lambda a: array(a[0].type))
_aggregate("max", "any int", "max({0}, {1}){over}", lambda a: array(a[0].type))
_aggregate("min_by", "any any", "arg_min_null({0}, {1}){over}", returns_first)
_aggregate("max_by", "any any", "arg_max_null({0}, {1}){over}", returns_first)
_aggregate("arbitrary any_value", "any", "any_value({0}){over}", returns_first)
_aggregate("approx_distinct", "any ?number", "count(DISTINCT {0}){over}", BIGINT)
_aggregate("approx_percentile", "number number", "quantile_disc({0}, {1}){over}", returns_first)
_aggregate("approx_percentile", "number array", "quantile_disc({0}, {1}){over}", lambda a: array(a[0].type))
_aggregate("array_agg", "any", "array_agg({distinct}{0}{order}){over}", lambda a: array(a[0].type))
_aggregate(
    "map_agg",
    "any any",
    "map_from_entries(list(struct_pack(k := {0}, v := {1})){over})",
    lambda a: map_of(a[0].type, a[1].type),
)
_aggregate("histogram", "any", "histogram({0}){over}", lambda a: map_of(a[0].type, BIGINT))
_aggregate("listagg", "text", "string_agg({distinct}{0}, ''{order}){over}", VARCHAR)
_aggregate("listagg", "text text", "string_agg({distinct}{0}, {1}{order}){over}", VARCHAR)
_aggregate("bool_and every", "bool", "bool_and({0}){over}", BOOLEAN)
_aggregate("bool_or", "bool", "bool_or({0}){over}", BOOLEAN)
_aggregate("bitwise_and_agg", "int", "bit_and(CAST({0} AS BIGINT)){over}", BIGINT)
_aggregate("bitwise_or_agg", "int", "bit_or(CAST({0} AS BIGINT)){over}", BIGINT)
_aggregate("geometric_mean", "number", "exp(avg(ln(CAST({0} AS DOUBLE))){over})", DOUBLE)
for _name, _own in (
    *(("stddev", "stddev_samp"), ("stddev_samp", "stddev_samp"), ("stddev_pop", "stddev_pop")),
    *(("variance", "var_samp"), ("var_samp", "var_samp"), ("var_pop", "var_pop")),
):
    _aggregate(_name, "number", f"{_own}({{distinct}}CAST({{0}} AS DOUBLE)){{over}}", DOUBLE)
for _name in ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept"):
    _aggregate(
        _name, "number number", f"{_name}(CAST({{0}} AS DOUBLE), CAST({{1}} AS DOUBLE)){{over}}", DOUBLE
    )


def _window(name: str, parameters: str, build: str, returns: Returns) -> None:
    define(name, parameters, build, returns, WINDOWS)


for _name in ("row_number", "rank", "dense_rank"):
    _window(_name, "", f"{_name}(){{over}}", BIGINT)
for _name in ("percent_rank", "cume_dist"):
    _window(_name, "", f"{_name}(){{over}}", DOUBLE)
_window("ntile", "int", "ntile({0}){over}", BIGINT)
for _name in ("lag", "lead"):
    _window(_name, "any", f"{_name}({{0}}{{nulls}}){{over}}", returns_first)
    _window(_name, "any int", f"{_name}({{0}}, {{1}}{{nulls}}){{over}}", returns_first)
    _window(_name, "any int any", f"{_name}({{0}}, {{1}}, {{2}}{{nulls}}){{over}}", returns_first)
for _name in ("first_value", "last_value"):
    _window(_name, "any", f"{_name}({{0}}{{nulls}}){{over}}", returns_first)
_window("nth_value", "any int", "nth_value({0}, {1}{nulls}){over}", returns_first)
