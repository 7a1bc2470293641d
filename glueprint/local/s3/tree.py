"""The files of one bucket: walked in key order, opened without following links, put in place by renaming.

Spark uses the same directories at any time: it deletes and renames trees while this code lists them. So each
function accepts that a file is gone, and a reader keeps the file that it has opened.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from glueprint.local.s3 import keys
from glueprint.local.s3.errors import S3Error, key_conflict, no_such_bucket

_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
_MAX_TRIES = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What distinguishes one version of a file from the next. Inode numbers are reused at once after a delete (305
    of 311 in a trial), so all three members count."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Return the fingerprint in a ``stat`` answer."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino & 0x7FFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """The file of an object."""

    key: str
    path: str
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str  # the segment; with a slash at its end when it is a folder, so that sorting gives S3's order
    item: os.DirEntry[str]


@dataclass(frozen=True, slots=True)
class _Folder:
    base: str
    entries: Iterator[_Entry]


class Walk(Iterator[ObjectFile]):
    """The objects of a bucket whose key starts with ``prefix`` and comes after ``after``, in S3's order.

    The order is that of UTF-8 bytes and of Python's strings. Only directories that can contain such keys are read.
    """

    def __init__(self, bucket_path: str, prefix: str = "", after: str = "") -> None:
        self._prefix = prefix
        self._after = after
        self._skipped: str | None = None
        base = prefix[: prefix.rfind("/") + 1]
        start = plain_path(bucket_path, keys.folder_parts(base))
        self._stack = [] if start is None else [_Folder(base, iter(_entries(start)))]

    def __next__(self) -> ObjectFile:
        while self._stack:
            folder = self._stack[-1]
            entry = next(folder.entries, None)
            if entry is None:
                self._stack.pop()
                continue
            name = folder.base + entry.text
            if self._skipped is not None and name.startswith(self._skipped):
                continue
            if entry.text.endswith("/"):
                if self._may_hold(name):
                    self._stack.append(_Folder(name, iter(_entries(entry.item.path))))
            elif name.startswith(self._prefix) and name > self._after:
                try:
                    status = entry.item.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                return ObjectFile(name, entry.item.path, Fingerprint.of(status))
        raise StopIteration

    def skip(self, prefix: str) -> None:
        """Skip all further keys that start with ``prefix`` without reading their directories."""
        while self._stack and self._stack[-1].base.startswith(prefix):
            self._stack.pop()
        self._skipped = prefix

    def _may_hold(self, folder: str) -> bool:
        if not folder.startswith(self._prefix) and not self._prefix.startswith(folder):
            return False
        return folder > self._after or self._after.startswith(folder)


def _entries(path: str, chain: tuple[str, ...] = ()) -> list[_Entry]:
    """Return the segments in a directory, in order; those of long segments' chunks are merged in."""
    found: list[_Entry] = []
    try:
        with os.scandir(path) as items:
            for item in items:
                names = (*chain, item.name)
                folder = item.is_dir(follow_symlinks=False)
                if folder and keys.is_chunk_name(item.name):
                    found.extend(_entries(item.path, names))
                elif (segment := keys.segment_of(names)) is not None:
                    if folder:
                        found.append(_Entry(segment + "/", item))
                    elif item.is_file(follow_symlinks=False):
                        found.append(_Entry(segment, item))
    except OSError as error:
        if error.errno not in _GONE:
            raise
    if not chain:
        found.sort(key=lambda entry: entry.text)
    return found


def plain_path(bucket_path: str, parts: tuple[str, ...]) -> str | None:
    """Join ``parts`` to a bucket's path, or return None when a directory on the way is a symbolic link."""
    path = bucket_path
    for part in parts[:-1]:
        path = f"{path}/{part}"
        try:
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return None
        except OSError as error:
            if error.errno not in _GONE:
                raise
            break
    full = "/".join((bucket_path, *parts))
    return None if parts and os.path.islink(full) else full


def open_file(path: str) -> int | None:
    """Open a regular file for reading and return its descriptor; None without one (a directory, a
    symbolic link and a pipe do not count)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def status_of(path: str) -> os.stat_result | None:
    """Return the ``stat`` of a regular file, or None."""
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise
    return status if stat.S_ISREG(status.st_mode) else None


def prepare_target(bucket: str, bucket_path: str, key: str) -> str:
    """Create the folders above ``key``'s file, check that it can be stored there, and return its path.

    Raises:
        S3Error: KeyConflict when a name would be both an object and a folder, or a link is in the way;
            NoSuchBucket when the bucket is gone; KeyTooLongError if the path is too long for the file system.
    """
    return _retry(bucket, bucket_path, key, lambda: _prepare_target(bucket, bucket_path, key))


def rename_into(staged: str, bucket: str, bucket_path: str, key: str) -> None:
    """Rename a staged file to that of ``key``, atomically; the previous file is replaced.

    Raises:
        S3Error: as :func:`prepare_target`.
    """

    def attempt() -> None:
        target = _prepare_target(bucket, bucket_path, key)
        # With the checksum of the previous file Hadoop would refuse the new one: it is removed before the rename.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_checksum_path(target))
        os.rename(staged, target)

    _retry(bucket, bucket_path, key, attempt)


def _retry(bucket: str, bucket_path: str, key: str, attempt: Callable[[], T]) -> T:
    """Retry while other programs delete or create the folders in question."""
    for _ in range(_MAX_TRIES):
        try:
            return attempt()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            if not os.path.isdir(bucket_path):
                raise no_such_bucket(bucket) from None
    raise S3Error(
        "OperationAborted",
        "A conflicting conditional operation is currently in progress against this resource. Try again.",
        409,
        {"Key": key},
    )


def _prepare_target(bucket: str, bucket_path: str, key: str) -> str:
    parts = keys.path_parts(key)
    path = bucket_path
    try:
        for depth, part in enumerate(parts[:-1], start=1):
            path = f"{path}/{part}"
            _make_folder(path, bucket, key, parts[:depth])
        target = f"{path}/{parts[-1]}"
        if os.path.isdir(target) and not os.path.islink(target):
            _remove_empty(target)
            if os.path.isdir(target):
                raise key_conflict(key, f"{key}/...")
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise S3Error("KeyTooLongError", "Your key is too long", 400, {"Key": key}) from error
        raise
    return target


def remove(bucket_path: str, path: str) -> None:
    """Delete an object's file, Hadoop's checksum of it, and the folders that become empty."""
    for victim in (path, _checksum_path(path)):
        try:
            os.unlink(victim)
        except OSError as error:
            if error.errno not in (*_GONE, errno.EISDIR):
                raise
    folder = os.path.dirname(path)
    while len(folder) > len(bucket_path):
        try:
            os.rmdir(folder)
        except OSError:  # not empty, or already removed
            return
        folder = os.path.dirname(folder)


def _checksum_path(path: str) -> str:
    folder, name = os.path.split(path)
    return f"{folder}/{keys.checksum_name(name)}"


def _make_folder(path: str, bucket: str, key: str, parts: tuple[str, ...]) -> None:
    try:
        os.mkdir(path, 0o755)
    except FileExistsError:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            raise S3Error(
                "KeyConflict",
                f"'{key}' cannot be stored: '{path}' is a symbolic link, which this local S3 does not follow.",
                409,
                {"Key": key},
            ) from None
        if not stat.S_ISDIR(mode):
            raise key_conflict(key, "/".join(key.split("/")[: len(parts)])) from None
    except FileNotFoundError:
        if len(parts) == 1:
            raise no_such_bucket(bucket) from None
        raise


def _remove_empty(path: str) -> None:
    """Remove the folders of a tree that contain no file."""
    for folder, _, _ in os.walk(path, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
