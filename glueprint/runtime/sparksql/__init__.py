"""Spark SQL over the Glue Data Catalog: a Hive metastore in the driver's own process that answers from Glue.

Spark's own Hive catalog (``HiveExternalCatalog``) does all the rest, as it does on AWS; only the metastore behind
it is ours. ``switch`` turns it on, ``service`` puts it together, ``missing`` explains what was not found;
``server`` and ``thrift`` speak with Spark's Hive client; ``databases``, ``tables``, ``partitions`` and
``functions`` answer it; ``glue`` asks the Data Catalog, ``translation`` turns its structures into Hive's.
"""
