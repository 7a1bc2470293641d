"""A job's complete bookmark: one state element for each ``transformation_ctx``, as one JSON text.

Each element contains the fingerprint of its source: another source with the same name has no bookmark, because a
change of the source's properties voids its state (docs/facts/bookmarks.md#script-contract).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from glueprint.compat import Self
from glueprint.runtime.bookmarks.files import FileState
from glueprint.runtime.bookmarks.keys import KeyState

Element = Union[FileState, KeyState]

_KINDS: dict[str, type[Element]] = {one.kind: one for one in (FileState, KeyState)}


class UnreadableBookmark(Exception):
    """The bookmark contains an element that this program cannot read."""


@dataclass(frozen=True)
class BookmarkState:
    """The elements by ``transformation_ctx``."""

    elements: Mapping[str, Element] = field(default_factory=dict)

    def files(self, ctx: str, source: str) -> FileState | None:
        """Return the element of this S3 source, or None."""
        found = self.elements.get(ctx)
        return found if isinstance(found, FileState) and found.source == source else None

    def keys(self, ctx: str, source: str) -> KeyState | None:
        """Return the element of this table, or None."""
        found = self.elements.get(ctx)
        return found if isinstance(found, KeyState) and found.source == source else None

    def with_elements(self, elements: Mapping[str, Element]) -> Self:
        """Return this state with these elements added or replaced."""
        return type(self)({**self.elements, **elements})

    def to_json(self, run: int) -> str:
        """Return the text of ``JobBookmarkEntry.JobBookmark``; equal states have equal texts.

        Args:
            run: the number of the run that commits it.
        """
        data = {ctx: element.to_json(run) for ctx, element in self.elements.items()}
        return json.dumps(data, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the state that :meth:`to_json` wrote.

        Raises:
            UnreadableBookmark: another program has written the text.
        """
        elements: dict[str, Element] = {}
        for ctx, data in json.loads(text).items():
            try:
                elements[ctx] = _KINDS[data["jsonClass"]].from_json(data)
            except (KeyError, TypeError, ValueError) as error:
                raise UnreadableBookmark(
                    f"the job bookmark of transformation_ctx {ctx!r} cannot be read ({error!r}); another "
                    "version of Glueprint may have written it. ResetJobBookmark makes the job start from the "
                    "beginning again"
                ) from error
        return cls(elements)


def fingerprint(source: str) -> str:
    """Return a hash of the text that describes a source: the text itself may contain a password."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:32]
