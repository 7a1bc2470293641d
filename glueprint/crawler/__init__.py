"""What a crawl infers: from a listing and samples to tables and partitions. No HTTP, no store; runs in a child.

``contract`` is what goes in and out; ``__main__`` runs ``crawl`` as a process. On the way through it: ``listing``
(which objects are data, by ``globs``), ``reading`` (in threads, with a ``memory`` of unchanged objects),
``classify`` (which of the classifiers in ``formats`` recognises a file), ``grouping`` (which files are one
table), ``tables`` and ``naming`` (what it is called and says), ``serdes`` (what reads it). ``shapes`` and
``glue_types`` are the nouns.

Two further steps are the caller's, and pure: ``wire`` writes tables and partitions as the Glue API has them, and
``policy`` says which ``changes`` a crawl makes to the ``definitions`` in the catalog.
"""
