"""The workbooks of EUSurvey: their sheets joined to one table, their headers and answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.shape import plain
from twinimpact.ingest.source import RawTable

# Only the English names, the French one for creation date and the German ones for creation date,
# last update and user were seen;
# the others are how the languages say it, and every use of one of them is told.
_META_NAMES: Mapping[str, tuple[str, str]] = {
    "invitation": ("invitation number", "einladungsnummer|numéro d'invitation|numéro d’invitation"
                   "|numero di invito|numero d'invito|número de invitación|numer zaproszenia"
                   "|číslo pozvánky|meghívó száma|uitnodigingsnummer"),
    "id": ("contribution id", "beitrags-id|beitrag-id|id des beitrags"
           "|identifiant de la contribution|id de la contribution|id contributo"
           "|id del contributo|id de la contribución"
           "|id contribución|identyfikator odpowiedzi|id wpisu|id příspěvku|id príspevku"
           "|hozzájárulás azonosítója|id hozzájárulás|bijdrage-id"),
    "user": ("user name|user login", "nutzername|benutzername|nom d'utilisateur|nom d’utilisateur"
             "|nome utente|nombre de usuario|nazwa użytkownika|uživatelské jméno"
             "|používateľské meno|meno používateľa|felhasználónév|gebruikersnaam"),
    "created": ("creation date", "erstellungsdatum|date de création|data di creazione"
                "|fecha de creación|data utworzenia|datum vytvoření|dátum vytvorenia"
                "|létrehozás dátuma|létrehozás időpontja|aanmaakdatum"),
    "updated": ("last update", "letzte aktualisierung|dernière mise à jour|ultimo aggiornamento"
                "|última actualización|ostatnia aktualizacja|poslední aktualizace"
                "|posledná aktualizácia|utolsó frissítés|laatste update"),
    "languages": ("languages", "sprachen|langues|lingue|idiomas|lenguas|języki|jazyky|nyelvek"
                  "|talen"),
    "score": ("total score", "gesamtpunktzahl|score total|punteggio totale|puntuación total"
              "|wynik łączny|celkové skóre|összpontszám|totaalscore"),
}  # fmt: skip
_SEEN = {name: code for code, (names, _) in _META_NAMES.items() for name in names.split("|")}
_SEEN.update({"nutzername": "user", "erstellungsdatum": "created", "date de création": "created",
              "letzte aktualisierung": "updated"})  # fmt: skip
_GUESSED = {name: code for code, (_, names) in _META_NAMES.items() for name in names.split("|")}
ROLES: Mapping[str, str] = {
    "invitation": "token", "id": "id", "user": "personal", "created": "submitted",
    "updated": "ignore", "languages": "language", "score": "ignore",
}  # fmt: skip
_ALIAS = frozenset(("alias", "aliasname", "alias name"))
_EXPORTED = frozenset(
    ("export date", "exportdatum", "date d'exportation", "date d’exportation", "date d'export",
     "data di esportazione", "data esportazione", "fecha de exportación", "data eksportu",
     "datum exportu", "dátum exportu", "exportálás dátuma", "datum van export")
)  # fmt: skip
_SHEET = re.compile(r"^content(\d*)$", re.IGNORECASE)
_SHORT = re.compile(r"^(?P<text>.*?)\s*\((?P<code>[\w.-]+)\)\s*$", re.DOTALL)
_TABLE = re.compile(
    r"^(?P<stem>.*) \((?P<row>[\w.-]+)\)\s?:(?P<text>.*) \((?P<column>[\w.-]+)\)\s*$", re.DOTALL
)
_ANSWER = re.compile(r"(?P<label>.*?\S)\((?P<code>[\w.-]+)\)(?:; ?|$)", re.DOTALL)
_SPACED = re.compile(r"(?P<label>[^;]*\S) \((?P<code>[\w.-]+)\)(?:; ?|$)", re.DOTALL)
_RATING = re.compile(r"^(\d+)/(\d+)$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_LANGUAGE = re.compile(r"^[A-Z]{2}$|^[a-z]{2}$")
_DEFAULT_CODE = re.compile(r"^ID\d+$")
ANONYMOUS = "Anonymous"
HEADER_ROW = 4
_LONGEST = 5_000
REMARKS = frozenset(("explanation", "likes", "discussion"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """All sheets of one workbook as one table below its header."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """A column of answers with codes: each cell's codes, and the wording of every code."""

    cells: tuple[str, ...]
    labels: Mapping[str, str]
    several: bool


def is_content(table: RawTable) -> bool:
    """Whether a sheet begins as the tool begins every sheet of answers."""
    if len(table.rows) < 2:
        return False
    alias, exported = (plain(row[0]) for row in table.rows[:2])
    if alias in _ALIAS and exported in _EXPORTED:
        return True
    filled = [sum(map(bool, row)) for row in table.rows[:2]]
    dated = len(table.rows[1]) > 1 and _MOMENT.match(table.rows[1][1]) is not None
    return _SHEET.match(table.sheet) is not None and filled == [2, 2] and dated


def says_so_in_english(table: RawTable) -> bool:
    """Whether the first two cells are the words the tool is known to write."""
    return [row[0].strip() for row in table.rows[:2]] == ["Alias", "Export Date"]


def sheet_number(table: RawTable) -> int:
    """0 for ``Content``, 2 for ``Content2``."""
    match = _SHEET.match(table.sheet)
    return int(match[1] or 0) if match else 0


def joined(sheets: Sequence[RawTable]) -> Joined:
    """The sheets of one workbook side by side, by row; a form with many questions spills over."""
    sheets = sorted(sheets, key=sheet_number)
    headers = [tuple(cell.strip() for cell in _header(sheet)) for sheet in sheets]
    bodies = [
        {
            number: tuple(map(str.strip, row))
            for row, number in zip(sheet.rows[3:], sheet.numbers[3:], strict=True)
        }
        for sheet in sheets
    ]
    widths = [
        max((p + 1 for p, name in enumerate(header) if name or _any(body, p)), default=0)
        for header, body in zip(headers, bodies, strict=True)
    ]
    numbers = sorted({number for body in bodies for number in body})
    rows = [
        tuple(
            cell
            for body, width in zip(bodies, widths, strict=True)
            for cell in body.get(number, ("",) * width)[:width]
        )
        for number in numbers
    ]
    names = [name for header, width in zip(headers, widths, strict=True) for name in header[:width]]
    return Joined(names=tuple(names), rows=tuple(rows), numbers=tuple(numbers))


def _header(sheet: RawTable) -> tuple[str, ...]:
    return sheet.rows[2] if len(sheet.rows) > 2 else ("",) * len(sheet.rows[0])


def _any(body: Mapping[int, tuple[str, ...]], place: int) -> bool:
    return any(row[place] for row in body.values())


def meta_of(names: Sequence[str]) -> tuple[dict[int, str], tuple[int, ...]]:
    """Position to the kind of the tool's own columns, and those known by a guessed name."""
    found: dict[int, str] = {}
    guessed = []
    # the tool's own columns come last; a question may have the same words
    for place in range(len(names) - 1, -1, -1):
        name = plain(names[place])
        code = _SEEN.get(name) or _GUESSED.get(name, "")
        if code and (code not in found.values() or code == "user"):
            found[place] = code
            if name not in _SEEN:
                guessed.append(place)
    return found, tuple(sorted(guessed))


def meta_by_content(
    names: Sequence[str], rows: Sequence[tuple[str, ...]], known: Mapping[int, str], coded: bool
) -> dict[int, str]:
    """Columns of the tool at the end of the table, told by what they hold."""
    found: dict[int, str] = {}
    taken = set(known.values())
    if known and not coded:
        return found  # the language of the export is known, so other columns are questions
    for place in range(len(names) - 1, -1, -1):
        if place in known:
            continue
        if coded and short_name(names[place])[0]:
            break
        cells = [row[place] for row in rows if row[place]]
        kind = _kind(cells) if cells else ""
        if not kind:
            break
        if kind == "created" and found and "created" in found.values():
            found = {p: "updated" if k == "created" else k for p, k in found.items()}
        if kind not in taken:
            found[place] = kind
    # two letters in a column may be an answer, unless a column of the tool stands beside it
    return found if set(found.values()) != {"languages"} or known else {}


def _kind(cells: Sequence[str]) -> str:
    if all(_MOMENT.match(cell) for cell in cells):
        return "created"
    if all(_UUID.match(cell) for cell in cells) and len(set(cells)) == len(cells):
        return "id"
    if all(cell == ANONYMOUS for cell in cells):
        return "user"
    return "languages" if all(_LANGUAGE.match(cell) for cell in cells) else ""


def short_name(name: str) -> tuple[str, str]:
    """Short name and wording of a header, ``("", header)`` without one.

    >>> short_name("Which partner town? (TOWN)")
    ('TOWN', 'Which partner town?')
    """
    if len(name) > _LONGEST or not name.endswith(")"):
        return "", name
    if match := _TABLE.match(name):
        stem, text = match["stem"].strip(), match["text"].strip()
        return f"{match['row']}:{match['column']}", f"{stem} [{text}]"
    if match := _SHORT.match(name):
        return match["code"], match["text"].strip()
    return "", name


def grouped(texts: Sequence[str]) -> list[str]:
    """Wordings of grid rows ``title: row`` as ``title [row]`` where rows share a title."""
    cut = [text.rpartition(": ") for text in texts]
    often = Counter(stem for stem, _, _ in cut)
    return [
        f"{stem} [{row}]" if stem and often[stem] > 1 else text
        for text, (stem, _, row) in zip(texts, cut, strict=True)
    ]


def choices_of(cells: Sequence[str], code: str, *, spaced: bool = False) -> Choices | None:
    """The codes of a column whose every answer carries one, ``None`` for other columns.

    ``spaced`` reads answers with a space before the code, as some versions write them.
    """
    filled = [cell for cell in cells if cell]
    read = {cell: _pieces(cell, _SPACED if spaced else _ANSWER) for cell in set(filled)}
    labels: dict[str, set[str]] = {}
    for pieces in read.values():
        for label, found in pieces:
            labels.setdefault(found, set()).add(label)
    if not filled or not all(read.values()) or any(len(said) > 1 for said in labels.values()):
        return None
    if not _trusted(filled, labels, code, spaced):
        return None
    return Choices(
        cells=tuple(";".join(found for _, found in read.get(cell, ())) for cell in cells),
        labels={found: next(iter(said)) for found, said in labels.items()},
        several=any(len(pieces) > 1 for pieces in read.values()),
    )


def _pieces(cell: str, pattern: re.Pattern[str]) -> tuple[tuple[str, str], ...]:
    """Wording and code of every answer in a cell; nothing if a part of it has no code."""
    found, place = [], 0
    while place < len(cell):
        match = pattern.match(cell, place)
        if match is None:
            return ()
        found.append((match["label"].strip(), match["code"]))
        place = match.end()
    return tuple(found)


def _trusted(
    filled: Sequence[str], labels: Mapping[str, set[str]], code: str, spaced: bool
) -> bool:
    """Whether brackets hold codes: free text may end with a word in brackets too."""
    if all(_DEFAULT_CODE.match(found) or (code and found.startswith(code)) for found in labels):
        return True
    if spaced:
        return len(filled) > 2 and len(labels) * 2 <= len(filled)
    return len(filled) > 1 or len(labels) > 1


def rating_of(cells: Sequence[str]) -> tuple[str, ...]:
    """``8/10`` as ``8`` in a column of ratings; nothing for other columns."""
    read = {cell: _RATING.match(cell) for cell in cells if cell}
    if not read or not all(read.values()):
        return ()
    points = {match[2] for match in read.values() if match}
    if len(points) > 1 or any(m and int(m[1]) > int(m[2]) for m in read.values()):
        return ()
    return tuple(match[1] if (match := read.get(cell)) else "" for cell in cells)


def split_run(
    start: int, names: Sequence[str], rows: Sequence[tuple[str, ...]], meta: Collection[int]
) -> tuple[int, ...]:
    """Columns of single answers that follow a multiple-choice column left blank.

    The tool writes Yes or No into every row of them.
    """
    if not rows or any(row[start] for row in rows):
        return ()
    run: list[int] = []
    for place in range(start + 1, len(names)):
        cells = {row[place] for row in rows}
        ticks = cells <= {"Yes", "No", ""} and cells != {""}
        if place in meta or not names[place] or not ticks:
            break
        run.append(place)
    blank = {tuple(not row[place] for row in rows) for place in run}
    # all columns of one question are filled in the same rows
    return tuple(run) if len(blank) == 1 else ()
