"""Which places a target's include path covers: what lies elsewhere a crawl neither finds nor misses."""

from __future__ import annotations

from .jdbc.include import JdbcPath
from .listing import IncludePath


def covers(path: str, location: str) -> bool:
    """Whether a table's location lies under an include path.

    Args:
        path: of an S3 target with its scheme, or of a JDBC target (``database/schema/%``).
        location: as the crawler wrote it.
    """
    if "://" not in path:
        return "://" not in location and JdbcPath.parse(path).covers(location)
    include, place = IncludePath.parse(path), IncludePath.parse(location)
    return "://" in location and include.bucket == place.bucket and include.relative(place.prefix) is not None
