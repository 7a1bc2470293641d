"""The bookmark of an S3 source: objects by modification time, and one by one near the last listing.

The rule is AWS's ("Tracking processed data using job bookmarks", its section on modification timestamps): a
listing at T1 is complete only up to ``maxBand`` before T1. So a bookmark holds T1 and, one by one, the objects of
that last band which were read. The next run reads what is newer than the band's beginning and not in that list.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from glueprint.runtime.s3objects import S3Object

DEFAULT_MAX_BAND_MS = 900_000
"""``maxBand``: 15 minutes (AWS Glue guide, "S3 connection option reference")."""

CLOCK_GRAIN_MS = 1_000
"""S3 tells times in whole seconds: what was listed within the last one is always remembered one by one."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """The options of a source that say what is remembered one by one.

    Attributes:
        band_ms: ``maxBand``, milliseconds before a listing.
        most: ``maxFilesInBand``; None: no limit.
    """

    band_ms: int = DEFAULT_MAX_BAND_MS
    most: int | None = None


@dataclass(frozen=True, slots=True)
class FileState:
    """What is read of an S3 source. Times are milliseconds since 1970.

    Attributes:
        source: the fingerprint of what the source reads.
        listed: when it was listed last (T1).
        band: so long before that, objects count one by one.
        seen: the objects of the band that were read, with their modification times.
    """

    kind: ClassVar[str] = "HadoopDataSourceJobBookmarkState"

    source: str
    listed: int = 0
    band: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)

    def is_new(self, one: S3Object) -> bool:
        """Whether ``one`` is still to be read: not older than the band, and not among those that were read."""
        return _modified(one) > self.listed - self.band and _identity(one) not in self.seen

    def after(self, listing: Sequence[S3Object], at: float, window: Window) -> Self:
        """The state once a run has read what is new in a listing: to that state, what is read is not new.

        Of the new objects within the band no more count than can be remembered; the youngest are left to the next
        run.

        Args:
            listing: the source's objects.
            at: when they were listed, epoch seconds.
            window: what to remember one by one.
        """
        listed = max(self.listed, int(at * 1000))
        # A band that has grown must not reach back to where nothing is remembered one by one any more.
        band = min(max(window.band_ms, CLOCK_GRAIN_MS), listed - (self.listed - self.band))
        remembered = {name: time for name, time in self.seen.items() if time > listed - band}
        inside = [one for one in listing if self.is_new(one) and _modified(one) > listed - band]
        room = len(inside) if window.most is None else max(0, window.most - len(remembered))
        inside.sort(key=lambda one: (_modified(one), one.uri))
        remembered.update({_identity(one): _modified(one) for one in inside[:room]})
        return type(self)(self.source, listed, band, remembered)

    def to_json(self, run: int) -> dict[str, Any]:
        """As ``GetJobBookmark`` shows it: names and forms as AWS shows them where they are known."""
        return {
            "jsonClass": self.kind,
            "source": self.source,
            "timestamps": {
                "RUN": str(run),
                "HIGH_BAND": str(self.band),
                "CURR_RUN_START_TIME": _stamp(self.listed),
                "INCLUDE_LIST": ",".join(f"{name}@{time}" for name, time in sorted(self.seen.items())),
            },
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        times = told["timestamps"]
        pairs = (entry.partition("@") for entry in times["INCLUDE_LIST"].split(",") if entry)
        return cls(
            told["source"],
            _from_stamp(times["CURR_RUN_START_TIME"]),
            int(times["HIGH_BAND"]),
            {name: int(time) for name, _, time in pairs},
        )


def _modified(one: S3Object) -> int:
    return math.floor(one.modified * 1000)


def _identity(one: S3Object) -> str:
    """Stands for this very content: an object that was written again is another one."""
    told = f"{one.uri}\n{_modified(one)}\n{one.size}\n{one.etag}"
    return hashlib.md5(told.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _stamp(time: int) -> str:
    return (_EPOCH + timedelta(milliseconds=time)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _from_stamp(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
