"""Checks of a file against the files next to it: ``a.csv.md5``, ``a.csv.sha256`` and ``a.csv.rows``."""

import hashlib
import re
from typing import Any, Dict, Optional

from glue_jobs.common.manifest import FrozenFile

DIGEST_BLOCK_BYTES = 1 << 20
DIGEST_LENGTHS = {".md5": 32, ".sha256": 64}


class SidecarMismatch(Exception):
    """A file is not what the file next to it states."""


def read_sidecars(s3: Any, bucket: str, file: FrozenFile) -> Dict[str, str]:
    """The text of each sidecar of a file."""
    texts = {}
    for kind in file.sidecars:
        body = s3.get_object(Bucket=bucket, Key=file.key + kind)["Body"].read()
        texts[kind] = body.decode("utf-8-sig", "replace")
    return texts


def check_digests(path: str, key: str, sidecars: Dict[str, str]) -> None:
    """Compare the digests of a local file with those of its sidecars.

    A sidecar is what ``md5sum`` and ``sha256sum`` print, or the digest alone.

    Raises:
        SidecarMismatch: a digest is another one, or a sidecar contains none.
    """
    for kind, length in DIGEST_LENGTHS.items():
        if kind not in sidecars:
            continue
        words = sidecars[kind].split()
        wanted = words[0].lstrip("\\").lower() if words else ""
        if not re.fullmatch("[0-9a-f]{%d}" % length, wanted):
            raise SidecarMismatch("{}: {}{} contains no digest".format(key, key, kind))
        digest = hashlib.new(kind[1:])
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(DIGEST_BLOCK_BYTES), b""):
                digest.update(block)
        if digest.hexdigest() != wanted:
            raise SidecarMismatch(
                "{}: its {} is {}, not {}".format(key, kind[1:].upper(), digest.hexdigest(), wanted)
            )


def expected_rows(key: str, sidecars: Dict[str, str]) -> Optional[int]:
    """The number of rows that a sidecar states; None without one.

    Raises:
        SidecarMismatch: it contains no number.
    """
    if ".rows" not in sidecars:
        return None
    text = sidecars[".rows"].strip()
    if not re.fullmatch(r"\d{1,18}", text):
        raise SidecarMismatch("{}: {}.rows contains no number of rows".format(key, key))
    return int(text)
