"""Questionnaires written the way each survey platform writes them, byte for byte."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.synthetic.forms import Cell, Grid, Sheet, code_cell, grid_of

CREATED = dt.datetime(2026, 6, 30, 12, 0, 0)
"""Fixed creation time of every workbook, so that equal worlds give equal bytes."""
KOBO_SYSTEM = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "__version__", "_tags", "meta/rootUuid", "_index",
)  # fmt: skip
KOBO_GROUPS = {
    "tw_civic": "town", "tw_eff": "town", "tw_local": "town", "tw_attach": "town",
    "tw_contact": "contact", "tw_friends": "contact", "tw_acts": "acts", "tw_react": "meeting",
}  # fmt: skip
COMMENTS = (
    "", "", "Très belle rencontre; à refaire.", "", "Schöne Tage, aber das Programm war voll.", "",
    "", "I'd like to stay in touch with the \"Gartenverein\".",
)  # fmt: skip
LIMESURVEY_SYSTEM = (
    "id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "ipaddr",
)  # fmt: skip
MICROSOFT_SYSTEM = ("ID", "Start time", "Completion time", "Email", "Name", "Last modified time")


def kobo_grid(
    form: Mapping[str, Any],
    sheets: Sequence[Sheet],
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> Grid:
    """KoboToolbox with XML names: ``group/question``, then the system columns."""
    asked = frozenset[str]().union(*(sheet.asked for sheet in sheets))
    items = [item_id for item_id in catalogue.items if item_id in asked]
    base = grid_of(form, sheets)
    groups = [KOBO_GROUPS.get(catalogue.items[item_id].instrument, "people") for item_id in items]
    names = [f"{group}/{item_id}" for group, item_id in zip(groups, items, strict=True)]
    header = ["start", "end", *base.header, *names, "comment", *KOBO_SYSTEM]
    rows: list[list[Cell]] = []
    for number, (cells, sheet) in enumerate(zip(base.rows, sheets, strict=True), start=1):
        spent = pd.Timedelta(seconds=int(rng.integers(260, 900)))
        answers: list[Cell] = [code_cell(sheet, item_id, catalogue) for item_id in items]
        key = str(uuid.UUID(bytes=rng.bytes(16), version=4))
        system: list[Cell] = [
            str(418200 + number), key, (sheet.moment + spent).isoformat(), "", "",
            "submitted_via_web", "", "v7demo", "", f"uuid:{key}", str(number),
        ]  # fmt: skip
        start, end = (
            f"{time.isoformat()}.000+00:00" for time in (sheet.moment, sheet.moment + spent)
        )
        words = COMMENTS[number % len(COMMENTS)] if sheet.wave == "post" else ""
        rows.append([start, end, *cells, *answers, words, *system])
    return Grid(header=header, rows=rows, sheets=list(sheets))


def limesurvey_grid(
    form: Mapping[str, Any], sheets: Sequence[Sheet], rng: np.random.Generator
) -> Grid:
    """LimeSurvey with question codes as headings and labels as answers."""
    base = grid_of(form, sheets, blank="N/A")
    rows: list[list[Cell]] = []
    for number, (cells, sheet) in enumerate(zip(base.rows, sheets, strict=True), start=1):
        done = sheet.moment + pd.Timedelta(seconds=int(rng.integers(260, 900)))
        system: list[Cell] = [
            str(number), _clock(done), "7", "en", str(rng.integers(10**8, 2 * 10**9)),
            _clock(sheet.moment), _clock(done), f"192.0.2.{rng.integers(1, 255)}",
        ]  # fmt: skip
        rows.append([*system, *cells])
    return Grid(header=[*LIMESURVEY_SYSTEM, *base.header], rows=rows, sheets=list(sheets))


def google_grid(form: Mapping[str, Any], sheets: Sequence[Sheet]) -> Grid:
    """Google Forms: a timestamp, then the question texts; grids as ``Stem [row]``."""
    base = grid_of(form, sheets)
    rows = [[google_time(s.moment), *cells] for s, cells in zip(sheets, base.rows, strict=True)]
    return Grid(header=["Timestamp", *base.header], rows=list(rows), sheets=list(sheets))


def microsoft_grid(
    form: Mapping[str, Any], sheets: Sequence[Sheet], rng: np.random.Generator
) -> Grid:
    """Microsoft Forms: numbered responses, times, and one question with several answers."""
    base = grid_of(form, sheets)
    ways = ("Concert", "Walk through the town", "Council meeting", "Sports day")
    rows: list[list[Cell]] = []
    for number, (cells, sheet) in enumerate(zip(base.rows, sheets, strict=True), start=1):
        done = sheet.moment + pd.Timedelta(seconds=int(rng.integers(260, 900)))
        ticked = [way for way in ways if rng.random() < 0.4]
        seen = "".join(f"{way};" for way in ticked) if sheet.wave == "post" else ""
        system: list[Cell] = [number, sheet.moment, done, "anonymous", "", ""]
        rows.append([*system, *cells, seen])
    header = [*MICROSOFT_SYSTEM, *base.header, "What did you take part in?\n(tick all that apply)"]
    return Grid(header=header, rows=rows, sheets=list(sheets))


def spreadsheet_grid(form: Mapping[str, Any], sheets: Sequence[Sheet]) -> Grid:
    """A hand-kept sheet: number of the paper form, date, answers, a remark."""
    base = grid_of(form, sheets)
    remarks = (
        "Bogen „ohne Seite 3“ abgegeben", "“Schön war’s” – steht am Rand", "",
        "war’s erste Mal dabei", "", "", "",
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for number, (cells, sheet) in enumerate(zip(base.rows, sheets, strict=True), start=1):
        head: list[Cell] = [f"KD-{number:03d}", f"{sheet.moment:%d.%m.%Y}"]
        rows.append([*head, *cells, remarks[number % len(remarks)]])
    header = [form["columns"]["response_id"], form["columns"]["date"], *base.header, "Bemerkung"]
    return Grid(header=header, rows=rows, sheets=list(sheets))


def kobo_bytes(grid: Grid) -> bytes:
    """Semicolons, every field quoted, CRLF, UTF-8 without a byte order mark."""
    return _csv(grid, ";", csv.QUOTE_ALL, "\r\n").encode("utf-8")


def limesurvey_bytes(grid: Grid) -> bytes:
    """Byte order mark, semicolons, every field quoted, CRLF, one blank line at the end."""
    return (_csv(grid, ";", csv.QUOTE_ALL, "\r\n") + "\r\n").encode("utf-8-sig")


def google_bytes(grid: Grid) -> bytes:
    """Commas, quotes only where needed, CRLF between records and none after the last."""
    return _csv(grid, ",", csv.QUOTE_MINIMAL, "\r\n").removesuffix("\r\n").encode("utf-8")


def mac_bytes(grid: Grid) -> bytes:
    """What a German office program on an old Mac saves: Mac Roman, semicolons, CR line ends."""
    return _csv(grid, ";", csv.QUOTE_MINIMAL, "\r").encode("mac-roman")


def microsoft_bytes(grid: Grid) -> bytes:
    """A workbook with one sheet; times are Excel serials."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("Sheet1")
    clock = book.add_format({"num_format": "m/d/yy h:mm:ss"})
    for column, name in enumerate(grid.header):
        sheet.write_string(0, column, name)
    for row, cells in enumerate(grid.rows, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, pd.Timestamp):
                sheet.write_datetime(row, column, cell.to_pydatetime(), clock)
            elif isinstance(cell, str):
                if cell:
                    sheet.write_string(row, column, cell)
            else:
                sheet.write_number(row, column, cell)
    book.close()
    return buffer.getvalue()


def _csv(grid: Grid, delimiter: str, quoting: int, line_end: str) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    writer.writerow(grid.header)
    writer.writerows(grid.rows)
    return buffer.getvalue()


def _clock(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def google_time(moment: pd.Timestamp) -> str:
    """A timestamp as Google writes it: no leading zero in the hour, zone of the form's owner."""
    hour = moment.hour % 12 or 12
    return f"{moment:%Y/%m/%d} {hour}:{moment:%M:%S %p} GMT+1"
