"""S3 folders in the parameters of a blueprint."""

from typing import Optional


def normal_folder(uri: str) -> Optional[str]:
    """An S3 folder in its one spelling, ``s3://bucket/a/b/``; None when it is not an S3 location."""
    scheme, separator, rest = uri.strip().partition("://")
    bucket, _, key = rest.partition("/")
    if scheme.lower() != "s3" or not separator or not bucket:
        return None
    key = key.strip("/")
    return "s3://{}/{}".format(bucket, key + "/" if key else "")


def overlap(first: str, second: str) -> bool:
    """Whether one of two folders (as :func:`normal_folder` gives them) holds the other, or they are the same."""
    return first.startswith(second) or second.startswith(first)


def table_level(folder: str) -> int:
    """The folder's level as TableLevelConfiguration counts it: the bucket is 1 (DG:crawler-grouping-policy)."""
    return folder[len("s3://") :].strip("/").count("/") + 1


def last_folder(folder: str) -> str:
    """The folder's own name; the bucket's for a whole bucket."""
    return folder.strip("/").rpartition("/")[2]
