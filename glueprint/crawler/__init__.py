"""A crawl: from listings of S3 and from databases to tables and partitions. It runs in its own process.

Input and output of that process (``__main__``) are JSON: ``specification`` and ``result``, with the tables in
``found_tables`` and the reasons in ``statements``. This room knows no HTTP and no store. ``crawl`` runs
the steps:

* S3 targets (``s3_drafts``): ``listing`` selects the objects that are data, ``reading`` inspects them in threads,
  with a ``memory`` of unchanged objects, ``classify`` chooses the classifier (``formats``), ``grouping`` decides
  which files are one table (``agreement``, ``similarity``), ``file_tables`` makes the table. A file's schema is a
  ``inspection.FileSchema``; ``type_merging`` merges the column types of several files. ``reasons`` and
  ``file_statements`` explain.
* JDBC targets: ``jdbc``.

Tables are drafts (``draft``) until ``naming`` has named all tables of a crawl.

The server calls two more steps, both pure: ``table_changes`` (with ``partition_changes``) returns the ``changes``
in the catalog that the crawler's ``policy`` and ``configuration`` require, by comparing ``definitions``; ``wire``
writes tables and partitions in the form of the Glue API.
"""
