"""Errors of sources and sinks, and notes for the job's error log."""

from __future__ import annotations

import sys


class StorageError(Exception):
    """A read or write that cannot be carried out; the message names the place and the remedy."""


class BadOption(StorageError, ValueError):
    """An option of a source, sink or format whose value cannot be used."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(f"option {name!r}: {value!r} is not {wanted}")


class NotSupportedLocally(NotImplementedError):
    """A part of Glue, a format, a connection or an option that the local Glue does not have.

    Args:
        name: what the script requested.
        advice: what to do instead, if there is an alternative.
    """

    def __init__(self, name: str, advice: str = "") -> None:
        super().__init__(f"not supported locally: {name}" + (f" ({advice})" if advice else ""))


def print_note(text: str) -> None:
    """Print a line to the job's error output."""
    print(f"glueprint: {text}", file=sys.stderr)  # noqa: T201 - the job's own error output
