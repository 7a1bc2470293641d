"""Which files of a location are a run's input, and whether they are enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Iterable, List

from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.patterns import compile_pattern


@dataclass(frozen=True)
class Thresholds:
    """When files count as present.

    Attributes:
        minimum_files: the least number of files; there must always be one.
        minimum_bytes: the least number of bytes, all files together.
        maximum_age: the greatest age of the newest file; None for any age.
    """

    minimum_files: int
    minimum_bytes: int
    maximum_age: "timedelta | None"


def choose(entries: Iterable[Any], prefix: str, pattern: str) -> List[FrozenFile]:
    """The files of a listing that match the pattern.

    Folder markers and other empty objects are left out, and what a query engine would not read either: names that
    start with ``_`` or ``.`` (``_SUCCESS``, ``_temporary/``, ``.part.crc``), at any level below the location.

    Args:
        entries: objects as ListObjectsV2 describes them.
        prefix: the location's key prefix.
        pattern: see :func:`compile_pattern`.
    """
    matches = compile_pattern(pattern).fullmatch
    chosen = []
    for entry in entries:
        path = entry["Key"][len(prefix) :]
        hidden = any(part[:1] in ("_", ".") for part in path.split("/"))
        if entry["Size"] > 0 and not hidden and matches(path):
            chosen.append(
                FrozenFile(
                    key=entry["Key"],
                    size=entry["Size"],
                    etag=entry["ETag"].strip('"'),
                    modified=iso(entry["LastModified"]),
                )
            )
    return chosen


def reason_missing(files: List[FrozenFile], limits: Thresholds, now: datetime) -> str:
    """Why these files do not count as present, every reason in one sentence; empty when they do."""
    if not files:
        return "no file is there"
    reasons = []
    size = sum(file.size for file in files)
    if len(files) < limits.minimum_files:
        reasons.append("{} of at least {} files are there".format(len(files), limits.minimum_files))
    if size < limits.minimum_bytes:
        reasons.append("{} of at least {} bytes are there".format(size, limits.minimum_bytes))
    newest = max(file.modified for file in files)
    if limits.maximum_age is not None and now - from_iso(newest) > limits.maximum_age:
        hours = limits.maximum_age / timedelta(hours=1)
        reasons.append("the newest file is of {}, more than {:g} hours ago".format(newest, hours))
    return "; ".join(reasons)


def iso(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC; texts of this form sort like the moments."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_iso(text: str) -> datetime:
    """The moment that :func:`iso` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
