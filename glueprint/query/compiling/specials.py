"""Expressions with a form of their own: constructors, subscripts, CASE, casts, functions with words in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from sqlglot import exp

from glueprint.query.compiling import casts
from glueprint.query.compiling.literals import number, text_literal
from glueprint.query.compiling.operators import Operators
from glueprint.query.compiling.scope import Scope, Value
from glueprint.query.errors import QueryError, not_supported, place_of, syntax_error, type_mismatch
from glueprint.query.functions import times
from glueprint.query.types import DATE, TIMESTAMP, TIMESTAMP_TZ, UNKNOWN, VARCHAR, Type, array, to_duckdb


class Specials(Operators):
    """The part of :class:`Expressions` that compiles them."""

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
                return Value(casts.cast(text_literal(literal), wanted, node).sql, wanted, literal)
            if wanted in (DATE, TIMESTAMP):
                value = casts.cast(text_literal(literal), wanted, node)
                return Value(
                    f"TRY({value.sql})" if isinstance(node, exp.TryCast) else value.sql, wanted, literal
                )
            if wanted.name == "decimal" and not node.to.expressions:  # DECIMAL '1.5'
                return number(exp.Literal(this=literal, is_string=False))
        value = casts.cast(self.compile(node.this, scope), wanted, node)
        return Value(f"TRY({value.sql})", wanted) if isinstance(node, exp.TryCast) else value

    def _at_zone(self, node: exp.AtTimeZone, scope: Scope) -> Value:
        value, zone = self.compile(node.this, scope), self.compile(node.args["zone"], scope)
        if str(zone.constant).upper() not in ("UTC", "GMT", "Z", "+00:00"):
            raise not_supported(
                "AT TIME ZONE with another zone than UTC: values do not keep a zone, which", node
            )
        return casts.cast(value, TIMESTAMP_TZ, node)

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

    def _json(self, node: exp.ParseJSON, scope: Scope) -> Value:
        """``JSON '...'``."""
        return self.named_call("json_parse", [node.this], node, scope)

    SPECIALS: ClassVar[dict[type, Callable[..., Value]]] = {
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
        exp.ParseJSON: _json,
    }
