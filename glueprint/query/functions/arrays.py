"""Functions of arrays, maps and rows, also those that take a lambda."""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.query.compiling.casts import convert
from glueprint.query.compiling.scope import Value
from glueprint.query.errors import not_supported
from glueprint.query.functions.registry import Build, Call, define, element, returns_first
from glueprint.query.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    TIMESTAMP,
    UNKNOWN,
    VARCHAR,
    Type,
    array,
    map_of,
    row,
    to_duckdb,
)


def _key(arguments: Sequence[Value]) -> Type:
    kind: Type = arguments[0].type.args[0]
    return array(kind)


def _value(arguments: Sequence[Value]) -> Type:
    kind: Type = arguments[0].type.args[1]
    return kind


def _item(number: int, call: Call, kind: Type) -> str:
    """An argument converted to the type of the elements."""
    return convert(call.arguments[number], kind) if call.arguments[number].type != UNKNOWN else "NULL"


def _with_item(template: str) -> Build:
    return lambda call: template.format(call.arguments[0].sql, _item(1, call, call.arguments[0].type.args[0]))


define("cardinality", "array", "CAST(len({0}) AS BIGINT)", BIGINT)
define("cardinality", "map", "CAST(cardinality({0}) AS BIGINT)", BIGINT)
define("element_at", "array int", "list_extract({0}, {1})", element)
define("element_at", "map any", _with_item("map_extract_value({0}, {1})"), _value)
define("contains", "array any", _with_item("list_contains({0}, {1})"), BOOLEAN)
define(
    "array_position", "array any", _with_item("CAST(coalesce(list_position({0}, {1}), 0) AS BIGINT)"), BIGINT
)
define("array_remove", "array any", _with_item("list_filter({0}, lambda x: x <> {1})"), returns_first)
define("array_distinct", "array", "trino_array_distinct({0})", returns_first)
define("array_sort", "array", "list_sort({0}, 'ASC', 'NULLS LAST')", returns_first)
define(
    "array_max",
    "array",
    "CASE WHEN len(list_filter({0}, lambda x: x IS NULL)) = 0 THEN list_max({0}) END",
    element,
)
define(
    "array_min",
    "array",
    "CASE WHEN len(list_filter({0}, lambda x: x IS NULL)) = 0 THEN list_min({0}) END",
    element,
)
define("array_join", "array text", lambda call: _join(call), VARCHAR)
define("array_join", "array text text", lambda call: _join(call), VARCHAR)
define("array_union", "array array", "trino_array_distinct({0} || {1})", returns_first)
define(
    "array_intersect",
    "array array",
    "trino_array_distinct(list_filter({0}, lambda x: list_position({1}, x) IS NOT NULL))",
    returns_first,
)
define(
    "array_except",
    "array array",
    "trino_array_distinct(list_filter({0}, lambda x: list_position({1}, x) IS NULL))",
    returns_first,
)
define("arrays_overlap", "array array", "list_has_any({0}, {1})", BOOLEAN)
define("slice", "array int int", lambda call: _slice(call), returns_first)
define("flatten", "array", "flatten({0})", element)
define("reverse", "array", "list_reverse({0})", returns_first)
define(
    "repeat",
    "any int",
    "list_transform(range(CAST({1} AS BIGINT)), lambda x: {0})",
    lambda a: array(a[0].type),
)
define("sequence", "int int ?int", lambda call: _sequence(call), array(BIGINT))
define("sequence", "date date ?interval", lambda call: _dates(call), array(DATE))
define("sequence", "timestamp timestamp interval", "generate_series({0}, {1}, {2})", array(TIMESTAMP))
define("map_keys", "map", "map_keys({0})", _key)
define("map_values", "map", "map_values({0})", lambda a: array(a[0].type.args[1]))
define("map", "array array", "MAP({0}, {1})", lambda a: map_of(a[0].type.args[0], a[1].type.args[0]))
define("map", "", "MAP()", map_of(UNKNOWN, UNKNOWN))
define(
    "map_concat",
    "map map*",
    lambda call: f"map_concat({', '.join(a.sql for a in call.arguments)})",
    returns_first,
)
define(
    "map_entries",
    "map",
    "list_transform(map_entries({0}), lambda x: struct_pack(field0 := x.key, field1 := x.value))",
    lambda a: array(row((None, a[0].type.args[0]), (None, a[0].type.args[1]))),
)
define("row", "any any*", lambda call: _row(call), VARCHAR)
define("zip", "array array", lambda call: _zip(call), VARCHAR)


def _join(call: Call) -> str:
    kind = call.arguments[0].type.args[0]
    text = call.expressions.cast(Value("x", kind), VARCHAR, call.node).sql
    null = call.arguments[2].sql if len(call.arguments) > 2 else None
    items = (
        f"list_transform({call.arguments[0].sql}, lambda x: {f'coalesce({text}, {null})' if null else text})"
    )
    return f"array_to_string({items}, {call.arguments[1].sql})"


def _slice(call: Call) -> str:
    values, start, length = (one.sql for one in call.arguments)
    first = f"if({start} < 0, len({values}) + {start} + 1, {start})"
    return f"list_slice({values}, {first}, {first} + {length} - 1)"


def _sequence(call: Call) -> str:
    start, stop = call.arguments[0].sql, call.arguments[1].sql
    step = call.arguments[2].sql if len(call.arguments) > 2 else f"if({start} <= {stop}, 1, -1)"
    return f"generate_series(CAST({start} AS BIGINT), CAST({stop} AS BIGINT), CAST({step} AS BIGINT))"


def _dates(call: Call) -> str:
    start, stop = call.arguments[0].sql, call.arguments[1].sql
    step = (
        call.arguments[2].sql
        if len(call.arguments) > 2
        else f"if({start} <= {stop}, INTERVAL '1 day', INTERVAL '-1 day')"
    )
    series = f"generate_series(CAST({start} AS TIMESTAMP), CAST({stop} AS TIMESTAMP), {step})"
    return f"list_transform({series}, lambda x: CAST(x AS DATE))"


def _row(call: Call) -> Value:
    kind = row(*((None, one.type) for one in call.arguments))
    fields = ", ".join(f"field{number} := {one.sql}" for number, one in enumerate(call.arguments))
    return Value(f"struct_pack({fields})", kind)


def _zip(call: Call) -> Value:
    one, two = call.arguments
    pair = row((None, one.type.args[0]), (None, two.type.args[0]))
    sql = (
        f"list_transform(list_zip({one.sql}, {two.sql}), lambda x: struct_pack(field0 := x[1], field1 :="
        " x[2]))"
    )
    return Value(sql, array(pair))


def _filter(call: Call) -> Value:
    values = call.arguments[0]
    names, body = call.body(1, values.type.args[0])
    return Value(f"list_filter({values.sql}, lambda {names}: {body.sql})", values.type)


def _transform(call: Call) -> Value:
    values = call.arguments[0]
    names, body = call.body(1, values.type.args[0])
    return Value(f"list_transform({values.sql}, lambda {names}: {body.sql})", array(body.type))


def _reduce(call: Call) -> Value:
    """The state's type is that of the start, or what the steps make of it."""
    values, start = call.arguments[0], call.arguments[1]
    state = start.type
    for _ in range(2):
        names, body = call.body(2, state, values.type.args[0])
        state = call.expressions.common_type([Value("", state), body], call.node)
    final_name, final = call.body(3, state)
    kind = to_duckdb(state)
    if values.type.args[0] != state and not (values.type.args[0].is_numeric and state.is_numeric):
        raise not_supported("reduce with a state of another type than the elements", call.node)
    converted = f"CAST({values.sql} AS {kind}[])"
    folded = (
        f"list_reduce({converted}, lambda {names}: CAST({body.sql} AS {kind}), CAST({start.sql} AS {kind}))"
    )
    return Value(f"list_extract(list_transform([{folded}], lambda {final_name}: {final.sql}), 1)", final.type)


def _match(form: str) -> Build:
    def build(call: Call) -> str:
        values = call.arguments[0]
        names, body = call.body(1, values.type.args[0])
        found = f"list_transform({values.sql}, lambda {names}: {body.sql})"
        return form.format(found)

    return build


define("filter", "array lambda", _filter, BOOLEAN)
define("transform", "array lambda", _transform, BOOLEAN)
define("reduce", "array any lambda lambda", _reduce, BOOLEAN)
define("any_match", "array lambda", _match("coalesce(list_bool_or({0}), false)"), BOOLEAN)
define("all_match", "array lambda", _match("coalesce(list_bool_and({0}), true)"), BOOLEAN)
define("none_match", "array lambda", _match("NOT coalesce(list_bool_or({0}), false)"), BOOLEAN)


def _map_lambda(call: Call, over: str) -> Value:
    """Lambdas of a key and a value, over the entries of a map."""
    values = call.arguments[0]
    key, kind = values.type.args
    inner = {"k": Value("entry.key", key), "v": Value("entry.value", kind)}
    body = call.expressions.lambda_over(call.written[1], list(inner.values()), call.scope)
    entries = f"map_entries({values.sql})"
    match over:
        case "filter":
            return Value(f"map_from_entries(list_filter({entries}, lambda entry: {body.sql}))", values.type)
        case "values":
            made = f"struct_pack(k := entry.key, v := {body.sql})"
            found = map_of(key, body.type)
        case _:
            made = f"struct_pack(k := {body.sql}, v := entry.value)"
            found = map_of(body.type, kind)
    return Value(f"map_from_entries(list_transform({entries}, lambda entry: {made}))", found)


define("map_filter", "map lambda", lambda call: _map_lambda(call, "filter"), BOOLEAN)
define("transform_values", "map lambda", lambda call: _map_lambda(call, "values"), BOOLEAN)
define("transform_keys", "map lambda", lambda call: _map_lambda(call, "keys"), BOOLEAN)
