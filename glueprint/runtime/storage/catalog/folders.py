"""Folder names of partitions: ``key=value`` as Hive and Spark write it."""

from __future__ import annotations

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The value of a partition whose key is null."""

_ESCAPED = frozenset("\"#%'*/:=?\\\x7f{[]^") | {chr(code) for code in range(1, 0x20)}
"""Characters that Hive writes as ``%XX`` (Spark's ``ExternalCatalogUtils``)."""


def folder_of(key: str, value: str | None) -> str:
    """The folder of one key's value; an empty value is none, as in Hive."""
    return f"{_escaped(key)}={_escaped(value) if value else NO_VALUE}"


def _escaped(text: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in _ESCAPED else one for one in text)
