"""What a job's process requests of the local Glue that AWS has no public operation for.

Each job run has one private path, ``/glueprint/v1/job-runs/RUN/...``. Requests are signed with the server's key
under the service name ``glueprint``, and pass the same guard as all others. The path answers only while the run is
alive.

:class:`JobApi` is the ASGI application; :mod:`bookmarks` and :mod:`quality` have the calls.
"""

from glueprint.local.job_api.bookmarks import RunBookmarks
from glueprint.local.job_api.quality import RunQuality
from glueprint.local.job_api.route import JobApi
from glueprint.local.store import Database


def job_api(database: Database) -> JobApi:
    """Assemble the private route of job runs over one store."""
    return JobApi({**RunBookmarks(database).calls, **RunQuality(database).calls})


__all__ = ["JobApi", "job_api"]
