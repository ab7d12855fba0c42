"""From files to rows: reading exports and logs, planning an import, carrying it out."""

from twinimpact.ingest.apply import Receipt, apply_plans, decide_open
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.codebooks.registry import codebook_of
from twinimpact.ingest.definitions import definition_beside, definition_of
from twinimpact.ingest.detect import Detection, detect
from twinimpact.ingest.draft import Draft, DraftColumn, DraftRow, draft_of, read_draft
from twinimpact.ingest.inspection import Inspection, inspect_file
from twinimpact.ingest.linkage import Links, link_waves
from twinimpact.ingest.mapping import ColumnMapping, load_mapping, parse_mapping
from twinimpact.ingest.plan import plan_imports
from twinimpact.ingest.planned import ImportPlan
from twinimpact.ingest.proposal import propose
from twinimpact.ingest.proposal_text import proposal_toml, table_toml
from twinimpact.ingest.quarantine import write_quarantine
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables
from twinimpact.ingest.table_proposal import TableProposal, propose_table, table_kinds

__all__ = [
    "CodeBook",
    "ColumnMapping",
    "Detection",
    "Draft",
    "DraftColumn",
    "DraftRow",
    "ImportPlan",
    "Inspection",
    "Links",
    "RawTable",
    "ReadOptions",
    "Receipt",
    "TableProposal",
    "apply_plans",
    "codebook_of",
    "decide_open",
    "definition_beside",
    "definition_of",
    "detect",
    "draft_of",
    "inspect_file",
    "link_waves",
    "load_mapping",
    "parse_mapping",
    "plan_imports",
    "proposal_toml",
    "propose",
    "propose_table",
    "read_draft",
    "read_tables",
    "table_kinds",
    "table_toml",
    "write_quarantine",
]
