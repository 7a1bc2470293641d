"""Glue's Java class ``Job``: ``Job.init``, ``Job.isInitialized``, ``Job.commit``."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions
from glueprint.runtime.bookmarks.tracker import warn_on_stderr
from glueprint.runtime.standin.session import JobSession


class Job:
    """Starts and commits the run's job bookmark, with the options in the arguments of ``init``.

    The bookmark has the name that the script passes to ``init`` (DG:monitor-continuations: "each instance of the
    state is keyed by a job name").
    """

    def __init__(self, session: JobSession) -> None:
        self._session = session
        self._initialized = False

    def init(self, name: str, session: object, arguments: Mapping[str, object]) -> None:
        """Load the bookmark.

        Args:
            name: the bookmark's name, usually the job's.
            session: the Java SparkSession; not used.
            arguments: the result of ``getResolvedOptions``; without them bookmarks are disabled.

        Raises:
            ValueError: the arguments contradict each other.
            BookmarkRefused: the bookmark cannot be loaded.
        """
        options = BookmarkOptions.of_arguments(arguments)
        if self._session.bookmarks_enabled and options.option is BookmarkOption.DISABLE:
            warn_on_stderr(
                "The run has job bookmarks enabled, but Job.init received no arguments. Pass the arguments that "
                "getResolvedOptions returns, job.init(args['JOB_NAME'], args): without them everything is read "
                "every time."
            )
        run_id = arguments.get("JOB_RUN_ID")
        service = None if run_id is None else self._session.bookmark_service(str(run_id))
        self._session.bookmarks.begin(name, options, service)
        self._initialized = True

    def isInitialized(self) -> bool:  # noqa: N802 - Java's name
        """Return whether the script has called ``init``."""
        return self._initialized

    def commit(self) -> None:
        """Store the bookmark; without ``init`` there is nothing to store.

        Raises:
            BookmarkRefused: another run of the job has changed the bookmark.
        """
        self._session.bookmarks.commit()
