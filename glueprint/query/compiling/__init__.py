"""Athena's SQL becomes DuckDB's: names are resolved, types inferred, every part translated.

Nothing is passed on as it is. What has no translation here is refused by name and place, so that a query never has
another answer than Athena's because DuckDB means something else by the same words: integer division, decimals,
null ordering, implicit casts, indexes, and functions of the same name differ.

* ``queries``: SELECT, set operations, relations -> SQL and columns; ``scope``: which names mean what
* ``expressions``: everything within; its parts are ``operators``, ``specials``, ``calls``, ``casts``,
  ``arithmetic``, ``literals``
* ``partition_filters``: what a WHERE says of partition keys
"""
