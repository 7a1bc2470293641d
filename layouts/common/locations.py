"""S3 folders in the parameters of a blueprint."""

from typing import Optional


def normal_folder(uri: str) -> Optional[str]:
    """Return an S3 folder in its normal form, ``s3://bucket/a/b/``; None if it is not an S3 location."""
    scheme, separator, rest = uri.strip().partition("://")
    bucket, _, key = rest.partition("/")
    if scheme.lower() != "s3" or not separator or not bucket:
        return None
    key = key.strip("/")
    return "s3://{}/{}".format(bucket, key + "/" if key else "")


def overlap(first: str, second: str) -> bool:
    """Whether one of two folders (as :func:`normal_folder` returns them) contains the other, or they are equal."""
    return first.startswith(second) or second.startswith(first)


def table_level(folder: str) -> int:
    """Return the folder's level for TableLevelConfiguration: the bucket is 1 (DG:crawler-grouping-policy)."""
    return folder[len("s3://") :].strip("/").count("/") + 1


def last_folder(folder: str) -> str:
    """Return the folder's own name; that of the bucket if it is a bucket."""
    return folder.strip("/").rpartition("/")[2]
