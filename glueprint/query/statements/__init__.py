"""What each statement does: ``parsing`` reads it, the other modules carry it out over Glue and S3.

Queries go through ``compiling``; statements of the Data Catalog (Hive's DDL, which sqlglot does not read as Athena
does) have a parser here.
"""
