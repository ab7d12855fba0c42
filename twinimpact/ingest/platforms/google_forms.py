"""Google Forms: the form's own CSV, or its sheet as CSV or XLSX.

The two separate several answers in one cell differently: the form by ``;`` (variant
``form``), the sheet by a comma (variant ``sheet``).

There is no response number: a response is known by its time and answers. Workbooks often
hold sheets made by hand; only the sheet that begins with the timestamp column counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.choices import separator_of_form
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable

NAME = "google_forms"
TITLE = "Google Forms"
TIMESTAMPS = frozenset(
    """timestamp|zeitstempel|horodateur|marca temporal|marca de temps|informazioni cronologiche
    |carimbo de data/hora|carimbo de data|tijdstempel|sygnatura czasowa|tidstämpel|tidsstempel
    |aikaleima|časová značka|časová pečiatka|časové razítko|časovni žig|vremenska oznaka
    |időbélyeg|marcaj de timp|marcaj temporal|χρονική σήμανση|клеймо за време|часова позначка
    |позначка часу|отметка времени|zaman damgası|ajatempel|laiko žyma|laika zīmogs
    |временска ознака|denboraren marka""".replace("\n    ", "").split("|")
)
_SAMPLE = 500
_SCORES = frozenset(("score", "punktzahl", "total score", "puntuación", "punteggio", "pontuação",
                     "note", "wynik", "skóre"))  # fmt: skip


def signature(table: RawTable) -> Match | None:
    """The first header is “Timestamp” in the language of the form's owner."""
    if not table.rows or shape.plain(table.rows[0][0]) not in TIMESTAMPS:
        return None
    return Match(
        confidence=0.95,
        variant=_variant(table),
        mode="label",
        evidence=(f"the first column is called “{table.rows[0][0].strip()}”",),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All responses; every row of this export is a submitted response."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    roles = {0: "submitted"}
    for place, name in enumerate(names[1:], start=1):
        if shape.plain(name) in _SCORES and place <= 3:
            roles[place] = "ignore"
    columns = shape.columns_of(names, names, names, roles, rows)
    submitted, problems = shape.moments_of(rows, 0, table)
    drafted = shape.draft_rows(rows, numbers, shape.content_ids(rows, names), submitted)
    problems.extend(shape.left_out(tables, table))
    return shape.draft_of_table(table, detection, columns, drafted, problems)


def _variant(table: RawTable) -> str:
    if table.container != "csv":
        return "sheet"
    sample = table.rows[1:_SAMPLE]
    columns = ([row[place].strip() for row in sample] for place in range(1, len(table.rows[0])))
    return "sheet" if separator_of_form(columns) == ", " else "form"
