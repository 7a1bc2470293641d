"""A connection to DuckDB that can read nothing but the objects of this Glue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from glueprint.query.errors import QueryError
from glueprint.query.functions.macros import FAILURE, statements
from glueprint.query.types import literal


def connect(temporary: Path, folders: list[Path], *, memory_bytes: int, threads: int) -> Any:
    """Return a connection in memory; what does not fit goes to ``temporary``.

    Args:
        temporary: the query's own folder.
        folders: the only others that can be read.
        memory_bytes: how much memory DuckDB uses.
        threads: how many threads.
    """
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": f"{memory_bytes // 2**20}MiB",
            "temp_directory": str(temporary / "spilled"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_unsigned_extensions": False,
        },
    )
    settings = {
        "TimeZone": "'UTC'",
        "integer_division": "true",
        "default_null_order": "'nulls_last'",
        "preserve_insertion_order": "true",
        "allowed_directories": f"[{', '.join(literal(f'{one}/') for one in [temporary, *folders])}]",
        "enable_external_access": "false",
    }
    for macro in statements():
        connection.execute(macro)
    for name, value in settings.items():
        connection.execute(f"SET {name} = {value}")
    connection.execute("SET lock_configuration = true")
    return connection


def explained(error: Exception) -> QueryError:
    """Return what an error of DuckDB means, in Athena's words where they are known."""
    text = " ".join(str(error).split("\n\nLINE")[0].split())
    if (match := FAILURE.search(str(error))) is not None:
        code, _, message = match["message"].partition(": ")
        return QueryError(code, message)
    kind = type(error).__name__
    for pattern, code, message in _KNOWN:
        if re.search(pattern, text):
            return QueryError(code, message or _plain(text))
    codes = {
        "OutOfMemoryException": "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "OutOfRangeException": "NUMERIC_VALUE_OUT_OF_RANGE",
        "ConversionException": "INVALID_CAST_ARGUMENT",
        "BinderException": "SYNTAX_ERROR",
        "InterruptException": "USER_CANCELED",
    }
    if kind in codes:
        return QueryError(codes[kind], _plain(text))
    return QueryError(
        "GENERIC_INTERNAL_ERROR", f"{kind}: {_plain(text)}", is_users=kind in ("InvalidInputException",)
    )


_KNOWN = (
    (r"Division by zero", "DIVISION_BY_ZERO", "Division by zero"),
    (r"must appear in the GROUP BY clause", "EXPRESSION_NOT_AGGREGATE", ""),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    (r"^Out of Range Error: Overflow", "NUMERIC_VALUE_OUT_OF_RANGE", ""),
    (r"No magic bytes found|is not a Parquet|too small to be a Parquet", "HIVE_BAD_DATA", ""),
)


def _plain(text: str) -> str:
    """A message without DuckDB's advice, and without names that only the translation has."""
    text = re.sub(r"^[A-Z][A-Za-z ]+ Error: ", "", text)
    text = re.sub(r'"__[a-z]\d+"\.', "", text)
    return re.split(r" Use TRY\(| Either add| Candidate ", text)[0].strip()
