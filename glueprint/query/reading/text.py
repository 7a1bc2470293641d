"""Delimited text as LazySimpleSerDe reads it, and lines of files for the SerDes that are read here.

A value that is not of its column's type is null (Hive's LazyPrimitive classes). Nested values have the separators
of their level: ``collection.delim``, ``mapkey.delim``, then the control characters that follow.
"""

from __future__ import annotations

import bz2
import gzip
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from glueprint.query.errors import QueryError
from glueprint.query.types import Type, field_names, literal, quoted, to_duckdb

NATIVE_SUFFIXES = ("gz", "zst")
"""Compressions that DuckDB reads itself, by the end of a file's name."""
_OTHER_SUFFIXES = ("bz2", "snappy", "sz", "lz4", "deflate", "lzo")
_NO_SEPARATOR = "\x1f\x1e\x1f\x1d"
"""Separates nothing: a line is read as one value."""
NO_TEXT = "\x1d\x1e\x1d"
"""No value has it: nothing is null because of its text."""


def opened(path: str, name: str) -> BinaryIO:
    """Return the decompressed content of a file; ``name`` is its object's key.

    Raises:
        QueryError: the compression cannot be read.
    """
    suffix = name.rpartition(".")[2].lower()
    with open(path, "rb") as file:
        if suffix in ("zst", "snappy", "sz", "lz4", "deflate"):
            return io.BytesIO(_decompressed(file.read(), suffix, name))
        start = file.read(2)
    if suffix == "lzo":
        raise QueryError("NOT_SUPPORTED", f"LZO compression ({name}) is not supported by the local Athena")
    if suffix == "gz" or start == b"\x1f\x8b":
        return gzip.open(path)  # type: ignore[return-value]
    return bz2.open(path) if suffix == "bz2" else open(path, "rb")  # type: ignore[return-value]


def _decompressed(content: bytes, suffix: str, name: str) -> bytes:
    import cramjam

    codecs = {"zst": cramjam.zstd, "lz4": cramjam.lz4, "deflate": cramjam.zlib, "sz": cramjam.snappy}
    try:
        if suffix == "snappy":
            return _hadoop_snappy(content)
        return bytes(codecs[suffix].decompress(content))
    except Exception as error:
        raise QueryError("HIVE_BAD_DATA", f"{name} cannot be decompressed: {error}") from error


def _hadoop_snappy(content: bytes) -> bytes:
    """Hadoop's framing: per block the size of its content, then chunks with their own sizes."""
    import cramjam

    if content[:10] == b"\xff\x06\x00\x00sNaPpY":
        return bytes(cramjam.snappy.decompress(content))
    found, at = bytearray(), 0
    while at < len(content):
        wanted, at = int.from_bytes(content[at : at + 4]), at + 4
        end = len(found) + wanted
        while len(found) < end:
            size, at = int.from_bytes(content[at : at + 4]), at + 4
            found += bytes(cramjam.snappy.decompress_raw(content[at : at + size]))
            at += size
    return bytes(found)


def plain_path(path: str, name: str, temporary: Path) -> str:
    """Return a file that DuckDB can read: the file itself, or its decompressed copy."""
    suffix = name.rpartition(".")[2].lower()
    if suffix not in _OTHER_SUFFIXES and Path(path).suffix.lower().lstrip(".") == (
        suffix if "." in name else ""
    ):
        return path
    copy = temporary / f"{abs(hash((path, name)))}.txt"
    if not copy.exists():
        with opened(path, name) as source, copy.open("wb") as target:
            while block := source.read(1 << 20):
                target.write(block)
    return str(copy)


def header_lines(properties: Mapping[str, str]) -> int:
    """Return how many lines at the start of each file are a header.

    Raises:
        QueryError: HIVE_INVALID_METADATA: ``skip.header.line.count`` is not a whole number.
    """
    value = properties.get("skip.header.line.count") or "0"
    if not re.fullmatch(r"[0-9]+", value):
        message = f"Invalid value for 'skip.header.line.count' property: {value}"
        raise QueryError("HIVE_INVALID_METADATA", message)
    return int(value)


def lines_of(path: str, name: str, skipped: int = 0) -> Iterator[str]:
    """Yield the lines of a file without their ends, after ``skipped`` header lines."""
    with opened(path, name) as content:
        text = io.TextIOWrapper(content, encoding="utf-8", errors="replace", newline="\n")
        for number, line in enumerate(text):
            if number >= skipped:
                yield line.rstrip("\n").rstrip("\r")


def lazy_sql(
    paths: Sequence[str],
    columns: Sequence[tuple[str, Type]],
    positions: Sequence[int],
    properties: Mapping[str, str],
    path_column: str,
) -> str:
    """Return a query of the columns of delimited text; ``positions`` are the columns' places in a line."""
    levels = separators(properties)
    null = properties.get("serialization.null.format", "\\N")
    skipped = header_lines(properties)
    listed = ", ".join(map(literal, paths))
    source = (
        f"read_csv([{listed}], columns := {{'line': 'VARCHAR'}}, auto_detect := false, delim :="
        f" {literal(_NO_SEPARATOR)}, quote := '', escape := '', header := false, skip := {skipped}, new_line"
        f" := '\\n', strict_mode := false, null_padding := true, nullstr := {literal(NO_TEXT)},"
        f" max_line_size := 16777216, filename := {literal(path_column)})"
    )
    cells = (
        f"SELECT string_split(rtrim(line, chr(13)), {literal(levels[0])}) AS cells, {quoted(path_column)}"
        f" FROM {source}"
    )
    parts = [
        f"{value_sql(f'cells[{position + 1}]', kind, levels, 1, null)} AS {quoted(name)}"
        for (name, kind), position in zip(columns, positions, strict=True)
    ]
    return f"SELECT {', '.join([*parts, quoted(path_column)])} FROM ({cells})"


def separators(properties: Mapping[str, str]) -> list[str]:
    """The separators of each level; ``serialization.format`` is the number of a character."""
    number = properties.get("serialization.format", "")
    first = properties.get("field.delim") or (chr(int(number)) if number.isdigit() else number) or "\x01"
    second = properties.get("collection.delim") or properties.get("colelction.delim") or "\x02"
    return [first, second, properties.get("mapkey.delim") or "\x03", *map(chr, range(4, 9))]


_INTEGER = r"[+-]?[0-9]+"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_TIMESTAMP = rf"{_DATE}( [0-9]{{1,2}}:[0-9]{{1,2}}(:[0-9]{{1,2}}(\.[0-9]+)?)?)?"


def value_sql(cell: str, kind: Type, separators: Sequence[str], level: int, null: str) -> str:
    """Return a text as a value of a type, or null."""
    text = f"nullif({cell}, {literal(null)})"
    own = to_duckdb(kind)
    match kind.name:
        case "varchar" | "char":
            return f"substr({text}, 1, {kind.args[0]})" if kind.args else text
        case "boolean":
            return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
        case "tinyint" | "smallint" | "integer" | "bigint":
            return f"CASE WHEN regexp_full_match({text}, '{_INTEGER}') THEN TRY_CAST({text} AS {own}) END"
        case "date":
            return f"CASE WHEN regexp_full_match({text}, '{_DATE}') THEN TRY_CAST({text} AS DATE) END"
        case "timestamp":
            parsed = f"date_trunc('milliseconds', TRY_CAST({text} AS TIMESTAMP))"
            return f"CASE WHEN regexp_full_match({text}, '{_TIMESTAMP}') THEN {parsed} END"
        case "varbinary":
            return f"TRY(from_base64({text}))"
        case "array":
            inner = value_sql("x", kind.args[0], separators, level + 1, null)
            items = f"list_transform(string_split({text}, {literal(separators[level])}), lambda x: {inner})"
            return f"CASE WHEN {text} = '' THEN CAST([] AS {own}) ELSE {items} END"
        case "map":
            pair = f"string_split(x, {literal(separators[level + 1])})"
            key = value_sql(f"{pair}[1]", kind.args[0], separators, level + 2, null)
            value = value_sql(f"{pair}[2]", kind.args[1], separators, level + 2, null)
            entries = (
                f"list_transform(string_split({text}, {literal(separators[level])}), lambda x: struct_pack(k"
                f" := {key}, v := {value}))"
            )
            return f"CASE WHEN {text} = '' THEN CAST(MAP() AS {own}) ELSE map_from_entries({entries}) END"
        case "row":
            parts = f"string_split({text}, {literal(separators[level])})"
            fields = ", ".join(
                f"{quoted(name)} :="
                f" {value_sql(f'{parts}[{number + 1}]', inner_kind, separators, level + 1, null)}"
                for number, (name, (_, inner_kind)) in enumerate(
                    zip(field_names(kind), kind.args, strict=True)
                )
            )
            return f"CASE WHEN {text} IS NOT NULL THEN struct_pack({fields}) END"
    return f"TRY_CAST({text} AS {own})"


def regex_cells(lines: Iterator[str], properties: Mapping[str, str], table: str) -> Iterator[list[str]]:
    """Yield the groups of each line's match (RegexSerDe); a line that does not match is a row of nulls.

    Raises:
        QueryError: ``input.regex`` is missing, or is not a regular expression that can be read here.
    """
    pattern = properties.get("input.regex")
    if pattern is None:
        message = f"{table}: This table does not have serde property \"input.regex\"!"
        raise QueryError("HIVE_INVALID_METADATA", message)
    ignores_case = properties.get("input.regex.case.insensitive", "").lower() == "true"
    try:
        compiled = re.compile(pattern, re.IGNORECASE if ignores_case else 0)
    except re.error as error:
        message = f"the regular expression of {table} ({error}) is not supported by the local Athena"
        raise QueryError("NOT_SUPPORTED", message) from error
    for line in lines:
        match = compiled.fullmatch(line)
        yield list(match.groups()) if match is not None else []


def split_escaped(line: str, separator: str, escape: str) -> list[str]:
    """Return the values of a line whose separators can be escaped (``escape.delim``)."""
    cells: list[str] = []
    cell: list[str] = []
    at = 0
    while at < len(line):
        if line[at] == escape and at + 1 < len(line):
            cell.append(line[at + 1])
            at += 2
        elif line[at] == separator:
            cells.append("".join(cell))
            cell, at = [], at + 1
        else:
            cell.append(line[at])
            at += 1
    cells.append("".join(cell))
    return cells
