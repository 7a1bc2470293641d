"""Queries: SELECT, set operations, VALUES and WITH, in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from glueprint.query.compiling.calls import direction, is_aggregate
from glueprint.query.compiling.casts import convert
from glueprint.query.compiling.compiled import Column, Compiled, Lookup, TableUse, renamed
from glueprint.query.compiling.expressions import Expressions
from glueprint.query.compiling.relations import Relations
from glueprint.query.compiling.scope import Field, Scope, Value
from glueprint.query.errors import QueryError, not_supported, place_of, syntax_error, type_mismatch
from glueprint.query.types import Type, common, quoted

_GROUPINGS: dict[type[exp.Expr], str] = {
    exp.Rollup: "ROLLUP",
    exp.Cube: "CUBE",
    exp.GroupingSets: "GROUPING SETS",
}
_SELECT_PARTS = {
    *(
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "windows",
        "order",
        "limit",
        "offset",
        "distinct",
    ),
    *("with_", "kind", "hint", "operation_modifiers"),
}


class Queries(Relations):
    """Compiles queries and collects the tables that they use.

    Attributes:
        uses: the tables that are read, in order.
        used: the id of a use and the name of a column that is needed of it.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.uses: list[TableUse] = []
        self.used: set[tuple[str, str]] = set()
        self.optional: set[str] = set()
        self.expressions = Expressions(self)
        self._ctes: Mapping[str, tuple[str, tuple[Column, ...]]] = {}
        self._names = 0

    def query(self, node: exp.Expr, parent: Scope | None = None) -> Compiled:
        """Return a query in DuckDB's SQL.

        Raises:
            QueryError: it has a mistake, or something that is not supported.
        """
        before = self._ctes
        try:
            prefix = self._with(node, parent)
            found = self._body(node, parent)
            return replace(found, sql=prefix + found.sql)
        finally:
            self._ctes = before

    def single_column(
        self, node: exp.Expr, parent: Scope, where: exp.Expr, subquery: exp.Subquery | None = None
    ) -> Value:
        """Return a query within an expression.

        Raises:
            QueryError: it has more than one column.
        """
        found = self._with_modifiers(subquery, parent) if subquery is not None else self.query(node, parent)
        if len(found.columns) != 1:
            raise syntax_error(
                f"Multiple columns returned by subquery are not yet supported. Found {len(found.columns)}",
                where,
            )
        return Value(found.sql, found.columns[0].type)

    def new_name(self, prefix: str) -> str:
        """Return a name that nothing else has."""
        self._names += 1
        return f"__{prefix}{self._names}"

    def _with(self, node: exp.Expr, parent: Scope | None) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        if clause.args.get("recursive"):
            raise not_supported("WITH RECURSIVE", clause)
        parts = []
        for one in clause.expressions:
            inner = self.query(one.this, parent)
            names = [column.name for column in one.args["alias"].columns] if one.args.get("alias") else []
            columns = renamed(inner.columns, names, one)
            own = self.new_name("w")
            listed = ", ".join(quoted(column.own_name) for column in columns)
            parts.append(f"{quoted(own)}({listed}) AS ({inner.sql})")
            self._ctes = {**self._ctes, one.alias.lower(): (own, columns)}
        return f"WITH {', '.join(parts)} "

    def _body(self, node: exp.Expr, parent: Scope | None) -> Compiled:
        if isinstance(node, exp.Select):
            return self._select(node, parent)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, parent)
        if isinstance(node, exp.Values):
            return self.values(node, parent)
        if isinstance(node, exp.Subquery):
            return self._with_modifiers(node, parent)
        if isinstance(node, exp.Table):
            sql, fields = self.relation(node, Scope(parent=parent, used=self.used))
            return self._star(sql, fields)
        raise not_supported(f"the query {node.sql('trino')[:100]}", node)

    def _star(self, sql: str, fields: Sequence[Field]) -> Compiled:
        items = [(one.name, one.value) for one in fields if one.in_star and not one.is_hidden]
        self._mark(fields)
        listed, columns = _select_list(items)
        return Compiled(f"SELECT {listed} FROM {sql}", columns)

    def _with_modifiers(self, node: exp.Subquery, parent: Scope | None) -> Compiled:
        inner = self.query(node.this, parent)
        tail = self._tail(node, inner.columns, parent)
        return replace(inner, sql=f"SELECT * FROM ({inner.sql}){tail}") if tail else inner

    # SELECT

    def _select(self, node: exp.Select, parent: Scope | None) -> Compiled:
        for name, value in node.args.items():
            if value and name not in _SELECT_PARTS:
                raise not_supported(f"{name.strip('_').upper()} in SELECT", node)
        source, fields = self.from_clause(node, parent)
        scope = Scope(fields, parent, used=self.used)
        compile_ = self.expressions
        sql = ""
        if (where := node.args.get("where")) is not None:
            if is_aggregate(where.this):
                raise syntax_error("WHERE clause cannot contain aggregations", where)
            sql += f" WHERE {compile_.condition(where.this, scope, 'WHERE clause')}"
            self.find_partition_filters(where.this, fields, parent)
        items = self._items(node, scope, fields)
        if (group := node.args.get("group")) is not None:
            sql += f" GROUP BY {self._group(group, items, node, scope)}"
        if (having := node.args.get("having")) is not None:
            sql += f" HAVING {compile_.condition(having.this, scope, 'HAVING clause')}"
        if windows := node.args.get("windows"):
            named = (f"{quoted(one.this.name)} AS ({compile_._window_text(one, scope)})" for one in windows)
            sql += f" WINDOW {', '.join(named)}"
        listed, columns = _select_list(items)
        distinct = node.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            raise syntax_error("mismatched input 'ON'", distinct)
        head = f"SELECT {'DISTINCT ' if distinct is not None else ''}{listed}"
        outputs = [Field(column.name, value) for column, (_, value) in zip(columns, items, strict=True)]
        by_output = Scope(_without_repeats(outputs), None if distinct is not None else scope, used=self.used)
        tail = self._order(node, by_output, columns) + self._limit(node)
        return Compiled(f"{head}{f' FROM {source}' if source else ''}{sql}{tail}", columns)

    def _items(self, node: exp.Select, scope: Scope, fields: Sequence[Field]) -> list[tuple[str, Value]]:
        items: list[tuple[str, Value]] = []
        for one in node.expressions:
            inner = one.this if isinstance(one, exp.Alias) else one
            if isinstance(inner, exp.Star) or (
                isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)
            ):
                items += self._expanded(inner, fields, one)
                continue
            value = self.expressions.compile(inner, scope)
            name = one.alias if isinstance(one, exp.Alias) else ""
            if not name and isinstance(inner, (exp.Column, exp.Dot)):
                name = inner.name if isinstance(inner, exp.Column) else inner.expression.name
            items.append((name or f"_col{len(items)}", value))
        return items

    def _expanded(self, star: exp.Expr, fields: Sequence[Field], node: exp.Expr) -> list[tuple[str, Value]]:
        if isinstance(star, exp.Column):
            qualifier = tuple(part.name.lower() for part in star.parts[:-1])
            found = [one for one in Scope(fields).of(qualifier) if one.in_star]
            if not found:
                raise QueryError(
                    "TABLE_NOT_FOUND", f"Table '{'.'.join(qualifier)}' not found", place_of(node)
                )
        else:
            if not fields:
                raise syntax_error("SELECT * not allowed in queries without FROM clause", node)
            found = [one for one in fields if one.in_star and not one.is_hidden]
        self._mark(found)
        return [(one.name, one.value) for one in found]

    def _mark(self, fields: Sequence[Field]) -> None:
        self.used |= {(one.source, one.name.lower()) for one in fields if one.source and one.in_star}

    def _group(
        self, group: exp.Group, items: Sequence[tuple[str, Value]], node: exp.Select, scope: Scope
    ) -> str:
        def one(item: exp.Expr) -> str:
            if isinstance(item, exp.Literal) and not item.is_string:
                number = int(item.name)
                if not 1 <= number <= len(items):
                    raise QueryError(
                        "INVALID_COLUMN_REFERENCE",
                        f"GROUP BY position {number} is not in select list",
                        place_of(item),
                    )
                written = node.expressions[number - 1]
                if is_aggregate(written):
                    raise syntax_error("GROUP BY clause cannot contain aggregations", item)
                return f"({items[number - 1][1].sql})"
            if isinstance(item, (exp.Tuple, exp.Paren)):
                inner = item.expressions if isinstance(item, exp.Tuple) else [item.this]
                return f"({', '.join(map(one, inner))})"
            if isinstance(item, tuple(_GROUPINGS)):
                return f"{_GROUPINGS[type(item)]} ({', '.join(map(one, item.expressions))})"
            return self.expressions.compile(item, scope).sql

        parts = [one(item) for item in group.expressions]
        for name in ("rollup", "cube", "grouping_sets"):
            parts += [one(element) for element in group.args.get(name) or ()]
        return ", ".join(parts)

    # ORDER BY and LIMIT

    def _order(self, node: exp.Expr, scope: Scope, columns: Sequence[Column]) -> str:
        order = node.args.get("order")
        if order is None:
            return ""
        parts = []
        for item in order.expressions:
            written = item.this
            if isinstance(written, exp.Literal) and not written.is_string:
                number = int(written.name)
                if not 1 <= number <= len(columns):
                    raise QueryError(
                        "INVALID_COLUMN_REFERENCE",
                        f"ORDER BY position {number} is not in select list",
                        place_of(item),
                    )
                parts.append(f"{number}{direction(item)}")
                continue
            named = [
                position
                for position, column in enumerate(columns, start=1)
                if isinstance(written, exp.Column)
                and len(written.parts) == 1
                and column.name.lower() == written.name.lower()
            ]
            if named:
                parts.append(f"{named[0]}{direction(item)}")
            else:
                parts.append(self.expressions.ordered(item, scope))
        return f" ORDER BY {', '.join(parts)}"

    def _limit(self, node: exp.Expr) -> str:
        text = ""
        limit = node.args.get("limit")
        if limit is not None:
            count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
            if (
                isinstance(limit, exp.Fetch)
                and limit.args.get("limit_options")
                and limit.args["limit_options"].args.get("with_ties")
            ):
                raise not_supported("FETCH FIRST ... WITH TIES", limit)
            if not (isinstance(count, exp.Column) and count.name.lower() == "all"):
                text += f" LIMIT {_count(count, 'LIMIT')}"
        if (offset := node.args.get("offset")) is not None:
            text += f" OFFSET {_count(offset.expression, 'OFFSET')}"
        return text

    def _tail(self, node: exp.Expr, columns: Sequence[Column], parent: Scope | None) -> str:
        """ORDER BY and LIMIT of what is not a SELECT: only its own columns can be used."""
        own = [Field(one.name, Value(quoted(one.own_name), one.type)) for one in columns]
        return self._order(node, Scope(own, parent, used=self.used), columns) + self._limit(node)

    # Set operations and VALUES

    def _set_operation(self, node: exp.SetOperation, parent: Scope | None) -> Compiled:
        left, right = self.query(node.left, parent), self.query(node.right, parent)
        word = type(node).__name__.upper()
        if len(left.columns) != len(right.columns):
            raise syntax_error(
                f"{word} query has different number of fields: {len(left.columns)}, {len(right.columns)}",
                node,
            )
        kinds = []
        for number, (one, two) in enumerate(zip(left.columns, right.columns, strict=True), start=1):
            kind = common(one.type, two.type)
            if kind is None:
                raise type_mismatch(
                    f"column {number} in {word} query has incompatible types: {one.type}, {two.type}", node
                )
            kinds.append(kind)
        columns = tuple(replace(one, type=kind) for one, kind in zip(left.columns, kinds, strict=True))
        every = "" if node.args.get("distinct") else " ALL"
        sql = f"{_as(left, kinds)} {word}{every} {_as(right, kinds)}"
        tail = self._tail(node, columns, parent)
        return Compiled(f"SELECT * FROM ({sql}){tail}" if tail else sql, columns)

    def values(self, node: exp.Values, parent: Scope | None) -> Compiled:
        """``VALUES (1, 'a'), (2, 'b')``."""
        scope = Scope(parent=parent, used=self.used)
        rows = []
        for one in node.expressions:
            written = (
                one.expressions
                if isinstance(one, exp.Tuple)
                else [one.this if isinstance(one, exp.Paren) else one]
            )
            rows.append([self.expressions.compile(cell, scope) for cell in written])
        if len({len(row) for row in rows}) != 1:
            raise syntax_error("Values rows have mismatched sizes", node)
        kinds = [self.expressions.common_type(cells, node) for cells in zip(*rows, strict=True)]
        text = ", ".join(
            f"({', '.join(convert(cell, kind) for cell, kind in zip(row, kinds, strict=True))})"
            for row in rows
        )
        columns = tuple(Column(f"_col{n}", f"_col{n}", kind) for n, kind in enumerate(kinds))
        listed = ", ".join(quoted(column.own_name) for column in columns)
        inner = Compiled(f"SELECT * FROM (VALUES {text}) AS __v({listed})", columns)
        tail = self._tail(node, columns, parent)
        return replace(inner, sql=inner.sql + tail)


def _as(query: Compiled, kinds: Sequence[Type]) -> str:
    """A side of a set operation, with its columns converted."""
    if all(one.type == kind for one, kind in zip(query.columns, kinds, strict=True)):
        return f"({query.sql})"
    listed = ", ".join(
        f"{convert(Value(quoted(one.own_name), one.type), kind)} AS {quoted(one.own_name)}"
        for one, kind in zip(query.columns, kinds, strict=True)
    )
    return f"(SELECT {listed} FROM ({query.sql}))"


def _count(node: Any, word: str) -> int:
    if not isinstance(node, exp.Literal) or node.is_string:
        raise syntax_error(f"{word} needs a number", node)
    return int(node.name)


def _select_list(items: Sequence[tuple[str, Value]]) -> tuple[str, tuple[Column, ...]]:
    taken: set[str] = set()
    columns = []
    for name, value in items:
        own, number = name, 1
        while own.lower() in taken:
            number += 1
            own = f"{name}:{number}"
        taken.add(own.lower())
        columns.append(Column(name, own, value.type))
    text = ", ".join(
        f"{value.sql} AS {quoted(one.own_name)}" for one, (_, value) in zip(columns, items, strict=True)
    )
    return text, tuple(columns)


def _without_repeats(fields: Sequence[Field]) -> list[Field]:
    """The same column twice is not ambiguous."""
    found: dict[tuple[str, str], Field] = {(one.name.lower(), one.value.sql): one for one in fields}
    return list(found.values())
