"""Queries over the Data Catalog, in Athena's SQL, run by DuckDB.

A statement runs in a process of its own (``python -m glueprint.query``, ``process``), which reads tables and data
through the APIs of Glue and S3 and writes through them, too. Parts, lowest first:

* ``types``, ``errors``, ``definitions``, ``dialect``: values
* ``functions``, ``compiling``: Athena's SQL becomes DuckDB's; pure
* ``reading``: the files of a table as rows, as its SerDe reads them; partitions, also projected ones
* ``statements``: what each statement does
* ``results``: the result's text and types, as Athena writes them
"""
