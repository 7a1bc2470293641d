"""Reading the files of a manifest: only if they still are what was frozen, and several ahead of their use."""

import os
import shutil
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Deque, Iterator, List, Sequence, Tuple, Union

from glue_jobs.common.manifest import FrozenFile

FETCH_THREADS = 8
FETCH_BATCH = 16
MAX_FETCHED_BYTES = 64 << 20
MAX_BODY_BYTES = 16 << 20

Content = Union[bytes, str]
"""A small file's bytes, or the path of a local copy."""


class ChangedFile(Exception):
    """A file was changed or deleted after it was found."""


def fetch_frozen(s3: Any, directory: str, bucket: str, file: FrozenFile) -> Content:
    """Fetch a file; a large one into a directory.

    Raises:
        ChangedFile: it is not what was frozen.
    """
    name = "s3://{}/{}".format(bucket, file.key)
    try:
        answer = s3.get_object(Bucket=bucket, Key=file.key)
    except s3.exceptions.NoSuchKey as error:
        raise ChangedFile("{} was deleted after it was found; run the workflow again".format(name)) from error
    if answer["ETag"].strip('"') != file.etag:
        answer["Body"].close()
        raise ChangedFile("{} was changed after it was found; run the workflow again".format(name))
    if file.size <= MAX_BODY_BYTES:
        body: bytes = answer["Body"].read()
        size = len(body)
    else:
        path = os.path.join(directory, "input-{:x}".format(hash(file.key) & 0xFFFFFFFFFFFFFFFF))
        with open(path, "wb") as target:
            shutil.copyfileobj(answer["Body"], target, 1 << 20)
        size = os.path.getsize(path)
    if size != file.size:
        raise ChangedFile("{} was cut off while it was read".format(name))
    return body if file.size <= MAX_BODY_BYTES else path


def fetch_all(
    s3: Any, directory: str, files: Sequence[Tuple[str, FrozenFile]]
) -> Iterator[Tuple[str, Union[Content, ChangedFile]]]:
    """Fetch files in their order, some ahead of their use: names with contents, or with why there is none.

    At most 64 MB are fetched ahead. The local copy of a large file is deleted when the next one is requested.

    Args:
        s3: a boto3 S3 client; threads share it.
        directory: for large files.
        files: buckets and files.
    """
    waiting: Deque[Tuple[int, "Future[List[_Fetched]]"]] = deque()
    left = deque(_batches_of_files(files))
    ahead = 0
    with ThreadPoolExecutor(FETCH_THREADS) as pool:
        while left or waiting:
            while left and (not waiting or ahead + _size(left[0]) <= MAX_FETCHED_BYTES):
                batch = left.popleft()
                waiting.append((_size(batch), pool.submit(_fetch_batch, s3, directory, batch)))
                ahead += _size(batch)
            size, future = waiting.popleft()
            for name, content in future.result():
                yield name, content
                if isinstance(content, str):
                    os.remove(content)
            ahead -= size


_Fetched = Tuple[str, Union[Content, ChangedFile]]


def _batches_of_files(files: Sequence[Tuple[str, FrozenFile]]) -> Iterator[List[Tuple[str, FrozenFile]]]:
    """Small files in batches: handing each of them to a thread would cost more than reading it."""
    batch: List[Tuple[str, FrozenFile]] = []
    for entry in files:
        if batch and (len(batch) >= FETCH_BATCH or _size(batch) + entry[1].size > MAX_BODY_BYTES):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _size(batch: Sequence[Tuple[str, FrozenFile]]) -> int:
    return sum(file.size for _, file in batch)


def _fetch_batch(s3: Any, directory: str, batch: Sequence[Tuple[str, FrozenFile]]) -> List[_Fetched]:
    return [_fetch_one(s3, directory, bucket, file) for bucket, file in batch]


def _fetch_one(s3: Any, directory: str, bucket: str, file: FrozenFile) -> _Fetched:
    name = "s3://{}/{}".format(bucket, file.key)
    try:
        return name, fetch_frozen(s3, directory, bucket, file)
    except ChangedFile as error:
        return name, error
