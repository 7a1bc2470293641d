"""Glob patterns as AWS Glue reads them, for exclude patterns of crawlers and of a job's S3 sources.

| Pattern | Matches |
|---|---|
| `*` | any number of characters of one folder or file name |
| `**` | any number of characters, across folders |
| `?` | one character of a name |
| `[abc]`, `[a-z]`, `[!a]` | one character of a name in, or not in, the set; never `/` |
| `{a,b}` | one of the alternatives; groups cannot be nested |
| a backslash | the next character as it is; in brackets it is a plain character |

A leading dot is a plain character. Source: DG:define-crawler, "Include and exclude patterns", which describes the
globs of Java's `FileSystem.getPathMatcher`. Java decides what the page leaves open: `**/a.csv` does not match
`a.csv` (the slash must be there), `[]a]x` is refused (the first `]` closes the bracket), and so is a backslash at
the end.

The catalogue uses this file, too (`common/globs.py` in `glue_jobs/` and `layouts/` are links to it): standard
library and Python 3.9 syntax only, in the catalogue's style, because the bundler merges the modules' imports.
"""

from __future__ import annotations

import re
from typing import Callable, Iterable, List, Tuple


class BadGlobError(ValueError):
    """A pattern that is not valid.

    Attributes:
        problem: what is wrong with it, as the end of a sentence that names the pattern.
    """

    def __init__(self, pattern: str, problem: str) -> None:
        super().__init__(f"Exclude pattern {pattern!r} {problem}")
        self.problem = problem


def excluded(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a test for keys that at least one of the patterns excludes.

    Args:
        patterns: exclude patterns of one target. Spaces around a pattern do not count (the documentation's own
            examples have them).

    Returns:
        A function of a key relative to the include path (no leading slash): True if it is excluded.

    Raises:
        BadGlobError: a pattern is not valid; the error names the first one.
    """
    expressions = [glob_expression(pattern.strip()) for pattern in patterns]
    if not expressions:
        return lambda _: False
    matcher = re.compile("|".join(f"(?:{expression})" for expression in expressions), re.DOTALL)
    return lambda key: matcher.fullmatch(key) is not None


def glob_expression(pattern: str) -> str:
    """Return the regular expression of one pattern; use it with ``re.DOTALL`` and ``fullmatch``.

    Raises:
        BadGlobError: an unclosed bracket or brace, a nested group, an empty bracket, a backward range, or a
            backslash at the end.
    """
    pieces: List[str] = []
    at = 0
    in_group = False
    while at < len(pattern):
        symbol = pattern[at]
        if symbol == "\\":
            if at + 1 == len(pattern):
                raise BadGlobError(pattern, "ends with an escape character")
            pieces.append(re.escape(pattern[at + 1]))
            at += 2
            continue
        if symbol == "*":
            crosses = pattern.startswith("**", at)
            pieces.append(".*" if crosses else "[^/]*")
            at += 2 if crosses else 1
            continue
        if symbol == "[":
            piece, at = _bracket(pattern, at)
            pieces.append(piece)
            continue
        if symbol == "?":
            pieces.append("[^/]")
        elif symbol == "{":
            if in_group:
                raise BadGlobError(pattern, f"nests groups in braces (position {at})")
            in_group = True
            pieces.append("(?:")
        elif symbol == "}" and in_group:
            in_group = False
            pieces.append(")")
        elif symbol == "," and in_group:
            pieces.append("|")
        else:
            pieces.append(re.escape(symbol))
        at += 1
    if in_group:
        raise BadGlobError(pattern, "has an opening brace without a closing one")
    return "".join(pieces)


def _bracket(pattern: str, start: int) -> Tuple[str, int]:
    """Return the expression of the bracket that opens at ``start``, and the position after it."""
    at = start + 1
    negated = pattern.startswith("!", at)
    if negated:
        at += 1
    end = pattern.find("]", at)
    if end < 0:
        raise BadGlobError(pattern, "has an opening bracket without a closing one")
    content = pattern[at:end]
    if not content:
        raise BadGlobError(pattern, f"has an empty bracket expression (position {start})")
    members: List[str] = []
    position = 0
    while position < len(content):
        # A hyphen is a range only between two characters; first or last it is a plain character.
        if position + 2 < len(content) and content[position + 1] == "-":
            low, high = content[position], content[position + 2]
            if low > high:
                raise BadGlobError(pattern, f"has a backward range {low}-{high}")
            members.append(f"{re.escape(low)}-{re.escape(high)}")
            position += 3
        else:
            members.append(re.escape(content[position]))
            position += 1
    # A bracket is one character of a name, so it never matches the separator.
    return "(?!/)[{}{}]".format("^" if negated else "", "".join(members)), end + 1
