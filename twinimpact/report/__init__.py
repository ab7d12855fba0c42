"""From contents to files: what a notebook cell shows, and the formats a reader opens."""

from twinimpact.report.blocks import Document, Stamp
from twinimpact.report.content import Block, Chart, ColumnSpec, Span, Table, Text, Withheld
from twinimpact.report.document import read_document, stamp_of
from twinimpact.report.export import export, page_picture
from twinimpact.report.pictures import Pictures, can_draw, find_browser
from twinimpact.report.show import show
from twinimpact.report.site import ReportEntry, write_index

__all__ = [
    "Block",
    "Chart",
    "ColumnSpec",
    "Document",
    "Pictures",
    "ReportEntry",
    "Span",
    "Stamp",
    "Table",
    "Text",
    "Withheld",
    "can_draw",
    "export",
    "find_browser",
    "page_picture",
    "read_document",
    "show",
    "stamp_of",
    "write_index",
]
