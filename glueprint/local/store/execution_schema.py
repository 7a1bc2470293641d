"""The tables of Step Functions. A script, once released, is never edited: changes are new scripts."""

EXECUTION_SCHEMA = """
-- Definitions by the hash of their text: an execution keeps the one that it started with.
CREATE TABLE state_machine_definition (
    digest TEXT PRIMARY KEY,
    text TEXT NOT NULL
);

CREATE TABLE execution (
    id TEXT PRIMARY KEY,               -- MACHINE:NAME
    machine TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    stopped REAL,
    digest TEXT NOT NULL,
    last_event INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL                 -- JSON: ARNs, role, input; output, error and cause at the end
);
CREATE INDEX execution_by_machine ON execution (machine, started, id);
CREATE INDEX execution_active ON execution (id) WHERE status = 'RUNNING';

CREATE TABLE execution_branch (
    execution TEXT NOT NULL REFERENCES execution ON DELETE CASCADE,
    id INTEGER NOT NULL,
    body TEXT NOT NULL,                -- JSON: a Branch of glueprint.statemachine.execution
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;

CREATE TABLE execution_event (
    execution TEXT NOT NULL REFERENCES execution ON DELETE CASCADE,
    id INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    type TEXT NOT NULL,
    at REAL NOT NULL,
    details TEXT NOT NULL,             -- JSON, members as on the wire
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;

-- What a task calls. The row of a task is deleted when its end is stored, so that an end counts once.
CREATE TABLE execution_task (
    execution TEXT NOT NULL REFERENCES execution ON DELETE CASCADE,
    visit INTEGER NOT NULL,
    resource TEXT NOT NULL,
    parameters TEXT NOT NULL,          -- JSON
    job_run TEXT,                      -- the job run that a .sync task waits for
    closed INTEGER NOT NULL DEFAULT 0, -- 1: no longer waited for; the job run is to be stopped
    PRIMARY KEY (execution, visit)
) WITHOUT ROWID;
CREATE INDEX execution_task_by_job_run ON execution_task (job_run);
"""
