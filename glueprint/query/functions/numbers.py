"""Mathematical functions, conditions over values, bits."""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.query.compiling.casts import convert
from glueprint.query.compiling.scope import Value
from glueprint.query.functions.registry import Call, define, returns_first
from glueprint.query.types import BIGINT, BOOLEAN, DOUBLE, Type, common, decimal


def _rounded(arguments: Sequence[Value]) -> Type:
    kind = arguments[0].type
    if kind.name != "decimal":
        return kind
    precision, scale = kind.args
    return decimal(precision + 1, scale if len(arguments) > 1 else 0)


def _whole(arguments: Sequence[Value]) -> Type:
    kind = arguments[0].type
    return decimal(kind.args[0] - kind.args[1] + 1, 0) if kind.name == "decimal" else kind


define("abs", "number", "abs({0})", returns_first)
define("ceil ceiling", "number", "ceil({0})", _whole)
define("floor", "number", "floor({0})", _whole)
define("round", "int ?int", lambda call: _int_round(call), returns_first)
define("round", "number", "round({0})", _rounded)
define("round", "number int", "round({0}, CAST({1} AS INTEGER))", _rounded)
define("truncate", "number", "trunc({0})", _whole)
define("mod", "number number", lambda call: _modulo(call), DOUBLE)
define("sign", "int", "sign({0})", returns_first)
define("sign", "decimal", "sign({0})", lambda arguments: decimal(1, 0))
define("sign", "number", "CAST(sign({0}) AS DOUBLE)", DOUBLE)
define("power pow", "number number", "pow(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))", DOUBLE)
define(
    "sqrt",
    "number",
    "CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt(CAST({0} AS DOUBLE)) END",
    DOUBLE,
)
define("log", "number number", "(ln(CAST({1} AS DOUBLE)) / ln(CAST({0} AS DOUBLE)))", DOUBLE)
for _name in (
    "cbrt",
    "exp",
    "ln",
    "log2",
    "log10",
    "degrees",
    "radians",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
):
    define(_name, "number", f"{_name}(CAST({{0}} AS DOUBLE))", DOUBLE)
for _name in ("sinh", "cosh", "tanh"):
    define(_name, "number", f"{_name}(CAST({{0}} AS DOUBLE))", DOUBLE)
define("atan2", "number number", "atan2(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))", DOUBLE)
define("pi", "", "pi()", DOUBLE)
define("e", "", "exp(CAST(1 AS DOUBLE))", DOUBLE)
define("nan", "", "CAST('nan' AS DOUBLE)", DOUBLE)
define("infinity", "", "CAST('inf' AS DOUBLE)", DOUBLE)
define("is_nan", "number", "isnan(CAST({0} AS DOUBLE))", BOOLEAN)
define("is_finite", "number", "isfinite(CAST({0} AS DOUBLE))", BOOLEAN)
define("is_infinite", "number", "isinf(CAST({0} AS DOUBLE))", BOOLEAN)
define("rand random", "", "random()", DOUBLE)
define("rand random", "int", "CAST(floor(random() * {0}) AS BIGINT)", returns_first)
define("bitwise_and", "int int", "(CAST({0} AS BIGINT) & CAST({1} AS BIGINT))", BIGINT)
define("bitwise_or", "int int", "(CAST({0} AS BIGINT) | CAST({1} AS BIGINT))", BIGINT)
define("bitwise_xor", "int int", "xor(CAST({0} AS BIGINT), CAST({1} AS BIGINT))", BIGINT)
define("bitwise_not", "int", "(~CAST({0} AS BIGINT))", BIGINT)
define("bit_count", "int int", "bit_count(CAST({0} AS BIGINT))", BIGINT)
define(
    "width_bucket",
    "number number number int",
    "CAST(CASE WHEN {0} < {1} THEN 0 WHEN {0} >= {2} THEN {3} + 1 "
    "ELSE floor((CAST({0} AS DOUBLE) - {1}) / (CAST({2} AS DOUBLE) - {1}) * {3}) + 1 END AS BIGINT)",
    BIGINT,
)


def _modulo(call: Call) -> Value:
    return call.expressions.arithmetic("%", call.arguments[0], call.arguments[1], call.node)


def _int_round(call: Call) -> str:
    """Rounding whole numbers to a negative number of digits changes them."""
    if len(call.arguments) == 1:
        return call.arguments[0].sql
    return f"round({call.arguments[0].sql}, CAST({call.arguments[1].sql} AS INTEGER))"


def _common(call: Call) -> tuple[list[str], Type]:
    kind = call.expressions.common_type(call.arguments, call.node)
    return [convert(one, kind) for one in call.arguments], kind


def _extreme(name: str, call: Call) -> Value:
    """Null if any argument is; DuckDB leaves nulls out."""
    values, kind = _common(call)
    any_null = " OR ".join(f"{one} IS NULL" for one in values)
    return Value(f"CASE WHEN {any_null} THEN NULL ELSE {name}({', '.join(values)}) END", kind)


def _coalesce(call: Call) -> Value:
    values, kind = _common(call)
    return Value(f"coalesce({', '.join(values)})", kind)


def _nullif(call: Call) -> Value:
    first, second = call.arguments
    call.expressions.check_comparable("=", first, second, call.node)
    kind = common(first.type, second.type) or first.type
    equal = f"{convert(first, kind)} = {convert(second, kind)}"
    return Value(f"CASE WHEN {equal} THEN NULL ELSE {first.sql} END", first.type)


define("greatest", "any any*", lambda call: _extreme("greatest", call), BIGINT)
define("least", "any any*", lambda call: _extreme("least", call), BIGINT)
define("coalesce", "any any*", _coalesce, BIGINT)
define("nullif", "any any", _nullif, BIGINT)
define("try", "any", "TRY({0})", returns_first)
define("typeof", "any", lambda call: f"'{call.arguments[0].type}'", Type("varchar"))
