"""Facts of AWS Glue that more than one room needs. Pure, and the lowest layer: it imports no other room.

Nothing here starts a process, opens a socket or a database, or reads the clock. Functions take values and
return values, so that the server, the CLI, jobs and tests agree on what Glue does.

* ``hive_types``: the Data Catalog's column types as values; the one parser of their text.
* ``partition_names``: folder names of partitions, as Hive escapes them.
* ``states``: the states of job runs, crawls, workflow runs, blueprints and triggers; which are final, and which a
  condition can watch.
* ``predicate``: when the conditions of a trigger are true, and what is missing.
* ``serdes``: SerDe, input and output format of each file format.
* ``defaults``: what Glue fills in when a caller leaves a member out.
* ``glue_python``, ``provided_modules``: Python of jobs, and the packages that AWS documents as provided.
* ``validation``: a request against botocore's service model.
* ``findings``: what checks of blueprints and workflows report.
* ``source_lines``: the map from the lines of a bundled file to those of its sources.
* ``long_text``: the limits of error messages.
* ``globs``: the patterns that exclude objects from a crawl. The catalogue has the same file as
  ``common/globs.py`` (symbolic links), so it uses the standard library and Python 3.9 only.

Job processes import ``hive_types``, ``partition_names``, ``serdes``, ``globs`` and ``source_lines``: these run on
Python 3.9, the oldest Python of a Glue runtime.
"""
