"""Canonical tables and the glossary of result columns.

Every table the package stores and every column a result may carry is declared here
once: name, type, unit, meaning, allowed values. Readers, checks and documentation
follow these declarations.
"""

from collections.abc import Mapping

from twinimpact.schema.declarations import Column, Table
from twinimpact.schema.log import ACTIVITIES, ATTENDANCE, PARTNERSHIPS, TOWNS
from twinimpact.schema.records import RECORDS
from twinimpact.schema.responses import RESPONSE_COLUMNS
from twinimpact.schema.results import (
    PROGRAMME,
    RESULT_COLUMNS,
    TEXT_RESULT_COLUMNS,
    concat_results,
    result_frame,
)

LOG_TABLES = (TOWNS, PARTNERSHIPS, ACTIVITIES, ATTENDANCE)
SMALL_TABLES = tuple(table.name for table in (*LOG_TABLES, *RECORDS))
"""Tables that are kept row by row, in the order in which they refer to each other."""
TABLES: Mapping[str, Table] = {
    table.name: table for table in (*LOG_TABLES, *RECORDS, RESPONSE_COLUMNS)
}
RECORD_TABLES = tuple(table.name for table in RECORDS)
"""Further tables, which an evaluation may go without."""

__all__ = [
    "ACTIVITIES",
    "ATTENDANCE",
    "PARTNERSHIPS",
    "PROGRAMME",
    "RECORD_TABLES",
    "RESPONSE_COLUMNS",
    "RESULT_COLUMNS",
    "SMALL_TABLES",
    "TABLES",
    "TEXT_RESULT_COLUMNS",
    "TOWNS",
    "Column",
    "Table",
    "concat_results",
    "result_frame",
]
