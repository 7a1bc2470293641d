"""S3 locations: the parts of ``s3://bucket/folder``, and the objects in a folder."""

from typing import Any, Iterator, Sequence, Tuple


def split_location(location: str) -> Tuple[str, str]:
    """Return the bucket and key of ``s3://bucket/a/b``: ``bucket`` and ``a/b``.

    Raises:
        ValueError: not an S3 location.
    """
    scheme, _, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise ValueError("{!r} is not an S3 location such as s3://bucket/folder/".format(location))
    return bucket, key


def split_folder(location: str) -> Tuple[str, str]:
    """Return an S3 folder as bucket and key prefix; the prefix is empty or ends with one slash.

    ``s3://b/flights`` must not include ``s3://b/flights2/``, so a folder always ends with a slash here.
    """
    bucket, key = split_location(location)
    key = key.strip("/")
    return bucket, key + "/" if key else ""


def folder_location(location: str) -> str:
    """Return the folder in its normal form, ``s3://bucket/a/b/``, so that two of them can be compared."""
    bucket, prefix = split_folder(location)
    return "s3://{}/{}".format(bucket, prefix)


def list_objects(s3: Any, bucket: str, prefix: str) -> Iterator[Any]:
    """Return every object below a prefix as ListObjectsV2 describes it, in the order of their keys."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", [])


def delete_below(s3: Any, bucket: str, prefix: str) -> int:
    """Delete every object below a folder's prefix; returns their number.

    Raises:
        ValueError: the prefix is not that of a folder; an empty one would empty the bucket.
        RuntimeError: S3 refused to delete some of them.
    """
    if not prefix.endswith("/"):
        raise ValueError("{!r} is not the prefix of a folder".format(prefix))
    keys = [entry["Key"] for entry in list_objects(s3, bucket, prefix)]
    delete_keys(s3, bucket, keys)
    return len(keys)


def delete_keys(s3: Any, bucket: str, keys: Sequence[str]) -> None:
    """Delete objects, a thousand in a request.

    Raises:
        RuntimeError: S3 refused to delete some of them.
    """
    for start in range(0, len(keys), 1000):
        batch = [{"Key": key} for key in keys[start : start + 1000]]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if answer.get("Errors"):
            first = answer["Errors"][0]
            raise RuntimeError(
                "s3://{}/{} could not be deleted: {}".format(bucket, first["Key"], first.get("Message", first))
            )
