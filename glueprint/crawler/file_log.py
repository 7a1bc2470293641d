"""What the log says of single files: who read which, which are left out, and what a person should know of them.

What is said of many files is said once, with some of their names and their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .draft import CrawlLog
from .reasons import counted
from .shapes import FileProblem, FileShape, Inspection

_MOST_READ = 20
"""Files that a line about a schema names."""

_MOST_WARNED = 3
"""Files that a warning names."""


@dataclass(slots=True)
class FileLog:
    """Gathers what was seen of the files of one target."""

    _readers: dict[tuple[FileShape, str], list[str]] = field(default_factory=dict)
    _notes: dict[str, list[str]] = field(default_factory=dict)
    _left_out: dict[str, list[str]] = field(default_factory=dict)

    def add(self, file: str, answer: Inspection | FileProblem) -> None:
        """One file, as ``s3://bucket/key``, and what it turned out to be."""
        if isinstance(answer, FileProblem):
            self._left_out.setdefault(str(answer), []).append(file)
            return
        self._readers.setdefault((answer.shape, answer.classifier), []).append(file)
        for note in answer.notes:
            self._notes.setdefault(note, []).append(file)

    def write(self, log: CrawlLog) -> None:
        """Into the crawl's log."""
        for (shape, classifier), files in self._readers.items():
            columns = ", ".join(f"{name}:{kind}" for name, kind in shape.columns)
            log.messages.append(f"classifier {classifier} read {columns} from {_some(files, _MOST_READ)}")
        for why, files in self._left_out.items():
            verb = "is" if len(files) == 1 else "are"
            log.warnings.append(f"{_some(files, _MOST_WARNED)} {verb} left out: {why}")
        for note, files in self._notes.items():
            log.warnings.append(f"{_some(files, _MOST_WARNED)}: {note}")


def _some(files: Sequence[str], most: int) -> str:
    more = len(files) - most
    return ", ".join(files[:most]) + (f" and {counted(more, 'more file')}" if more > 0 else "")
