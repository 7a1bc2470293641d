"""The parameters of blueprints that read files of any format: which files, how written, with which types."""

import codecs
import re
from typing import Any, Dict, Iterator, Mapping, Tuple

from layouts.common.file_patterns import is_file_pattern
from layouts.common.locations import normal_folder
from layouts.common.parameters import is_number, is_text, matches

_TYPE = (
    r"boolean|tinyint|smallint|int|integer|bigint|long|float|double|string|date|timestamp|binary"
    r"|decimal(\(\d+,\s*\d+\))?|(var)?char\(\d+\)|(array|map|struct)<.+>"
)


def column_types(params: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """``ColumnTypes`` as pairs, without empty ones."""
    pairs = [text.partition("=") for text in params["ColumnTypes"] if text.strip()]
    return tuple((name.strip().lower(), hive.strip()) for name, _, hive in pairs)


def schema_columns(text: str) -> Tuple[Tuple[str, str], ...]:
    """The names and types of ``Schema``: what is between the commas outside of brackets."""
    columns = [""]
    depth = 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            columns.append("")
        else:
            columns[-1] += character
    pairs = [column.strip().partition(" ") for column in columns if text]
    return tuple((name, hive.strip()) for name, _, hive in pairs)


def _schema_problems(params: Mapping[str, Any]) -> Iterator[str]:
    schema, table = params["Schema"].strip(), params["SchemaTable"].strip()
    types = column_types(params)
    if schema and table:
        yield "Schema and SchemaTable must not both be given."
    if types and (schema or table):
        yield "ColumnTypes must be empty with Schema or SchemaTable, which state every type."
    if table and not re.fullmatch(r"[^.\s]+\.[^.\s]+", table):
        yield "SchemaTable must be a table such as database.table."
    columns = schema_columns(schema)
    if not all(name and hive for name, hive in columns):
        yield "Schema must be columns with types such as id bigint, price decimal(10,2)."
    for parameter, pairs in (("Schema", columns), ("ColumnTypes", types)):
        for _, hive in pairs:
            if hive and not re.fullmatch(_TYPE, hive, re.IGNORECASE):
                yield "{}: {!r} is not a type such as bigint, decimal(10,2) or string.".format(parameter, hive)
    if not all(name and hive for name, hive in types):
        yield "ColumnTypes must be a list of name=type."
    if len({name for name, _ in types}) < len(types):
        yield "ColumnTypes must not name a column twice; case does not matter."


def _csv_problems(params: Mapping[str, Any]) -> Iterator[str]:
    if params["InputFormat"] == "xml" and not params["RowTag"].strip():
        yield "RowTag must be the element that is a row: InputFormat is xml."
    if params["Delimiter"] != "\\t" and len(params["Delimiter"].encode()) != 1:
        yield "Delimiter must be one ASCII character, or \\t."
    if params["Quote"] != "none" and len(params["Quote"].encode()) != 1:
        yield "Quote must be one ASCII character, or none."
    if len(params["Escape"].encode()) > 1:
        yield "Escape must be empty or one ASCII character."
    if len({params["Delimiter"], params["Quote"], params["Escape"]}) < 3:
        yield "Delimiter, Quote and Escape must differ."
    try:
        codecs.lookup(params["Encoding"].strip())
    except LookupError:
        yield "Encoding must be one that Python knows, such as utf-8 or latin-1."
    for name in ("Delimiter", "Quote", "Escape", "NullText", "RowTag", "Encoding"):
        if params[name].startswith("-") and params[name] != "-":
            yield "{} must not start with a dash.".format(name)
    for name in ("Delimiter", "Quote", "Escape", "NullText"):
        if params[name] == "-":
            yield "{} must not be a dash.".format(name)


def bad_records_problems(params: Mapping[str, Any]) -> Iterator[str]:
    """The check of ``BadRecordsLocation``."""
    bad = params["BadRecordsLocation"].strip()
    folder, location = normal_folder(bad), normal_folder(params["Location"])
    if bad and folder is None:
        yield "BadRecordsLocation must be an S3 folder such as s3://bucket/folder/."
    if folder and location and folder.startswith(location):
        yield "BadRecordsLocation must not lie in Location: bad records would be found as input."


SOURCE_CHECKS = (
    is_text("FilePattern"),
    is_file_pattern("FilePattern"),
    is_number("MaximumBadRecords", 0),
    matches("RowTag", r"[^\s<>&/]*", "be the name of an element, without brackets"),
    _schema_problems,
    _csv_problems,
)
"""The checks of these parameters, for the list of each blueprint."""


def source_arguments(params: Mapping[str, Any]) -> Dict[str, Any]:
    """The arguments of a job that reads the files; the parameters have been checked."""
    types = ", ".join("{} {}".format(name, hive) for name, hive in column_types(params))
    return {
        "input_format": params["InputFormat"],
        "schema": params["Schema"].strip(),
        "schema_table": params["SchemaTable"].strip().lower(),
        "column_types": types,
        "choice_types": params["ChoiceTypes"],
        "maximum_bad_records": int(params["MaximumBadRecords"]),
        "delimiter": params["Delimiter"],
        "quote": params["Quote"],
        "escape": params["Escape"],
        "header": params["Header"],
        "multi_line": params["MultiLine"],
        "encoding": params["Encoding"].strip(),
        "null_text": params["NullText"],
        "row_tag": params["RowTag"].strip(),
    }
