"""Tables of databases that a crawler reaches through JDBC: from their metadata to tables of the catalog.

``include`` says which tables a target means, ``java`` asks the database through its driver, ``types`` and
``found`` turn the answers into what a crawler writes. No row of any table is read.
"""
