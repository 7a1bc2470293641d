"""Functions that DuckDB lacks or means differently, defined in its SQL when a query's process starts."""

from __future__ import annotations

import re

MACROS = (
    # Java's text of floating-point numbers: 1.0E7.
    """trino_float_text(x) AS CASE
        WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN if(x > 0, 'Infinity', '-Infinity')
        WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
        ELSE trino_exponent(CAST(abs(x) AS VARCHAR), x < 0) END""",
    """trino_real_text(x) AS CASE
        WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN if(x > 0, 'Infinity', '-Infinity')
        WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
        ELSE trino_exponent(CAST(abs(x) AS VARCHAR), x < 0) END""",
    # '12345678.9' or '1.5e+20' as a mantissa below ten and an exponent.
    """trino_exponent(t, negative) AS trino_exponent_parts(
        split_part(lower(t), 'e', 1),
        if(contains(lower(t), 'e'), CAST(split_part(lower(t), 'e', 2) AS INTEGER), 0),
        negative)""",
    """trino_exponent_parts(m, e, negative) AS trino_exponent_digits(
        ltrim(replace(m, '.', ''), '0'),
        e + length(split_part(m, '.', 1)) - 1
          - (length(replace(m, '.', '')) - length(ltrim(replace(m, '.', ''), '0'))), negative)""",
    """trino_exponent_digits(d, e, negative) AS if(negative, '-', '') || substr(d, 1, 1) || '.'
        || coalesce(nullif(rtrim(substr(d, 2), '0'), ''), '0') || 'E' || e""",
    """trino_float_divide(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL
        THEN if(a = 0 OR isnan(a), CAST('nan' AS DOUBLE), if(a > 0, CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)))
        ELSE a / b END""",
    """trino_divide_rounded(a, b) AS CASE WHEN b = 0
        THEN CAST(trino_error('DIVISION_BY_ZERO: Division by zero') AS HUGEINT)
        ELSE (a // b) + if(abs(a % b) * 2 >= abs(b), if((a < 0) = (b < 0), 1, -1), 0) END""",
    """trino_text_boolean(s) AS CASE WHEN s IS NULL THEN NULL WHEN lower(s) IN ('t', 'true', '1') THEN true
        WHEN lower(s) IN ('f', 'false', '0') THEN false
        ELSE CAST(trino_error('INVALID_CAST_ARGUMENT: Cannot cast ''' || s || ''' to BOOLEAN') AS BOOLEAN) END""",
    """trino_json_scalar(j) AS CASE WHEN json_type(j) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL
        ELSE json_extract_string(j, '$') END""",
    """trino_json_extract_scalar(j, p) AS CASE WHEN NOT json_valid(j) THEN NULL
        WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, p) END""",
    "trino_json_extract(j, p) AS CASE WHEN json_valid(j) THEN json_extract(j, p) END",
    """trino_json_parse(j) AS CASE WHEN j IS NULL THEN NULL WHEN json_valid(j) THEN CAST(j AS JSON)
        ELSE CAST(trino_error('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ''' || j || '''')
            AS JSON) END""",
    """trino_substr(s, a) AS CASE WHEN a = 0 OR abs(a) > length(s) THEN if(s IS NULL OR a IS NULL, NULL, '')
        ELSE substr(s, a) END""",
    """trino_substr_of(s, a, n) AS CASE WHEN a = 0 OR abs(a) > length(s) OR n <= 0
        THEN if(s IS NULL OR a IS NULL OR n IS NULL, NULL, '') ELSE substr(s, a, n) END""",
    """trino_split_part(s, d, n) AS CASE
        WHEN n < 1 THEN CAST(trino_error('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero') AS VARCHAR)
        WHEN n > len(string_split(s, d)) THEN NULL ELSE split_part(s, d, n) END""",
    """trino_subscript(a, i) AS CASE
        WHEN a IS NULL OR i IS NULL THEN NULL
        WHEN i = 0 THEN trino_error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')
        WHEN i < 0 THEN trino_error('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || i)
        WHEN i > len(a) THEN trino_error('INVALID_FUNCTION_ARGUMENT: '
            || 'Array subscript must be less than or equal to array length: '
            || i || ' > ' || len(a)) END""",
    "trino_array_distinct(a) AS list_filter(a, lambda x, i: list_position(a, x) = i)",
    """trino_parameter(u, n) AS url_decode(replace(list_extract(list_transform(list_filter(
        string_split(trino_query(u), '&'), lambda p: split_part(p, '=', 1) = n),
        lambda p: substr(p, length(n) + 2)), 1), '+', ' '))""",
    (
        "trino_host(u) AS nullif(regexp_extract(u, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)',"
        " 1), '')"
    ),
    "trino_path(u) AS regexp_extract(u, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)', 1)",
    "trino_query(u) AS regexp_extract(u, '^[^?#]*\\?([^#]*)', 1)",
    "trino_fragment(u) AS regexp_extract(u, '#(.*)$', 1)",
    "trino_protocol(u) AS regexp_extract(u, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1)",
    """trino_interval_text(i) AS if(epoch_ms(i) < 0, '-', '') || trino_milliseconds_text(abs(epoch_ms(i)))""",
    """trino_milliseconds_text(m) AS (m // 86400000) || ' ' || trino_two(m // 3600000 % 24) || ':'
        || trino_two(m // 60000 % 60) || ':' || trino_two(m // 1000 % 60) || '.'
        || lpad(CAST(m % 1000 AS VARCHAR), 3, '0')""",
    """trino_two(n) AS lpad(CAST(n AS VARCHAR), 2, '0')""",
    "trino_months_text(i) AS date_part('year', i) || '-' || date_part('month', i)",
    # Not DuckDB's error(), which is volatile, and so not allowed within TRY. FAILURE finds the message again.
    "trino_error(message) AS CAST(CAST('!' || message AS HUGEINT) AS VARCHAR)",
)


FAILURE = re.compile(r"'!(?P<message>.*)' to INT128", re.DOTALL)
"""What ``trino_error`` makes of its message."""


def statements() -> list[str]:
    """Return the statements that define the macros; one may use another that comes later."""
    return [f"CREATE OR REPLACE TEMP MACRO {one}" for one in reversed(MACROS)]
