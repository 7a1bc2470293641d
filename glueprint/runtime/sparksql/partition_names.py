"""Names of partitions as Hive writes them: ``year=2024/city=S%3Ao``.

Source: Hive's ``FileUtils.escapePathName`` and ``Warehouse.makePartName``, release 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

DEFAULT = "__HIVE_DEFAULT_PARTITION__"
"""How a value that is null or empty is called."""
_ESCAPED = frozenset({*map(chr, range(1, 32)), *"\"#%'*/:=?\\{[]^", "\x7f"})


def _escape(text: str) -> str:
    return "".join(f"%{ord(each):02X}" if each in _ESCAPED else each for each in text) if text else DEFAULT


def name_of(keys: Sequence[str], values: Sequence[str]) -> str:
    """The name of the partition of ``values``."""
    return "/".join(f"{_escape(key.lower())}={_escape(value)}" for key, value in zip(keys, values, strict=True))


def values_of(name: str) -> list[str]:
    """The values in a partition's ``name``."""
    return [unquote(part.partition("=")[2]) for part in name.split("/")] if name else []
