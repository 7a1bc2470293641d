"""What stands in FROM: tables, views, subqueries, joins, UNNEST."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from glueprint.query.compiling.compiled import Column, Compiled, Lookup, TableUse, renamed
from glueprint.query.compiling.scope import Field, Scope, Value, column_sql
from glueprint.query.definitions import TableDefinition, view_of
from glueprint.query.dialect import parse_query
from glueprint.query.errors import QueryError, not_supported, place_of, syntax_error
from glueprint.query.types import BIGINT, VARCHAR, Type, common, field_names, literal, quoted

if TYPE_CHECKING:
    from glueprint.query.compiling.expressions import Expressions

PATH = "$path"
"""The hidden column of every table: the address of the file that a row comes from."""
_NOT_DETERMINISTIC = ("rand", "random", "uuid")


class Relations(ABC):
    """The part of :class:`Queries` that compiles relations."""

    lookup: Lookup
    uses: list[TableUse]
    used: set[tuple[str, str]]
    optional: set[str]
    expressions: Expressions
    _ctes: Mapping[str, tuple[str, tuple[Column, ...]]]

    @abstractmethod
    def query(self, node: exp.Expr, parent: Scope | None = None) -> Compiled:
        """Return a query in DuckDB's SQL."""

    @abstractmethod
    def values(self, node: exp.Values, parent: Scope | None) -> Compiled:
        """Return VALUES in DuckDB's SQL."""

    @abstractmethod
    def new_name(self, prefix: str) -> str:
        """Return a name that nothing else has."""

    def from_clause(self, node: exp.Select, parent: Scope | None) -> tuple[str, list[Field]]:
        """Return FROM with all joins, and the columns that it provides."""
        clause = node.args.get("from_")
        if clause is None:
            return "", []
        sql, fields = self.relation(clause.this, Scope(parent=parent, used=self.used))
        return self._joins(node, sql, fields, parent)

    def _joins(
        self, node: exp.Expr, sql: str, fields: list[Field], parent: Scope | None
    ) -> tuple[str, list[Field]]:
        for join in node.args.get("joins") or ():
            sql, fields = self._join(join, sql, fields, parent)
        return sql, fields

    def relation(self, node: exp.Expr, scope: Scope) -> tuple[str, list[Field]]:
        """Return a relation and its columns; ``scope`` has those that come before it (LATERAL, UNNEST).

        Raises:
            QueryError: there is no such table, or the relation is not supported.
        """
        if isinstance(node, exp.Unnest):
            return self._unnest(node, scope)
        if isinstance(node, exp.Lateral):
            sql, fields = self.relation(_with_alias(node.this, node), scope)
            return f"LATERAL {sql}", fields
        outer = Scope(parent=scope.parent, used=self.used)
        if isinstance(node, exp.Table):
            sql, fields = self._table(node)
        elif isinstance(node, exp.Values):
            sql, fields = self._derived(self.values(node, scope.parent), node)
        elif (
            isinstance(node, exp.Subquery)
            and isinstance(node.this, (exp.Table, exp.Subquery))
            and node.this.args.get("joins")
        ):
            sql, fields = self.relation(node.this, outer)  # joins in parentheses
            sql = f"({sql})"
        elif isinstance(node, exp.Subquery):
            parent = scope if scope.fields else scope.parent
            sql, fields = self._derived(self.query(node.this, parent), node)
        else:
            raise not_supported(f"{node.sql('trino')[:60]} in FROM", node)
        return self._joins(node, sql, fields, scope.parent)

    def _derived(self, inner: Compiled, node: exp.Expr) -> tuple[str, list[Field]]:
        alias = node.args.get("alias")
        name = alias.name if alias is not None and alias.this is not None else ""
        columns = renamed(
            inner.columns, [one.name for one in alias.columns] if alias is not None else [], node
        )
        own = self.new_name("q")
        listed = ", ".join(quoted(one.own_name) for one in columns)
        fields = [
            Field(one.name, Value(column_sql(own, one.own_name), one.type), (name.lower(),) if name else ())
            for one in columns
        ]
        return f"({inner.sql}) AS {quoted(own)}({listed})", fields

    def _table(self, node: exp.Table) -> tuple[str, list[Field]]:
        if not isinstance(node.this, exp.Identifier):
            raise not_supported(f"the table function {node.this.sql('trino')[:60]}", node)
        alias = node.args.get("alias")
        renaming = [one.name for one in alias.columns] if alias is not None else []
        name, database, catalog = node.name.lower(), node.db.lower() or None, node.catalog.lower()
        shown = alias.name.lower() if alias is not None and alias.this is not None else ""
        if catalog and catalog != "awsdatacatalog":
            raise QueryError("CATALOG_NOT_FOUND", f"Catalog '{catalog}' not found", place_of(node))
        if database is None and name in self._ctes:
            own, columns = self._ctes[name]
            unique = self.new_name("q")
            names = renaming or [one.name for one in columns]
            fields = [
                Field(label, Value(column_sql(unique, one.own_name), one.type), (shown or name,))
                for label, one in zip(names, columns, strict=True)
            ]
            return f"{quoted(own)} AS {quoted(unique)}{_sample(node)}", fields
        table = self.lookup(database, name, node)
        relation = (shown,) if shown else (table.database.lower(), name)
        if table.is_view:
            return self._view(table, relation, node)
        use = TableUse(self.new_name("t"), table, self.new_name("q"))
        self.uses.append(use)
        every = [*table.columns, *table.partition_keys]
        if renaming and len(renaming) != len(every):
            raise syntax_error(
                f"Column alias list has {len(renaming)} entries but '{name}' has {len(every)} columns"
                " available",
                node,
            )
        fields = []
        for number, (column, kind) in enumerate(every):
            value = Value(column_sql(use.alias, column), kind)
            if renaming:
                self.used.add((use.id, column))
            label = renaming[number] if renaming else column
            fields.append(Field(label, value, relation, source="" if renaming else use.id))
        path = Value(column_sql(use.alias, PATH), VARCHAR)
        fields.append(Field(PATH, path, relation, in_star=False, source=use.id))
        return f"{quoted(use.id)} AS {quoted(use.alias)}{_sample(node)}", fields

    def _view(
        self, table: TableDefinition, relation: tuple[str, ...], node: exp.Table
    ) -> tuple[str, list[Field]]:
        view = view_of(table)
        lookup, ctes = self.lookup, self._ctes
        self._ctes = {}
        self.lookup = lambda database, name, where: lookup(database or view.schema, name, where)
        try:
            inner = self.query(parse_query(view.sql))
        finally:
            self.lookup, self._ctes = lookup, ctes
        if len(inner.columns) != len(view.columns):
            message = f"View '{'.'.join(relation)}' is stale or in invalid state: column count has changed"
            raise QueryError("VIEW_IS_STALE", message, place_of(node))
        own = self.new_name("q")
        listed = ", ".join(quoted(one.own_name) for one in inner.columns)
        fields = [
            Field(name.lower(), Value(column_sql(own, one.own_name), one.type), relation)
            for (name, _), one in zip(view.columns, inner.columns, strict=True)
        ]
        return f"({inner.sql}) AS {quoted(own)}({listed})", fields

    # Joins

    def _join(
        self, join: exp.Join, sql: str, fields: list[Field], parent: Scope | None
    ) -> tuple[str, list[Field]]:
        side, kind = str(join.side or "").upper(), str(join.kind or "").upper()
        if join.method:
            raise not_supported(f"{str(join.method).upper()} JOIN", join)
        is_lateral = isinstance(join.this, (exp.Unnest, exp.Lateral))
        before = fields if is_lateral else []
        right_sql, right = self.relation(join.this, Scope(before, parent, used=self.used))
        if side in ("LEFT", "FULL"):
            self.optional |= {one.source for one in right}
        if side in ("RIGHT", "FULL"):
            self.optional |= {one.source for one in fields}
        condition, using = join.args.get("on"), join.args.get("using")
        both = [*fields, *right]
        if condition is not None:
            text = self.expressions.condition(
                condition, Scope(both, parent, used=self.used), "JOIN ON clause"
            )
            return f"{sql} {side or 'INNER'} JOIN {right_sql} ON {text}", both
        if using:
            text, both = self._using(using, side, fields, right)
            return f"{sql} {side or 'INNER'} JOIN {right_sql} ON {text}", both
        if kind not in ("CROSS", "") or side:
            raise syntax_error("mismatched input: a JOIN needs ON or USING", join)
        return f"{sql} CROSS JOIN {right_sql}", both

    def _using(
        self, using: Sequence[exp.Expr], side: str, left: list[Field], right: list[Field]
    ) -> tuple[str, list[Field]]:
        names, conditions, merged = [], [], []
        for one in using:
            name = one.name.lower()
            sides = []
            for fields, label in ((left, "left"), (right, "right")):
                found = [f for f in fields if f.name.lower() == name and not f.is_hidden]
                if len(found) != 1:
                    message = f"Column '{name}' is missing from {label} side of join"
                    raise QueryError("COLUMN_NOT_FOUND", message, place_of(one))
                if found[0].source:
                    self.used.add((found[0].source, name))
                sides.append(found[0].value)
            names.append(name)
            self.expressions.check_comparable("=", sides[0], sides[1], one)
            kind = common(sides[0].type, sides[1].type) or sides[0].type
            conditions.append(f"{sides[0].sql} = {sides[1].sql}")
            both = f"coalesce({sides[0].sql}, {sides[1].sql})"
            sql = both if side == "FULL" else sides[1].sql if side == "RIGHT" else sides[0].sql
            merged.append(Field(name, Value(sql, kind)))
        rest = [
            Field(f.name, f.value, f.relation, f.is_hidden or f.name.lower() in names, f.in_star, f.source)
            for f in [*left, *right]
        ]
        return " AND ".join(conditions), [*merged, *rest]

    # UNNEST

    def _unnest(self, node: exp.Unnest, scope: Scope) -> tuple[str, list[Field]]:
        values = [
            self.expressions.compile(one, Scope(scope.fields, scope.parent, used=self.used))
            for one in node.expressions
        ]
        inner: list[str] = []
        outer: list[tuple[str, Type]] = []
        lengths = []
        keeps_rows = _keeps_rows(node, values)
        for number, value in enumerate(values):
            own = f"u{number}"
            if value.type.name == "map":
                inner += [
                    f"unnest(map_keys({value.sql})) AS {own}k",
                    f"unnest(map_values({value.sql})) AS {own}v",
                ]
                outer += [(f"{own}k", value.type.args[0]), (f"{own}v", value.type.args[1])]
                lengths.append(f"cardinality({value.sql})")
            elif value.type.name == "array":
                element = value.type.args[0]
                inner.append(f"unnest({value.sql}) AS {own}")
                lengths.append(f"len({value.sql})")
                if element.name == "row" and not keeps_rows:
                    names = field_names(element)
                    outer += [
                        (f"struct_extract({own}, {literal(name)})", kind)
                        for name, (_, kind) in zip(names, element.args, strict=True)
                    ]
                else:
                    outer.append((own, element))
            else:
                raise QueryError("TYPE_MISMATCH", f"Cannot unnest type: {value.type}", place_of(node))
        if node.args.get("offset"):
            longest = ", ".join(f"coalesce({one}, 0)" for one in lengths)
            inner.append(f"unnest(range(1, CAST(greatest({longest}, 0) AS BIGINT) + 1)) AS n")
            outer.append(("n", BIGINT))
        return self._unnested(node, inner, outer, values)

    def _unnested(
        self,
        node: exp.Unnest,
        inner: list[str],
        outer: list[tuple[str, Type]],
        values: Sequence[Value],
    ) -> tuple[str, list[Field]]:
        alias = node.args.get("alias")
        name = alias.name.lower() if alias is not None and alias.this is not None else ""
        labels = [one.name for one in alias.columns] if alias is not None else []
        offset = node.args.get("offset")
        if isinstance(offset, exp.Identifier) and labels:
            labels.append(offset.name)
        if labels and len(labels) != len(outer):
            raise syntax_error(
                f"Column alias list has {len(labels)} entries but '{name}' has {len(outer)} columns"
                " available",
                node,
            )
        own = self.new_name("u")
        listed = ", ".join(f"{sql} AS c{number}" for number, (sql, _) in enumerate(outer))
        fields = [
            Field(
                labels[number] if labels else _field_label(number, values) or f"_col{number}",
                Value(column_sql(own, f"c{number}"), kind),
                (name,) if name else (),
            )
            for number, (_, kind) in enumerate(outer)
        ]
        return f"LATERAL (SELECT {listed} FROM (SELECT {', '.join(inner)})) AS {quoted(own)}", fields

    # Conditions over partition keys

    def find_partition_filters(self, where: exp.Expr, fields: Sequence[Field], parent: Scope | None) -> None:
        """Note the parts of a WHERE that concern only the partition keys of one table."""
        parts = list(where.flatten()) if isinstance(where, exp.And) else [where]
        for part in parts:
            if isinstance(part, exp.And):
                self.find_partition_filters(part, fields, parent)
                continue
            if part.find(exp.Query, exp.Subquery) or any(
                one.name.lower() in _NOT_DETERMINISTIC for one in part.find_all(exp.Anonymous)
            ):
                continue
            used: set[tuple[str, str]] = set()
            try:
                value = self.expressions.compile(part, Scope(fields, used=used))
            except QueryError:
                continue  # it uses a column of a query around this one
            columns = list(part.find_all(exp.Column))
            sources = {source for source, _ in used}
            if len(sources) != 1 or len(sources & self.optional) or not columns:
                continue
            use = next(one for one in self.uses if one.id in sources)
            keys = {key for key, _ in use.table.partition_keys}
            visible = {(one.source, one.name.lower()) for one in fields if one.source}
            if {name for _, name in used} <= keys and _all_resolved(columns, fields, visible):
                use.filters.append(value.sql)
                _note_equal(use.equal, part)


def _all_resolved(
    columns: Sequence[exp.Column], fields: Sequence[Field], visible: set[tuple[str, str]]
) -> bool:
    """Whether every column is one of a table, and not computed."""
    names = {name for _, name in visible}
    computed = {one.name.lower() for one in fields if not one.source}
    return all(one.name.lower() in names and one.name.lower() not in computed for one in columns)


def _note_equal(equal: dict[str, tuple[str, ...]], part: exp.Expr) -> None:
    while isinstance(part, exp.Paren):
        part = part.this
    if isinstance(part, exp.EQ):
        sides = [part.left, part.right]
        column = next((one for one in sides if isinstance(one, exp.Column)), None)
        value = next((one for one in sides if isinstance(one, exp.Literal)), None)
        if column is not None and value is not None:
            equal[column.name.lower()] = (value.name,)
    elif isinstance(part, exp.In) and isinstance(part.this, exp.Column) and _are_literals(part.expressions):
        equal[part.this.name.lower()] = tuple(one.name for one in part.expressions)


def _are_literals(nodes: Sequence[exp.Expr]) -> bool:
    return bool(nodes) and all(isinstance(one, exp.Literal) for one in nodes)


def _field_label(number: int, values: Sequence[Value]) -> str:
    """The name of an unnested column without a column list: that of the row's field."""
    labels: list[str] = []
    for value in values:
        kind = value.type
        if kind.name == "array" and kind.args[0].name == "row":
            labels += [name or "" for name, _ in kind.args[0].args]
        else:
            labels += [""] * (2 if kind.name == "map" else 1)
    return labels[number] if number < len(labels) else ""


def _keeps_rows(node: exp.Unnest, values: Sequence[Value]) -> bool:
    """Whether elements that are rows stay one column each, as ``t(name)`` means in Athena's user guide.

    Trino makes a column of each of their fields; that is meant where there are as many names.
    """
    alias = node.args.get("alias")
    names = len(alias.columns) if alias is not None else 0
    offset = node.args.get("offset")
    names -= bool(offset) and not isinstance(offset, exp.Identifier)
    return names == sum(2 if one.type.name == "map" else 1 for one in values)


def _with_alias(inner: exp.Expr, node: exp.Lateral) -> exp.Expr:
    if node.args.get("alias") is not None and inner.args.get("alias") is None:
        inner.set("alias", node.args["alias"])
    return inner


def _sample(node: exp.Table) -> str:
    sample = node.args.get("sample")
    if sample is None:
        return ""
    method = sample.args.get("method")
    name = method.name.upper() if method is not None else ""
    percent = sample.args.get("percent") or sample.args.get("size")
    if name not in ("BERNOULLI", "SYSTEM") or not isinstance(percent, exp.Literal):
        raise not_supported(f"{sample.sql('trino')}", node)
    return f" TABLESAMPLE {name.lower()}({percent.name} PERCENT)"
