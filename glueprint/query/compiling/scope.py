"""Names: which columns a part of a query can use, and what they are in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from glueprint.query.errors import QueryError, place_of
from glueprint.query.types import Type, field_names, quoted


@dataclass(frozen=True, slots=True)
class Value:
    """An expression in DuckDB's SQL, with its type in Athena's.

    Attributes:
        constant: the value of a literal, if it is one.
    """

    sql: str
    type: Type
    constant: Any = None


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a relation: its name as written, and its expression.

    Attributes:
        relation: the alias or name by which it can be qualified, and the database of a table.
        is_hidden: whether it needs its qualifier (the columns of USING, which are one).
        in_star: whether ``*`` means it, too.
        source: the id of the table's use that has it, for partition pruning; empty if it is computed.
    """

    name: str
    value: Value
    relation: tuple[str, ...] = ()
    is_hidden: bool = False
    in_star: bool = True
    source: str = ""


@dataclass
class Scope:
    """The columns that expressions of one SELECT can use, and those of the SELECTs around it."""

    fields: Sequence[Field] = ()
    parent: Scope | None = None
    variables: Mapping[str, Value] = field(default_factory=dict)
    aliases: Mapping[str, Value] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def inner(self, variables: Mapping[str, Value]) -> Scope:
        """Return the scope of a lambda's body."""
        return Scope(self.fields, self.parent, {**self.variables, **variables}, self.aliases, self.used)

    def of(self, qualifier: tuple[str, ...]) -> list[Field]:
        """Return the columns of one relation."""
        return [one for one in self.fields if _matches(one.relation, qualifier)]

    def has(self, qualifier: tuple[str, ...]) -> bool:
        """Whether there is a relation of that name."""
        return any(_matches(one.relation, qualifier) for one in self.fields)


def _matches(relation: tuple[str, ...], qualifier: tuple[str, ...]) -> bool:
    return bool(relation) and relation[-len(qualifier) :] == qualifier


def resolve(parts: Sequence[str], scope: Scope, node: exp.Expr) -> Value:
    """Return what a name of one or more parts means.

    Raises:
        QueryError: COLUMN_NOT_FOUND, or AMBIGUOUS_NAME.
    """
    lower = [part.lower() for part in parts]
    if lower[0] in scope.variables:
        return _parts_of(scope.variables[lower[0]], parts[1:], node)
    current: Scope | None = scope
    while current is not None:
        found = _resolve_in(current, lower, node)
        if found is not None:
            value, rest = found
            return _parts_of(value, parts[len(parts) - rest :] if rest else (), node)
        if lower[0] in current.aliases and len(lower) == 1:
            return current.aliases[lower[0]]
        current = current.parent
    raise QueryError("COLUMN_NOT_FOUND", f"Column '{'.'.join(parts)}' cannot be resolved", place_of(node))


def _resolve_in(scope: Scope, lower: list[str], node: exp.Expr) -> tuple[Value, int] | None:
    """The value of the longest name that matches, and how many parts are left."""
    for size in range(min(2, len(lower) - 1), -1, -1):  # database.table.column, table.column, column
        qualifier, name = tuple(lower[:size]), lower[size]
        candidates = scope.of(qualifier) if qualifier else scope.fields
        found = [
            one for one in candidates if one.name.lower() == name and not (one.is_hidden and not qualifier)
        ]
        if len(found) > 1:
            raise QueryError("AMBIGUOUS_NAME", f"Column '{'.'.join(lower)}' is ambiguous", place_of(node))
        if found:
            if found[0].source:
                scope.used.add((found[0].source, name))
            return found[0].value, len(lower) - size - 1
    return None


def _parts_of(value: Value, names: Sequence[str], node: exp.Expr) -> Value:
    for name in names:
        value = member(value, name, node)
    return value


def member(value: Value, name: str, node: exp.Expr) -> Value:
    """Return a field of a row.

    Raises:
        QueryError: it is not a row, or has no such field.
    """
    if value.type.name != "row":
        message = f"Expression {node.sql('trino')} is not of type ROW"
        raise QueryError("TYPE_MISMATCH", message, place_of(node))
    for own, (written, kind) in zip(field_names(value.type), value.type.args, strict=True):
        if (written or own).lower() == name.lower():
            return Value(f"struct_extract({value.sql}, '{own.replace(chr(39), chr(39) * 2)}')", kind)
    raise QueryError("COLUMN_NOT_FOUND", f"Column '{node.sql('trino')}' cannot be resolved", place_of(node))


def column_sql(relation: str, name: str) -> str:
    """Return a column of an aliased relation in DuckDB's SQL."""
    return f"{quoted(relation)}.{quoted(name)}"
