"""Databases: Spark's JDBC reader and writer with the user's own driver.

``conf`` finds address and credentials, ``database`` reads, writes and runs statements, ``source`` and ``sink`` are
what a script uses.
"""
