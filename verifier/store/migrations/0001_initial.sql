-- Enrolled references: the template, never the image.
CREATE TABLE reference (
    reference_id  TEXT PRIMARY KEY,
    relying_party TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    model_version TEXT NOT NULL,
    quality       REAL NOT NULL,
    created_ms    INTEGER NOT NULL,
    template      BLOB NOT NULL
) STRICT;

-- Erasures whose bytes may still lie in the log file; empty but for an instant.
CREATE TABLE erasure (
    reference_id TEXT PRIMARY KEY
) STRICT;

CREATE TABLE session (
    session_id       TEXT PRIMARY KEY,
    version          INTEGER NOT NULL,
    relying_party    TEXT NOT NULL,
    request_id       TEXT NOT NULL,
    subject_id       TEXT NOT NULL,
    reference_id     TEXT NOT NULL,
    purpose          TEXT NOT NULL,
    nonce            TEXT NOT NULL,
    state            INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
    join_secret_hash BLOB NOT NULL,
    credential_hash  BLOB NOT NULL,
    device_key       BLOB NOT NULL,
    created_ms       INTEGER NOT NULL,
    expires_ms       INTEGER NOT NULL,
    consented_ms     INTEGER NOT NULL,
    attempts         INTEGER NOT NULL,
    decision         INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 4),
    reason           TEXT NOT NULL,
    similarity       REAL,
    fmr              REAL,
    policy_version   TEXT NOT NULL,
    model_version    TEXT NOT NULL,
    token_id         TEXT NOT NULL,
    decided_ms       INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX session_by_request ON session (relying_party, request_id)
    WHERE request_id <> '';
CREATE UNIQUE INDEX session_by_token ON session (token_id) WHERE token_id <> '';
-- Created, joined and consented sessions are those which can still expire.
CREATE INDEX session_open ON session (expires_ms) WHERE state IN (1, 2, 3);

CREATE TABLE session_token (
    session_id TEXT PRIMARY KEY REFERENCES session (session_id),
    token      BLOB NOT NULL
) STRICT;

CREATE TABLE event (
    session_id TEXT NOT NULL REFERENCES session (session_id),
    sequence   INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (session_id, sequence)
) STRICT, WITHOUT ROWID;
