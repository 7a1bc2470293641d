"""The answer to a request that failed because of this server or its disk, not because of the request."""

from __future__ import annotations

import errno
import logging

logger = logging.getLogger(__name__)

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_DISK = (*_NO_SPACE, errno.EIO, errno.EROFS)


def disk_problem(error: BaseException) -> str | None:
    """Return what is wrong with the disk and what to do, if ``error`` is about that; else None."""
    if not isinstance(error, OSError) or error.errno not in _DISK:
        return None
    remedy = "free space" if error.errno in _NO_SPACE else "check the disk"
    return (
        f"The data directory cannot be used: {error.strerror}. Nothing was changed: {remedy}, then repeat it."
    )


def failure_text(subject: str, error: BaseException) -> str:
    """Log that ``subject`` failed, and return what its caller gets to know.

    A full disk fails many requests: one line each in the log.
    """
    problem = disk_problem(error)
    if problem is not None:
        logger.error("%s failed: %s", subject, problem)
        return problem
    logger.error("%s failed", subject, exc_info=error)
    return f"internal error in {subject}: {type(error).__name__}: {error}"
