"""S3's rules for the names of buckets, and which one a name breaks.

Source: "General purpose bucket naming rules" (Amazon S3 user guide). Names that start with
``amzn-s3-demo-``, which AWS reserves for its documentation, are accepted: copies of its scripts run here.
"""

from __future__ import annotations

import re

RULES = (
    "a bucket name has 3 to 63 characters: small letters (a-z), digits, hyphens and dots, with a letter or digit "
    "first and last"
)
MIN_LENGTH, MAX_LENGTH = 3, 63

_FOREIGN = re.compile(r"[^a-z0-9.-]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_PREFIXES = ("xn--", "sthree-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_name_problem(name: str) -> str | None:
    """Return which rule ``name`` breaks, such as "it has 2 characters"; None for a valid name."""
    foreign = list(dict.fromkeys(_FOREIGN.findall(name)))
    if foreign:
        kinds = "capital letters" if all("A" <= one <= "Z" for one in foreign) else "other characters"
        return f"it has {kinds}: {' '.join(map(repr, foreign[:10]))}"
    if not MIN_LENGTH <= len(name) <= MAX_LENGTH:
        return f"it has {len(name)} character{'' if len(name) == 1 else 's'}"
    for place, letter in (("starts", name[0]), ("ends", name[-1])):
        if letter in ".-":
            return f"it {place} with {'a dot' if letter == '.' else 'a hyphen'}"
    if ".." in name:
        return "it has two dots in a row"
    if _ADDRESS.fullmatch(name):
        return "it has the form of an IP address"
    return _reserved(name)


def _reserved(name: str) -> str | None:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return f"names that start with {prefix!r} are reserved"
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            return f"names that end with {suffix!r} are reserved"
    return None
