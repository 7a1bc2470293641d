"""The position in a document's tokens, with the errors of what is not there."""

from __future__ import annotations

from typing import NoReturn

from glueprint.dqdl.errors import DqdlError
from glueprint.dqdl.tokens import Kind, Token, tokens_of

MAX_NESTING = 100
"""The deepest nesting of parentheses that is read."""


class Reader:
    """Reads tokens one after the other."""

    def __init__(self, document: str) -> None:
        self._tokens = tokens_of(document)
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._at]

    def ahead(self, count: int) -> Token:
        """Return the token ``count`` tokens behind the next one."""
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Read one token."""
        token = self.next
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def is_sign(self, sign: str, ahead: int = 0) -> bool:
        """Whether a token is this sign."""
        token = self.ahead(ahead)
        return token.kind is Kind.SIGN and token.text == sign

    def is_word(self, *words: str, ahead: int = 0) -> bool:
        """Whether a token is one of these words."""
        token = self.ahead(ahead)
        return token.kind is Kind.NAME and token.text in words

    def take_sign(self, sign: str) -> bool:
        """Read this sign if it is next; whether it was."""
        if not self.is_sign(sign):
            return False
        self.take()
        return True

    def take_word(self, *words: str) -> bool:
        """Read one of these words if it is next; whether it was."""
        if not self.is_word(*words):
            return False
        self.take()
        return True

    def expect_sign(self, sign: str, where: str) -> Token:
        """Read this sign.

        Raises:
            DqdlError: another token is next.
        """
        if not self.is_sign(sign):
            self.fail(f"expected '{sign}' {where}, found {self.next}")
        return self.take()

    def expect_text(self, what: str) -> str:
        """Read a quoted text and return its value.

        Raises:
            DqdlError: another token is next.
        """
        if self.next.kind is not Kind.TEXT:
            self.fail(f"expected {what} in double quotes, found {self.next}")
        return self.take().value

    def enter(self) -> None:
        """Begin a nested part.

        Raises:
            DqdlError: there are too many.
        """
        self._depth += 1
        if self._depth > MAX_NESTING:
            self.fail(f"parentheses are nested more than {MAX_NESTING} times")

    def leave(self) -> None:
        """End a nested part."""
        self._depth -= 1

    def error(self, problem: str, suggestion: str = "", at: Token | None = None) -> DqdlError:
        """Return the error for the next token, or for ``at``."""
        token = at or self.next
        return DqdlError(problem, token.line, token.column, suggestion)

    def fail(self, problem: str, suggestion: str = "", at: Token | None = None) -> NoReturn:
        """Raise the :meth:`error`."""
        raise self.error(problem, suggestion, at)
