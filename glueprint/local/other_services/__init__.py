"""The services of AWS next to Glue, S3, logs and events: what moto may answer, and what is refused by name.

moto answers more than it does: queries that succeed without rows, executions that run forever. So everything is
refused unless the table in :mod:`decisions` lists it, with what it means here.

* ``decisions``: the table, as data; ``docs/reference-other-services.md`` is generated from it.
* ``requests``: which service and operation a request is for.
* ``gate``: :class:`Gate`, the ASGI application in front of moto; ``answers``: its refusals, and moto's own
  failures as refusals.
* ``journal``: the requests that change IAM, which are repeated after a restart.

In: requests that the front has checked. Out: what moto answers, or a refusal (HTTP 400).
"""

from glueprint.local.other_services.answers import CrashesRefused
from glueprint.local.other_services.gate import Gate
from glueprint.local.other_services.journal import Journal

__all__ = ["CrashesRefused", "Gate", "Journal"]
