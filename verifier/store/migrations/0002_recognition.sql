-- What is known of a reference beside its template. All references so far are primary ones.
ALTER TABLE reference ADD COLUMN kind INTEGER NOT NULL DEFAULT 1 CHECK (kind BETWEEN 1 AND 2);
ALTER TABLE reference ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE reference ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
ALTER TABLE reference ADD COLUMN birth_decade INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reference ADD COLUMN sex INTEGER NOT NULL DEFAULT 0 CHECK (sex BETWEEN 0 AND 2);
ALTER TABLE reference ADD COLUMN document_checked INTEGER NOT NULL DEFAULT 0
    CHECK (document_checked IN (0, 1));

-- Counting subjects reads this index alone, never a template.
CREATE INDEX reference_population ON reference (model_version, kind, relying_party, subject_id);
CREATE INDEX reference_by_subject ON reference (relying_party, subject_id);
CREATE INDEX reference_by_parent ON reference (parent_id) WHERE parent_id <> '';

-- Apart from the reference, so that measuring again does not write its template again.
CREATE TABLE reference_statistics (
    reference_id TEXT PRIMARY KEY REFERENCES reference (reference_id) ON DELETE CASCADE,
    statistics   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort (
    drawn         INTEGER PRIMARY KEY, -- order of drawing
    cohort_id     TEXT NOT NULL UNIQUE,
    model_version TEXT NOT NULL,
    created_ms    INTEGER NOT NULL,
    population    INTEGER NOT NULL
) STRICT;

CREATE TABLE cohort_member (
    drawn        INTEGER NOT NULL REFERENCES cohort (drawn) ON DELETE CASCADE,
    reference_id TEXT NOT NULL REFERENCES reference (reference_id) ON DELETE CASCADE,
    PRIMARY KEY (drawn, reference_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cohort_member_by_reference ON cohort_member (reference_id);

ALTER TABLE session ADD COLUMN score_kind INTEGER NOT NULL DEFAULT 0
    CHECK (score_kind BETWEEN 0 AND 2);
ALTER TABLE session ADD COLUMN operating_point TEXT NOT NULL DEFAULT '';
-- Before there were kinds, every score was a raw one.
UPDATE session SET score_kind = 1 WHERE similarity IS NOT NULL;

CREATE TABLE score (
    number                INTEGER PRIMARY KEY,
    session_id            TEXT NOT NULL REFERENCES session (session_id) ON DELETE CASCADE,
    at_ms                 INTEGER NOT NULL,
    purpose               TEXT NOT NULL,
    model_version         TEXT NOT NULL,
    raw_similarity        REAL,
    normalised_similarity REAL,
    cohort_id             TEXT NOT NULL,
    decisive              INTEGER NOT NULL CHECK (decisive IN (0, 1)),
    decision              INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 4),
    operating_point       TEXT NOT NULL,
    shadow_point          TEXT NOT NULL,
    shadow_decision       INTEGER NOT NULL CHECK (shadow_decision BETWEEN 0 AND 4)
) STRICT;
CREATE INDEX score_by_time ON score (at_ms);
CREATE INDEX score_by_session ON score (session_id);

CREATE TABLE calibration (
    made           INTEGER PRIMARY KEY, -- order of making
    calibration_id TEXT NOT NULL UNIQUE,
    made_ms        INTEGER NOT NULL,
    made_by        TEXT NOT NULL,
    model_version  TEXT NOT NULL,
    cohort_id      TEXT NOT NULL,
    reference_count INTEGER NOT NULL,
    comparisons    INTEGER NOT NULL,
    tables         BLOB NOT NULL
) STRICT;

CREATE TABLE duplicate (
    reference_a TEXT NOT NULL REFERENCES reference (reference_id) ON DELETE CASCADE,
    reference_b TEXT NOT NULL REFERENCES reference (reference_id) ON DELETE CASCADE,
    found_ms    INTEGER NOT NULL,
    fmr         REAL,
    verdict     TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_ms INTEGER NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (reference_a, reference_b),
    CHECK (reference_a < reference_b)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_by_second ON duplicate (reference_b);

CREATE TABLE point (
    made           INTEGER PRIMARY KEY, -- order of proposing
    point_id       TEXT NOT NULL UNIQUE,
    version        INTEGER NOT NULL,
    purpose        TEXT NOT NULL,
    target_fmr     REAL NOT NULL,
    calibration_id TEXT NOT NULL,
    score_kind     INTEGER NOT NULL CHECK (score_kind BETWEEN 1 AND 2),
    threshold      REAL NOT NULL,
    fmr            REAL,
    fmr_low        REAL,
    fmr_high       REAL,
    fnmr           REAL,
    fnmr_low       REAL,
    fnmr_high      REAL,
    comparisons    INTEGER NOT NULL,
    mated          INTEGER NOT NULL,
    state          INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    shadow         INTEGER NOT NULL CHECK (shadow IN (0, 1)),
    proposed_by    TEXT NOT NULL,
    approved_by    TEXT NOT NULL,
    proposed_ms    INTEGER NOT NULL,
    approved_ms    INTEGER NOT NULL,
    activated_ms   INTEGER NOT NULL,
    retired_ms     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX point_active ON point (purpose) WHERE state = 3;
CREATE UNIQUE INDEX point_shadow ON point (purpose) WHERE shadow = 1;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    object   TEXT NOT NULL,
    detail   TEXT NOT NULL,
    digest   BLOB NOT NULL
) STRICT;
-- Guards against accidents; who means to change a line is found by the digests.
CREATE TRIGGER audit_line_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_line_is_final BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
