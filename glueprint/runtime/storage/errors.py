"""What a source or sink says when it cannot do what the script asks."""

from __future__ import annotations


class StorageError(Exception):
    """A read or write that cannot be carried out; the text says what, where and what to do."""


class BadOption(StorageError, ValueError):
    """An option of a source, sink or format whose value cannot be used."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(f"option {name!r}: {value!r} is not {wanted}")
