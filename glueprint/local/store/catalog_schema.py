"""The SQL tables of the Data Catalog's tables, partitions and versions; its databases are named resources."""

CATALOG_SCHEMA = """
CREATE TABLE glue_table (
    id INTEGER PRIMARY KEY,
    database_name TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,          -- of body; archived ones are in glue_table_version
    body TEXT NOT NULL,                -- JSON, members as on the wire
    UNIQUE (database_name, name)
);

CREATE TABLE glue_table_version (
    table_id INTEGER NOT NULL REFERENCES glue_table ON DELETE CASCADE,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (table_id, version)
) WITHOUT ROWID;

-- The unique index has the values without the bodies: expressions and segments read only the index.
CREATE TABLE glue_partition (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES glue_table ON DELETE CASCADE,
    partition_values TEXT NOT NULL,    -- JSON list
    body TEXT NOT NULL,
    UNIQUE (table_id, partition_values)
);

CREATE TABLE glue_partition_index (
    table_id INTEGER NOT NULL REFERENCES glue_table ON DELETE CASCADE,
    name TEXT NOT NULL,
    keys TEXT NOT NULL,                -- JSON list of names
    ready REAL NOT NULL,               -- CREATING before, ACTIVE or FAILED from then on
    gone REAL,                         -- DELETING before, no more from then on
    errors TEXT NOT NULL,              -- JSON: BackfillErrors
    PRIMARY KEY (table_id, name)
) WITHOUT ROWID;
"""
