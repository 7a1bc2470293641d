"""Files of the local disk through the calls of boto3's S3 client that the catalogue's tasks make.

So the benchmarks compare the same work on the same files: neither Spark nor DuckDB would read them through HTTP.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any


class LocalObjects:
    """Objects whose bucket is a folder; every ETag is ``local``.

    Args:
        root: the folder in which the buckets are; empty if their names are paths.
    """

    def __init__(self, root: str = "") -> None:
        self._root = root

    class exceptions:  # noqa: N801 - boto3's own spelling
        class NoSuchKey(Exception):
            """As boto3 raises it."""

    def get_object(self, Bucket: str, Key: str, Range: str = "") -> dict[str, Any]:  # noqa: N803
        """GetObject, also of a range of bytes."""
        body: Any = open(f"{self._root}{Bucket}/{Key}", "rb")  # noqa: SIM115 - the caller reads it
        if Range:
            start, _, last = Range.removeprefix("bytes=").partition("-")
            body.seek(int(start))
            body = io.BytesIO(body.read(int(last) + 1 - int(start)))
        return {"Body": body, "ETag": '"local"'}

    def upload_file(self, Filename: str, Bucket: str, Key: str) -> None:  # noqa: N803
        """The transfer manager's upload; a rename, as between folders of one disk."""
        target = Path(f"{self._root}{Bucket}/{Key}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Filename, target)
        # The caller looks at the size and deletes its own copy.
        Path(Filename).symlink_to(target)
