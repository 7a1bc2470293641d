"""Spark SQL over the Glue Data Catalog: a Hive metastore in the driver's process that answers from Glue.

Spark's own Hive catalog (``HiveExternalCatalog``) does everything else, as on AWS; only the metastore behind it
is Glueprint's. ``server`` contains the socket and the settings that make Spark use it, ``wiring`` puts the
metastore together, ``table_hints`` adds a hint to errors about missing tables. ``calls`` and ``thrift``
implement the protocol of Spark's Hive client, ``hive`` its structs. ``databases``, ``tables`` and ``partitions``
answer its calls, with ``filters`` for partition filters and ``serde_fallback`` for tables that Spark cannot
read. ``data_catalog`` calls Glue, ``translation`` converts between the structures of Glue and Hive, and
``warehouse`` makes and removes directories. What differs from AWS: docs/fidelity/sparksql.md.
"""
