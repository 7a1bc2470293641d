"""The tables of data quality. A script, once released, is never edited: changes are new scripts."""

QUALITY_SCHEMA = """
-- Results of jobs and of evaluation runs.
CREATE TABLE quality_result (
    id TEXT PRIMARY KEY,
    token TEXT UNIQUE,                 -- recognises a repeated call
    context TEXT NOT NULL,
    job_name TEXT,
    job_run_id TEXT,
    run_id TEXT,                       -- the evaluation run
    source TEXT,                       -- database and table, as JSON
    started REAL NOT NULL,
    served INTEGER NOT NULL,           -- 0: kept for dynamic rules only
    body TEXT NOT NULL,                -- JSON: DataQualityResult
    statistics TEXT NOT NULL           -- JSON: metrics by name
);
CREATE INDEX quality_result_by_time ON quality_result (started, id);
CREATE INDEX quality_result_by_job ON quality_result (job_name, context, started);

-- Evaluation runs and recommendation runs.
CREATE TABLE quality_run (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    token TEXT,                        -- the request's ClientToken
    request TEXT NOT NULL,             -- JSON
    started REAL NOT NULL,
    modified REAL NOT NULL,
    running REAL,                      -- since when its process runs
    completed REAL,
    ending TEXT,                       -- while STOPPING: the status that follows
    error TEXT,
    outcome TEXT NOT NULL DEFAULT '{}' -- JSON: ResultIds, RecommendedRuleset
);
CREATE INDEX quality_run_by_kind ON quality_run (kind, started, id);
CREATE INDEX quality_run_active ON quality_run (id)
    WHERE status IN ('STARTING', 'RUNNING', 'STOPPING');
"""
