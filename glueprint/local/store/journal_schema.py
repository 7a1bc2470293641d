"""The tables of the requests that changed IAM. A released script is never edited: changes are new scripts."""

JOURNAL_SCHEMA = """
-- Requests to IAM and STS that moto carried out, in order: repeated when a server starts.
CREATE TABLE moto_request (
    seq INTEGER PRIMARY KEY,
    at REAL NOT NULL,                  -- the time that the answer has
    seed TEXT NOT NULL,                -- of the random numbers in the answer
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    authorization TEXT NOT NULL,       -- names service, region and caller; its signature is not kept
    body TEXT NOT NULL                 -- the form that was sent
);
CREATE TABLE moto_request_name (       -- what a request is about, e.g. RoleName etl
    member TEXT NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES moto_request ON DELETE CASCADE,
    PRIMARY KEY (member, name, seq)
) WITHOUT ROWID;
"""
