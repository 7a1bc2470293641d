"""The filter language of GetPartitions: from text to a test over partition values (pure).

Sources: service model, ``GetPartitions.Expression`` (operators, key types); moto's tests, found on AWS by trial
and error as moto #5013 says (messages, brackets around keys, literals and connectives); developer guide, "Creating
partition indexes" (strings in single or double quotes). Why no SQL library parses it:
docs/decisions/partitions-api.md.

Truth has three values, as in SQL: a key that holds Hive's mark for null is neither equal nor unequal to anything.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from glueprint.facts.partition_names import DEFAULT_PARTITION
from glueprint.local.glue.catalog.partition_types import STRING, Comparable, Kind, NotOfType, kind_of
from glueprint.local.protocol.errors import ApiError, invalid_input

MAX_DEPTH = 50
"""Brackets and NOTs within one another; the parser's own recursion stays far from Python's limit."""

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


class Test(Protocol):
    """A condition over the values of one partition: true, false, or unknown (None)."""

    def __call__(self, values: Sequence[str]) -> bool | None:
        """Raises: ApiError, if a value does not fit its key's declared type."""
        ...


def compile_expression(text: str, keys: Sequence[Mapping[str, Any]]) -> Callable[[Sequence[str]], bool]:
    """The partitions that ``text`` asks for.

    Args:
        text: the expression; blank asks for all.
        keys: the table's ``PartitionKeys``.

    Returns:
        A function from a partition's values to whether it is asked for; it raises ``InvalidStateException`` for
        values that are not of their key's type.

    Raises:
        ApiError: the text is not of the language, names another column, or compares with what is not of the
            key's type.
    """
    if not text.strip():
        return lambda values: True
    test = _Parser(text, keys).parse()
    return lambda values: test(values) is True


@dataclass(frozen=True, slots=True)
class _Key:
    """A partition key by its place among the values."""

    place: int
    kind: Kind

    def text(self, values: Sequence[str]) -> str:
        """The value as stored; null if the partition is older than the key."""
        return values[self.place] if self.place < len(values) else DEFAULT_PARTITION

    def value(self, values: Sequence[str]) -> Comparable | None:
        text = self.text(values)
        if text == DEFAULT_PARTITION and self.kind is not STRING:
            return None
        try:
            return self.kind.cast(text)
        except NotOfType as error:
            raise ApiError("InvalidStateException", str(error)) from error

    def literal(self, text: str) -> Comparable:
        try:
            return self.kind.cast(text)
        except NotOfType as error:
            raise invalid_input(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Holds:
    """A condition on one key's value; unknown if that is null."""

    key: _Key
    condition: Callable[[Comparable], bool]

    def __call__(self, values: Sequence[str]) -> bool | None:
        value = self.key.value(values)
        return None if value is None else self.condition(value)


@dataclass(frozen=True, slots=True)
class _IsNull:
    key: _Key

    def __call__(self, values: Sequence[str]) -> bool | None:
        return self.key.text(values) == DEFAULT_PARTITION


@dataclass(frozen=True, slots=True)
class _Not:
    test: Test

    def __call__(self, values: Sequence[str]) -> bool | None:
        found = self.test(values)
        return None if found is None else not found


@dataclass(frozen=True, slots=True)
class _Any:
    """True if one is, false if all are; :class:`_All` is its mirror image."""

    tests: tuple[Test, ...]

    def __call__(self, values: Sequence[str]) -> bool | None:
        return _first_decided(self.tests, values, decisive=True)


@dataclass(frozen=True, slots=True)
class _All:
    tests: tuple[Test, ...]

    def __call__(self, values: Sequence[str]) -> bool | None:
        return _first_decided(self.tests, values, decisive=False)


def _first_decided(tests: tuple[Test, ...], values: Sequence[str], *, decisive: bool) -> bool | None:
    answer: bool | None = not decisive
    for test in tests:
        found = test(values)
        if found is decisive:
            return decisive
        if found is None:
            answer = None
    return answer


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

    def parse(self) -> Test:
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

    def _either(self) -> Test:
        tests = [self._both()]
        while self._connective("OR"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else _Any(tuple(tests))

    def _both(self) -> Test:
        tests = [self._negated()]
        while self._connective("AND"):
            tests.append(self._negated())
        return tests[0] if len(tests) == 1 else _All(tuple(tests))

    def _negated(self) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._unsupported(f"more than {MAX_DEPTH} brackets or NOTs within one another")
        if self._took("word", "NOT"):
            test: Test = _Not(self._negated())
        elif self._sees("sign", "(") and not self._brackets_hold_a_key():
            self._at += 1
            test = self._either()
            self._expect("sign", ")")
        else:
            test = self._comparison()
        self._depth -= 1
        return test

    def _comparison(self) -> Test:
        key = self._key()
        if self._took("word", "IS"):
            negated = self._took("word", "NOT")
            self._expect("word", "NULL")
            null = _IsNull(key)
            return _Not(null) if negated else null
        negated = self._took("word", "NOT")
        if self._took("word", "IN"):
            test = self._in(key)
        elif self._took("word", "BETWEEN"):
            low = key.literal(self._literal())
            self._expect("word", "AND")
            high = key.literal(self._literal())
            test = _Holds(key, lambda value: bool(low <= value <= high))
        elif self._took("word", "LIKE"):
            test = self._like(key)
        elif not negated:
            sign = self._next().text
            if sign not in _COMPARE:
                raise self._unsupported(f"unexpected {sign}")
            compare, right = _COMPARE[sign], key.literal(self._literal())
            return _Holds(key, lambda value: compare(value, right))
        else:
            raise self._unsupported("NOT must be followed by IN, BETWEEN or LIKE here")
        return _Not(test) if negated else test

    def _in(self, key: _Key) -> _Holds:
        self._expect("sign", "(")
        wanted = [key.literal(self._literal())]
        while self._took("sign", ","):
            wanted.append(key.literal(self._literal()))
        self._expect("sign", ")")
        several = frozenset(wanted)
        return _Holds(key, lambda value: value in several)

    def _like(self, key: _Key) -> _Holds:
        if key.kind is not STRING:
            raise invalid_input(f"{key.kind.title} data type doesn't support operation 'LIKE'")
        pattern = _like_pattern(self._literal())
        return _Holds(key, lambda value: pattern.fullmatch(value) is not None)

    def _key(self) -> _Key:
        brackets = 0
        while self._took("sign", "("):
            brackets += 1
        token = self._next()
        if token.what not in ("name", "quoted"):
            raise self._unsupported(f"a partition key must stand where {token.text} stands")
        for _ in range(brackets):
            self._expect("sign", ")")
        for place, key in enumerate(self._keys):
            if key["Name"].lower() == token.text.lower():
                kind = kind_of(key.get("Type") or "string")
                if kind is None:
                    raise invalid_input(f"Unknown type : '{key['Type']}'")
                return _Key(place, kind)
        raise invalid_input("Invalid partition expression!")

    def _literal(self) -> str:
        brackets = 0
        while self._took("sign", "("):
            brackets += 1
        token = self._next()
        if token.what == "sign" and token.text in "+-" and self._sees("number"):
            token = _Token("number", token.text + self._next().text)
        if token.what not in ("string", "quoted", "number"):
            raise self._unsupported(f"a value must stand where {token.text} stands")
        for _ in range(brackets):
            self._expect("sign", ")")
        return token.text

    def _brackets_hold_a_key(self) -> bool:
        """Whether the bracket at hand closes right behind a key, as in ``(key) = 1``."""
        at = self._at
        while at < len(self._tokens) and self._tokens[at] == _Token("sign", "("):
            at += 1
        opened, at = at - self._at, at + 1
        closing = self._tokens[at : at + opened]
        return len(closing) == opened and all(token == _Token("sign", ")") for token in closing)

    def _connective(self, word: str) -> bool:
        """Take AND or OR; AWS takes it within brackets as well."""
        bracketed = [_Token("sign", "("), _Token("word", word), _Token("sign", ")")]
        if self._tokens[self._at : self._at + 3] == bracketed:
            self._at += 3
            return True
        return self._took("word", word)

    def _sees(self, what: str, text: str | None = None) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.what == what and text in (None, token.text)

    def _took(self, what: str, text: str) -> bool:
        found = self._sees(what, text)
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
            raise self._unsupported(f"{text} must stand where {token.text} stands")

    def _unsupported(self, why: str) -> ApiError:
        return invalid_input(f"Unsupported expression '{self._text}': {why}")


def _like_pattern(pattern: str) -> re.Pattern[str]:
    """``%`` is any text, ``_`` one character; nothing escapes them. Linear, whatever the pattern."""
    wild = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return re.compile(fnmatch.translate("".join(wild.get(character, character) for character in pattern)))
