"""The results table as files for other programs: JSON and tidy CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from twinimpact.bundle import records
from twinimpact.report.text import clean_json, clean_text
from twinimpact.schema import RESULT_COLUMNS

SCHEMA = 1
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_results_json(results: pd.DataFrame, path: Path) -> None:
    """Write a results table with the meaning of its columns; absent values are left out."""
    content = {
        "kind": "results",
        "schema": SCHEMA,
        "columns": dict(RESULT_COLUMNS),
        "rows": clean_json(records(results)),
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def write_results_csv(results: pd.DataFrame, path: Path) -> None:
    """Write a results table as CSV in UTF-8 with a byte-order mark, for spreadsheet programs.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay
    numbers, so -0.4 is -0.4.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(results.columns)
    as_objects = results.astype(object).where(results.notna(), None)
    for row in as_objects.itertuples(index=False, name=None):
        writer.writerow([_cell(value) for value in row])
    path.write_bytes(stream.getvalue().encode("utf-8-sig"))


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    cleaned = clean_text(text)
    return f"'{cleaned}" if text.startswith(FORMULA_STARTS) else cleaned


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else value
