"""Tables of databases that a crawler reaches through JDBC: from their metadata to tables of the catalog.

``include`` decides which tables belong to a target, ``java`` reads the database's metadata through its driver,
``types`` and ``drafts`` convert it to what a crawler writes. No row of any table is read.
"""
