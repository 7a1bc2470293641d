"""Copies of files that a run has rejected, each with the reason; the files themselves stay where they are."""

from dataclasses import dataclass
from typing import Any, Sequence

from glue_jobs.common.locations import list_objects, split_folder

REASON_SUFFIX = ".reason.txt"


@dataclass(frozen=True)
class Rejected:
    """A file that could not be loaded.

    Attributes:
        bucket: its bucket.
        key: its key.
        reason: why.
    """

    bucket: str
    key: str
    reason: str

    def __str__(self) -> str:
        return "s3://{}/{}".format(self.bucket, self.reason)


def quarantine(s3: Any, folder: str, run: str, rejected: Sequence[Rejected]) -> None:
    """Copy the files to ``<folder>/run=<run>/<bucket>/<key>``, each with ``<key>.reason.txt``; may be repeated."""
    bucket, prefix = split_folder(folder)
    for file in rejected:
        key = "{}run={}/{}/{}".format(prefix, run, file.bucket, file.key)
        s3.copy(CopySource={"Bucket": file.bucket, "Key": file.key}, Bucket=bucket, Key=key)
        s3.put_object(Bucket=bucket, Key=key + REASON_SUFFIX, Body=(file.reason + "\n").encode())


def count_quarantined(s3: Any, folder: str, run: str) -> int:
    """How many files a run has rejected; 0 without a folder."""
    if not folder:
        return 0
    bucket, prefix = split_folder(folder)
    objects = list_objects(s3, bucket, "{}run={}/".format(prefix, run))
    return sum(entry["Key"].endswith(REASON_SUFFIX) for entry in objects)
