"""Microsoft Forms: the workbook it offers, or the same table saved as CSV.

Headers are in the language of the organisation. Where that language is unknown here, the
shape decides: a running number, two times in order, then an e-mail column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable

NAME = "microsoft_forms"
TITLE = "Microsoft Forms"
_NAMES: Mapping[str, str] = {
    "id": "id|identifiant|kennung|identificador|identyfikator|tunnus|azonosító",
    "started": "start time|startzeit|heure de début|hora de inicio|ora di inizio|begintijd"
    "|starttijd|hora de início|godzina rozpoczęcia|czas rozpoczęcia|starttid|starttidspunkt"
    "|aloitusaika|čas zahájení|čas začatia|kezdés időpontja|kezdési időpont|ora începerii"
    "|začetni čas|vrijeme početka|ώρα έναρξης",
    "submitted": "completion time|fertigstellungszeit|abschlusszeit|heure de fin"
    "|heure d'achèvement|hora de finalización|ora di completamento|tijd van voltooien"
    "|voltooiingstijd|hora de conclusão|godzina ukończenia|czas ukończenia|slutförandetid"
    "|fullføringstidspunkt|fuldførelsestidspunkt|valmistumisaika|čas dokončení|čas dokončenia"
    "|befejezés időpontja|befejezési időpont|ora finalizării|čas dokončanja"
    "|vrijeme završetka|ώρα ολοκλήρωσης",
    "email": "email|e-mail|e-mail-adresse|adresse de messagerie|adresse e-mail|courrier"
    "|correo electrónico|posta elettronica|indirizzo di posta elettronica|adres e-mail|e-post"
    "|e-mailadres|e-mail-cím|e-mail cím|sähköposti|mail|email address",
    "name": "name|nom|nombre|nome|naam|nazwa|imię i nazwisko|namn|navn|nimi|jméno|meno|név|nume",
    "changed": "last modified time|zeitpunkt der letzten änderung|uhrzeit der letzten änderung"
    "|zeit der letzten änderung|čas poslední změny|čas poslední úpravy|čas poslednej zmeny"
    "|čas poslednej úpravy|utolsó módosítás időpontja|utolsó módosítás ideje|czas ostatniej zmiany"
    "|heure de la dernière modification|hora de la última modificación|ora ultima modifica"
    "|ora dell'ultima modifica|tijd laatst gewijzigd|hora da última modificação"
    "|godzina ostatniej modyfikacji|senast ändrad",
    "language": "language|sprache|langue|idioma|lingua|taal|język|språk|sprog|kieli|jazyk|nyelv",
    "total": "total points|gesamtpunktzahl|total des points|puntos totales|punteggio totale"
    "|totaal aantal punten|quiz feedback|quizfeedback|commentaires sur le quiz"
    "|comentarios del cuestionario",
}
_CODES = {name: code for code, names in _NAMES.items() for name in names.split("|")}
_ROLES = {
    "id": "id", "started": "started", "submitted": "submitted", "email": "personal",
    "name": "personal", "changed": "ignore", "language": "language", "total": "ignore",
}  # fmt: skip


def signature(table: RawTable) -> Match | None:
    """Columns “ID”, “Start time”, “Completion time” in a known language, or their shape."""
    if not table.rows or len(table.rows[0]) < 4:
        return None
    head = [shape.plain(name) for name in table.rows[0][:6]]
    codes = [_CODES.get(name, "") for name in head]
    if codes[:3] == ["id", "started", "submitted"]:
        confidence, words = 1.0, "columns " + ", ".join(table.rows[0][:3])
    elif codes[0] == "id" and ("mail" in head[3] or codes[3] == "email") and _shaped(table):
        confidence, words = 0.85, "a running number, two times in order, then e-mail"
    else:
        return None
    return Match(
        confidence=confidence,
        variant="csv" if table.container == "csv" else "workbook",
        mode="label",
        evidence=(words,),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All responses; points and feedback of a quiz belong to no question of their own."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    rows = _without_terminators(rows)
    roles, places = _roles(names, rows)
    columns = shape.columns_of(names, names, names, roles, rows)
    submitted, problems = shape.moments_of(rows, 2, table)
    ids = shape.given_ids(shape.column_cells(rows, 0), rows, names)
    languages = shape.column_cells(rows, places.get("language"))
    drafted = tuple(
        DraftRow(
            number=number, response_id=response, state="complete", submitted=moment,
            language=language, token="", cells=row,
        )
        for row, number, response, moment, language in zip(
            rows, numbers, ids, submitted, languages, strict=True
        )
    )  # fmt: skip
    problems.extend(shape.left_out(tables, table))
    return shape.draft_of_table(table, detection, columns, drafted, problems)


def _shaped(table: RawTable) -> bool:
    rows = table.rows[1:51]
    if not rows or not all(row[0].strip().isdigit() for row in rows):
        return False
    begins = read_moments([row[1] for row in rows]).values
    ends = read_moments([row[2] for row in rows]).values
    return all(
        one[:1].isdigit() and len(one) >= 10 and one[:16] <= two[:16]
        for one, two in zip(begins, ends, strict=True)
    )


def _without_terminators(rows: shape.Rows) -> shape.Rows:
    """Several answers are ``;``-terminated; the last ``;`` goes where all cells end so."""
    if not rows:
        return rows
    ended = []
    for place in range(len(rows[0])):
        filled = [row[place] for row in rows if row[place]]
        if filled and all(cell.endswith(";") for cell in filled):
            ended.append(place)
    if not ended:
        return rows
    result = []
    for row in rows:
        cells = list(row)
        for place in ended:
            cells[place] = cells[place].rstrip(";")
        result.append(tuple(cells))
    return result


def _roles(names: Sequence[str], rows: shape.Rows) -> tuple[dict[int, str], dict[str, int]]:
    roles: dict[int, str] = {0: "id", 1: "started", 2: "submitted"}
    places = {"id": 0, "started": 1, "submitted": 2}
    for place, name in enumerate(names[:9]):
        code = _CODES.get(shape.plain(name), "email" if place == 3 and "mail" in name else "")
        # a question may be called “Language” too: the tool's own columns come in one block
        if place == len(places) and code and code not in places:
            roles[place] = _ROLES[code]
            places[code] = place
    known = {name for name in names if name}
    for place, name in enumerate(names):
        parts = name.split(" - ", 1)
        if place not in roles and len(parts) == 2 and parts[1] in known:
            roles[place] = "ignore"
        if place not in roles and _CODES.get(shape.plain(name)) == "total":
            roles[place] = "ignore"
    return roles, places
