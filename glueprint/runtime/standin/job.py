"""Stands for Glue's ``Job`` object: ``Job.init``, ``Job.isInitialized``, ``Job.commit``."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions
from glueprint.runtime.bookmarks.tracker import warn_on_stderr
from glueprint.runtime.standin.session import JobSession


class Job:
    """Begins and commits the run's job bookmark, as the arguments of ``init`` say.

    The bookmark has the name that ``init`` is given, which scripts may choose (AWS Glue guide: "each instance of
    the state is keyed by a job name").
    """

    def __init__(self, session: JobSession) -> None:
        self._session = session
        self._initialized = False

    def init(self, name: str, session: object, arguments: Mapping[str, object]) -> None:
        """The script says that it begins.

        Args:
            name: the bookmark's name, by custom the job's.
            session: the Java SparkSession; not needed here.
            arguments: what ``getResolvedOptions`` gave; without it bookmarks are off.

        Raises:
            ValueError: the arguments make no sense.
            BookmarkRefused: the bookmark cannot be had.
        """
        options = BookmarkOptions.of_arguments(arguments)
        if self._session.bookmarks_wanted and options.option is BookmarkOption.DISABLE:
            warn_on_stderr(
                "The run has job bookmarks enabled, and Job.init was not told: without the arguments that "
                "getResolvedOptions gives, job.init(args['JOB_NAME'], args), everything is read every time."
            )
        run_id = arguments.get("JOB_RUN_ID")
        service = None if run_id is None else self._session.bookmark_service(str(run_id))
        self._session.bookmarks.begin(name, options, service)
        self._initialized = True

    def isInitialized(self) -> bool:  # noqa: N802 - Java's name
        """Whether the script called ``init``."""
        return self._initialized

    def commit(self) -> None:
        """The script says that what it has read is done with; without ``init`` there is nothing to keep.

        Raises:
            BookmarkRefused: another run of the job has changed the bookmark.
        """
        self._session.bookmarks.commit()
