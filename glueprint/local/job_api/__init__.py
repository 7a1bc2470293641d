"""What job processes and commands request of the local Glue that AWS has no public operation for.

Each job run has one private path, ``/glueprint/v1/job-runs/RUN/...``. Requests are signed with the server's key
under the service name ``glueprint``, and pass the same guard as all others. The path answers only while the run is
alive. Commands read ``/glueprint/v1/missed-times`` and ``/glueprint/v1/observed-calls`` in the same way.

:class:`JobApi` is the ASGI application; :mod:`bookmarks` and :mod:`quality` have the calls of job runs,
:mod:`missed_times` and :mod:`observed_calls` have what commands read.
"""

from glueprint.local.access.call_record import CallRecord
from glueprint.local.job_api.bookmarks import RunBookmarks
from glueprint.local.job_api.missed_times import MissedTimes
from glueprint.local.job_api.observed_calls import ObservedCalls
from glueprint.local.job_api.quality import RunQuality
from glueprint.local.job_api.route import JobApi
from glueprint.local.store import Database


def job_api(database: Database, record: CallRecord) -> JobApi:
    """Assemble the private route over one store."""
    calls = {**RunBookmarks(database).calls, **RunQuality(database).calls}
    return JobApi(calls, {**MissedTimes(database).reads, **ObservedCalls(record).reads})


__all__ = ["JobApi", "job_api"]
