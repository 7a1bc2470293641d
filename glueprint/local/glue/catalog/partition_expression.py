"""The filter language of GetPartitions: from text to a test over partition values (pure).

Sources: service model, ``GetPartitions.Expression`` (operators, key types); moto's tests, which moto #5013
found on AWS by trial and error (messages, brackets around keys, literals and connectives); developer guide,
"Creating partition indexes" (strings in single or double quotes). Why no SQL library parses it:
docs/decisions/partitions-api.md.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.local.glue.catalog.partition_conditions import (
    AllOf,
    AnyOf,
    Condition,
    IsNull,
    Key,
    KeyCondition,
    Not,
)
from glueprint.local.glue.catalog.partition_types import STRING, Comparable, kind_of
from glueprint.local.protocol.errors import ApiError, invalid_input

MAX_DEPTH = 50
"""Nested brackets and NOTs; the recursion of the parser stays far below Python's limit."""

_COMPARE: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_KEYWORDS = frozenset(["AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL"])
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<name>`[^`]+`|[^\W\d][\w.$]*)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
      | (?P<sign><\s*>|[<>]\s*=|[=<>(),+-])
    )""",
    re.VERBOSE,
)


def compile_expression(text: str, keys: Sequence[Mapping[str, Any]]) -> Callable[[Sequence[str]], bool]:
    """Compile an expression to a function that selects partitions.

    Args:
        text: the expression; blank selects all.
        keys: the table's ``PartitionKeys``.

    Returns:
        A function from a partition's values to whether it is selected. It raises ``InvalidStateException`` for
        values that are not of their key's type.

    Raises:
        ApiError: the text cannot be parsed, names another column, or compares a key with a value of another type.
    """
    if not text.strip():
        return lambda values: True
    test = _Parser(text, keys).parse()
    return lambda values: test(values) is True


@dataclass(frozen=True, slots=True)
class _Token:
    """``what`` is the token's group in the pattern, or ``word`` for a keyword; ``text`` is without quotes."""

    what: str
    text: str


class _Parser:
    """Recursive descent: OR over AND over NOT over brackets and comparisons."""

    def __init__(self, text: str, keys: Sequence[Mapping[str, Any]]) -> None:
        self._text = text
        self._keys = keys
        self._tokens = list(self._scan())
        self._at = 0
        self._depth = 0

    def parse(self) -> Condition:
        test = self._either()
        if self._at < len(self._tokens):
            raise self._unsupported(f"unexpected {self._tokens[self._at].text}")
        return test

    def _scan(self) -> Sequence[_Token]:
        found, at, text = [], 0, self._text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._unsupported(f"cannot read it from position {at} on")
            what = str(match.lastgroup)
            word = match[what]
            if what in ("string", "quoted"):
                word = word[1:-1].replace(word[0] * 2, word[0])
            elif what == "name" and word[0] == "`":
                word = word[1:-1]
            elif what == "name" and word.upper() in _KEYWORDS:
                what, word = "word", word.upper()
            elif what == "sign":
                word = "".join(word.split())  # the service model writes ``(a < > b)``
            found.append(_Token(what, word))
            at = match.end()
        return found

    def _either(self) -> Condition:
        tests = [self._both()]
        while self._connective("OR"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else AnyOf(tuple(tests))

    def _both(self) -> Condition:
        tests = [self._negated()]
        while self._connective("AND"):
            tests.append(self._negated())
        return tests[0] if len(tests) == 1 else AllOf(tuple(tests))

    def _negated(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._unsupported(f"more than {MAX_DEPTH} brackets or NOTs within one another")
        if self._took("word", "NOT"):
            test: Condition = Not(self._negated())
        elif self._is_next("sign", "(") and not self._brackets_hold_a_key():
            self._at += 1
            test = self._either()
            self._expect("sign", ")")
        else:
            test = self._comparison()
        self._depth -= 1
        return test

    def _comparison(self) -> Condition:
        key = self._key()
        if self._took("word", "IS"):
            negated = self._took("word", "NOT")
            self._expect("word", "NULL")
            null = IsNull(key)
            return Not(null) if negated else null
        negated = self._took("word", "NOT")
        if self._took("word", "IN"):
            test = self._in(key)
        elif self._took("word", "BETWEEN"):
            low = key.literal(self._literal())
            self._expect("word", "AND")
            high = key.literal(self._literal())
            test = KeyCondition(key, lambda value: bool(low <= value <= high))
        elif self._took("word", "LIKE"):
            test = self._like(key)
        elif not negated:
            sign = self._next().text
            if sign not in _COMPARE:
                raise self._unsupported(f"unexpected {sign}")
            compare, right = _COMPARE[sign], key.literal(self._literal())
            return KeyCondition(key, lambda value: compare(value, right))
        else:
            raise self._unsupported("NOT must be followed by IN, BETWEEN or LIKE here")
        return Not(test) if negated else test

    def _in(self, key: Key) -> KeyCondition:
        self._expect("sign", "(")
        wanted = [key.literal(self._literal())]
        while self._took("sign", ","):
            wanted.append(key.literal(self._literal()))
        self._expect("sign", ")")
        several = frozenset(wanted)
        return KeyCondition(key, lambda value: value in several)

    def _like(self, key: Key) -> KeyCondition:
        if key.kind is not STRING:
            raise invalid_input(f"{key.kind.title} data type doesn't support operation 'LIKE'")
        pattern = _like_pattern(self._literal())
        return KeyCondition(key, lambda value: pattern.fullmatch(value) is not None)

    def _key(self) -> Key:
        brackets = 0
        while self._took("sign", "("):
            brackets += 1
        token = self._next()
        if token.what not in ("name", "quoted"):
            raise self._unsupported(f"expected a partition key instead of {token.text}")
        for _ in range(brackets):
            self._expect("sign", ")")
        for place, key in enumerate(self._keys):
            if key["Name"].lower() == token.text.lower():
                kind = kind_of(key.get("Type") or "string")
                if kind is None:
                    raise invalid_input(f"Unknown type : '{key['Type']}'")
                return Key(place, kind)
        raise invalid_input("Invalid partition expression!")

    def _literal(self) -> str:
        brackets = 0
        while self._took("sign", "("):
            brackets += 1
        token = self._next()
        if token.what == "sign" and token.text in "+-" and self._is_next("number"):
            token = _Token("number", token.text + self._next().text)
        if token.what not in ("string", "quoted", "number"):
            raise self._unsupported(f"expected a value instead of {token.text}")
        for _ in range(brackets):
            self._expect("sign", ")")
        return token.text

    def _brackets_hold_a_key(self) -> bool:
        """Whether the next bracket closes directly after a key, as in ``(key) = 1``."""
        at = self._at
        while at < len(self._tokens) and self._tokens[at] == _Token("sign", "("):
            at += 1
        opened, at = at - self._at, at + 1
        closing = self._tokens[at : at + opened]
        return len(closing) == opened and all(token == _Token("sign", ")") for token in closing)

    def _connective(self, word: str) -> bool:
        """Take AND or OR; AWS also accepts it in brackets."""
        bracketed = [_Token("sign", "("), _Token("word", word), _Token("sign", ")")]
        if self._tokens[self._at : self._at + 3] == bracketed:
            self._at += 3
            return True
        return self._took("word", word)

    def _is_next(self, what: str, text: str | None = None) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.what == what and text in (None, token.text)

    def _took(self, what: str, text: str) -> bool:
        found = self._is_next(what, text)
        self._at += found
        return found

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise self._unsupported("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, what: str, text: str) -> None:
        token = self._next()
        if token != _Token(what, text):
            raise self._unsupported(f"expected {text} instead of {token.text}")

    def _unsupported(self, why: str) -> ApiError:
        return invalid_input(f"Unsupported expression '{self._text}': {why}")


def _like_pattern(pattern: str) -> re.Pattern[str]:
    """``%`` is any text, ``_`` one character, without an escape. Matching takes linear time."""
    wild = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return re.compile(fnmatch.translate("".join(wild.get(character, character) for character in pattern)))
