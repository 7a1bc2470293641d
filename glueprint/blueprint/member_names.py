"""Names of files in a zip: which are safe to extract on any system, and which together clash."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_DRIVE = re.compile(r"[A-Za-z]:")
MAX_PART_BYTES = 255
"""The limit of ext4, APFS and NTFS."""
MAX_PATH_BYTES = 1024


def name_problems(names: Iterable[str]) -> list[str]:
    """Return everything that is wrong with ``names``, in their order; the name of a folder ends with ``/``."""
    problems: list[str] = []
    seen = _Seen()
    for name in names:
        fault = _fault(name) or seen.add(name)
        if fault is not None:
            problems.append(f"{name!a} {fault}")
    return problems


def _fault(name: str) -> str | None:
    parts = name.removesuffix("/").split("/")
    rules = (
        ("\0" in name, "contains a NUL byte"),
        ("\\" in name, "contains a backslash; separate folders with /"),
        (name.startswith("/"), "is an absolute path"),
        (_DRIVE.match(name) is not None, "begins with a drive letter"),
        (".." in parts, "leaves the archive with .."),
        ("" in parts or "." in parts, "has an empty or . part in its path"),
        (any(unicodedata.category(char) in ("Cc", "Cs") for char in name), "contains a control character"),
        (
            any(_size(part) > MAX_PART_BYTES for part in parts),
            f"has a part of more than {MAX_PART_BYTES} bytes",
        ),
        (_size(name) > MAX_PATH_BYTES, f"is longer than {MAX_PATH_BYTES} bytes"),
    )
    return next((words for broken, words in rules if broken), None)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


class _Seen:
    """The paths so far: their spelling, and whether each is a file or a folder."""

    def __init__(self) -> None:
        self._spelling: dict[str, str] = {}
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add(self, name: str) -> str | None:
        """Add one name with its folders; return what it clashes with, or None."""
        path = name.removesuffix("/")
        parts = path.split("/")
        above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        for folder in above:
            if folder in self._files:
                return f"is in {folder!a}, which is a file"
        for step in (*above, path):
            known = self._spelling.setdefault(_folded(step), step)
            if known != step:
                return f"differs from {known!a} only in case or accents"
        self._folders.update(above)
        if name.endswith("/"):
            self._folders.add(path)
            return "is both a file and a folder" if path in self._files else None
        if path in self._files:
            return "is there twice"
        if path in self._folders:
            return "is both a file and a folder"
        self._files.add(path)
        return None


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
