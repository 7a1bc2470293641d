"""What a script and its log are shown when a source or sink cannot do what the script requests."""

from __future__ import annotations

import sys


class StorageError(Exception):
    """A read or write that cannot be carried out; the text says what, where and what to do."""


class BadOption(StorageError, ValueError):
    """An option of a source, sink or format whose value cannot be used."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(f"option {name!r}: {value!r} is not {wanted}")


class NotSupportedLocally(NotImplementedError):
    """A part of Glue, a format, a connection or an option that is not there in the local Glue.

    Args:
        name: what the script asked for.
        advice: what to do instead, if there is something.
    """

    def __init__(self, name: str, advice: str = "") -> None:
        super().__init__(f"not supported locally: {name}" + (f" ({advice})" if advice else ""))


def print_note(text: str) -> None:
    """One line for whoever reads the job's log."""
    print(f"glueprint: {text}", file=sys.stderr)  # noqa: T201 - the job's own error output
