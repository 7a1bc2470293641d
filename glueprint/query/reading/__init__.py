"""The rows of a table: its partitions, their files, and what the table's SerDe reads in them.

``tables`` makes each use of a table a view in DuckDB. Parquet and delimited text are read by DuckDB itself; what
it would read differently than Athena (OpenCSV, JSON, Avro, ORC) is read here, and kept in DuckDB's own tables.
"""
