"""Where the data of jobs are: the S3 locations in their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_URI = re.compile(r"s3[an]?://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^\s\",\]}']*))?")
_GLOB = re.compile(r"[*?\[{]")
_VERSION = re.compile(r"(?<=/)[0-9a-f]{12,}(?=/)")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, order=True)
class Folder:
    """A bucket and the prefix of the keys that count."""

    bucket: str
    prefix: str

    @property
    def pattern(self) -> str:
        """The keys, as a pattern of a policy; a location without a slash may be an object or a folder."""
        return f"{self.prefix}*"


def versionless(key: str) -> str:
    """Return a key without the hash of a script's content: the next version has another hash in this place."""
    return _VERSION.sub("*", key)


def folders_in(text: str) -> list[Folder]:
    """Return the S3 locations in a text; a location with wildcards counts up to the first of them."""
    return [Folder(match[1], _GLOB.split(match[2] or "")[0]) for match in _URI.finditer(text)]


def folders_of(arguments: Mapping[str, str], buckets: Iterable[str] = ()) -> dict[str, list[Folder]]:
    """Return the locations in each argument of a job, by name.

    Args:
        arguments: names without dashes.
        buckets: names of buckets that are known: an argument that is one of them, or that has ``bucket`` in its
        name,
            is a location, too.
    """
    known = set(buckets)
    found = {}
    for name, value in arguments.items():
        folders = folders_in(value)
        is_bucket = value in known or ("bucket" in name.lower() and _BUCKET.fullmatch(value) is not None)
        if not folders and is_bucket:
            folders = [Folder(value, "")]
        if folders:
            found[name] = folders
    return found
