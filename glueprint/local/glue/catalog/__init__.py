"""The Data Catalog's operations: databases, tables with versions, partitions with indexes, functions, search.

``lookup`` finds databases and tables by name and follows resource links; ``requests`` checks what catalog requests
share. ``partition_expression`` compiles the ``Expression`` of ``GetPartitions``; ``table_definition``,
``partition_types`` and ``partition_index_rules`` are pure.
"""
