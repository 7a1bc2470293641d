"""Expressions of Athena's SQL in DuckDB's, with their types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from glueprint.query.compiling import arithmetic, casts
from glueprint.query.compiling.calls import Calls
from glueprint.query.compiling.literals import interval, number, text_literal
from glueprint.query.compiling.operators import Operators
from glueprint.query.compiling.scope import Scope, Value, member, resolve
from glueprint.query.compiling.specials import Specials
from glueprint.query.errors import not_supported, syntax_error, type_mismatch
from glueprint.query.types import BOOLEAN, UNKNOWN, VARBINARY, Type

if TYPE_CHECKING:
    from glueprint.query.compiling.queries import Queries


class Expressions(Specials):
    """Compiles expressions; subqueries within them are compiled by ``queries``."""

    def __init__(self, queries: Queries) -> None:
        self.queries = queries

    def compile(self, node: exp.Expr, scope: Scope) -> Value:
        """Return an expression in DuckDB's SQL.

        Raises:
            QueryError: it has a mistake, or something that is not supported.
        """
        for kind in type(node).__mro__:
            if (method := self._METHODS.get(kind)) is not None:
                return method(self, node, scope)
        raise not_supported(f"the expression {node.sql('trino')[:100]}", node)

    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> str:
        """Return a Boolean expression, e.g. of WHERE.

        Raises:
            QueryError: TYPE_MISMATCH: it is not Boolean.
        """
        value = self.compile(node, scope)
        if value.type not in (BOOLEAN, UNKNOWN):
            raise type_mismatch(f"{clause} must evaluate to a boolean: actual type {value.type}", node)
        return value.sql if value.type == BOOLEAN else "CAST(NULL AS BOOLEAN)"

    def cast(self, value: Value, wanted: Type, node: exp.Expr) -> Value:
        """Return ``CAST(value AS wanted)``."""
        return casts.cast(value, wanted, node)

    def arithmetic(self, symbol: str, left: Value, right: Value, node: exp.Expr) -> Value:
        """Return ``left symbol right``."""
        return arithmetic.arithmetic(symbol, left, right, node)

    # Names and literals

    def _column(self, node: exp.Column, scope: Scope) -> Value:
        if isinstance(node.this, exp.Star):
            raise syntax_error("'*' is allowed only in SELECT", node)
        return resolve([part.name for part in node.parts], scope, node)

    def _identifier(self, node: exp.Identifier, scope: Scope) -> Value:
        return resolve([node.name], scope, node)

    def _dot(self, node: exp.Dot, scope: Scope) -> Value:
        names, base = [node.expression.name], node.this
        while isinstance(base, exp.Dot):
            names.insert(0, base.expression.name)
            base = base.this
        value = self.compile(base, scope)
        for name in names:
            value = member(value, name, node)
        return value

    def _literal(self, node: exp.Literal, scope: Scope) -> Value:
        return text_literal(node.name) if node.is_string else number(node)

    def _boolean(self, node: exp.Boolean, scope: Scope) -> Value:
        return Value("true" if node.this else "false", BOOLEAN, bool(node.this))

    def _null(self, node: exp.Null, scope: Scope) -> Value:
        return Value("NULL", UNKNOWN)

    def _hex(self, node: exp.HexString, scope: Scope) -> Value:
        return Value(f"unhex('{node.name}')", VARBINARY)

    def _unicode(self, node: exp.UnicodeString, scope: Scope) -> Value:
        return text_literal(node.name)

    def _interval(self, node: exp.Interval, scope: Scope) -> Value:
        return interval(node)

    # Queries within expressions

    def _subquery(self, node: exp.Subquery, scope: Scope) -> Value:
        inner = self.queries.single_column(node.this, scope, node, subquery=node)
        return Value(f"({inner.sql})", inner.type)

    def _exists(self, node: exp.Exists, scope: Scope) -> Value:
        inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
        return Value(f"EXISTS ({self.queries.query(inner, scope).sql})", BOOLEAN)

    def _lambda(self, node: exp.Lambda, scope: Scope) -> Value:
        raise syntax_error("a lambda is allowed only as an argument of a function that takes one", node)

    _METHODS: ClassVar[dict[type, Callable[..., Value]]] = {
        **Operators.OPERATORS,
        **Specials.SPECIALS,
        exp.Column: _column,
        exp.Identifier: _identifier,
        exp.Dot: _dot,
        exp.Literal: _literal,
        exp.Boolean: _boolean,
        exp.Null: _null,
        exp.HexString: _hex,
        exp.UnicodeString: _unicode,
        exp.Interval: _interval,
        exp.Subquery: _subquery,
        exp.Exists: _exists,
        exp.Lambda: _lambda,
        exp.Anonymous: Calls.call,
        exp.Window: Calls.window,
        exp.Filter: Calls.filtered,
        exp.WithinGroup: Calls.within_group,
        exp.IgnoreNulls: Calls.with_nulls,
        exp.RespectNulls: Calls.with_nulls,
    }
