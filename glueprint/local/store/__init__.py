"""The durable state of a local Glue: one SQLite file, one writer."""

from glueprint.local.store.database import Database, Row

__all__ = ["Database", "Row"]
