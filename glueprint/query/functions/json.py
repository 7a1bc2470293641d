"""Functions of JSON. Paths are literals: Trino's and DuckDB's differ in what a computed one may be."""

from __future__ import annotations

import re

from glueprint.query.errors import not_supported
from glueprint.query.functions.registry import Build, Call, define
from glueprint.query.types import BIGINT, BOOLEAN, JSON, VARCHAR, literal

_STEP = re.compile(r"""\.([A-Za-z_][A-Za-z0-9_\-]*)|\.?\[(\d+)\]|\[['"]([^'"\]]*)['"]\]|\."([^"]+)\"""")


def path(call: Call, number: int) -> str:
    """Return a JSON path as DuckDB writes it.

    Raises:
        QueryError: it is computed, or has wildcards or filters.
    """
    text = str(call.constant(number, "a JSON path")).strip()
    text = text if text.startswith("$") else f"$.{text}"
    steps, at = ["$"], 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise not_supported(f"the JSON path {text}", call.written[number])
        name = match[1] or match[3] or match[4]
        steps.append(f"[{match[2]}]" if match[2] is not None else f'."{name}"')
        at = match.end()
    return literal("".join(steps))


def _in_path(template: str) -> Build:
    return lambda call: template.format(call.arguments[0].sql, path(call, 1))


define("json_extract_scalar", "json text", _in_path("trino_json_extract_scalar({0}, {1})"), VARCHAR)
define("json_extract", "json text", _in_path("trino_json_extract({0}, {1})"), JSON)
define(
    "json_size",
    "json text",
    _in_path(
        "CAST(CASE json_type({0}, {1}) WHEN 'ARRAY' THEN json_array_length({0}, {1}) WHEN 'OBJECT' THEN"
        " len(json_keys({0}, {1})) ELSE if(json_type({0}, {1}) IS NULL, NULL, 0) END AS BIGINT)"
    ),
    BIGINT,
)
define("json_parse", "text", "trino_json_parse({0})", JSON)
define("json_format", "json", "CAST({0} AS VARCHAR)", VARCHAR)
define(
    "json_array_length",
    "json",
    "CASE WHEN json_valid({0}) AND json_type({0}) = 'ARRAY' THEN CAST(json_array_length({0}) AS BIGINT) END",
    BIGINT,
)
define(
    "json_array_contains",
    "json any",
    "CASE WHEN json_valid({0}) AND json_type({0}) = 'ARRAY'"
    " THEN list_contains(json_extract({0}, '$[*]'), to_json({1})) END",
    BOOLEAN,
)
define("json_array_get", "json int", "json_extract({0}, '$[' || CAST({1} AS BIGINT) || ']')", JSON)
define("is_json_scalar", "json", "json_type({0}) NOT IN ('OBJECT', 'ARRAY')", BOOLEAN)
