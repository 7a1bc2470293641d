"""Words, numbers, texts and signs of a DQDL document, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from glueprint.dqdl.errors import DqdlError


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"
    SIGN = "sign"
    END = "end of the document"


@dataclass(frozen=True)
class Token:
    """``text`` as it is in the document; ``value`` of a quoted text is without quotes and escapes."""

    kind: Kind
    text: str
    line: int
    column: int
    value: str = ""

    def __str__(self) -> str:
        return self.kind.value if self.kind is Kind.END else f"'{self.text}'"


_PATTERN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
    |(?P<comment>\#[^\n]*)
    |(?P<text>"(?:\\["\\]|[^"])*")
    |(?P<word>[A-Za-z0-9_.]+)
    |(?P<sign>!=|>=|<=|[:,{}\[\]()=><!$+\-*/])
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"\d+(\.\d+)?")
_OTHER_QUOTES = "'\u201c\u201d\u2018\u2019"


def tokens_of(document: str) -> list[Token]:
    """Return the tokens of ``document``, the last one of kind END.

    Raises:
        DqdlError: a character does not belong to DQDL, or a quoted text has no end.
    """
    found: list[Token] = []
    at, line, line_start = 0, 1, 0
    while at < len(document):
        column = at - line_start + 1
        match = _PATTERN.match(document, at)
        if match is None:
            raise _unknown(document[at], line, column)
        text = match.group()
        token = _token(match, text, line, column)
        if token is not None:
            found.append(token)
        if "\n" in text:
            line += text.count("\n")
            line_start = at + text.rindex("\n") + 1
        at = match.end()
    found.append(Token(Kind.END, "", line, at - line_start + 1))
    return found


def unescaped(text: str) -> str:
    """Return a quoted text without its quotes and escapes."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])


def quoted(value: str) -> str:
    """Return ``value`` in quotes, the inverse of :func:`unescaped`.

    A backslash is escaped only where it would escape what follows it: regular expressions stay readable.
    """
    escaped = re.sub(r'\\(?=[\\"]|$)', r"\\\\", value)
    return '"' + escaped.replace('"', '\\"') + '"'


def _token(match: re.Match[str], text: str, line: int, column: int) -> Token | None:
    if match["space"] is not None or match["comment"] is not None:
        return None
    if match["text"] is not None:
        return Token(Kind.TEXT, text, line, column, unescaped(text))
    if match["sign"] is not None:
        if text == "/" and match.string.startswith("//", match.start()):
            raise DqdlError("'//' does not begin a comment", line, column, "comments begin with #")
        return Token(Kind.SIGN, text, line, column)
    kind = Kind.NUMBER if _NUMBER.fullmatch(text) else Kind.NAME
    return Token(kind, text, line, column)


def _unknown(character: str, line: int, column: int) -> DqdlError:
    if character == '"':
        return DqdlError("this text has no closing quote", line, column, 'end it with "')
    if character in _OTHER_QUOTES:
        return DqdlError(f"unexpected character {character!r}", line, column, 'texts are in double quotes: "')
    return DqdlError(f"unexpected character {character!r}", line, column)
