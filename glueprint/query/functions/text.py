"""Functions of text, regular expressions, bytes and URLs."""

from __future__ import annotations

import re

from glueprint.query.errors import not_supported
from glueprint.query.functions.registry import Call, define, returns_first
from glueprint.query.types import BIGINT, BOOLEAN, INTEGER, VARBINARY, VARCHAR, array, literal, map_of

define("length char_length character_length", "text", "length({0})", BIGINT)
define("length", "bytes", "octet_length({0})", BIGINT)
define("lower", "text", "lower({0})", VARCHAR)
define("upper", "text", "upper({0})", VARCHAR)
define("trim", "text", "trim({0})", VARCHAR)
define("ltrim", "text", "ltrim({0})", VARCHAR)
define("rtrim", "text", "rtrim({0})", VARCHAR)
define("reverse", "text", "reverse({0})", VARCHAR)
define("replace", "text text", "replace({0}, {1}, '')", VARCHAR)
define("replace", "text text text", "replace({0}, {1}, {2})", VARCHAR)
define("substr substring", "text int", "trino_substr({0}, {1})", VARCHAR)
define("substr substring", "text int int", "trino_substr_of({0}, {1}, {2})", VARCHAR)
define("strpos", "text text", "strpos({0}, {1})", BIGINT)
define("split", "text text", "string_split({0}, {1})", array(VARCHAR))
define("split_part", "text text int", "trino_split_part({0}, {1}, {2})", VARCHAR)
define("lpad", "text int text", "lpad({0}, CAST({1} AS INTEGER), {2})", VARCHAR)
define("rpad", "text int text", "rpad({0}, CAST({1} AS INTEGER), {2})", VARCHAR)
define("starts_with", "text text", "starts_with({0}, {1})", BOOLEAN)
define("ends_with", "text text", "suffix({0}, {1})", BOOLEAN)
define("chr", "int", "chr(CAST({0} AS INTEGER))", VARCHAR)
define("codepoint", "text", "unicode({0})", INTEGER)
define("translate", "text text text", "translate({0}, {1}, {2})", VARCHAR)
define("levenshtein_distance", "text text", "levenshtein({0}, {1})", BIGINT)
define("hamming_distance", "text text", "hamming({0}, {1})", BIGINT)
define("concat", "text text text*", lambda call: _joined(call), VARCHAR)
define("concat", "text text", lambda call: _joined(call), VARCHAR)
define("concat", "array array array*", lambda call: _joined(call), returns_first)
define("concat", "array array", lambda call: _joined(call), returns_first)
define("concat_ws", "text array", "array_to_string({1}, {0})", VARCHAR)
define("concat_ws", "text text*", lambda call: f"concat_ws({_arguments(call)})", VARCHAR)
define(
    "split_to_map",
    "text text text",
    "map_from_entries(list_transform(string_split({0}, {1}), "
    "lambda x: struct_pack(k := split_part(x, {2}, 1), v := substr(x, strpos(x, {2}) + length({2})))))",
    map_of(VARCHAR, VARCHAR),
)


def _arguments(call: Call) -> str:
    return ", ".join(one.sql for one in call.arguments)


def _joined(call: Call) -> str:
    return f"({' || '.join(one.sql for one in call.arguments)})"


def _pattern(call: Call, number: int) -> str:
    """The regular expression, which RE2 must read as Java does; what it does not know, it refuses itself."""
    value = call.arguments[number]
    if isinstance(value.constant, str) and re.search(r"\(\?<?[=!]|\\[1-9]|[*+?}]\+", value.constant):
        raise not_supported(
            "a regular expression with look-around, back-references or possessive quantifiers",
            call.written[number],
        )
    return value.sql


def _like(call: Call) -> str:
    return f"regexp_matches({call.arguments[0].sql}, {_pattern(call, 1)})"


def _extract(call: Call) -> str:
    text, pattern = call.arguments[0].sql, _pattern(call, 1)
    group = call.arguments[2].sql if len(call.arguments) > 2 else "0"
    return f"CASE WHEN regexp_matches({text}, {pattern}) THEN regexp_extract({text}, {pattern}, {group}) END"


def _extract_all(call: Call) -> str:
    group = call.arguments[2].sql if len(call.arguments) > 2 else "0"
    return f"regexp_extract_all({call.arguments[0].sql}, {_pattern(call, 1)}, {group})"


def _replace(call: Call) -> str:
    replacement = "''"
    if len(call.arguments) > 2:
        written = str(call.constant(2, "a replacement"))
        if re.search(r"\$\{", written):
            raise not_supported("a named group in a replacement", call.written[2])
        escaped = re.sub(
            r"\\(.)|\$(\d)", lambda one: f"\\{one[2]}" if one[2] else one[1].replace("\\", "\\\\"), written
        )
        replacement = literal(escaped)
    return f"regexp_replace({call.arguments[0].sql}, {_pattern(call, 1)}, {replacement}, 'g')"


define("regexp_like", "text text", _like, BOOLEAN)
define("regexp_extract", "text text ?int", _extract, VARCHAR)
define("regexp_extract_all", "text text ?int", _extract_all, array(VARCHAR))
define("regexp_replace", "text text ?text", _replace, VARCHAR)
define(
    "regexp_split",
    "text text",
    lambda call: f"string_split_regex({call.arguments[0].sql}, {_pattern(call, 1)})",
    array(VARCHAR),
)
define(
    "regexp_count",
    "text text",
    lambda call: f"len(regexp_extract_all({call.arguments[0].sql}, {_pattern(call, 1)}))",
    BIGINT,
)

define("to_utf8", "text", "encode({0})", VARBINARY)
define("from_utf8", "bytes", "decode({0})", VARCHAR)
define("to_hex", "bytes", "hex({0})", VARCHAR)
define("from_hex", "text", "unhex({0})", VARBINARY)
define("to_base64", "bytes", "base64({0})", VARCHAR)
define("from_base64", "text", "from_base64({0})", VARBINARY)
define("md5", "bytes", "unhex(md5({0}))", VARBINARY)
define("sha1", "bytes", "unhex(sha1({0}))", VARBINARY)
define("sha256", "bytes", "unhex(sha256({0}))", VARBINARY)

define("url_extract_host", "text", "trino_host({0})", VARCHAR)
define("url_extract_path", "text", "trino_path({0})", VARCHAR)
define("url_extract_query", "text", "trino_query({0})", VARCHAR)
define("url_extract_fragment", "text", "trino_fragment({0})", VARCHAR)
define("url_extract_protocol", "text", "trino_protocol({0})", VARCHAR)
define("url_extract_parameter", "text text", "trino_parameter({0}, {1})", VARCHAR)
define("url_decode", "text", "url_decode(replace({0}, '+', ' '))", VARCHAR)
