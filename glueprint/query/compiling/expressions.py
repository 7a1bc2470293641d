"""Expressions of Athena's SQL in DuckDB's, with their types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from glueprint.query.compiling import arithmetic, casts
from glueprint.query.compiling.arithmetic import SYMBOLS
from glueprint.query.compiling.calls import Calls
from glueprint.query.compiling.literals import interval, number, text_literal
from glueprint.query.compiling.scope import Scope, Value, member, resolve
from glueprint.query.errors import QueryError, not_supported, place_of, syntax_error, type_mismatch
from glueprint.query.functions import times
from glueprint.query.types import (
    BOOLEAN,
    DATE,
    TIMESTAMP,
    TIMESTAMP_TZ,
    UNKNOWN,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    common,
    to_duckdb,
)

if TYPE_CHECKING:
    from glueprint.query.compiling.queries import Queries

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


class Expressions(Calls):
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

    # Operators

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
        inner = self.queries.single_column(query, scope, node)
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
            found = self.queries.single_column(inner, scope, node)
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

    # Constructors, conditions, casts

    def _array(self, node: exp.Array, scope: Scope) -> Value:
        values = [self.compile(one, scope) for one in node.expressions]
        if not values:
            return Value("[]", array(UNKNOWN))
        kind = self.common_type(values, node)
        return Value(f"[{', '.join(casts.convert(one, kind) for one in values)}]", array(kind))

    def _subscript(self, node: exp.Bracket, scope: Scope) -> Value:
        value = self.compile(node.this, scope)
        if len(node.expressions) != 1:
            raise syntax_error(f"mismatched input in {node.sql('trino')}", node)
        index = self.compile(node.expressions[0], scope)
        if value.type.name == "array" and index.type.is_integer:
            kind = value.type.args[0]
            if isinstance(index.constant, int) and index.constant <= 0:
                raise QueryError("INVALID_FUNCTION_ARGUMENT", "SQL array indices start at 1", place_of(node))
            check = f"CAST(trino_subscript({value.sql}, {index.sql}) AS {to_duckdb(kind)})"
            return Value(f"coalesce(list_extract({value.sql}, {index.sql}), {check})", kind)
        if value.type.name == "map":
            key, kind = value.type.args
            self.check_comparable("=", Value("", key), index, node)
            wanted = casts.convert(index, key)
            missing = (
                f"CAST(trino_error('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || {wanted}) AS"
                f" {to_duckdb(kind)})"
            )
            return Value(
                f"CASE WHEN {value.sql} IS NULL OR map_contains({value.sql}, {wanted}) "
                f"THEN map_extract_value({value.sql}, {wanted}) ELSE {missing} END",
                kind,
            )
        if (
            value.type.name == "row"
            and isinstance(index.constant, int)
            and 0 < index.constant <= len(value.type.args)
        ):
            kind = value.type.args[index.constant - 1][1]
            return Value(f"struct_extract({value.sql}, {index.constant})", kind)
        raise type_mismatch(f"Cannot use {index.type} for subscript of {value.type}", node)

    def _case(self, node: exp.Case, scope: Scope) -> Value:
        base = self.compile(node.this, scope) if node.this is not None else None
        tests, results = [], []
        for branch in node.args["ifs"]:
            if base is None:
                tests.append(self.condition(branch.this, scope, "CASE WHEN clause"))
            else:
                tests.append(self._compared("=", base, self.compile(branch.this, scope), branch).sql)
            results.append(self.compile(branch.args["true"], scope))
        default = node.args.get("default")
        otherwise = self.compile(default, scope) if default is not None else Value("NULL", UNKNOWN)
        kind = self.common_type([*results, otherwise], node)
        branches = (
            f"WHEN {test} THEN {casts.convert(one, kind)}" for test, one in zip(tests, results, strict=True)
        )
        return Value(f"CASE {' '.join(branches)} ELSE {casts.convert(otherwise, kind)} END", kind)

    def _if(self, node: exp.If, scope: Scope) -> Value:
        test = self.condition(node.this, scope, "IF condition")
        default = node.args.get("false")
        values = [self.compile(node.args["true"], scope)]
        values.append(self.compile(default, scope) if default is not None else Value("NULL", UNKNOWN))
        kind = self.common_type(values, node)
        return Value(
            f"CASE WHEN {test} THEN {casts.convert(values[0], kind)} ELSE"
            f" {casts.convert(values[1], kind)} END",
            kind,
        )

    def _cast_node(self, node: exp.Cast, scope: Scope) -> Value:
        wanted = casts.type_of(node.to)
        if isinstance(node.this, exp.Literal) and node.this.is_string:
            literal = node.this.name
            if wanted == TIMESTAMP_TZ or (wanted == TIMESTAMP and not isinstance(node, exp.TryCast)):
                return Value(self.cast(text_literal(literal), wanted, node).sql, wanted, literal)
            if wanted in (DATE, TIMESTAMP):
                value = self.cast(text_literal(literal), wanted, node)
                return Value(
                    f"TRY({value.sql})" if isinstance(node, exp.TryCast) else value.sql, wanted, literal
                )
            if wanted.name == "decimal" and not node.to.expressions:  # DECIMAL '1.5'
                return number(exp.Literal(this=literal, is_string=False))
        value = self.cast(self.compile(node.this, scope), wanted, node)
        return Value(f"TRY({value.sql})", wanted) if isinstance(node, exp.TryCast) else value

    def _at_zone(self, node: exp.AtTimeZone, scope: Scope) -> Value:
        value, zone = self.compile(node.this, scope), self.compile(node.args["zone"], scope)
        if str(zone.constant).upper() not in ("UTC", "GMT", "Z", "+00:00"):
            raise not_supported(
                "AT TIME ZONE with another zone than UTC: values do not keep a zone, which", node
            )
        return self.cast(value, TIMESTAMP_TZ, node)

    def _extract(self, node: exp.Extract, scope: Scope) -> Value:
        name, value = node.this.name.lower(), self.compile(node.expression, scope)
        if name not in times.PARTS or not value.type.is_time:
            raise type_mismatch(f"Cannot extract {name} from {value.type}", node)
        return Value(times.part(name, value), Type("bigint"))

    def _trim(self, node: exp.Trim, scope: Scope) -> Value:
        position = str(node.args.get("position") or "BOTH").upper()
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(position, "trim")
        parts = [self.compile(node.this, scope)]
        if node.expression is not None:
            parts.append(self.compile(node.expression, scope))
        for one in parts:
            if not one.type.is_text:
                raise type_mismatch(f"trim needs varchar, not {one.type}", node)
        return Value(f"{name}({', '.join(one.sql for one in parts)})", VARCHAR)

    def _position(self, node: exp.StrPosition, scope: Scope) -> Value:
        parts = [self.compile(node.this, scope), self.compile(node.args["substr"], scope)]
        return Value(f"strpos({parts[0].sql}, {parts[1].sql})", Type("bigint"))

    def _substring(self, node: exp.Substring, scope: Scope) -> Value:
        written = [node.this, node.args.get("start") or exp.Literal.number(1)]
        written += [node.args["length"]] if node.args.get("length") is not None else []
        return self.named_call("substring", written, node, scope)

    def _now(self, node: exp.Expr, scope: Scope) -> Value:
        names: dict[type, str] = {
            exp.CurrentDate: "current_date",
            exp.CurrentTimestamp: "now",
            exp.Localtimestamp: "localtimestamp",
        }
        return self.named_call(names[type(node)], [], node, scope)

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
        exp.Column: _column,
        exp.Identifier: _identifier,
        exp.Dot: _dot,
        exp.Literal: _literal,
        exp.Boolean: _boolean,
        exp.Null: _null,
        exp.HexString: _hex,
        exp.UnicodeString: _unicode,
        exp.Interval: _interval,
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
        exp.Array: _array,
        exp.Bracket: _subscript,
        exp.Case: _case,
        exp.If: _if,
        exp.Cast: _cast_node,
        exp.AtTimeZone: _at_zone,
        exp.Extract: _extract,
        exp.Trim: _trim,
        exp.StrPosition: _position,
        exp.Substring: _substring,
        **dict.fromkeys((exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp), _now),
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


__all__ = ["TIMESTAMP", "Expressions"]
