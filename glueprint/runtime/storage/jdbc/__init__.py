"""Databases: Spark's JDBC reader and writer with the user's own driver."""
