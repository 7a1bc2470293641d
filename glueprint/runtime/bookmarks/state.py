"""A job's whole bookmark: one state element for each ``transformation_ctx``, as one JSON text.

Each element knows the fingerprint of its source: another source under the same name finds no bookmark (AWS Glue
guide: changing the source's properties voids its state).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from glueprint.runtime.bookmarks.files import FileState
from glueprint.runtime.bookmarks.keys import KeyState

Element = FileState | KeyState

_KINDS: dict[str, type[Element]] = {one.kind: one for one in (FileState, KeyState)}


class UnknownElement(Exception):
    """The bookmark holds an element that this program does not know."""


@dataclass(frozen=True, slots=True)
class BookmarkState:
    """The elements by ``transformation_ctx``."""

    elements: Mapping[str, Element] = field(default_factory=dict)

    def files(self, ctx: str, source: str) -> FileState | None:
        """The element of an S3 source; None when there is none of this very source."""
        found = self.elements.get(ctx)
        return found if isinstance(found, FileState) and found.source == source else None

    def keys(self, ctx: str, source: str) -> KeyState | None:
        """The element of a table; None when there is none of this very source."""
        found = self.elements.get(ctx)
        return found if isinstance(found, KeyState) and found.source == source else None

    def with_elements(self, elements: Mapping[str, Element]) -> Self:
        """This state, with these elements in place of those of the same names."""
        return type(self)({**self.elements, **elements})

    def to_json(self, run: int) -> str:
        """The text of ``JobBookmarkEntry.JobBookmark``; the same state gives the same text.

        Args:
            run: the number of the run that commits it.
        """
        told = {ctx: element.to_json(run) for ctx, element in self.elements.items()}
        return json.dumps(told, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The reverse of :meth:`to_json`.

        Raises:
            UnknownElement: another program has written it.
        """
        elements: dict[str, Element] = {}
        for ctx, told in json.loads(text).items():
            try:
                elements[ctx] = _KINDS[told["jsonClass"]].from_json(told)
            except (KeyError, TypeError, ValueError) as error:
                raise UnknownElement(
                    f"the job bookmark of transformation_ctx {ctx!r} cannot be read ({error!r}): was it written "
                    "by another version of Glueprint? ResetJobBookmark makes the job begin anew"
                ) from error
        return cls(elements)


def fingerprint(source: str) -> str:
    """Stands for what a source reads, without telling it: an address may hold a password."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:32]
