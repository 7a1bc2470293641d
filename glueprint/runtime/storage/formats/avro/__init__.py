"""Avro with fastavro: stock PySpark has no data source for it (developer guide, "Using the Avro format")."""
