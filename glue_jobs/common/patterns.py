"""File patterns, in the dialect of a Glue crawler's exclusions (DG:define-crawler)."""

import re
from typing import List


def compile_pattern(pattern: str) -> "re.Pattern[str]":
    """A file pattern as a regular expression for a path relative to the location; use its ``fullmatch``.

    ``*`` and ``?`` stay within one folder level, ``**`` crosses levels, ``[a-z]`` and ``[!a-z]`` are one
    character, ``{csv,parquet}`` are alternatives, a backslash takes the next character as it is. A pattern without
    a slash is matched with the name of a file in whatever folder: people write ``*.csv`` and mean all of them.

    Raises:
        ValueError: an empty pattern, or an unclosed bracket or brace.
    """
    if not pattern:
        raise ValueError("The file pattern is empty; write * for every file.")
    text = _translate(pattern)
    return re.compile(text if "/" in pattern else "(?:.*/)?" + text, re.DOTALL)


def _translate(pattern: str) -> str:
    parts: List[str] = []
    position = 0
    in_group = False
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**/", position) and (position == 0 or pattern[position - 1] == "/"):
            parts.append("(?:.*/)?")  # whole levels, or none at all
            position += 3
            continue
        if pattern.startswith("**", position):
            parts.append(".*")
            position += 2
            continue
        if character == "[":
            end = _class_end(pattern, position)
            parts.append(_character_class(pattern[position + 1 : end]))
            position = end
        elif character == "\\" and position + 1 < len(pattern):
            position += 1
            parts.append(re.escape(pattern[position]))
        elif character == "{" and not in_group:
            in_group = True
            parts.append("(?:")
        elif character == "}" and in_group:
            in_group = False
            parts.append(")")
        elif character == "," and in_group:
            parts.append("|")
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character))
        position += 1
    if in_group:
        raise ValueError("The file pattern {!r} has a {{ without its }}.".format(pattern))
    return "".join(parts)


def _class_end(pattern: str, start: int) -> int:
    """Where the bracket that opens at ``start`` closes; a ``]`` right after the opening is a character."""
    first = start + 2 if pattern[start + 1 : start + 2] == "!" else start + 1
    end = pattern.find("]", first + 1)
    if end < 0:
        raise ValueError("The file pattern {!r} has a [ without its ].".format(pattern))
    return end


def _character_class(content: str) -> str:
    negated = content.startswith("!")
    body = content[1:] if negated else content
    # A hyphen is a range only between two characters; everything else in brackets is literal.
    pieces: List[str] = []
    position = 0
    while position < len(body):
        if position + 2 < len(body) and body[position + 1] == "-":
            low, high = body[position], body[position + 2]
            if low > high:
                raise ValueError("The file pattern has an empty range [{}-{}].".format(low, high))
            pieces.append("{}-{}".format(re.escape(low), re.escape(high)))
            position += 3
        else:
            pieces.append(re.escape(body[position]))
            position += 1
    return "(?!/)[{}{}]".format("^" if negated else "", "".join(pieces))
