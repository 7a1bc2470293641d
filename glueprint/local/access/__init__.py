"""Who makes a call, what was called, and (with ``serve --enforce-iam``) whether it is allowed.

Every job run and every layout signs with keys of its own (:mod:`run_keys`), so that a call is known to be a run's:
:mod:`call_record` keeps which operations and resources each run has called, which ``glueprint policy --observe``
reads.

:class:`Access` is what the front and S3 call for each request. Policies come from moto's IAM (:mod:`principals`),
and are evaluated by :mod:`glueprint.iam`; docs/decisions/permissions.md states why not by moto. Executors use
:class:`Access` for what Glue does itself in the name of a role.
"""

from glueprint.local.access.access import Access, AccessDenied, AccessOptions
from glueprint.local.access.run_keys import RunKeys

__all__ = ["Access", "AccessDenied", "AccessOptions", "RunKeys"]
