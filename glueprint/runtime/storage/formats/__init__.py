"""File formats: one class each for reading and writing, found by the names that scripts and tables use.

``registry`` has the names; ``csv``, ``json_lines``, ``columnar`` (Parquet, ORC) and ``avro`` the classes; ``base``
what they have in common.
"""
