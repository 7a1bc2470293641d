"""Stands for Glue's ``Job`` object: ``Job.init``, ``Job.isInitialized``, ``Job.commit``."""

from __future__ import annotations

import sys

from glueprint.runtime.standin.session import JobSession


class Job:
    """A commit has nothing to keep, as there are no bookmarks yet."""

    def __init__(self, session: JobSession) -> None:
        self._session = session
        self._initialized = False

    def init(self, name: str, session: object, arguments: object) -> None:
        """The script says that it begins."""
        self._initialized = True

    def isInitialized(self) -> bool:  # noqa: N802 - Java's name
        """Whether the script called ``init``."""
        return self._initialized

    def commit(self) -> None:
        """The script says that it is done."""
        if self._session.bookmarks_wanted:
            print(  # noqa: T201 - the job's own error output
                "job bookmarks are not kept locally yet: the next run reads everything again", file=sys.stderr
            )
