-- The first catalogue. The file holds its own transaction, so that it can also be run by hand.
BEGIN IMMEDIATE;

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row per imported file and table; the key makes an import repeatable without effect.
CREATE TABLE source_file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    platform TEXT NOT NULL,
    mapping_sha256 TEXT NOT NULL,
    codebook_sha256 TEXT NOT NULL,
    wave TEXT NOT NULL,
    rows INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    excluded TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(excluded)),
    quarantined INTEGER NOT NULL DEFAULT 0,
    encoding TEXT NOT NULL DEFAULT '',
    imported_at TEXT NOT NULL,
    UNIQUE (sha256, table_name, mapping_sha256, codebook_sha256)
) STRICT;

CREATE TABLE problem (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES source_file (id),
    code TEXT NOT NULL,
    file TEXT NOT NULL,
    sheet TEXT NOT NULL,
    row INTEGER,
    place TEXT NOT NULL,
    got TEXT NOT NULL,
    expected TEXT NOT NULL
) STRICT;

-- Parquet files of responses; a file is never changed, later batches hold newer versions.
CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES source_file (id),
    wave TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    missing_path TEXT UNIQUE,
    missing_sha256 TEXT
) STRICT;

CREATE TABLE towns (
    town_id TEXT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    population INTEGER,
    population_year INTEGER,
    local_code TEXT,
    lat REAL,
    lon REAL,
    languages TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (town_id)
) STRICT;

CREATE TABLE partnerships (
    partnership_id TEXT NOT NULL,
    name TEXT NOT NULL,
    town_a TEXT NOT NULL,
    town_b TEXT,
    further_towns TEXT,
    comparison_towns TEXT,
    form TEXT NOT NULL,
    basis TEXT,
    date_signed TEXT,
    date_ended TEXT,
    status TEXT,
    aims TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (partnership_id)
) STRICT;

CREATE TABLE activities (
    activity_id TEXT NOT NULL,
    partnership_id TEXT NOT NULL,
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    themes TEXT,
    cerv_type TEXT,
    start_date TEXT NOT NULL,
    end_date TEXT,
    hours REAL,
    host_town_id TEXT,
    organiser_towns TEXT,
    mode TEXT,
    status TEXT,
    is_public INTEGER CHECK (is_public IN (0, 1)),
    planned_participants INTEGER,
    cost_total REAL,
    currency TEXT,
    volunteer_hours REAL,
    indirect_reach INTEGER,
    indirect_method TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (activity_id)
) STRICT;

CREATE TABLE attendance (
    activity_id TEXT NOT NULL,
    row_key TEXT NOT NULL,
    participant_id TEXT,
    count INTEGER NOT NULL,
    attended INTEGER CHECK (attended IN (0, 1)),
    town_id TEXT,
    country TEXT,
    gender TEXT,
    age_band TEXT,
    role TEXT,
    margin_set TEXT,
    capacity_role TEXT,
    evidence TEXT,
    hours REAL,
    days REAL,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (activity_id, row_key)
) STRICT;

-- Who gave which response: a pseudonymous person and how the match was made.
CREATE TABLE link (
    response_id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('exact', 'fuzzy', 'token', 'unlinked', 'ambiguous'))
) STRICT;

CREATE TABLE snapshot (
    id TEXT PRIMARY KEY,
    codebook_sha256 TEXT NOT NULL,
    taken_at TEXT NOT NULL
) STRICT;

CREATE TABLE snapshot_item (
    snapshot TEXT NOT NULL REFERENCES snapshot (id),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (snapshot, name)
) STRICT;

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    template TEXT NOT NULL,
    partnership TEXT NOT NULL,
    language TEXT NOT NULL,
    snapshot TEXT NOT NULL REFERENCES snapshot (id),
    state TEXT NOT NULL,
    files TEXT NOT NULL CHECK (json_valid(files)),
    suppressed INTEGER NOT NULL,
    seconds REAL NOT NULL,
    message TEXT NOT NULL,
    finished TEXT NOT NULL
) STRICT;

CREATE INDEX run_by_key ON run (key, state);

-- Append-only: each row holds the hash of the row before it.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_valid(details)),
    previous TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

PRAGMA user_version = 1;
COMMIT;
