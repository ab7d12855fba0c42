-- What people decide: which of two versions of a response counts, and who is whom.
BEGIN IMMEDIATE;

-- A held batch keeps versions that wait for a decision; they count nowhere.
ALTER TABLE batch ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1));

-- Two versions of one response with different content. Both are stored; `state` says which counts.
CREATE TABLE conflict (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    response_id TEXT NOT NULL,
    first_hash TEXT NOT NULL,
    first_source TEXT NOT NULL,
    first_row INTEGER NOT NULL,
    second_hash TEXT NOT NULL,
    second_source TEXT NOT NULL,
    second_row INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'first', 'second')),
    found_in INTEGER NOT NULL REFERENCES source_file (id),
    UNIQUE (response_id, first_hash, second_hash)
) STRICT;

-- Whether two responses are by the same person, as somebody has judged.
CREATE TABLE link_decision (
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
    PRIMARY KEY (first, second),
    CHECK (first < second)
) STRICT;

-- A link can now also rest on such a judgement.
CREATE TABLE link_with_decisions (
    response_id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    method TEXT NOT NULL CHECK (
        method IN ('exact', 'fuzzy', 'token', 'decided', 'unlinked', 'ambiguous')
    )
) STRICT;

INSERT INTO link_with_decisions (response_id, person, method)
SELECT response_id, person, method FROM link;

DROP TABLE link;

ALTER TABLE link_with_decisions RENAME TO link;

PRAGMA user_version = 2;
COMMIT;
