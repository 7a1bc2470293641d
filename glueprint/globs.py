"""Exclude patterns: Glue's globs (DG:define-crawler), for crawlers and for the sources of jobs alike.

``/`` separates folders; ``*`` stays within one name, ``**`` crosses folders; ``?`` is one character of a name;
a backslash escapes; ``[abc]``, ``[a-z]``, ``[!a]``; ``{a,b}`` chooses and is not nested. A leading dot is a
normal character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


class BadGlobError(ValueError):
    """An exclude pattern that cannot be read; says what is wrong and where."""


def excluded(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test for keys that one of the patterns excludes.

    Args:
        patterns: exclude patterns of one target. Spaces around a pattern do not count (the documentation's own
            examples have them).

    Returns:
        A function of a key relative to the include path (no leading slash): True when it is excluded.

    Raises:
        BadGlobError: naming the first pattern that cannot be read.
    """
    expressions = [translated(pattern.strip()) for pattern in patterns]
    if not expressions:
        return lambda _: False
    matcher = re.compile("|".join(f"(?:{expression})" for expression in expressions), re.DOTALL)
    return lambda key: matcher.fullmatch(key) is not None


def translated(pattern: str) -> str:
    """The regular expression of one pattern, to be matched against the whole relative key.

    Raises:
        BadGlobError: an unclosed bracket or brace, a nested group, an empty or backward range, an escape at the
            end.
    """
    pieces: list[str] = []
    at = 0
    in_group = False
    while at < len(pattern):
        symbol = pattern[at]
        if symbol == "\\":
            if at + 1 == len(pattern):
                raise BadGlobError(f"Exclude pattern {pattern!r} ends with an escape character")
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
                raise BadGlobError(
                    f"Exclude pattern {pattern!r}: groups in braces cannot be nested (position {at})"
                )
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
        raise BadGlobError(f"Exclude pattern {pattern!r} has an opening brace without a closing one")
    return "".join(pieces)


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    """The expression of the bracket that opens at ``start``, and the position after it."""
    at = start + 1
    negated = pattern.startswith("!", at)
    if negated:
        at += 1
    end = pattern.find("]", at)
    if end < 0:
        raise BadGlobError(f"Exclude pattern {pattern!r} has an opening bracket without a closing one")
    content = pattern[at:end]
    if not content:
        raise BadGlobError(f"Exclude pattern {pattern!r} has an empty bracket expression (position {start})")
    members: list[str] = []
    position = 0
    while position < len(content):
        # A hyphen is a range only between two characters; first (or last) it is itself.
        if position + 2 < len(content) and content[position + 1] == "-":
            low, high = content[position], content[position + 2]
            if low > high:
                raise BadGlobError(f"Exclude pattern {pattern!r} has a backward range {low}-{high}")
            members.append(f"{re.escape(low)}-{re.escape(high)}")
            position += 3
        else:
            members.append(re.escape(content[position]))
            position += 1
    # A bracket is one character of a name component, so that it never matches the separator.
    return f"(?!/)[{'^' if negated else ''}{''.join(members)}]", end + 1
