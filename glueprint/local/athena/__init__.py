"""Athena: queries over the Data Catalog and S3 of the local Glue (service model ``athena``, 2017-05-18).

* ``executions``: queries are started, listed and stopped; ``rows`` stores them, ``processes`` runs each in a child
  process (``glueprint.query``) with limits; ``result_pages`` reads the results that are in S3
* ``work_groups``, ``stored_queries`` (named queries, prepared statements), ``catalogs``: what is kept beside

Each query is a row with its state. A query that waits when a server ends is run by the next one; one that ran
has failed then: its process ends with its server.
"""

from glueprint.local.athena.schema import ATHENA_SCHEMA
from glueprint.local.athena.service import AthenaService, QueryPlace, athena_service

__all__ = ["ATHENA_SCHEMA", "AthenaService", "QueryPlace", "athena_service"]
