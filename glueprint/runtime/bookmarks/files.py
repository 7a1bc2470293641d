"""The bookmark of an S3 source: modification times, and a list of the objects that were read recently.

A listing at time T1 is complete only up to ``maxBand`` before T1 (DG:monitor-continuations, "modification
timestamps"). So a bookmark contains T1 and the list of the objects within that band that were read. The next run
reads the objects that are newer than the start of the band and not in the list.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from glueprint.compat import UTC, Self
from glueprint.runtime.s3objects import S3Object

DEFAULT_MAX_BAND_MS = 900_000
"""Default of ``maxBand``: 15 minutes (DG22:aws-glue-programming-etl-connect)."""

CLOCK_RESOLUTION_MS = 1_000
"""S3 reports times in whole seconds: objects of the last second before a listing are always listed one by one."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class BandOptions:
    """The options of a source that limit the list of objects in its bookmark.

    Attributes:
        band_ms: ``maxBand``, milliseconds before a listing.
        max_files: ``maxFilesInBand``; None: no limit.
    """

    band_ms: int = DEFAULT_MAX_BAND_MS
    max_files: int | None = None


@dataclass(frozen=True)
class FileState:
    """What has been read of an S3 source. Times are milliseconds since 1970.

    Attributes:
        source: the fingerprint of the source.
        listed_at: the time of the last listing (T1).
        band_start: everything modified up to this time counts as read.
        read_in_band: the objects modified after ``band_start`` that were read, with their modification times.
    """

    kind: ClassVar[str] = "HadoopDataSourceJobBookmarkState"

    source: str
    listed_at: int = 0
    band_start: int = 0
    read_in_band: Mapping[str, int] = field(default_factory=dict)

    def is_new(self, one: S3Object) -> bool:
        """Return whether ``one`` is unread: modified after the start of the band, and not in the list."""
        return _modified_ms(one) > self.band_start and _identity(one) not in self.read_in_band

    def limit_to_band(self, objects: Sequence[S3Object], now: float, band: BandOptions) -> list[S3Object]:
        """Return those of ``objects``, in their order, that the bookmark can list after a listing at ``now``.

        ``now`` is in epoch seconds. If more objects are within the band than ``maxFilesInBand`` allows, the newest
        are left out.
        """
        if band.max_files is None:
            return list(objects)
        band_start = self._band_start(now, band)
        inside = [one for one in objects if self.is_new(one) and _modified_ms(one) > band_start]
        inside.sort(key=_by_time)
        room = max(0, band.max_files - sum(time > band_start for time in self.read_in_band.values()))
        left_over = set(inside[room:])
        return [one for one in objects if one not in left_over]

    def after_reading(
        self, read: Iterable[S3Object], left_over: Iterable[S3Object], now: float, band: BandOptions
    ) -> Self:
        """Return the state after ``read`` was read, from a listing at ``now``; ``left_over`` stays unread.

        The band therefore starts before the oldest object that is left over, however old that is.
        """
        unread = [_modified_ms(one) - 1 for one in left_over if self.is_new(one)]
        band_start = min([self._band_start(now, band), *unread])
        read_in_band = {name: time for name, time in self.read_in_band.items() if time > band_start}
        read_in_band.update({_identity(one): _modified_ms(one) for one in read if _modified_ms(one) > band_start})
        return type(self)(self.source, self._listing_time(now), band_start, read_in_band)

    def _listing_time(self, now: float) -> int:
        return max(self.listed_at, int(now * 1000))

    def _band_start(self, now: float, band: BandOptions) -> int:
        """Return the start of the band. A band that has grown does not reach back to times without a list."""
        return max(self.band_start, self._listing_time(now) - max(band.band_ms, CLOCK_RESOLUTION_MS))

    def to_json(self, run: int) -> dict[str, Any]:
        """Return the form that ``GetJobBookmark`` shows, with AWS's names and formats where they are known."""
        return {
            "jsonClass": self.kind,
            "source": self.source,
            "timestamps": {
                "RUN": str(run),
                "HIGH_BAND": str(self.listed_at - self.band_start),
                "CURR_RUN_START_TIME": _timestamp(self.listed_at),
                "INCLUDE_LIST": ",".join(f"{name}@{time}" for name, time in sorted(self.read_in_band.items())),
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the state that :meth:`to_json` wrote."""
        times = data["timestamps"]
        pairs = (entry.partition("@") for entry in times["INCLUDE_LIST"].split(",") if entry)
        listed_at = _from_timestamp(times["CURR_RUN_START_TIME"])
        band_start = listed_at - int(times["HIGH_BAND"])
        return cls(data["source"], listed_at, band_start, {name: int(time) for name, _, time in pairs})


def _modified_ms(one: S3Object) -> int:
    return math.floor(one.modified * 1000)


def _by_time(one: S3Object) -> tuple[int, str]:
    return _modified_ms(one), one.uri


def _identity(one: S3Object) -> str:
    """Return a hash of the object's address and version: an object that is written again has another one."""
    data = f"{one.uri}\n{_modified_ms(one)}\n{one.size}\n{one.etag}"
    return hashlib.md5(data.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _timestamp(time: int) -> str:
    return (_EPOCH + timedelta(milliseconds=time)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _from_timestamp(text: str) -> int:
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - _EPOCH) // timedelta(milliseconds=1)
