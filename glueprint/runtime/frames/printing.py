"""Records as ``show`` prints them."""

from __future__ import annotations

from glueprint.runtime.frames import plain, record_lines
from glueprint.runtime.frames.frame import Frame


def show_string(frame: Frame, rows: int) -> str:
    """The first ``rows`` records as JSON, a line each, fields without a value left out."""
    return "\n".join(map(record_lines.line, plain.plain_records(frame.schema, frame.data.take(rows))))
