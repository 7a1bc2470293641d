"""Facts of AWS Glue that more than one room needs. Pure, and the lowest layer: it imports no other room.

Nothing here starts a process, opens a socket or a database, or reads the clock. Every function takes values and
returns values, so that the server, the CLI, jobs and tests agree on what Glue does.

* ``hive_types``: the Data Catalog's column types as values; the one parser of their text.
* ``partition_names``: folder names of partitions, as Hive escapes them.
* ``globs``: the patterns that exclude objects from a crawl. The catalogue has the same file as
  ``glue_jobs/common/globs.py`` (a symbolic link), so it uses the standard library and Python 3.9 only.

Modules that a job's process imports keep to Python 3.9 syntax, the oldest Python of a Glue runtime.
"""
