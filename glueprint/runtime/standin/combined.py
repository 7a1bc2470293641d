"""The transforms of Glue's Java ``DynamicFrame`` that change nesting, or take or give more than one frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from glueprint.runtime.frames import dynamodb_json, joining, merging, nesting, paths, splitting, unboxing
from glueprint.runtime.frames.errors import CallSite, Thresholds
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.relationalize import relationalize
from glueprint.runtime.standin.conversions import items, options


class CombinedFrames(ABC):
    """What :class:`~glueprint.runtime.standin.dynamic_frame.DynamicFrame` has from here; Java's argument order."""

    frame: Frame

    @abstractmethod
    def _become(self, frame: Frame, stage: int, total: int) -> Self:
        """The result of a transform, if it has not too many errors."""

    # --- nesting ---

    def unnest(self, ctx: str, site: CallSite, stage: int, total: int) -> Self:
        """The fields of structs as columns."""
        return self._become(nesting.unnest(self.frame), stage, total)

    def relationalize(
        self, root: str, staging: str, text: str, ctx: str, site: CallSite, stage: int, total: int
    ) -> list[Self]:
        """Flat tables. ``staging`` is where Glue keeps them meanwhile; here Spark does."""
        return [self._become(one, stage, total) for one in relationalize(self.frame, root)]

    def unbox(
        self, path: str, format_name: str, text: str, ctx: str, site: CallSite, stage: int, total: int
    ) -> Self:
        """A text taken apart."""
        unboxed = unboxing.unbox(
            self.frame,
            paths.parse(path),
            unboxing.format_of(format_name, options(text)),
            site,
            Thresholds(stage, total),
        )
        return self._become(unboxed, stage, total)

    def unnestDDBJson(self, ctx: str, site: CallSite, stage: int, total: int) -> Self:  # noqa: N802 - Java's name
        """The items of a DynamoDB export, flat."""
        return self._become(dynamodb_json.unnest(self.frame), stage, total)

    def simplifyDDBJson(self) -> Self:  # noqa: N802 - Java's name
        """The items of a DynamoDB export, without the marks of types."""
        return self._become(dynamodb_json.simplify(self.frame), 0, 0)

    # --- two frames in, one out ---

    def join(
        self, keys: Any, other_keys: Any, other: CombinedFrames, ctx: str, site: CallSite, stage: int, total: int
    ) -> Self:
        """The records of both side by side."""
        joined = joining.join(self.frame, other.frame, items(keys), items(other_keys))
        return self._become(joined, stage, total)

    def union(self, other: CombinedFrames, ctx: str, site: CallSite, stage: int, total: int) -> Self:
        """The records of both one after the other."""
        return self._become(merging.union(self.frame, other.frame), stage, total)

    def mergeDynamicFrames(  # noqa: N802 - Java's name
        self, other: CombinedFrames, keys: Any, ctx: str, text: str, site: CallSite, stage: int, total: int
    ) -> Self:
        """These records, brought up to date by those of ``other``."""
        return self._become(merging.merge(self.frame, other.frame, items(keys)), stage, total)

    # --- one frame in, two out ---

    def splitFields(self, chosen: Any, ctx: str, site: CallSite, stage: int, total: int) -> list[Self]:  # noqa: N802
        """Some fields, and the others."""
        halves = splitting.split_fields(self.frame, [paths.parse(one) for one in items(chosen)])
        return [self._become(one, stage, total) for one in halves]

    def splitRows(  # noqa: N802 - Java's name
        self,
        compared: Any,
        constants: Any,
        operators: Any,
        ctx: str,
        site: CallSite,
        stage: int,
        total: int,
    ) -> list[Self]:
        """The records for which all comparisons hold, and the others."""
        comparisons = [
            splitting.Comparison(paths.parse(path), operator, constant)
            for path, operator, constant in zip(
                items(compared), items(operators), items(constants), strict=True
            )
        ]
        return [self._become(one, stage, total) for one in splitting.split_rows(self.frame, comparisons)]
