"""Operators: arithmetic, comparisons, logic, IN, BETWEEN, LIKE, ``||``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from sqlglot import exp

from glueprint.query.compiling import arithmetic, casts
from glueprint.query.compiling.arithmetic import SYMBOLS
from glueprint.query.compiling.calls import Calls
from glueprint.query.compiling.scope import Scope, Value
from glueprint.query.errors import not_supported, syntax_error, type_mismatch
from glueprint.query.types import BOOLEAN, UNKNOWN, VARBINARY, VARCHAR, Type, array, common

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}


class Operators(Calls):
    """The part of :class:`Expressions` that compiles operators."""

    def common_type(self, values: Sequence[Value], node: exp.Expr) -> Type:
        """Return the type of values that stand for one another, e.g. in CASE.

        Raises:
            QueryError: TYPE_MISMATCH: there is none.
        """
        kind = values[0].type
        for one in values[1:]:
            found = common(kind, one.type)
            if found is None:
                raise type_mismatch(f"All operands must have the same type: {kind}, {one.type}", node)
            kind = found
        return kind

    def check_comparable(self, symbol: str, left: Value, right: Value, node: exp.Expr) -> Type:
        """Return the type in which both are compared.

        Raises:
            QueryError: TYPE_MISMATCH: DuckDB would convert, e.g. text to a number; Athena does not.
        """
        kind = common(left.type, right.type)
        if kind is None:
            shown = "IS DISTINCT FROM" if "DISTINCT" in symbol else symbol
            raise type_mismatch(f"Cannot apply operator: {left.type} {shown} {right.type}", node)
        return kind

    def _compared(self, symbol: str, left: Value, right: Value, node: exp.Expr) -> Value:
        kind = self.check_comparable(symbol, left, right, node)
        if kind.name in ("map", "json") and symbol not in (
            "=",
            "<>",
            "IS DISTINCT FROM",
            "IS NOT DISTINCT FROM",
        ):
            raise type_mismatch(f"Cannot apply operator: {left.type} {symbol} {right.type}", node)
        return Value(f"({casts.convert(left, kind)} {symbol} {casts.convert(right, kind)})", BOOLEAN)

    def _paren(self, node: exp.Paren, scope: Scope) -> Value:
        inner = self.compile(node.this, scope)
        return Value(f"({inner.sql})", inner.type, inner.constant)

    def _arithmetic(self, node: exp.Binary, scope: Scope) -> Value:
        left, right = self.compile(node.left, scope), self.compile(node.right, scope)
        return arithmetic.arithmetic(SYMBOLS[type(node)], left, right, node)

    def _negative(self, node: exp.Neg, scope: Scope) -> Value:
        return arithmetic.negative(self.compile(node.this, scope), node)

    def _comparison(self, node: exp.Binary, scope: Scope) -> Value:
        symbol = _COMPARISONS[type(node)]
        if isinstance(node.right, (exp.All, exp.Any)):
            return self._quantified(symbol, node, scope)
        return self._compared(symbol, self.compile(node.left, scope), self.compile(node.right, scope), node)

    def _quantified(self, symbol: str, node: exp.Binary, scope: Scope) -> Value:
        left = self.compile(node.left, scope)
        query = node.right.this
        query = query.this if isinstance(query, exp.Subquery) and isinstance(query.this, exp.Query) else query
        inner = self._whole.queries.single_column(query, scope, node)
        self.check_comparable(symbol, left, Value("", inner.type), node)
        word = "ALL" if isinstance(node.right, exp.All) else "ANY"
        return Value(f"({left.sql} {symbol} {word}({inner.sql}))", BOOLEAN)

    def _logical(self, node: exp.Connector, scope: Scope) -> Value:
        word = "AND" if isinstance(node, exp.And) else "OR"
        parts = list(node.flatten())
        return Value(f"({f' {word} '.join(self._operand(one, word, scope) for one in parts)})", BOOLEAN)

    def _operand(self, node: exp.Expr, word: str, scope: Scope) -> str:
        value = self.compile(node, scope)
        if value.type not in (BOOLEAN, UNKNOWN):
            raise type_mismatch(f"Logical expression term must evaluate to a boolean: {value.type}", node)
        return value.sql

    def _not(self, node: exp.Not, scope: Scope) -> Value:
        value = self.compile(node.this, scope)
        if value.type not in (BOOLEAN, UNKNOWN):
            raise type_mismatch(
                f"Value of logical NOT expression must evaluate to a boolean: {value.type}", node
            )
        return Value(f"(NOT {value.sql})", BOOLEAN)

    def _is(self, node: exp.Is, scope: Scope) -> Value:
        if not isinstance(node.expression, exp.Null):
            raise syntax_error(f"mismatched input in {node.sql('trino')}: expected NULL", node)
        return Value(f"({self.compile(node.this, scope).sql} IS NULL)", BOOLEAN)

    def _between(self, node: exp.Between, scope: Scope) -> Value:
        value, low, high = (self.compile(node.args[name], scope) for name in ("this", "low", "high"))
        if common(value.type, low.type) is None or common(value.type, high.type) is None:
            raise type_mismatch(f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}", node)
        kind = self.common_type([value, low, high], node)
        sides = [casts.convert(one, kind) for one in (value, low, high)]
        return Value(f"({sides[0]} BETWEEN {sides[1]} AND {sides[2]})", BOOLEAN)

    def _in(self, node: exp.In, scope: Scope) -> Value:
        value = self.compile(node.this, scope)
        if (query := node.args.get("query")) is not None:
            inner = query.this if isinstance(query, exp.Subquery) else query
            found = self._whole.queries.single_column(inner, scope, node)
            self.check_comparable("IN", value, Value("", found.type), node)
            return Value(f"({value.sql} IN ({found.sql}))", BOOLEAN)
        if node.args.get("unnest") or not node.expressions:
            raise not_supported(f"{node.sql('trino')}", node)
        choices = [self.compile(one, scope) for one in node.expressions]
        for one, written in zip(choices, node.expressions, strict=True):
            if common(value.type, one.type) is None:
                message = (
                    "IN value and list items must be the same type or coercible to a common type:"
                    f" {value.type}, {one.type}"
                )
                raise type_mismatch(message, written)
        kind = self.common_type([value, *choices], node)
        listed = ", ".join(casts.convert(one, kind) for one in choices)
        return Value(f"({casts.convert(value, kind)} IN ({listed}))", BOOLEAN)

    def _like(self, node: exp.Expr, scope: Scope) -> Value:
        escape = None
        if isinstance(node, exp.Escape):
            escape, node = self.compile(node.expression, scope), node.this
        sides = [self.compile(one, scope) for one in (node.this, node.expression)]
        for one in sides:
            if not (one.type.is_text or one.type == UNKNOWN):
                raise type_mismatch(
                    f"Left side of LIKE expression must evaluate to a varchar (actual: {one.type})", node
                )
        suffix = f" ESCAPE {escape.sql}" if escape else ""
        word = "NOT LIKE" if node.args.get("negate") else "LIKE"
        return Value(f"({sides[0].sql} {word} {sides[1].sql}{suffix})", BOOLEAN)

    def _joined(self, node: exp.DPipe, scope: Scope) -> Value:
        left, right = self.compile(node.left, scope), self.compile(node.right, scope)
        one, two = left.type, right.type
        if (one.is_text or one == UNKNOWN) and (two.is_text or two == UNKNOWN):
            return Value(f"({left.sql} || {right.sql})", VARCHAR)
        if one == two == VARBINARY:
            return Value(f"({left.sql} || {right.sql})", VARBINARY)
        if one.name == "array" or two.name == "array":
            return _arrays_joined(left, right, node)
        raise type_mismatch(f"Cannot apply operator: {one} || {two}", node)

    OPERATORS: ClassVar[dict[type, Callable[..., Value]]] = {
        exp.Paren: _paren,
        **dict.fromkeys(SYMBOLS, _arithmetic),
        exp.Neg: _negative,
        **dict.fromkeys(_COMPARISONS, _comparison),
        exp.Connector: _logical,
        exp.Not: _not,
        exp.Is: _is,
        exp.Between: _between,
        exp.In: _in,
        exp.Like: _like,
        exp.Escape: _like,
        exp.DPipe: _joined,
    }


def _arrays_joined(left: Value, right: Value, node: exp.Expr) -> Value:
    """An array and another, or an element before or behind."""
    if left.type.name == right.type.name == "array":
        kind = common(left.type, right.type)
        sides = [left, right]
    else:
        whole, one = (left, right) if left.type.name == "array" else (right, left)
        kind = common(whole.type, array(one.type))
        wrapped = Value(f"[{one.sql}]", array(one.type))
        sides = [whole, wrapped] if whole is left else [wrapped, whole]
    if kind is None:
        raise type_mismatch(f"Cannot apply operator: {left.type} || {right.type}", node)
    return Value(f"({casts.convert(sides[0], kind)} || {casts.convert(sides[1], kind)})", kind)
