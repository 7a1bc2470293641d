"""Long lists in pages of a fixed length: of names that are all known, or of answers that end in a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAGE_LENGTH = 25


@dataclass(frozen=True, slots=True)
class NamePage:
    """One page of names.

    Attributes:
        names: those of this page.
        total: the number of names that match.
        number: the page's number, from 1.
        last: the last page's number.
        text: what the names must contain.
    """

    names: tuple[str, ...]
    total: int
    number: int
    last: int
    text: str


def page_of_names(names: Sequence[str], text: str, number: str) -> NamePage:
    """Return a page of the names that contain ``text``, whatever its case.

    Args:
        names: all names.
        text: from the search field.
        number: from the address; what is not the number of a page is the first one.
    """
    found = sorted((one for one in names if text.lower() in one.lower()), key=str.lower)
    last = max(1, -(-len(found) // PAGE_LENGTH))
    page = min(int(number), last) if number.isdecimal() and len(number) < 9 and int(number) else 1
    start = (page - 1) * PAGE_LENGTH
    return NamePage(tuple(found[start : start + PAGE_LENGTH]), len(found), page, last, text)
