"""The table of job bookmarks. A released script is never edited: changes are new scripts."""

BOOKMARK_SCHEMA = """
-- One row for every update of a job's bookmark: a reset goes back to the state after one of its runs.
CREATE TABLE job_bookmark (
    job_name TEXT NOT NULL,
    version INTEGER NOT NULL,          -- rises with every update
    run INTEGER NOT NULL,              -- rises with every run that succeeded
    attempt INTEGER NOT NULL,          -- rises with every attempt of a run that failed
    run_id TEXT,                       -- the job run that committed it; none after a reset of everything
    previous_run_id TEXT,
    state TEXT NOT NULL,               -- JSON: by transformation_ctx
    PRIMARY KEY (job_name, version)
) WITHOUT ROWID;
"""

BOOKMARK_COMMITTED_COLUMN = """
-- A run adds its row when it starts, with the state of the run before; the commit replaces the state.
ALTER TABLE job_bookmark ADD COLUMN committed INTEGER NOT NULL DEFAULT 1;
CREATE INDEX job_bookmark_by_run ON job_bookmark (job_name, run_id);
"""
