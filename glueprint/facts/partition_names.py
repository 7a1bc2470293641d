"""Names of partitions as Hive, Spark and Glue write them in folders and in the Hive metastore.

``year=2024/city=S%3Ao`` names the partition with the values ``2024`` and ``S:o``. Sources: Hive's
``FileUtils.escapePathName`` and ``Warehouse.makePartName`` (release 2.3), Spark's ``ExternalCatalogUtils``.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"
"""The value that a partition has in names and in the Data Catalog when its key is null or empty."""

ESCAPED_CHARACTERS = frozenset("\"#%'*/:=?\\\x7f{[]^") | {chr(code) for code in range(1, 0x20)}
"""The characters that are written as ``%XX``."""


def escape(text: str) -> str:
    """Return ``text`` as it is written in a partition's name."""
    return "".join(f"%{ord(one):02X}" if one in ESCAPED_CHARACTERS else one for one in text)


def unescape(text: str) -> str:
    """Return the text that :func:`escape` wrote as ``text``."""
    return unquote(text)


def folder_name(key: str, value: str | None) -> str:
    """Return ``key=value``, escaped; the value of a null or empty one is :data:`DEFAULT_PARTITION`."""
    return f"{escape(key)}={escape(value) if value else DEFAULT_PARTITION}"


def key_and_value(folder: str) -> tuple[str, str] | None:
    """Return key and value of a folder named ``key=value``; None for any other name.

    :data:`DEFAULT_PARTITION` is returned as it is.
    """
    key, equals, value = folder.partition("=")
    return (unescape(key), unescape(value)) if equals and key else None


def partition_name(keys: Sequence[str], values: Sequence[str | None]) -> str:
    """Return the name of a partition: its folders' names, joined with slashes.

    Raises:
        ValueError: there is not one value for each key.
    """
    if len(keys) != len(values):
        raise ValueError(f"{len(values)} values for {len(keys)} partition keys")
    return "/".join(map(folder_name, keys, values))


def values_of(name: str) -> list[str]:
    """Return the values in a partition's name."""
    return [unescape(part.partition("=")[2]) for part in name.split("/")] if name else []


def values_in_folders(keys: Sequence[str], folders: Sequence[str]) -> tuple[str, ...] | None:
    """Return the values of ``folders`` if they are named ``key=value`` for exactly these keys; else None."""
    pairs = [folder.partition("=") for folder in folders]
    if [key for key, _, _ in pairs] != list(keys):
        return None
    return tuple(unescape(value) for _, _, value in pairs)
