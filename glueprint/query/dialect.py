"""Reading of Athena's SQL for queries: sqlglot's parser of Trino, without its own ideas of functions.

sqlglot knows functions of many dialects, and gives each one meaning. Here a call keeps its name and arguments, so
that ``functions`` alone decides what it means.
"""

from __future__ import annotations

from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser

from glueprint.query.errors import Place, QueryError
from glueprint.query.known_parts import check_parts

_KEPT = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING")
"""Functions whose arguments have words between them; others are plain calls."""


class Athena(Trino):
    """The dialect of SELECT in Athena."""

    INDEX_OFFSET = 0

    class Parser(TrinoParser):
        """A parser that leaves calls as they are."""

        FUNCTIONS: ClassVar = {}
        FUNCTION_PARSERS: ClassVar = {
            name: parser for name, parser in TrinoParser.FUNCTION_PARSERS.items() if name in _KEPT
        }


def parse_query(text: str) -> exp.Expr:
    """Return the tree of one statement.

    Raises:
        QueryError: it is not SQL; with the place.
    """
    try:
        parsed = [one for one in sqlglot.parse(text, dialect=Athena) if one is not None]
    except ParseError as error:
        raise _as_query_error(error) from error
    except TokenError as error:
        raise QueryError("SYNTAX_ERROR", f"the text ends within a quoted part: {error}") from error
    except RecursionError as error:
        raise QueryError("STACK_OVERFLOW", "the query is nested too deeply") from error
    if len(parsed) != 1:
        raise QueryError("SYNTAX_ERROR", "Only one sql statement is allowed. Got: " + text[:200])
    check_parts(parsed[0])
    return parsed[0]


def _as_query_error(error: ParseError) -> QueryError:
    first = error.errors[0] if error.errors else {}
    line, column = first.get("line"), first.get("col")
    word = first.get("highlight") or ""
    place = Place(line, max(1, column - len(word) + 1)) if line and column else None
    problem = str(first.get("description") or error)
    if "<class" in problem or problem.startswith("Invalid expression"):  # sqlglot's own terms
        problem = "something is missing behind it" if "<class" in problem else "it is not expected here"
    return QueryError("SYNTAX_ERROR", f"mismatched input '{word}': {problem}" if word else problem, place)
