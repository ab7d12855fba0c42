"""Qualtrics exports in every layout: three, two or one heading rows, CSV, TSV or workbook.

A preview or a generated test is no answer, and neither is what the tool takes for spam.
``-99`` (in the oldest layout ``99999`` too) means that a question was seen and left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.copies import versions_of
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.personal import personal_by_name, personal_field
from twinimpact.ingest.qualtrics_header import Header, read_header
from twinimpact.ingest.records import Detection, Draft, DraftColumn, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.submissions import without_copies
from twinimpact.ingest.values import fold
from twinimpact.ingest.zones import in_zone, zone_named
from twinimpact.problems import Problem

NAME = "qualtrics"
TITLE = "Qualtrics"
_VARIANTS: Mapping[str, tuple[float, str]] = {
    "3row": (1.0, "“ImportId” in row {rows}"),
    "3row_pyrepr": (1.0, "“ImportId” in row {rows}, as the tool wrote it in 2016 and 2017"),
    "legacy": (1.0, "columns V1, V2, V3 above the names of the tool's own columns"),
    "2row": (0.9, "columns {codes}, and a second row with the wordings"),
    "1row": (0.9, "columns {codes}"),
}
_PREVIEW, _TEST, _SPAM = 1, 2, 8
_NUMBER = re.compile(r"^\d{1,3}(?:\.0+)?$")
_WORDS: Mapping[str, frozenset[str]] = {
    kind: frozenset(map(fold, words.split("|")))
    for kind, words in {
        "test": "survey preview|preview|survey test|test|generated|generated test response"
        "|test response|offline survey preview|umfragevorschau|vorschau|umfragetest"
        "|aperçu de l'enquête|aperçu|vista previa de la encuesta|vista previa|anteprima"
        "|anteprima sondaggio|anteprima del sondaggio|pré-visualização da pesquisa|voorbeeld"
        "|enquêtevoorbeeld|podgląd ankiety|podgląd|náhled průzkumu|náhled|prévisualisation",
        "rejected": "spam|possible spam|spam preview|möglicher spam|spam possible|posible spam"
        "|possibile spam|imported spam|possible imported spam|employee experience spam"
        "|possible spam preview|offline spam",
        "": "ip address|ip-adresse|adresse ip|dirección ip|indirizzo ip|endereço ip|ip-adres"
        "|adres ip|ip adresa|ip-cím|imported|importiert|importé|importado|importato|offline"
        "|offline app|offline response|employee experience|ex|anonymous|email|sms|qr code"
        "|survey|standard|default",
    }.items()
}
_YES = frozenset(
    ("true", "1", "yes", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero", "sì",
     "verdadeiro", "sim", "waar", "prawda", "tak", "pravda", "ano", "áno", "igaz", "igen",
     "sant", "tosi", "sand", "adevărat", "resnično", "istina", "finished", "complete")
)  # fmt: skip
_NO = frozenset(
    ("false", "0", "no", "falsch", "nein", "faux", "non", "falso", "onwaar", "nee", "fałsz",
     "nie", "nepravda", "ne", "hamis", "nem", "falskt", "epätosi", "falsk", "não", "fals",
     "neresnično", "neistina", "unfinished", "incomplete")
)  # fmt: skip
_SKIPPED = "-99"
_SKIPPED_LEGACY = "99999"
_CODES_LISTED = re.compile(r"^\d{1,4}(?:,\d{1,4})*$")
_LISTED = re.compile(r",(?! )")
_DATES = ("start", "end", "recorded")


def signature(table: RawTable) -> Match | None:
    """Ids in the third row, ``V1`` to ``V10``, or five of the tool's own columns."""
    header = read_header(table.rows)
    if header is None:
        return None
    confidence, words = _VARIANTS[header.variant]
    names = ", ".join(header.names[place] for place in header.codes)
    zones = dict.fromkeys(one.zone for one in header.imports if one.zone)
    return Match(
        confidence=confidence,
        variant=header.variant,
        mode=_mode(table.rows[header.rows :], header),
        header_rows=header.rows,
        evidence=(
            words.format(rows=header.rows, codes=names),
            *(f"times in the zone {zone}" for zone in zones),
        ),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses with the tool's own ids, states, times and reasons."""
    table = shape.chosen(tables, detection)
    header = read_header(table.rows)
    if header is None:  # a person named the platform for another sheet
        return shape.draft_of_table(table, detection, (), ())
    rows, numbers = shape.body(table, header.rows)
    id_place = header.place("id")
    rows, numbers, copies = without_copies(rows, numbers, id_place)
    rows, times, problems = _with_times(rows, header, table)
    columns = shape.columns_of(
        header.names, header.keys, header.questions, _roles(header, rows), rows, header.groups
    )
    asked = [one.position for one in columns if _is_asked(one, header)]
    rows, reasons = _without_skipped(rows, asked, header.variant)
    rows = _several_in_one_cell(rows, columns, header, detection.mode)
    ids = shape.given_ids(shape.column_cells(rows, id_place), rows, header.names)
    if id_place is None:
        problems.append(shape.problem_in(table, "id_missing"))
    problems.extend(versions_of(ids, numbers, table))
    places = {code: place for place, code in header.codes.items()}
    drafted = tuple(
        _row(row, number, places, (response, moment), why)
        for row, number, response, moment, why in zip(
            rows, numbers, ids, times, reasons, strict=True
        )
    )
    problems.extend(_told(header, drafted, table))
    problems.extend(shape.left_out(tables, table))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    return shape.with_excluded(draft, {"duplicate": copies})


def _mode(rows: shape.Rows, header: Header) -> str:
    """Numbers or labels, told by the response type, else by whether it was finished."""
    for code in ("status", "finished"):
        place = header.place(code)
        if place is None:
            continue
        seen = {row[place].strip() for row in rows} - {""}
        if seen:
            return "code" if all(map(_NUMBER.match, seen)) else "label"
    return ""


def _roles(header: Header, rows: shape.Rows) -> dict[int, str]:
    """Roles of the heading, and questions whose wording asks for a name or an address."""
    roles = dict(header.roles)
    for place, question in enumerate(header.questions):
        field = question.rsplit(" - ", 1)[-1]
        if place in roles or not personal_by_name(field):
            continue
        if personal_field(field, shape.column_cells(rows, place)):
            roles[place] = "personal"
    return roles


def _is_asked(column: DraftColumn, header: Header) -> bool:
    """Whether a column holds answers, also those that look personal."""
    if column.role == "question":
        return True
    return column.role in ("personal", "consent") and column.position not in header.codes


def _with_times(
    rows: shape.Rows, header: Header, table: RawTable
) -> tuple[shape.Rows, tuple[str, ...], list[Problem]]:
    """Rows whose own dates are ISO with an offset, the time of each answer, and what is odd.

    The end of an answer is its time: a response broken off is recorded only weeks later.
    """
    problems: list[Problem] = []
    read: dict[int, Sequence[str]] = {}
    unzoned = False
    for code in _DATES:
        place = header.place(code)
        if place is None:
            continue
        found = read_moments(shape.column_cells(rows, place))
        letters = column_letters(place + 1)
        if found.ambiguous:
            problems.append(shape.problem_in(table, "date_order_unknown", column=letters))
            continue
        read[place] = found.values
        name = header.imports[place].zone
        zone = zone_named(name)
        if zone is None:
            unzoned = unzoned or any(map(_is_naive, found.values))
            if name:
                problems.append(
                    shape.problem_in(table, "zone_unknown", got=name[:40], column=letters)
                )
            continue
        zoned = in_zone(found.values, zone)
        read[place] = zoned.values
        if zoned.odd:
            problems.append(
                shape.problem_in(table, "clock_changed", got=str(len(zoned.odd)), column=letters)
            )
    if unzoned and not any(problem.code == "zone_unknown" for problem in problems):
        problems.append(shape.problem_in(table, "zone_not_said"))
    rows = _replaced(rows, read)
    ended = shape.column_cells(rows, header.place("end"))
    recorded = shape.column_cells(rows, header.place("recorded"))
    times = tuple(one or other for one, other in zip(ended, recorded, strict=True))
    return rows, times, problems


def _is_naive(moment: str) -> bool:
    return ":" in moment and not moment.endswith("Z") and moment[-6:-5] not in ("+", "-")


def _without_skipped(
    rows: shape.Rows, asked: Sequence[int], variant: str
) -> tuple[shape.Rows, list[Mapping[int, str]]]:
    """Rows without the codes for "seen but left out", and where they stood."""
    marks = {_SKIPPED, _SKIPPED_LEGACY} if variant == "legacy" else {_SKIPPED}
    asked_set = frozenset(asked)
    cleaned: list[tuple[str, ...]] = []
    reasons: list[Mapping[int, str]] = []
    for row in rows:
        found: dict[int, str] = {}
        if not marks.isdisjoint(row):
            found = {
                at: "skipped" for at, cell in enumerate(row) if cell in marks and at in asked_set
            }
            row = tuple("" if at in found else cell for at, cell in enumerate(row))
        cleaned.append(row)
        reasons.append(found)
    return cleaned, reasons


def _several_in_one_cell(
    rows: shape.Rows, columns: Sequence[DraftColumn], header: Header, mode: str
) -> shape.Rows:
    """Several choices in one column (``1,3``) are joined by ``;``, if they come back alone.

    Labels hold commas themselves, so a cell is split only where all its pieces are known.
    """
    if not rows or not header.variant.startswith("3row"):
        return rows
    replaced: dict[int, list[str]] = {}
    for column in columns:
        if column.role != "question" or not re.fullmatch(r"(?:\w+_)?QID\d+", column.key):
            continue
        place = column.position
        if not any("," in row[place] for row in rows):
            continue
        cells = [row[place] for row in rows]
        filled = [cell for cell in cells if cell]
        if mode != "label" and not all(map(_CODES_LISTED.match, filled)):
            continue
        pieces = [_LISTED.split(cell) for cell in cells]
        seen = Counter(piece for one in pieces for piece in set(one) if piece)
        several = [tuple(one) for one in pieces if len(one) > 1]
        known = sum(all(seen[piece] > 1 for piece in one) for one in several)
        if len(set(several)) < 2 or known < 0.5 * len(several):
            continue
        replaced[place] = [
            ";".join(one) if all(seen[piece] > 1 or mode == "code" for piece in one) else cell
            for cell, one in zip(cells, pieces, strict=True)
        ]
    return _replaced(rows, replaced)


def _replaced(rows: shape.Rows, columns: Mapping[int, Sequence[str]]) -> shape.Rows:
    """Rows with other cells in some columns."""
    if not columns:
        return rows
    changed = []
    for number, row in enumerate(rows):
        cells = list(row)
        for place, column in columns.items():
            cells[place] = column[number]
        changed.append(tuple(cells))
    return changed


def _row(
    row: tuple[str, ...],
    number: int,
    places: Mapping[str, int],
    known: tuple[str, str],
    reasons: Mapping[int, str],
) -> DraftRow:
    def at(code: str) -> str:
        return row[places[code]] if code in places else ""

    done = _is_finished(at("finished"), at("progress"), places)
    return DraftRow(
        number=number,
        response_id=known[0],
        state=_kind(at("status")) or ("complete" if done else "partial"),
        submitted=known[1],
        language=at("language").lower(),
        token="",
        cells=row,
        reasons=reasons,
        finished=done,
    )


def _kind(status: str) -> str:
    """``test``, ``rejected`` or ``""`` for an ordinary response; unknown words are ordinary."""
    if _NUMBER.match(status):
        # the codes add up: 8 is spam, 9 a preview that looks like spam
        bits = int(float(status))
        if bits & (_PREVIEW | _TEST):
            return "test"
        return "rejected" if bits & _SPAM else ""
    words = fold(status)
    return next((kind for kind in ("test", "rejected") if words in _WORDS[kind]), "")


def _is_finished(finished: str, progress: str, places: Mapping[str, int]) -> bool:
    word = finished.casefold()
    if _NUMBER.match(word):
        return float(word) > 0
    if word in _YES or word in _NO:
        return word in _YES
    if "progress" in places:
        try:
            return float(progress.rstrip("% ").replace(",", ".")) >= 100
        except ValueError:
            return False
    return "finished" not in places or bool(word)


def _told(header: Header, rows: Sequence[DraftRow], table: RawTable) -> list[Problem]:
    """What a person must know about headings and response types."""
    problems = []
    if header.variant.startswith("3row"):
        line = table.numbers[header.rows - 1]
        for place, found in enumerate(header.imports):
            if not found.id and header.names[place]:
                letters = column_letters(place + 1)
                problems.append(
                    shape.problem_in(table, "import_id_unreadable", column=letters, row=line)
                )
    for code, is_known in (("status", _is_known_status), ("finished", _is_known_end)):
        at = header.place(code)
        if at is None:
            continue
        seen = {row.cells[at] for row in rows} - {""}
        if strange := sorted(cell for cell in seen if not is_known(cell)):
            got = ", ".join(strange[:5])
            letters = column_letters(at + 1)
            problems.append(
                shape.problem_in(table, "response_type_unknown", got=got, column=letters)
            )
    if rows and all(row.state == "test" for row in rows):
        problems.append(shape.problem_in(table, "generated_responses", got=str(len(rows))))
    return problems


def _is_known_status(cell: str) -> bool:
    return bool(_NUMBER.match(cell)) or any(fold(cell) in words for words in _WORDS.values())


def _is_known_end(cell: str) -> bool:
    return bool(_NUMBER.match(cell)) or cell.casefold() in _YES | _NO
