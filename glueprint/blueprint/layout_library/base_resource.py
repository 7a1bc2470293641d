"""Base class of the classes that describe a workflow: members are type-checked when set, dropped if unknown."""

import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["BaseResource", "ensure_type"]

_HERE = os.path.dirname(os.path.abspath(__file__))


class LayoutDrop(UserWarning):
    """A value of a layout that does not reach Glue, or reaches it changed."""

    def __init__(self, entity: str, member: str, message: str) -> None:
        super().__init__(f"{entity}: {member} {message}")
        self.entity = entity
        self.member = member
        self.message = message


PLACES: list[tuple[Any, str, int]] = []
"""Every resource that the layout made, with the file and line that made it: the layout host reports them."""


def warn_of_drop(entity: str, member: str, message: str) -> None:
    """Warn of a drop, at the line of the layout that caused it."""
    depth, frame = 1, sys._getframe()
    while frame.f_back is not None and os.path.dirname(frame.f_code.co_filename) == _HERE:
        depth, frame = depth + 1, frame.f_back
    warnings.warn(LayoutDrop(entity, member, message), stacklevel=depth)


def _caller() -> tuple[str, int]:
    """Return file and line of the innermost frame outside this library."""
    frame = sys._getframe()
    while frame.f_back is not None and os.path.dirname(frame.f_code.co_filename) == _HERE:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def ensure_type(key: str, value: Any, types: Any) -> Any:
    """Return ``value`` if it is None or of one of ``types``.

    Raises:
        TypeError: with the public library's text, which Glue's error messages quote.
    """
    if value is None or isinstance(value, types):
        return value
    raise TypeError(f"Value {value} for key {key} should be of type {types}!")


class BaseResource:
    """An object with known members: each is checked when it is set; ``validate`` names missing ones."""

    _members: ClassVar[Mapping[str, tuple[type, bool]]] = {}
    """Type and whether it is required, by member, in the order in which they are set and written."""
    _drops_falsy: ClassVar[bool] = False
    """Whether 0, "", False and empty containers count as not given."""
    _keywords: ClassVar[Mapping[str, str]] = {}
    """Keyword that the constructor reads for a member, if it is not the member's name."""
    _warns: ClassVar[bool] = False
    """Whether drops cause warnings: False for objects that are only built to check a dict."""

    Name: Any

    def _fill(self, given: dict[str, Any]) -> None:
        """Set every member from the constructor's keywords."""
        if self._warns:
            PLACES.append((self, *_caller()))
        read = {self._keywords.get(member, member): member for member in self._members}
        for keyword, member in read.items():
            setattr(self, member, given.get(keyword))
        for keyword in given:
            if keyword not in read:
                self._warn(keyword, self._unread(keyword))

    def _unread(self, keyword: str) -> str:
        if keyword in self._members:
            return f"is dropped: the library reads it from {self._keywords[keyword]!r}"
        return "is dropped: the library does not know it"

    def __setattr__(self, key: str, value: Any) -> None:
        if key not in self._members:
            self._warn(key, self._unread(key))
        elif self._drops_falsy and not value:
            if value is not None:
                self._warn(
                    key, f"= {value!r} is dropped: the library takes empty, zero and false for not given"
                )
        else:
            value = ensure_type(key, value, self._members[key][0])
            self._check(key, value)
            super().__setattr__(key, value)

    def _check(self, key: str, value: Any) -> None:
        """Raise an error for a value of the right type that is not valid; for subclasses."""

    def _warn(self, member: str, message: str) -> None:
        if self._warns:
            warn_of_drop(f"{type(self).__name__} {vars(self).get('Name')!r}", member, message)

    def _missing(self) -> list[str]:
        return [
            member for member, (_, required) in self._members.items() if required and member not in vars(self)
        ]

    def validate(self) -> Any:
        """True if every required member was set.

        Raises:
            TypeError: naming those that were not.
        """
        missing = self._missing()
        if missing:
            raise TypeError(f"Required Fields for {type(self).__name__} were missing: {missing}")
        return True

    def to_json(self) -> dict[str, Any]:
        """The members that were set."""
        self.validate()
        return dict(vars(self))
