"""Which partitions have too many small files."""

import hashlib
from dataclasses import dataclass
from typing import Any, Iterable, List, Sequence, Tuple

from glue_jobs.common.input_files import choose
from glue_jobs.common.locations import list_objects, split_folder
from glue_jobs.common.manifest import FrozenFile


@dataclass(frozen=True)
class SmallFiles:
    """When a partition needs to be compacted.

    Attributes:
        target_bytes: the size that files should have; one below half of it is small.
        percent: the least share of small files among all.
        minimum_files: the least number of files.
    """

    target_bytes: int
    percent: int
    minimum_files: int

    def reason_not(self, files: Sequence[FrozenFile]) -> str:
        """Why files need not be compacted; empty if they need it."""
        small = sum(file.size * 2 < self.target_bytes for file in files)
        if len(files) < max(2, self.minimum_files):
            return "few files"
        if small < 2 or small * 100 < self.percent * len(files):
            return "few of its files are small"
        if -(-sum(file.size for file in files) // self.target_bytes) >= len(files):
            return "there would be as many files"
        return ""


def visible_files(s3: Any, location: str) -> List[FrozenFile]:
    """The files of a folder that a query engine reads: neither empty nor hidden."""
    bucket, prefix = split_folder(location)
    return choose(list_objects(s3, bucket, prefix), prefix, "*")


def files_digest(files: Iterable[Tuple[str, int]]) -> str:
    """A short text that is the same for the same keys and sizes."""
    text = "\n".join("{} {}".format(key, size) for key, size in sorted(files))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
