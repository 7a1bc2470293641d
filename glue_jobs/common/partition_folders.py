"""Folders of partitions, named ``key=value`` as Hive names them."""

from typing import Sequence, Tuple

PartitionValues = Tuple[str, ...]
"""A value for each partition key, as text."""
DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_ESCAPED = frozenset("\"#%'*/:=?\\{[]^\x7f")


def partition_folder(keys: Sequence[str], values: Sequence[str]) -> str:
    """``year=2013/month=01/``, escaped as Hive does; empty without keys."""
    return "".join("{}={}/".format(key, escape_value(value)) for key, value in zip(keys, values))


def escape_value(value: str) -> str:
    """A partition's value as Hive writes it in a folder's name: special characters as ``%XX``."""
    return "".join(
        "%{:02X}".format(ord(letter)) if letter in _ESCAPED or ord(letter) < 32 else letter for letter in value
    )
