"""The ledger of a destination: every input file that has been published in it, so that none is loaded twice.

A file is the same file if its key, ETag and size are. A known key with another ETag is a *changed* file, a new key
whose content is known already is a *duplicate*.
"""

import gzip
import json
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Tuple

from glue_jobs.common.locations import split_location
from glue_jobs.common.manifest import FrozenFile

Content = Tuple[str, int]
"""ETag and size. The ETag of an object from one PutObject, without KMS, is the MD5 of its content."""


@dataclass
class Ledger:
    """The published input files.

    Attributes:
        files: by key and content, the run that published the file.
    """

    files: Dict[Tuple[str, str, int], str]

    def run_of(self, file: FrozenFile) -> str:
        """The run that has published the file; empty if none has."""
        return self.files.get((file.key, file.etag, file.size), "")

    def added(self, files: Iterable[FrozenFile], run: str) -> "Ledger":
        """The ledger after a run has published these files."""
        return Ledger({**self.files, **{(file.key, file.etag, file.size): run for file in files}})


@dataclass(frozen=True)
class SortedFiles:
    """The files of a listing, by what has become of them so far.

    Attributes:
        new: not loaded yet, in the order of their keys.
        known: loaded.
        changed: loaded, and overwritten since.
        duplicates: not loaded, but a file with the same content was, or is among the new ones.
    """

    new: Tuple[FrozenFile, ...]
    known: Tuple[FrozenFile, ...]
    changed: Tuple[FrozenFile, ...]
    duplicates: Tuple[FrozenFile, ...]


def sort_files(files: Iterable[FrozenFile], ledger: Ledger) -> SortedFiles:
    """Compare a listing with the ledger. Of several new files with the same content the first one is new."""
    keys = {key for key, _, _ in ledger.files}
    contents = {(etag, size) for _, etag, size in ledger.files}
    groups: Dict[str, List[FrozenFile]] = {"new": [], "known": [], "changed": [], "duplicates": []}
    for file in sorted(files, key=lambda one: one.key):
        content: Content = (file.etag, file.size)
        if ledger.run_of(file):
            group = "known"
        elif file.key in keys:
            group = "changed"
        elif content in contents:
            group = "duplicates"
        else:
            group = "new"
            contents.add(content)
        groups[group].append(file)
    return SortedFiles(**{name: tuple(members) for name, members in groups.items()})


def read_ledger(s3: Any, location: str) -> Ledger:
    """Read a ledger; an empty location is an empty ledger."""
    if not location:
        return Ledger({})
    bucket, key = split_location(location)
    text = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode()
    entries = [json.loads(line) for line in text.splitlines()]
    return Ledger({(key, etag, size): run for key, etag, size, run in entries})


def write_ledger(s3: Any, location: str, ledger: Ledger) -> None:
    """Write a ledger with one PutObject; the same ledger has the same bytes."""
    bucket, key = split_location(location)
    lines = [json.dumps([*file, run]) for file, run in sorted(ledger.files.items())]
    body = gzip.compress("\n".join(lines).encode(), mtime=0)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/gzip")
