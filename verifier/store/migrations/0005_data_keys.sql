-- What belongs to a subject is sealed under its data key. A row without a key is of an older
-- version; opening the store seals it.
ALTER TABLE reference ADD COLUMN key_id TEXT NOT NULL DEFAULT '';
CREATE INDEX reference_plain ON reference (reference_id) WHERE key_id = '';
-- Retention; 0 = until somebody erases it.
ALTER TABLE reference ADD COLUMN delete_after_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX reference_overdue ON reference (delete_after_ms) WHERE delete_after_ms > 0;
-- Once they are sealed, the log holds the plain bytes still: as behind an erasure.
INSERT INTO erasure (reference_id) SELECT '' WHERE EXISTS (SELECT 1 FROM reference);

-- What a relying party told of a subject, to be disclosed later.
CREATE TABLE subject_claims (
    relying_party TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    key_id        TEXT NOT NULL,
    claims        BLOB NOT NULL,
    PRIMARY KEY (relying_party, subject_id)
) STRICT;

-- Erasing a subject finds its sessions.
CREATE INDEX session_by_subject ON session (relying_party, subject_id) WHERE subject_id <> '';
