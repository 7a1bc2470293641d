"""The bookmark of an S3 source: objects by modification time, and one by one near the last listing.

The rule is AWS's ("Tracking processed data using job bookmarks", its section on modification timestamps): a
listing at T1 is complete only up to ``maxBand`` before T1. So a bookmark holds T1 and, one by one, the objects of
that last band which were read. The next run reads what is newer than the band's beginning and not in that list.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
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
        begins: where the band before that begins: up to there everything counts as read, after it one by one.
        seen: the objects after it that were read, with their modification times.
    """

    kind: ClassVar[str] = "HadoopDataSourceJobBookmarkState"

    source: str
    listed: int = 0
    begins: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)

    def is_new(self, one: S3Object) -> bool:
        """Whether ``one`` is still to be read: not older than the band, and not among those that were read."""
        return _modified(one) > self.begins and _identity(one) not in self.seen

    def fitting(self, objects: Sequence[S3Object], at: float, window: Window) -> list[S3Object]:
        """Those of ``objects``, in their order, that a listing at that time (epoch seconds) can remember.

        The youngest are left over when there are more within the band than ``maxFilesInBand``.
        """
        if window.most is None:
            return list(objects)
        begins = self._beginning(at, window)
        inside = sorted((one for one in objects if self.is_new(one) and _modified(one) > begins), key=_age)
        room = max(0, window.most - sum(time > begins for time in self.seen.values()))
        left_over = set(inside[room:])
        return [one for one in objects if one not in left_over]

    def having_read(
        self, read: Iterable[S3Object], left_over: Iterable[S3Object], at: float, window: Window
    ) -> Self:
        """The state once ``read`` is read, at a listing at that time; what was ``left_over`` stays new.

        So the band begins before the oldest that is left over, however long ago that is.
        """
        waiting = [_modified(one) - 1 for one in left_over if self.is_new(one)]
        begins = min([self._beginning(at, window), *waiting])
        seen = {name: time for name, time in self.seen.items() if time > begins}
        seen.update({_identity(one): _modified(one) for one in read if _modified(one) > begins})
        return type(self)(self.source, self._listed(at), begins, seen)

    def _listed(self, at: float) -> int:
        return max(self.listed, int(at * 1000))

    def _beginning(self, at: float, window: Window) -> int:
        """Where the band begins. When it has grown it does not reach back to what is not remembered any more."""
        return max(self.begins, self._listed(at) - max(window.band_ms, CLOCK_GRAIN_MS))

    def to_json(self, run: int) -> dict[str, Any]:
        """As ``GetJobBookmark`` shows it: names and forms as AWS shows them where they are known."""
        return {
            "jsonClass": self.kind,
            "source": self.source,
            "timestamps": {
                "RUN": str(run),
                "HIGH_BAND": str(self.listed - self.begins),
                "CURR_RUN_START_TIME": _stamp(self.listed),
                "INCLUDE_LIST": ",".join(f"{name}@{time}" for name, time in sorted(self.seen.items())),
            },
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        times = told["timestamps"]
        pairs = (entry.partition("@") for entry in times["INCLUDE_LIST"].split(",") if entry)
        listed = _from_stamp(times["CURR_RUN_START_TIME"])
        begins = listed - int(times["HIGH_BAND"])
        return cls(told["source"], listed, begins, {name: int(time) for name, _, time in pairs})


def _modified(one: S3Object) -> int:
    return math.floor(one.modified * 1000)


def _age(one: S3Object) -> tuple[int, str]:
    return _modified(one), one.uri


def _identity(one: S3Object) -> str:
    """Stands for this very content: an object that was written again is another one."""
    told = f"{one.uri}\n{_modified(one)}\n{one.size}\n{one.etag}"
    return hashlib.md5(told.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _stamp(time: int) -> str:
    return (_EPOCH + timedelta(milliseconds=time)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _from_stamp(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
