"""Records that cannot be converted: each is kept, with the reason, in a file next to the result."""

import json
import os
from dataclasses import dataclass
from typing import Any, Iterable

MAX_TEXT = 1 << 20


@dataclass(frozen=True)
class BadRecord:
    """A record that was left out.

    Attributes:
        where: its place in the file, such as ``line 7`` or ``byte 4096, record 3``.
        reason: why.
        text: the record as it is in the file, as far as it can be shown.
    """

    where: str
    reason: str
    text: str


class TooManyBadRecords(Exception):
    """More records are bad than are allowed.

    Attributes:
        count: how many were found before reading was given up.
    """

    def __init__(self, message: str, count: int) -> None:
        super().__init__(message)
        self.count = count


class BadRecordFile:
    """Writes the bad records of one task to a local file as JSON lines.

    Args:
        path: the local file; it is made with the first bad record.
        maximum: the number that is allowed; one more raises.
    """

    def __init__(self, path: str, maximum: int) -> None:
        self.path = path
        self.count = 0
        self.first = ""
        self._maximum = maximum
        self._file: Any = None

    def add(self, key: str, records: Iterable[BadRecord]) -> None:
        """Add records of a file.

        Raises:
            TooManyBadRecords: they are one more than is allowed; that one is written, too.
        """
        for record in records:
            if self._file is None:
                self._file = open(self.path, "w", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed below
            self.count += 1
            if not self.first:
                self.first = "{}, {}: {}".format(key, record.where, record.reason)
            entry = {"file": key, "where": record.where, "reason": record.reason, "record": record.text[:MAX_TEXT]}
            self._file.write(json.dumps(entry) + "\n")
            if self.count > self._maximum:
                raise TooManyBadRecords(self.first, self.count)

    def close(self) -> bool:
        """Finish the file; returns whether there is one."""
        if self._file is not None:
            self._file.close()
        return self._file is not None and os.path.exists(self.path)
