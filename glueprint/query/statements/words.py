"""Words of a statement, with their places; and a reader of what follows one another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glueprint.query.errors import Place, QueryError

_PATTERN = r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^']|'')*')
    |(?P<name>`(?:[^`]|``)+`|"(?:[^"]|"")+")
    |(?P<word>[A-Za-z_$][A-Za-z0-9_$]*|[0-9]+[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<symbol><=|>=|<>|!=|.)"""
_TOKEN = re.compile(_PATTERN, re.DOTALL | re.VERBOSE)
_HIVE_TOKEN = re.compile(
    _PATTERN.replace(r"'(?:[^']|'')*'", r"'(?:[^'\\]|\\.|'')*'").replace(
        r'"(?:[^"]|"")+"', r'"(?:[^"\\]|\\.|"")+"'
    ),
    re.DOTALL | re.VERBOSE,
)
_HIVE = re.compile(
    r"\s*(ALTER|MSCK|SHOW|DESC|DESCRIBE|CREATE\s+(EXTERNAL|DATABASE|SCHEMA)|DROP\s+(DATABASE|SCHEMA))\b",
    re.IGNORECASE,
)
"""How the statements start that Athena gives to Hive's parser, in whose texts a backslash escapes."""
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|[0-3][0-7]{2}|.)", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def _unescaped(match: re.Match[str]) -> str:
    """What an escape stands for (Hive's ``BaseSemanticAnalyzer.unescapeSQLString``)."""
    text = match[1]
    if text[0] == "u" and len(text) == 5:
        return chr(int(text[1:], 16))
    return chr(int(text, 8)) if len(text) == 3 else _ESCAPED.get(text, text)


@dataclass(frozen=True, slots=True)
class Word:
    """One token: its kind (``text``, ``name``, ``word``, ``number``, ``symbol``), text, and place."""

    kind: str
    text: str
    start: int
    end: int
    is_hive: bool = False

    @property
    def value(self) -> str:
        """The text without its quotes."""
        if self.kind not in ("text", "name"):
            return self.text
        quote = self.text[0]
        found = self.text[1:-1].replace(quote * 2, quote)
        return _ESCAPE.sub(_unescaped, found) if self.is_hive and quote != "`" else found


class Words:
    """Reads the words of a statement one after another."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        is_hive = _HIVE.match(_COMMENTS.sub(" ", sql)) is not None
        self._words = [
            Word(match.lastgroup or "", match[0], match.start(), match.end(), is_hive)
            for match in (_HIVE_TOKEN if is_hive else _TOKEN).finditer(sql)
            if match.lastgroup != "space"
        ]
        while self._words and self._words[-1].text == ";":
            self._words.pop()
        self._at = 0

    def peek(self, ahead: int = 0) -> Word | None:
        """Return a word that comes, or None at the end."""
        place = self._at + ahead
        return self._words[place] if place < len(self._words) else None

    def is_next(self, *words: str) -> bool:
        """Whether these words come next, in any case."""
        return all(
            (found := self.peek(number)) is not None
            and found.kind in ("word", "symbol")
            and found.text.upper() == word
            for number, word in enumerate(words)
        )

    def skip(self, *words: str) -> bool:
        """Read these words if they come next."""
        if self.is_next(*words):
            self._at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Read these words.

        Raises:
            QueryError: others come next.
        """
        if not self.skip(*words):
            raise self.unexpected(f"expecting {' '.join(words)}")

    def next(self) -> Word:
        """Read one word.

        Raises:
            QueryError: there is none.
        """
        found = self.peek()
        if found is None:
            raise self.unexpected("the statement is not complete")
        self._at += 1
        return found

    def name(self) -> str:
        """Read a name, quoted or not; in lower case, as the Data Catalog keeps it."""
        found = self.next()
        if found.kind not in ("word", "name"):
            self._at -= 1
            raise self.unexpected("expecting a name")
        return found.value.lower()

    def dotted(self) -> tuple[str | None, str]:
        """Read ``name`` or ``database.name``; a catalog in front must be AwsDataCatalog."""
        parts = [self.name()]
        while self.skip("."):
            parts.append(self.name())
        if len(parts) == 3 and parts[0] == "awsdatacatalog":
            parts = parts[1:]
        if len(parts) > 2:
            raise QueryError("CATALOG_NOT_FOUND", f"Catalog '{parts[0]}' not found")
        return (parts[0], parts[1]) if len(parts) == 2 else (None, parts[0])

    def string(self) -> str:
        """Read a text in quotes."""
        found = self.next()
        if found.kind not in ("text", "name"):
            self._at -= 1
            raise self.unexpected("expecting a string")
        return found.value

    def rest(self) -> str:
        """Read everything that is left, with blanks for all before it: places stay what they are."""
        start = self.peek()
        self._at = len(self._words)
        return self.padded(start.start, self._words[-1].end) if start is not None else ""

    def padded(self, start: int, end: int) -> str:
        """Return a part of the text behind as many blanks and line ends as come before it."""
        return re.sub(r"[^\n]", " ", self.sql[:start]) + self.sql[start:end]

    def end(self) -> None:
        """Check that nothing is left.

        Raises:
            QueryError: something is.
        """
        if self.peek() is not None:
            raise self.unexpected("expecting the end")

    def position(self) -> int:
        """Return where the next word starts in the text."""
        found = self.peek()
        return found.start if found is not None else len(self.sql)

    def unexpected(self, problem: str) -> QueryError:
        """Return the error of the next word."""
        found = self.peek()
        start = found.start if found is not None else len(self.sql)
        line = self.sql.count("\n", 0, start) + 1
        column = start - (self.sql.rfind("\n", 0, start) + 1) + 1
        shown = found.text if found is not None else "<EOF>"
        return QueryError("SYNTAX_ERROR", f"mismatched input '{shown}': {problem}", Place(line, column))
