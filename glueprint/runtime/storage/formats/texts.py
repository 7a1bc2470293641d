"""How values stand in files of text."""

from __future__ import annotations

TIMESTAMPS = {"timestampFormat": "yyyy-MM-dd HH:mm:ss.SSSSSS", "dateFormat": "yyyy-MM-dd"}
"""Options of Spark's writers: timestamps as a crawler reads them, to the microsecond, so that nothing is lost."""
