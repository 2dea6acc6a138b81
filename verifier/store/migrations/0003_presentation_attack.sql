-- What the layers of presentation attack detection found in the capture judged last.
ALTER TABLE session ADD COLUMN evidence TEXT NOT NULL DEFAULT '';

-- Attempts of the last day: who tries too often has to wait. Subjects and devices as digests.
CREATE TABLE attempt (
    session_id TEXT NOT NULL,
    number     INTEGER NOT NULL,
    subject    BLOB NOT NULL,
    device     BLOB NOT NULL,
    at_ms      INTEGER NOT NULL, -- begun, later ended
    decision   INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 4),
    PRIMARY KEY (session_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_by_subject ON attempt (subject, at_ms);
CREATE INDEX attempt_by_device ON attempt (device, at_ms);
CREATE INDEX attempt_by_time ON attempt (at_ms);
