"""Calls of functions: plain ones, aggregates, window functions, and lambdas among their arguments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from glueprint.query.compiling import arithmetic
from glueprint.query.compiling.scope import Scope, Value
from glueprint.query.errors import QueryError, not_supported, place_of, syntax_error
from glueprint.query.functions import tables
from glueprint.query.functions.registry import Call, Function, build, chosen
from glueprint.query.types import UNKNOWN, Type, decimal, quoted, to_duckdb

if TYPE_CHECKING:
    from glueprint.query.compiling.expressions import Expressions

_NO_LAMBDA = Value("", UNKNOWN)


def is_aggregate(node: exp.Expr) -> bool:
    """Whether an expression has an aggregate that is not one of a window; subqueries do not count."""
    if isinstance(node, (exp.Query, exp.Subquery)):
        return False
    if isinstance(node, exp.Window):
        parts = [
            *node.args.get("partition_by", ()),
            *(node.args["order"].expressions if node.args.get("order") else ()),
        ]
        inner = node.this
        while isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls, exp.Filter)):
            inner = inner.this
        return any(map(is_aggregate, [*inner.expressions, *parts]))
    if isinstance(node, exp.Anonymous) and node.name.lower() in tables.AGGREGATES:
        return True
    return any(is_aggregate(child) for child in node.iter_expressions())


class Calls(ABC):
    """The part of :class:`Expressions` that compiles calls."""

    @abstractmethod
    def compile(self, node: exp.Expr, scope: Scope) -> Value:
        """Return an expression in DuckDB's SQL."""

    @abstractmethod
    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> str:
        """Return a Boolean expression."""

    @property
    def _whole(self) -> Expressions:
        return cast("Expressions", self)

    def call(self, node: exp.Anonymous, scope: Scope) -> Value:
        """A call without OVER."""
        name = node.name.lower()
        if name in tables.AGGREGATES:
            return self._aggregate(node, scope)
        if name in tables.WINDOWS:
            raise syntax_error(f"Window function {name} requires an OVER clause", node)
        if name == "grouping":
            listed = ", ".join(self.compile(one, scope).sql for one in node.expressions)
            return Value(f"CAST(grouping({listed}) AS INTEGER)", Type("integer"))
        return self.named_call(name, node.expressions, node, scope)

    def named_call(self, name: str, written: Sequence[exp.Expr], node: exp.Expr, scope: Scope) -> Value:
        """Return the call of a plain function.

        Raises:
            QueryError: it is not a function of Athena, is not supported, or has other parameters.
        """
        _check_known(name, node)
        arguments = [
            _NO_LAMBDA if isinstance(one, exp.Lambda) else self.compile(one, scope) for one in written
        ]
        call = Call(node, arguments, written, self._whole, scope)
        return build(chosen(name, call, tables.FUNCTIONS), call)

    def lambda_body(self, node: exp.Expr, kinds: Sequence[Type], scope: Scope) -> tuple[str, Value]:
        """Return a lambda's variables as DuckDB lists them, and its body."""
        names = [one.name for one in node.expressions]
        inner = [Value(quoted(name), kind) for name, kind in zip(names, kinds, strict=False)]
        return ", ".join(map(quoted, names)), self.lambda_over(node, inner, scope)

    def lambda_over(self, node: exp.Expr, values: Sequence[Value], scope: Scope) -> Value:
        """Return a lambda's body with values in place of its variables.

        Raises:
            QueryError: it has another number of variables.
        """
        if len(node.expressions) != len(values):
            message = f"a lambda with {len(values)} variables is expected, not {len(node.expressions)}"
            raise syntax_error(message, node)
        variables = {one.name.lower(): value for one, value in zip(node.expressions, values, strict=True)}
        return self.compile(node.this, scope.inner(variables))

    def window(self, node: exp.Window, scope: Scope) -> Value:
        """A call with OVER."""
        over = (
            f" OVER ({self._window_text(node, scope)})" if not node.alias else f" OVER {quoted(node.alias)}"
        )
        inner, nulls = node.this, ""
        if isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)):
            nulls, inner = _nulls(inner), inner.this
        filtered = ""
        if isinstance(inner, exp.Filter):
            filtered, inner = self._filter_text(inner, scope), inner.this
        if not isinstance(inner, exp.Anonymous):
            raise not_supported(f"{inner.sql('trino')[:60]} with OVER", node)
        name = inner.name.lower()
        if name in tables.AGGREGATES:
            return self._aggregate(inner, scope, filtered + over)
        if name not in tables.WINDOWS:
            _check_known(name, inner)
            raise syntax_error(f"{name} is not a window function", inner)
        written = list(inner.expressions)
        if written and isinstance(written[0], (exp.IgnoreNulls, exp.RespectNulls)):
            nulls, written[0] = _nulls(written[0]), written[0].this
        call = Call(inner, [self.compile(one, scope) for one in written], written, self._whole, scope)
        return _from_template(chosen(name, call, tables.WINDOWS), call, over=over, nulls=nulls)

    def filtered(self, node: exp.Filter, scope: Scope) -> Value:
        """An aggregate with FILTER."""
        inner, order = node.this, ""
        if isinstance(inner, exp.WithinGroup):
            order, inner = self._order_text(inner.expression, scope), inner.this
        return self._aggregate(inner, scope, self._filter_text(node, scope), order)

    def within_group(self, node: exp.WithinGroup, scope: Scope) -> Value:
        """``listagg(...) WITHIN GROUP (ORDER BY ...)``."""
        return self._aggregate(node.this, scope, "", self._order_text(node.expression, scope))

    def with_nulls(self, node: exp.Expr, scope: Scope) -> Value:
        """IGNORE NULLS without OVER."""
        raise syntax_error("IGNORE NULLS is allowed only for window functions", node)

    def _aggregate(self, node: exp.Expr, scope: Scope, over: str = "", order: str = "") -> Value:
        name = node.name.lower()
        if not isinstance(node, exp.Anonymous) or name not in tables.AGGREGATES:
            raise syntax_error(f"{node.sql('trino')[:60]} is not an aggregate function", node)
        written, distinct = list(node.expressions), ""
        if len(written) == 1 and isinstance(written[0], exp.Order):
            order, written = self._order_text(written[0], scope), [written[0].this]
        if len(written) == 1 and isinstance(written[0], exp.Distinct):
            distinct, written = "DISTINCT ", list(written[0].expressions)
        if len(written) > 1 and isinstance(written[-1], exp.Order):
            order, written[-1] = self._order_text(written[-1], scope), written[-1].this
        if len(written) == 1 and isinstance(written[0], exp.Star):
            written = []
        call = Call(node, [self.compile(one, scope) for one in written], written, self._whole, scope)
        function = chosen(name, call, tables.AGGREGATES)
        if name == "count" and len(written) > 1:
            fields = ", ".join(f"f{number} := {one.sql}" for number, one in enumerate(call.arguments))
            call = Call(node, [Value(f"struct_pack({fields})", UNKNOWN)], written, self._whole, scope)
        if function.build == "avg of decimals":
            kind = call.arguments[0].type
            total = decimal(38, kind.args[1])
            argument = f"{distinct}{call.arguments[0].sql}"
            sum_sql = Value(f"CAST(sum({argument}){over} AS {to_duckdb(total)})", total)
            return arithmetic.mean(sum_sql, f"nullif(count({argument}){over}, 0)", kind.args[1], kind)
        return _from_template(function, call, over=over, distinct=distinct, order=order)

    def _filter_text(self, node: exp.Filter, scope: Scope) -> str:
        return f" FILTER (WHERE {self.condition(node.expression.this, scope, 'FILTER')})"

    def _order_text(self, node: exp.Expr, scope: Scope) -> str:
        return f" ORDER BY {', '.join(self.ordered(one, scope) for one in node.expressions)}"

    def ordered(self, node: exp.Expr, scope: Scope) -> str:
        """Return one item of ORDER BY: nulls come last unless NULLS FIRST is written."""
        value = self.compile(node.this if isinstance(node, exp.Ordered) else node, scope)
        return f"{value.sql}{direction(node)}"

    def _window_text(self, node: exp.Window, scope: Scope) -> str:
        parts = []
        if partition := node.args.get("partition_by"):
            parts.append(f"PARTITION BY {', '.join(self.compile(one, scope).sql for one in partition)}")
        if (order := node.args.get("order")) is not None:
            parts.append(self._order_text(order, scope).strip())
        if (spec := node.args.get("spec")) is not None:
            parts.append(self._frame(spec, scope))
        return " ".join(parts)

    def _frame(self, spec: exp.WindowSpec, scope: Scope) -> str:
        def bound(value: object, side: object) -> str:
            text = value if isinstance(value, str) else self.compile(value, scope).sql  # type: ignore[arg-type]
            return f"{text} {side}" if side else text

        start = bound(spec.args["start"], spec.args.get("start_side"))
        end = spec.args.get("end")
        kind = spec.args["kind"]
        if end is None:
            return f"{kind} {start}"
        return f"{kind} BETWEEN {start} AND {bound(end, spec.args.get('end_side'))}"


def direction(node: exp.Expr) -> str:
    """Return the direction of one item of ORDER BY, with the place of nulls."""
    is_descending = bool(node.args.get("desc"))
    first = bool(node.args.get("nulls_first"))
    return f" {'DESC' if is_descending else 'ASC'} NULLS {'FIRST' if first else 'LAST'}"


def _nulls(node: exp.Expr) -> str:
    return " IGNORE NULLS" if isinstance(node, exp.IgnoreNulls) else ""


def _from_template(
    function: Function, call: Call, *, over: str = "", distinct: str = "", order: str = "", nulls: str = ""
) -> Value:
    assert isinstance(function.build, str)
    arguments = [one.sql for one in call.arguments]
    sql = function.build.format(*arguments, over=over, distinct=distinct, order=order, nulls=nulls)
    kind = function.returns if isinstance(function.returns, Type) else function.returns(call.arguments)
    return Value(sql, kind)


def _check_known(name: str, node: exp.Expr) -> None:
    if name in tables.FUNCTIONS:
        return
    if name in tables.NOT_TRANSLATED:
        raise not_supported(f"Function '{name}'", node)
    if name in tables.AGGREGATES or name in tables.WINDOWS:
        return
    raise QueryError("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", place_of(node))
