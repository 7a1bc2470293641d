"""The tables of Athena. A script, once released, is never edited: changes are new scripts."""

ATHENA_SCHEMA = """
CREATE TABLE athena_query (
    id TEXT PRIMARY KEY,
    work_group TEXT NOT NULL,
    token TEXT UNIQUE,                 -- ClientRequestToken
    state TEXT NOT NULL,
    submitted REAL NOT NULL,
    request TEXT NOT NULL,             -- JSON: StartQueryExecution, complete
    outcome TEXT NOT NULL DEFAULT '{}' -- JSON: what is known since
);
CREATE INDEX athena_query_by_time ON athena_query (work_group, submitted, id);
CREATE INDEX athena_query_active ON athena_query (id) WHERE state IN ('QUEUED', 'RUNNING');
"""
