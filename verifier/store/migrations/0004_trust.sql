-- Leaves of the public log. The entry stays for ever; salt and event are sealed under a data key.
CREATE TABLE leaf (
    position   INTEGER PRIMARY KEY, -- from 0, without gaps
    at_ms      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    session_id TEXT NOT NULL,
    entry      BLOB NOT NULL CHECK (length(entry) = 32),
    key_id     TEXT NOT NULL,
    sealed     BLOB NOT NULL
) STRICT;
CREATE INDEX leaf_by_session ON leaf (session_id, kind) WHERE session_id <> '';
CREATE TRIGGER leaf_stays BEFORE DELETE ON leaf
BEGIN SELECT RAISE(ABORT, 'the public log is append-only'); END;
CREATE TRIGGER leaf_is_final BEFORE UPDATE ON leaf
BEGIN SELECT RAISE(ABORT, 'the public log is append-only'); END;

CREATE TABLE consent (
    given         INTEGER PRIMARY KEY, -- order of answering
    consent_id    TEXT NOT NULL UNIQUE,
    session_id    TEXT NOT NULL REFERENCES session (session_id) ON DELETE CASCADE,
    relying_party TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    at_ms         INTEGER NOT NULL,
    withdrawn_ms  INTEGER NOT NULL,
    text_digest   BLOB NOT NULL,
    key_id        TEXT NOT NULL,
    claims        BLOB NOT NULL
) STRICT;
CREATE INDEX consent_by_subject ON consent (relying_party, subject_id);
CREATE INDEX consent_by_session ON consent (session_id);

-- The primary key is what makes a redemption happen once.
CREATE TABLE redemption (
    token_id      TEXT PRIMARY KEY,
    relying_party TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    at_ms         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE status_list (
    list    INTEGER PRIMARY KEY,
    used    INTEGER NOT NULL, -- places taken
    changes INTEGER NOT NULL  -- of statuses, so far
) STRICT;

CREATE TABLE token_status (
    token_id   TEXT NOT NULL UNIQUE,
    list       INTEGER NOT NULL REFERENCES status_list (list),
    place      INTEGER NOT NULL,
    status     INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (list, place)
) STRICT, WITHOUT ROWID;
-- Reading a list reads this alone: few tokens are not valid.
CREATE INDEX token_not_valid ON token_status (list, place, status) WHERE status <> 0;

-- Events get a cursor over all sessions. AUTOINCREMENT: none comes twice, whatever is deleted.
CREATE TABLE event_with_cursor (
    cursor        INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id    TEXT NOT NULL REFERENCES session (session_id) ON DELETE CASCADE,
    sequence      INTEGER NOT NULL,
    relying_party TEXT NOT NULL,
    at_ms         INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    detail        TEXT NOT NULL,
    UNIQUE (session_id, sequence)
) STRICT;
INSERT INTO event_with_cursor (session_id, sequence, relying_party, at_ms, kind, detail)
    SELECT e.session_id, e.sequence, s.relying_party, e.at_ms, e.kind, e.detail
    FROM event AS e JOIN session AS s ON s.session_id = e.session_id
    ORDER BY e.at_ms, e.session_id, e.sequence;
DROP TABLE event;
ALTER TABLE event_with_cursor RENAME TO event;
CREATE INDEX event_by_party ON event (relying_party, cursor);

CREATE TABLE delivery (
    cursor        INTEGER PRIMARY KEY REFERENCES event (cursor) ON DELETE CASCADE,
    delivery_id   TEXT NOT NULL UNIQUE,
    relying_party TEXT NOT NULL,
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    claim         INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    next_ms       INTEGER NOT NULL,
    last_error    TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery (next_ms) WHERE state = 1;
CREATE INDEX delivery_by_party ON delivery (relying_party, state, cursor);
