"""Files and folders opened without following symbolic links on the way.

A job may replace any folder of a bucket by a link, also between two steps of a server or a crawl: a path that was
checked may lead elsewhere when it is used. So folders are opened one below the other, and a descriptor stays what
it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""Flags with which a folder is opened that must not be a link."""
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""Errors of a path that does not exist or leads over a link or a file."""


def open_folder(base: str, parts: Sequence[str] = ()) -> int:
    """Open the folder ``parts`` below ``base`` and return its descriptor.

    Raises:
        OSError: one of :data:`GONE` if a part is missing or is not a folder (a link is not).
    """
    folder = os.open(base, FOLDER)
    for part in parts:
        try:
            below = os.open(part, FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


@contextlib.contextmanager
def opened_folder(base: str, parts: Sequence[str] = ()) -> Iterator[int]:
    """Open a folder for the time of a block.

    Raises:
        OSError: as :func:`open_folder`.
    """
    folder = open_folder(base, parts)
    try:
        yield folder
    finally:
        os.close(folder)


def open_file(base: str, parts: Sequence[str]) -> int | None:
    """Open a regular file for reading and return its descriptor; None without one (links, pipes and folders are
    not)."""
    try:
        with opened_folder(base, parts[:-1]) as folder:
            descriptor = os.open(
                parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
            )
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def status_of(base: str, parts: Sequence[str]) -> os.stat_result | None:
    """Return the ``stat`` of a regular file, or None."""
    try:
        with opened_folder(base, parts[:-1]) as folder:
            status = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    return status if stat.S_ISREG(status.st_mode) else None
