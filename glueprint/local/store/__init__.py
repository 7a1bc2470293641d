"""The durable state of a local Glue: one SQLite file, one writer thread.

``Database.write(work)`` and ``.read(work)`` run a function within a transaction. The other modules are functions
over
such a transaction: ``resources`` (named JSON documents and tags), ``*_rows`` (rows of one subject), ``*_schema``
(migrations).
"""

from glueprint.local.store.database import Database, Row

__all__ = ["Database", "Row"]
