"""LimeSurvey response exports (CSV, Excel), with every style of heading.

An empty submit date means that the person did not finish. Where answers are exported as
labels, the text ``N/A`` stands for "no answer".
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable

NAME = "limesurvey"
TITLE = "LimeSurvey"
_META_NAMES: Mapping[str, str] = {
    "id": "id|response id|antwort id|antwort-id|id de la réponse|id de respuesta|id risposta"
    "|antwoord id|antwoord-id|id da resposta|id odpowiedzi|id odpovědi|svars-id",
    "submitdate": "submitdate|date submitted|completed|datum abgeschickt|abgeschickt"
    "|date de soumission|fecha de envío|data invio|data di invio|datum ingestuurd"
    "|datum ingediend|data de envio|data de submissão|data wysłania|datum odeslání",
    "lastpage": "lastpage|last page|last page seen|letzte seite|dernière page|dernière page vue"
    "|última página|ultima pagina|laatste pagina|ostatnia strona|poslední stránka",
    "startlanguage": "startlanguage|start language|start-sprache|startsprache|langue de départ"
    "|langue de début|lenguaje inicial|idioma inicial|lingua iniziale|starttaal|begintaal"
    "|język początkowy|výchozí jazyk",
    "seed": "seed|zufallsstartwert|tête de série|graine|semilla|seme|semente|ziarno",
    "token": "token|access code|zugangscode|zugangsschlüssel|code d'accès|code d’accès"
    "|código de acceso|codice di accesso|codice d'accesso|toegangscode|kod dostępu",
    "startdate": "startdate|date started|datum gestartet|date de lancement|date de début"
    "|fecha de inicio|data inizio|data di inizio|datum gestart|startdatum|data rozpoczęcia",
    "datestamp": "datestamp|date last action|datum letzte aktivität|date de la dernière action"
    "|fecha de la última acción|data dell'ultima azione|data ultima azione|datum laatste actie"
    "|data ostatniej akcji",
    "ipaddr": "ipaddr|ip address|ip-adresse|adresse ip|dirección ip|indirizzo ip|ip-adres",
    "refurl": "refurl|referrer url|weiterleitungs-url|url de référence|url de referencia"
    "|url referente|verwijzende url",
}
_META = {name: code for code, names in _META_NAMES.items() for name in names.split("|")}
_ROLES = {
    "id": "id", "submitdate": "submitted", "lastpage": "ignore", "startlanguage": "language",
    "seed": "ignore", "token": "token", "startdate": "started", "datestamp": "ignore",
    "ipaddr": "personal", "refurl": "personal", "email": "personal", "firstname": "personal",
    "lastname": "personal",
}  # fmt: skip
_CODE = r"\w+(?:\s?\[[^\]]*\])*"
_CODE_TEXT = re.compile(rf"^(?P<code>{_CODE})(?:\. |\._\.|\.$)(?P<text>.*)$", re.DOTALL)
_LETTER_CODE_TEXT = re.compile(rf"^[A-Za-z]{_CODE}(?:\. |\._\.)", re.DOTALL)
_BARE_CODE = re.compile(rf"^{_CODE}$")
_TOTAL_TIME = frozenset(("interviewtime", "total time", "gesamtzeit", "temps total",
                         "tiempo total", "tempo totale", "totale tijd"))  # fmt: skip
_PART_TIME = re.compile(
    r"^(?:(?:group|question) time: |gruppenzeit: |fragenzeit: |grouptime\d+$|\d+x\d+x\w*time$)"
)
_LABELS = frozenset(("N/A", "Yes", "No", "Ja", "Nein", "Nee", "Oui", "Non", "Sí", "Si", "Sì"))
_SHORT_CODE = re.compile(r"^(?:-oth-|[A-Za-z]{0,3}\d{1,4}|[YNMF]|[a-z]{1,5})$")
_NO_DATE = "1980-01-01"
_FORMULA_START = frozenset("=+-@")


def signature(table: RawTable) -> Match | None:
    """At least three of the tool's own columns, or headings of the form ``code. text``."""
    if not table.rows:
        return None
    names = [name.strip() for name in table.rows[0]]
    metas = [name for name in names if _meta_code(name)]
    codes = {_meta_code(name) for name in metas}
    coded = sum(1 for name in names if _LETTER_CODE_TEXT.match(name))
    share = coded / max(1, sum(1 for name in names if name))
    scores: list[tuple[float, str]] = []
    if len(codes) >= 3:
        scores.append((min(1.0, 0.3 + 0.15 * len(codes)), "columns " + ", ".join(metas)))
    if coded >= 3 and share > 0.6:
        scores.append((0.7, "headings of the form “code. text”"))
    if not scores:
        return None
    return Match(
        confidence=max(score for score, _ in scores),
        variant=_variant(names),
        mode=_mode(table, names),
        evidence=tuple(words for _, words in scores),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses with state from the submit date and question codes where there are any."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    rows, mended = _without_guard(rows)
    places = {code: place for place, name in reversed(list(enumerate(names)))
              if (code := _meta_code(name))}  # fmt: skip
    roles = _roles(names, rows)
    if detection.mode == "label":
        answers = frozenset(place for place in range(len(names)) if place not in roles)
        rows = [
            tuple(["" if cell == "N/A" and place in answers else cell
                   for place, cell in enumerate(row)]) if "N/A" in row else row
            for row in rows
        ]  # fmt: skip
    parsed = [parse_heading(name, detection.variant) for name in names]
    columns = shape.columns_of(
        names, [code for code, _ in parsed], [text for _, text in parsed], roles, rows
    )
    submitted, problems = shape.moments_of(rows, places.get("submitdate"), table)
    ids = shape.given_ids(shape.column_cells(rows, places.get("id")), rows, names)
    if "id" not in places:
        problems.append(shape.problem_in(table, "id_missing"))
    if mended:
        problems.append(shape.problem_in(table, "quote_prefix_removed", got=str(mended)))
    problems.extend(shape.left_out(tables, table))
    drafted = tuple(
        _row(row, number, response, moment, places)
        for row, number, response, moment in zip(rows, numbers, ids, submitted, strict=True)
    )
    return shape.draft_of_table(table, detection, columns, drafted, problems)


def parse_heading(name: str, variant: str) -> tuple[str, str]:
    """Question code and wording of a heading; without a code the heading is both.

    >>> parse_heading("eff[SQ1]. How far? [In town]", "code_text")
    ('eff[SQ1]', 'How far? [In town]')
    """
    if code := _meta_code(name):
        return code, name
    if variant == "code_text" and (match := _CODE_TEXT.match(name)):
        text = html.unescape(match["text"]).strip()
        if text.startswith("[") and text.endswith("]") and text.count("[") == 1:
            text = text[1:-1].strip()
        return match["code"].replace(" ", ""), text
    if variant == "code":
        return name.replace(" ", "") if _BARE_CODE.match(name) else name, name
    return name, html.unescape(name)


def _meta_code(name: str) -> str:
    """The tool's own name of a metadata column, from any heading style or language."""
    text = shape.plain(name)
    if text in _META:
        return _META[text]
    match = _CODE_TEXT.match(text)
    return str(match["code"]) if match and match["code"] in _META_NAMES else ""


def _variant(names: Sequence[str]) -> str:
    others = [name for name in names if name and not _meta_code(name) and not _is_timing(name)]
    if not others:
        return "code"
    if sum(1 for name in others if _CODE_TEXT.match(name)) > 0.6 * len(others):
        return "code_text"
    if sum(1 for name in others if _BARE_CODE.match(name)) > 0.6 * len(others):
        return "code"
    return "text"


def _mode(table: RawTable, names: Sequence[str]) -> str:
    """Codes or labels: ``N/A``, ``Yes`` and long answers in most columns speak for labels."""
    short = long = 0
    for place, name in enumerate(names):
        if _meta_code(name) or _is_timing(name) or not name:
            continue
        values = {row[place].strip() for row in table.rows[1:201]} - {""}
        if not values:
            continue
        if values & _LABELS:
            return "label"
        if all(_SHORT_CODE.match(value) for value in values):
            short += 1
        else:
            long += 1
    return "code" if short >= long else "label"


def _is_timing(name: str) -> bool:
    text = shape.plain(name)
    return text in _TOTAL_TIME or _PART_TIME.match(text) is not None


def _roles(names: Sequence[str], rows: shape.Rows) -> dict[int, str]:
    roles: dict[int, str] = {}
    taken: set[str] = set()
    timing = False
    for place, name in enumerate(names):
        code = _meta_code(name)
        timing = timing or shape.plain(name) in _TOTAL_TIME
        if code and code not in taken:
            taken.add(code)
            roles[place] = _ROLES[code]
        elif timing or _is_timing(name):
            roles[place] = "timing"
        elif place == 0 and not name and all(row[0].isdigit() for row in rows):
            roles[place] = "ignore"  # row numbers that R wrote
        elif shape.plain(name.split(".")[0]) in ("firstname", "lastname", "email"):
            roles[place] = "personal"
        elif shape.plain(name.split(".")[0]) == "consent":
            roles[place] = "consent"
    return roles


def _without_guard(rows: shape.Rows) -> tuple[shape.Rows, int]:
    """Take off the apostrophe the tool puts before ``= + - @`` against formulas."""
    mended = 0
    result = []
    for row in rows:
        if any(cell[:1] == "'" for cell in row):
            guarded = [cell[:1] == "'" and cell[1:2] in _FORMULA_START for cell in row]
            mended += sum(guarded)
            row = tuple(cell[1:] if hit else cell for cell, hit in zip(row, guarded, strict=True))
        result.append(row)
    return result, mended


def _row(
    row: tuple[str, ...], number: int, response: str, moment: str, places: Mapping[str, int]
) -> DraftRow:
    def at(code: str) -> str:
        return row[places[code]] if code in places else ""

    partial = "submitdate" in places and at("submitdate") in ("", "N/A", "NULL")
    return DraftRow(
        number=number,
        response_id=response,
        state="partial" if partial else "complete",
        submitted="" if moment.startswith(_NO_DATE) or partial else moment,
        language=at("startlanguage"),
        token=at("token"),
        cells=row,
    )
