"""The files of one bucket: walked in key order, opened without following links, put in place by renaming.

Spark uses the same directories at any time: it deletes and renames trees while this code lists them. So each
function accepts that a file is gone, and a reader keeps the file that it has opened. A job may also replace a
folder by a link: see :mod:`glueprint.plain_files`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from glueprint.local.s3 import keys
from glueprint.local.s3.errors import S3Error, key_conflict, no_such_bucket
from glueprint.plain_files import FOLDER, GONE, open_folder, opened_folder

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


class _Directory:
    """A directory that is being walked. Its descriptor is closed while the walk is below it, and opened again."""

    def __init__(self, bucket_path: str, parts: tuple[str, ...]) -> None:
        self.parts = parts
        self.path = "/".join((bucket_path, *parts))
        self._bucket_path = bucket_path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """Open it, if it is not open.

        Raises:
            OSError: it is gone, or a link.
        """
        if self._descriptor is None:
            self._descriptor = open_folder(self._bucket_path, self.parts)
        return self._descriptor

    def below(self, name: str) -> _Directory:
        """Return a directory in this one."""
        return _Directory(self._bucket_path, (*self.parts, name))

    def close(self) -> None:
        """Close its descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    __del__ = close  # a walk need not be finished


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str  # the segment; with a slash at its end when it is a folder, so that sorting gives S3's order
    name: str
    directory: _Directory


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
        start = _Directory(bucket_path, keys.folder_parts(base))
        self._stack = [_Folder(base, iter(_entries(start)))]

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
                    entry.directory.close()
                    self._stack.append(_Folder(name, iter(_entries(entry.directory.below(entry.name)))))
            elif name.startswith(self._prefix) and name > self._after:
                status = _status(entry)
                if status is not None:
                    path = f"{entry.directory.path}/{entry.name}"
                    return ObjectFile(name, path, Fingerprint.of(status))
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


def _status(entry: _Entry) -> os.stat_result | None:
    """Return the ``stat`` of a regular file; None if it is one no more."""
    try:
        status = os.stat(entry.name, dir_fd=entry.directory.descriptor, follow_symlinks=False)
    except OSError as error:
        if error.errno not in GONE:
            raise
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _entries(directory: _Directory, chain: tuple[str, ...] = ()) -> list[_Entry]:
    """Return the segments in a directory, in order; those of long segments' chunks are merged in."""
    found: list[_Entry] = []
    chunks: list[str] = []
    try:
        with os.scandir(directory.descriptor) as items:
            for item in items:
                names = (*chain, item.name)
                folder = item.is_dir(follow_symlinks=False)
                if folder and keys.is_chunk_name(item.name):
                    chunks.append(item.name)
                elif (segment := keys.segment_of(names)) is not None:
                    if folder:
                        found.append(_Entry(segment + "/", item.name, directory))
                    elif item.is_file(follow_symlinks=False):
                        found.append(_Entry(segment, item.name, directory))
    except OSError as error:
        if error.errno not in GONE:
            raise
    if chunks:
        directory.close()
    for name in chunks:
        found.extend(_entries(directory.below(name), (*chain, name)))
    if not chain:
        found.sort(key=lambda entry: entry.text)
    return found


def prepare_target(bucket: str, bucket_path: str, key: str) -> os.stat_result | None:
    """Create the folders above ``key``'s file, and check that it can be stored there.

    Returns:
        The ``stat`` of the file that is there, or None.

    Raises:
        S3Error: KeyConflict when a name would be both an object and a folder, or a link is in the way;
            NoSuchBucket when the bucket is gone; KeyTooLongError if the path is too long for the file system.
    """

    def attempt() -> os.stat_result | None:
        with _target_folder(bucket_path, key) as (folder, name):
            return _regular_file(folder, name)

    return _retry(bucket, bucket_path, key, attempt)


def rename_into(staged: str, bucket: str, bucket_path: str, key: str) -> None:
    """Rename a staged file to that of ``key``, atomically; the previous file is replaced.

    Raises:
        S3Error: as :func:`prepare_target`.
    """

    def attempt() -> None:
        with _target_folder(bucket_path, key) as (folder, name):
            # With the checksum of the previous file Hadoop would refuse the new one: it is removed before.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(keys.checksum_name(name), dir_fd=folder)
            os.rename(staged, name, dst_dir_fd=folder)

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


@contextlib.contextmanager
def _target_folder(bucket_path: str, key: str) -> Iterator[tuple[int, str]]:
    """Open the folder of ``key``'s file, which is made; yield its descriptor and the file's name."""
    parts = keys.path_parts(key)
    folder = os.open(bucket_path, FOLDER)
    try:
        for depth, part in enumerate(parts[:-1], start=1):
            below = _make_folder(folder, part, key, depth)
            os.close(folder)
            folder = below
        _check_length("/".join((bucket_path, *parts)))
        _make_room(folder, parts[-1], key)
        yield folder, parts[-1]
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise S3Error("KeyTooLongError", "Your key is too long", 400, {"Key": key}) from error
        raise
    finally:
        os.close(folder)


def _check_length(path: str) -> None:
    """Raise ``ENAMETOOLONG`` for a path that programs which open it as a whole could not use."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.lstat(path)


def _make_folder(folder: int, name: str, key: str, depth: int) -> int:
    """Open a folder in another one; it is made if it is not there."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=folder)
    try:
        return os.open(name, FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    above = "/".join(key.split("/")[:depth])
    if stat.S_ISLNK(mode):
        raise S3Error(
            "KeyConflict",
            f"'{key}' cannot be stored: '{above}' is a symbolic link, which this local S3 does not follow.",
            409,
            {"Key": key},
        )
    raise NotADirectoryError(name) if stat.S_ISDIR(mode) else key_conflict(key, above)


def _make_room(folder: int, name: str, key: str) -> None:
    """Remove a tree of empty folders in place of a file."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        return
    with contextlib.suppress(OSError):
        for _, names, _, descriptor in os.fwalk(name, topdown=False, dir_fd=folder):
            for below in names:
                with contextlib.suppress(OSError):
                    os.rmdir(below, dir_fd=descriptor)
        os.rmdir(name, dir_fd=folder)
        return
    raise key_conflict(key, f"{key}/...")


def _regular_file(folder: int, name: str) -> os.stat_result | None:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def remove(bucket_path: str, parts: Sequence[str]) -> None:
    """Delete an object's file, Hadoop's checksum of it, and the folders that become empty."""
    try:
        with opened_folder(bucket_path, parts[:-1]) as folder:
            for victim in (parts[-1], keys.checksum_name(parts[-1])):
                with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                    os.unlink(victim, dir_fd=folder)
    except OSError as error:
        if error.errno not in GONE:
            raise
    with contextlib.suppress(OSError):  # not empty, or already removed
        for depth in range(len(parts) - 1, 0, -1):
            with opened_folder(bucket_path, parts[: depth - 1]) as folder:
                os.rmdir(parts[depth - 1], dir_fd=folder)
