"""Functions by name: which types they take, and how a call is written in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from glueprint.query.compiling.scope import Scope, Value
from glueprint.query.errors import QueryError, place_of
from glueprint.query.types import Type, to_duckdb

if TYPE_CHECKING:
    from glueprint.query.compiling.expressions import Expressions

Returns = Type | Callable[[Sequence[Value]], Type]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: its arguments, compiled (a lambda is None), and as written."""

    node: exp.Expr
    arguments: Sequence[Value]
    written: Sequence[exp.Expr]
    expressions: Expressions
    scope: Scope

    def constant(self, number: int, what: str) -> Any:
        """Return the value of an argument that must be a literal here.

        Raises:
            QueryError: it is computed; named as unsupported.
        """
        value = self.arguments[number].constant
        if value is None:
            message = f"{what} that is not a literal is not supported by the local Athena"
            raise QueryError("NOT_SUPPORTED", message, place_of(self.written[number]))
        return value

    def body(self, number: int, *kinds: Type) -> tuple[str, Value]:
        """Return the variables of a lambda in DuckDB's form, and its body.

        Raises:
            QueryError: the argument is not a lambda with as many variables.
        """
        return self.expressions.lambda_body(self.written[number], kinds, self.scope)


Build = str | Callable[[Call], "Value | str"]


@dataclass(frozen=True, slots=True)
class Function:
    """One signature of a function.

    Attributes:
        parameters: classes of types (:data:`_CLASSES`); ``?`` in front: may be absent; ``*`` behind: repeated.
        build: a template with ``{0}`` for the first argument, or what writes the call.
    """

    name: str
    parameters: tuple[str, ...]
    build: Build
    returns: Returns

    def accepts(self, arguments: Sequence[Value], written: Sequence[exp.Expr]) -> bool:
        """Whether a call with these arguments is one of this signature."""
        classes: list[str] = []
        for one in self.parameters:
            if one.endswith("*"):
                classes += [one[:-1]] * max(0, len(arguments) - len(classes))
            elif one.startswith("?") and len(classes) >= len(arguments):
                break
            else:
                classes.append(one.lstrip("?"))
        return len(classes) == len(arguments) and all(
            (
                isinstance(node, exp.Lambda)
                if kind == "lambda"
                else not isinstance(node, exp.Lambda) and is_of(value.type, kind)
            )
            for value, node, kind in zip(arguments, written, classes, strict=True)
        )


def is_of(kind: Type, wanted: str) -> bool:
    """Whether a type belongs to a class of types; null belongs to each."""
    return kind.name == "unknown" or _CLASSES[wanted](kind)


_CLASSES: dict[str, Callable[[Type], bool]] = {
    "any": lambda kind: True,
    "text": lambda kind: kind.is_text,
    "int": lambda kind: kind.is_integer,
    "number": lambda kind: kind.is_numeric,
    "decimal": lambda kind: kind.name == "decimal",
    "bool": lambda kind: kind.name == "boolean",
    "time": lambda kind: kind.is_time,
    "date": lambda kind: kind.name == "date",
    "timestamp": lambda kind: kind.name.startswith("timestamp"),
    "zoned": lambda kind: kind.name == "timestamp with time zone",
    "interval": lambda kind: kind.name.startswith("interval"),
    "array": lambda kind: kind.name == "array",
    "map": lambda kind: kind.name == "map",
    "json": lambda kind: kind.name == "json" or kind.is_text,
    "bytes": lambda kind: kind.name == "varbinary",
}

FUNCTIONS: dict[str, list[Function]] = {}
AGGREGATES: dict[str, list[Function]] = {}
WINDOWS: dict[str, list[Function]] = {}
"""Functions that need OVER."""


def define(
    name: str, parameters: str, build: Build, returns: Returns, table: dict[str, list[Function]] = FUNCTIONS
) -> None:
    """Add a signature."""
    for own in name.split():
        table.setdefault(own, []).append(Function(own, tuple(parameters.split()), build, returns))


def returns_first(arguments: Sequence[Value]) -> Type:
    """The type of the first argument."""
    return arguments[0].type


def element(arguments: Sequence[Value]) -> Type:
    """The type of the elements of the first argument."""
    kind: Type = arguments[0].type.args[0]
    return kind


def chosen(name: str, call: Call, table: dict[str, list[Function]]) -> Function:
    """Return the signature of a call.

    Raises:
        QueryError: FUNCTION_NOT_FOUND: the name has no signature for these types.
    """
    signatures = table[name]
    found = next((one for one in signatures if one.accepts(call.arguments, call.written)), None)
    if found is None:
        types = ", ".join(
            "function" if isinstance(node, exp.Lambda) else str(value.type)
            for value, node in zip(call.arguments, call.written, strict=True)
        )
        expected = ", ".join(f"{name}({', '.join(one.parameters)})" for one in signatures)
        message = f"Unexpected parameters ({types}) for function {name}. Expected: {expected}"
        raise QueryError("FUNCTION_NOT_FOUND", message, place_of(call.node))
    return found


def build(function: Function, call: Call) -> Value:
    """Return a call in DuckDB's SQL."""
    if isinstance(function.build, str):
        sql: Value | str = function.build.format(*(one.sql for one in call.arguments))
    else:
        sql = function.build(call)
    if isinstance(sql, Value):
        return sql
    kind = function.returns if isinstance(function.returns, Type) else function.returns(call.arguments)
    return Value(f"CAST({sql} AS {to_duckdb(kind)})" if kind.name == "decimal" else sql, kind)
