"""Semantic versions and what selects one of them (https://semver.org, version 2.0.0).

A published version has no build metadata (``1.0.0+b1``): semver gives it no place in the order, so two different
zips would be the same version.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from glueprint.client.errors import InvalidArgument
from glueprint.compat import StrEnum

_NUMBER = r"(?:0|[1-9]\d{0,9})"
_IDENTIFIER = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?", re.ASCII)
_PREFIX = re.compile(rf"{_NUMBER}(?:\.{_NUMBER})?", re.ASCII)
_COMPARISON = re.compile(r"\s*(>=|<=|>|<|==|!=)\s*(\S+)\s*")
MAX_VERSION_LENGTH = 64
LATEST = "latest"
_EXAMPLE = "a version is three numbers, such as 1.4.0, or a prerelease such as 2.0.0-rc.1"


class Bump(StrEnum):
    """Which number of the latest version is raised."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@functools.total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version; versions are ordered as semver defines.

    Attributes:
        numbers: major, minor and patch.
        prerelease: its identifiers; empty for a release.
    """

    numbers: tuple[int, int, int]
    prerelease: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read a version.

        Raises:
            InvalidArgument: it is not one, or has build metadata.
        """
        found = _VERSION.fullmatch(text) if len(text) <= MAX_VERSION_LENGTH else None
        if found is None:
            hint = f"did you mean {text[1:]}?" if text[:1] in "vV" and _VERSION.fullmatch(text[1:]) else _EXAMPLE
            if "+" in text:
                hint = "leave out the build metadata after +: it would not distinguish versions"
            raise InvalidArgument(f"{text!r} is not a version", hint)
        major, minor, patch, prerelease = found.groups()
        return cls((int(major), int(minor), int(patch)), tuple(prerelease.split(".")) if prerelease else ())

    @property
    def is_release(self) -> bool:
        """Whether it is not a prerelease."""
        return not self.prerelease

    def bumped(self, bump: Bump) -> Version:
        """Return the next release. A prerelease becomes its own release if that is as large a step (as npm
        does)."""
        major, minor, patch = self.numbers
        if bump is Bump.MAJOR:
            return self._release() if self.prerelease and minor == patch == 0 else Version((major + 1, 0, 0))
        if bump is Bump.MINOR:
            return self._release() if self.prerelease and patch == 0 else Version((major, minor + 1, 0))
        return self._release() if self.prerelease else Version((major, minor, patch + 1))

    def _release(self) -> Version:
        return Version(self.numbers)

    def __str__(self) -> str:
        release = ".".join(map(str, self.numbers))
        return f"{release}-{'.'.join(self.prerelease)}" if self.prerelease else release

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        # Numbers are less than words; a version without prerelease is greater than all its prereleases.
        identifiers = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in self.prerelease)
        return (self.numbers, not self.prerelease, identifiers)


FIRST_VERSION = Version((0, 1, 0))
"""What ``--bump`` publishes of a blueprint that has no version."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which versions of a blueprint a user means: ``1.4.0`` exactly, ``1.4`` or ``1`` the newest release that
    starts so, ``>=1.2,<2`` the newest release in that range, ``latest`` the newest release.

    A prerelease is selected only by its exact version.
    """

    text: str
    exact: Version | None = None
    prefix: tuple[int, ...] = ()
    comparisons: tuple[tuple[str, Version], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read what is after the ``@`` of ``NAME@VERSION``.

        Raises:
            InvalidArgument: it selects nothing.
        """
        if text == LATEST:
            return cls(text)
        if _PREFIX.fullmatch(text):
            return cls(text, prefix=tuple(map(int, text.split("."))))
        if text[:1] in ("<", ">", "=", "!"):
            return cls(text, comparisons=tuple(_comparison(one) for one in text.split(",")))
        return cls(text, exact=Version.parse(text))

    def newest(self, versions: Iterable[Version]) -> Version | None:
        """Return the newest version that it selects, or None."""
        return max(filter(self.accepts, versions), default=None)

    def accepts(self, version: Version) -> bool:
        """Return whether it selects a version."""
        if self.exact is not None:
            return version == self.exact
        if not version.is_release:
            return False
        starts = version.numbers[: len(self.prefix)] == self.prefix
        return starts and all(_OPERATORS[sign](version, bound) for sign, bound in self.comparisons)


_OPERATORS = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


def _comparison(text: str) -> tuple[str, Version]:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise InvalidArgument(f"{text!r} is not a bound of a version", "write a range as '>=1.2,<2'")
    sign, bound = found.groups()
    if _PREFIX.fullmatch(bound):
        bound += ".0" * (2 - bound.count("."))
    return sign, Version.parse(bound)
