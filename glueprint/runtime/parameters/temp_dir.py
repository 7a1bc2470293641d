"""``--TempDir``: where Glue and scripts put what is not to stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glueprint.runtime.parameters.given import Given

PARAMETER = "--TempDir"
_BUCKET = re.compile(r"s3[an]?://([^/]+)(/.*)?")


def faults(given: Given) -> Iterator[str]:
    """A folder in a bucket that does not exist; the value itself reaches the script as it is."""
    value = given.value(PARAMETER)
    if not value:
        return
    match = _BUCKET.fullmatch(value)
    if match is None:
        yield f"{PARAMETER}: {value!r} is not a folder in S3 (s3://bucket/folder/)"
    elif match[1] not in given.buckets:
        yield f"{PARAMETER}: {value}: NoSuchBucket: The specified bucket does not exist"
