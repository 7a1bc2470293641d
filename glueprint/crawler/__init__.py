"""What a crawl infers: from listings and databases to tables and partitions. No HTTP, no store; runs in a child.

``contract`` is what goes in and out; ``__main__`` runs ``crawl`` as a process. Tables of files (``file_tables``)
come about through ``listing`` (which objects are data), ``reading`` (in threads, with a ``memory`` of unchanged
objects), ``classify`` (which classifier in ``formats`` recognises a file), ``grouping`` (which files are one
table) and ``tables`` with ``serdes`` (what the table says, what reads it). Tables of databases come through
``jdbc``. Both are drafts (``draft``) until ``naming`` has seen all; ``reasons`` says in the log why each is
what it is, ``file_log`` what became of each file. ``shapes`` are the nouns,
``type_merging`` is what column types of two files have in common.

Two further steps are the caller's, and pure: ``wire`` writes tables and partitions as the Glue API has them, and
``policy`` says which ``changes`` a crawl makes to the ``definitions`` in the catalog, within its targets'
``scope``.
"""
