"""From files to rows: reading exports and logs, planning an import, carrying it out."""

from twinimpact.ingest.apply import Receipt, apply_plans
from twinimpact.ingest.detect import Detection, detect
from twinimpact.ingest.draft import Draft, DraftColumn, DraftRow, draft_of, read_draft
from twinimpact.ingest.linkage import Links, link_waves
from twinimpact.ingest.mapping import ColumnMapping, load_mapping, parse_mapping
from twinimpact.ingest.plan import ImportPlan, plan_imports
from twinimpact.ingest.quarantine import write_quarantine
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables

__all__ = [
    "ColumnMapping",
    "Detection",
    "Draft",
    "DraftColumn",
    "DraftRow",
    "ImportPlan",
    "Links",
    "RawTable",
    "ReadOptions",
    "Receipt",
    "apply_plans",
    "detect",
    "draft_of",
    "link_waves",
    "load_mapping",
    "parse_mapping",
    "plan_imports",
    "read_draft",
    "read_tables",
    "write_quarantine",
]
