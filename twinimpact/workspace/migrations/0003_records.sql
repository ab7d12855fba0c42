-- Money, travel, goals, media, organisations and their links; more about events and who came.
BEGIN IMMEDIATE;

ALTER TABLE activities ADD COLUMN project_id TEXT;
ALTER TABLE activities ADD COLUMN lead_org_type TEXT;
ALTER TABLE activities ADD COLUMN joint_planning INTEGER CHECK (joint_planning IN (0, 1));
ALTER TABLE activities ADD COLUMN planned_invited INTEGER;
ALTER TABLE activities ADD COLUMN staff_hours REAL;
ALTER TABLE activities ADD COLUMN grant REAL;
ALTER TABLE activities ADD COLUMN own_funds REAL;
ALTER TABLE activities ADD COLUMN in_kind REAL;
ALTER TABLE activities ADD COLUMN funder TEXT;
ALTER TABLE activities ADD COLUMN media_items INTEGER;
ALTER TABLE activities ADD COLUMN travel_mode TEXT;
ALTER TABLE activities ADD COLUMN km_round_trip REAL;
ALTER TABLE activities ADD COLUMN accommodation TEXT;
ALTER TABLE activities ADD COLUMN url TEXT;
ALTER TABLE activities ADD COLUMN description TEXT;
ALTER TABLE attendance ADD COLUMN groups TEXT;
ALTER TABLE attendance ADD COLUMN first_time INTEGER CHECK (first_time IN (0, 1));
ALTER TABLE attendance ADD COLUMN nights REAL;
ALTER TABLE attendance ADD COLUMN attendance_mode TEXT;

CREATE TABLE projects (
    project_id TEXT NOT NULL,
    partnership_id TEXT NOT NULL,
    name TEXT NOT NULL,
    acronym TEXT,
    grant_no TEXT,
    pic TEXT,
    participant_no TEXT,
    call_id TEXT,
    start_date TEXT,
    end_date TEXT,
    lump_sum REAL,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (project_id)
) STRICT;

CREATE TABLE organisations (
    org_id TEXT NOT NULL,
    town_id TEXT NOT NULL,
    name TEXT,
    type TEXT NOT NULL,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (org_id)
) STRICT;

CREATE TABLE link_ledger (
    link_id TEXT NOT NULL,
    partnership_id TEXT NOT NULL,
    org_a TEXT,
    org_b TEXT,
    kind TEXT NOT NULL,
    created_by_activity TEXT,
    created TEXT,
    last_confirmed TEXT,
    alive INTEGER CHECK (alive IN (0, 1)),
    status TEXT,
    verified INTEGER CHECK (verified IN (0, 1)),
    evidence_url TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (link_id)
) STRICT;

CREATE TABLE costs (
    activity_id TEXT NOT NULL,
    row_key TEXT NOT NULL,
    category TEXT NOT NULL,
    amount REAL NOT NULL,
    currency TEXT NOT NULL,
    payer TEXT,
    in_kind INTEGER CHECK (in_kind IN (0, 1)),
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (activity_id, row_key)
) STRICT;

CREATE TABLE goals (
    activity_id TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    text TEXT,
    intended REAL NOT NULL,
    item_id TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (activity_id, goal_id)
) STRICT;

CREATE TABLE targets (
    partnership_id TEXT NOT NULL,
    indicator_id TEXT NOT NULL,
    part TEXT NOT NULL,
    baseline REAL,
    target REAL NOT NULL,
    due TEXT,
    source_of_verification TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (partnership_id, indicator_id, part)
) STRICT;

CREATE TABLE travel (
    activity_id TEXT NOT NULL,
    row_key TEXT NOT NULL,
    from_town_id TEXT,
    mode TEXT NOT NULL,
    km_round_trip REAL NOT NULL,
    travellers INTEGER NOT NULL,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (activity_id, row_key)
) STRICT;

CREATE TABLE media (
    partnership_id TEXT NOT NULL,
    row_key TEXT NOT NULL,
    activity_id TEXT,
    outlet_type TEXT NOT NULL,
    date TEXT,
    url TEXT,
    audience INTEGER,
    method TEXT,
    row_hash TEXT NOT NULL,
    imported_from INTEGER NOT NULL REFERENCES source_file (id),
    PRIMARY KEY (partnership_id, row_key)
) STRICT;

PRAGMA user_version = 3;
COMMIT;
