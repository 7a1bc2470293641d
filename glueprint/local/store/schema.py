"""The tables of the local Glue. A released script is never edited: changes are new scripts."""

GLUE_SCHEMA = """
-- Everything that has a name and is replaced as one document: blueprints, workflows, triggers, jobs, crawlers, ...
CREATE TABLE resource (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    parent TEXT,                       -- triggers: their workflow
    body TEXT NOT NULL,                -- JSON, members as on the wire
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX resource_by_parent ON resource (kind, parent);

CREATE TABLE tag (
    arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) WITHOUT ROWID;

-- The zips of registered blueprints, by the hash of their bytes; runs keep the version that they started with.
CREATE TABLE blueprint_zip (
    digest TEXT PRIMARY KEY,
    stem TEXT NOT NULL,
    data BLOB NOT NULL
);

CREATE TABLE blueprint_run (
    run_id TEXT PRIMARY KEY,
    blueprint TEXT NOT NULL,
    started REAL NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX blueprint_run_by_name ON blueprint_run (blueprint, started);

CREATE TABLE workflow_run (
    run_id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    completed REAL,
    previous_run_id TEXT,
    error TEXT,
    triggers TEXT NOT NULL,            -- JSON: the triggers as frozen at the start
    body TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX workflow_run_by_name ON workflow_run (workflow, started);
CREATE INDEX workflow_run_by_status ON workflow_run (status);

CREATE TABLE invocation (
    run_id TEXT NOT NULL REFERENCES workflow_run,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    predecessors TEXT NOT NULL,        -- JSON list of seq
    state TEXT NOT NULL,
    copied_from INTEGER,               -- resumed runs: its number in the earlier run, when it was not run again
    origin_run_id TEXT,                -- and the run and number under which it really ran
    origin_seq INTEGER,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

CREATE TABLE fired_trigger (
    run_id TEXT NOT NULL REFERENCES workflow_run,
    trigger_name TEXT NOT NULL,
    at REAL NOT NULL,
    because TEXT NOT NULL,             -- JSON list of seq
    PRIMARY KEY (run_id, trigger_name)
) WITHOUT ROWID;

CREATE TABLE run_property (
    run_id TEXT NOT NULL REFERENCES workflow_run,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, key)
) WITHOUT ROWID;

-- One submission of a job; its attempts are the job runs.
CREATE TABLE submission (
    id TEXT PRIMARY KEY,               -- the id of its first attempt
    job_name TEXT NOT NULL,
    workflow_run_id TEXT,
    seq INTEGER,
    trigger_name TEXT,
    spec TEXT NOT NULL,                -- JSON: the AttemptSpec
    settings TEXT NOT NULL,            -- JSON: command, arguments, capacity, ... as they were when submitted
    predecessors TEXT NOT NULL         -- JSON: PredecessorRuns
);
CREATE INDEX submission_by_invocation ON submission (workflow_run_id, seq);

CREATE TABLE job_run (
    id TEXT PRIMARY KEY,
    submission_id TEXT NOT NULL REFERENCES submission,
    job_name TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    submitted REAL NOT NULL,
    modified REAL NOT NULL,
    started REAL,
    completed REAL,
    execution_seconds REAL,
    error TEXT,
    detail TEXT,
    ending TEXT,                       -- while STOPPING: the final state that follows
    delayed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX job_run_by_job ON job_run (job_name, submitted);
CREATE INDEX job_run_by_submission ON job_run (submission_id);
CREATE INDEX job_run_active ON job_run (job_name, state)
    WHERE state IN ('WAITING', 'STARTING', 'RUNNING', 'STOPPING');

CREATE TABLE crawl (
    id TEXT PRIMARY KEY,
    crawler TEXT NOT NULL,
    workflow_run_id TEXT,
    seq INTEGER,
    trigger_name TEXT,
    state TEXT NOT NULL,
    started REAL NOT NULL,
    completed REAL,
    error TEXT,
    summary TEXT
);
CREATE INDEX crawl_by_crawler ON crawl (crawler, started);
CREATE INDEX crawl_active ON crawl (crawler) WHERE state IN ('RUNNING', 'CANCELLING');

-- Pending actions: written with the event that caused them, deleted once carried out.
CREATE TABLE owed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL              -- the id of the job run, crawl or blueprint run
);

CREATE TABLE timer (
    subject TEXT NOT NULL,             -- a submission's id, trigger/NAME, crawler/NAME, window/WORKFLOW
    name TEXT NOT NULL,
    due REAL NOT NULL,
    PRIMARY KEY (subject, name)
) WITHOUT ROWID;
CREATE INDEX timer_by_due ON timer (due);

-- Conditional triggers outside workflows: the newest end of a watched node that counts for each.
CREATE TABLE standing_end (
    trigger_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (trigger_name, kind, name)
) WITHOUT ROWID;

-- Event batching: the events that are collected for a workflow until its window closes.
CREATE TABLE event_window (
    workflow TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE held_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow TEXT NOT NULL,
    event_id TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX held_event_by_workflow ON held_event (workflow);

-- Times of schedules that passed while no server ran.
CREATE TABLE missed_time (
    subject TEXT NOT NULL,             -- trigger/NAME or crawler/NAME
    at REAL NOT NULL,
    noticed REAL NOT NULL,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
"""

EVENT_TRIGGERS_CREATED = """
-- The state of EVENT triggers is always CREATED; earlier versions showed ACTIVATED.
UPDATE resource SET body = json_set(body, '$.State', 'CREATED')
    WHERE kind = 'trigger' AND json_extract(body, '$.Type') = 'EVENT';
"""
