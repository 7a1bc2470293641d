"""Tables of the Data Catalog, for sources and sinks.

``tables`` and ``partitions`` read them, ``column_types`` and ``serdes`` translate them, ``sources`` makes sources
and sinks of them, ``update`` creates and changes them from a job.
"""
