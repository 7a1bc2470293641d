"""Statements about single files: which classifier read which files, which are left out, and warnings.

What is true of many files is stated once, with some of their names and their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .inspection import FileProblem, FileSchema, Inspection
from .statements import CrawlLog, counted

_MAX_NAMED_READ = 20
"""Files that a statement about a schema names."""

_MAX_NAMED_IN_WARNING = 3
"""Files that a warning names."""


@dataclass(slots=True)
class FileStatements:
    """Collects the results for the files of one target."""

    _readers: dict[tuple[FileSchema, str], list[str]] = field(default_factory=dict)
    _notes: dict[str, list[str]] = field(default_factory=dict)
    _left_out: dict[str, list[str]] = field(default_factory=dict)

    def add(self, file: str, answer: Inspection | FileProblem) -> None:
        """Add one file, as ``s3://bucket/key``, with its result."""
        if isinstance(answer, FileProblem):
            self._left_out.setdefault(str(answer), []).append(file)
            return
        self._readers.setdefault((answer.schema, answer.classifier), []).append(file)
        for note in answer.notes:
            self._notes.setdefault(note, []).append(file)

    def write(self, log: CrawlLog) -> None:
        """Add the statements to the crawl's log."""
        for (schema, classifier), files in self._readers.items():
            columns = ", ".join(f"{name}:{kind}" for name, kind in schema.columns)
            log.info(f"classifier {classifier} read {columns} from {_some(files, _MAX_NAMED_READ)}")
        for why, files in self._left_out.items():
            verb = "is" if len(files) == 1 else "are"
            log.warn(f"{_some(files, _MAX_NAMED_IN_WARNING)} {verb} left out: {why}")
        for note, files in self._notes.items():
            log.warn(f"{_some(files, _MAX_NAMED_IN_WARNING)}: {note}")


def _some(files: Sequence[str], maximum: int) -> str:
    more = len(files) - maximum
    return ", ".join(files[:maximum]) + (f" and {counted(more, 'more file')}" if more > 0 else "")
