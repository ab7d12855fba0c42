"""SurveyMonkey exports: two heading rows, one condensed row, numbered questions, or codes.

In the expanded export the first row names a question once, above its first column; the
second row names the option. An option left out is a blank cell, also where the export
writes "Not selected" for a question nobody answered. ``N/A`` may be an offered answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest import shape
from twinimpact.ingest.copies import versions_of
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.personal import personal_by_name, personal_field
from twinimpact.ingest.records import Detection, Draft, DraftColumn, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.submissions import without_copies
from twinimpact.ingest.values import fold

NAME = "surveymonkey"
TITLE = "SurveyMonkey"


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word).replace(" ", "") for word in words.replace("\n", "").split("|"))


_META: Mapping[str, frozenset[str]] = {
    "id": _folded(
        "respondent id|respondenten-id|teilnehmer-id|befragten-id|befragter-id|id du répondant|"
        "id du participant|identifiant du répondant|id de encuestado|id del encuestado|"
        "id. de encuestado|id do respondente|id do entrevistado|id rispondente|"
        "id del rispondente|id intervistato|id respondent|id respondenta|id respondenta ankiety|"
        "id van respondent|svarandens id|respondentens id|vastaajan tunnus|válaszadó azonosítója"
    ),
    "collector": _folded(
        "collector id|collectors id|kollektor-id|collector-id|id du collecteur|"
        "id de recopilador|id del recopilador|id do coletor|id raccoglitore|"
        "id del raccoglitore|id collettore|verzamelaar-id|id kolektora|collector name|"
        "collector title|collection mode|user agent"
    ),
    "started": _folded(
        "start date|date created|startdatum|anfangsdatum|erstellungsdatum|erstellt am|"
        "datum erstellt|"
        "date de début|date de création|fecha de inicio|fecha de creación|data di inizio|"
        "data inizio|data creazione|data di creazione|data de início|data de criação|"
        "begindatum|aanmaakdatum|data utworzenia|data rozpoczęcia"
    ),
    "submitted": _folded(
        "end date|date modified|date submitted|enddatum|geändert am|änderungsdatum|"
        "datum geändert|date de fin|date de modification|fecha de finalización|"
        "fecha de modificación|data di fine|data fine|data modifica|data di modifica|"
        "data de término|data de modificação|einddatum|wijzigingsdatum|data modyfikacji|"
        "data zakończenia"
    ),
    "status": _folded("response status|antwortstatus|statut de la réponse|estado de respuesta"),
    "language": _folded("language|survey language|umfragesprache"),
    "personal": _folded(
        "ip address|ip-adresse|adresse ip|dirección ip|indirizzo ip|endereço ip|ip-adres|"
        "email address|e-mail-adresse|adresse e-mail|dirección de correo electrónico|"
        "indirizzo e-mail|endereço de e-mail|e-mailadres|first name|vorname|prénom|nombre|nome|"
        "voornaam|last name|nachname|nom|apellido|apellidos|cognome|sobrenome|achternaam|"
        "custom data|custom value|benutzerdefinierte daten|données personnalisées|"
        "datos personalizados|dati personalizzati|dados personalizados|aangepaste gegevens|"
        "phone number|sms phone number|analyze url|edit url"
    ),
}  # fmt: skip
_CODES = {word: code for code, words in _META.items() for word in words}
_ROLES = {
    "id": "id", "collector": "ignore", "started": "started", "submitted": "submitted",
    "status": "status", "language": "language", "personal": "personal",
}  # fmt: skip
# what stands in the second row above a question that has one column only
_SINGLE = _folded(
    "response|open-ended response|antwort|antworten|antwort mit freiem text|offene antwort|"
    "beantwortung|réponse|réponse ouverte|réponse libre|respuesta|respuesta abierta|risposta|"
    "risposta aperta|resposta|resposta aberta|antwoord|open antwoord|reactie|odpowiedź|"
    "odpowiedź otwarta|odpověď|otevřená odpověď|odpoveď|válasz|svar|vastaus|besvarelse"
)

_CODE = re.compile(r"^q\d{4}(?:_\d{4}|_other)*$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?P<number>\d+)(?P<part>[a-z]?\d*)\.\s+(?P<text>\S.*)$", re.DOTALL)
_FIELD = re.compile(r"\[(?P<row>[^\[\]]+)\]$| - (?P<option>(?:(?! - ).)+)$")
_NUMBER = re.compile(r"^-?\d{1,3}$")
_NOT_SELECTED = frozenset(
    ("not selected", "nicht ausgewählt", "non sélectionné", "no seleccionado", "non selezionato",
     "não selecionado", "niet geselecteerd")
)  # fmt: skip
_INCOMPLETE = frozenset(
    ("incomplete", "partial", "partially completed", "unvollständig", "incomplet", "incompleto")
)
_DISQUALIFIED = frozenset(("disqualified", "over quota", "overquota", "disqualifiziert"))
_SAMPLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    """The heading, column by column; ``codes`` names the tool's own columns."""

    variant: str
    confidence: float
    rows: int
    names: tuple[str, ...]
    questions: tuple[str, ...]
    groups: tuple[str, ...]
    codes: Mapping[int, str]
    evidence: str
    orphan: int | None = None

    def place(self, code: str) -> int | None:
        return next((place for place, found in self.codes.items() if found == code), None)


def signature(table: RawTable) -> Match | None:
    """A column RespondentID, question codes, or numbered questions."""
    heading = _heading(table.rows)
    if heading is None:
        return None
    return Match(
        confidence=heading.confidence,
        variant=heading.variant,
        mode=_mode(table.rows[heading.rows :], heading),
        header_rows=heading.rows,
        evidence=(heading.evidence,),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All respondents; the tool does not mark who broke off, so only empty ones are partial."""
    table = shape.chosen(tables, detection)
    heading = _heading(table.rows)
    if heading is None:  # a person named the platform for another sheet
        return shape.draft_of_table(table, detection, (), ())
    rows, numbers = shape.body(table, heading.rows)
    id_place = heading.place("id")
    rows, numbers, copies = without_copies(rows, numbers, id_place)
    roles = _roles(heading, rows)
    columns = shape.columns_of(
        heading.names, heading.names, heading.questions, roles, rows, heading.groups
    )
    rows = _without_unasked(rows, columns)
    submitted, problems = shape.moments_of(rows, heading.place("submitted"), table)
    if any(":" in moment for moment in submitted):
        problems.append(shape.problem_in(table, "zone_not_said"))
    ids = shape.given_ids(shape.column_cells(rows, id_place), rows, heading.names)
    if id_place is None:
        problems.append(shape.problem_in(table, "id_missing"))
    if heading.orphan is not None:
        letters = column_letters(heading.orphan + 1)
        problems.append(shape.problem_in(table, "columns_spread", column=letters))
    problems.extend(versions_of(ids, numbers, table))
    answers = [one.position for one in columns if one.position not in heading.codes]
    drafted = tuple(
        _row(row, number, (response, moment), heading, answers)
        for row, number, response, moment in zip(rows, numbers, ids, submitted, strict=True)
    )
    problems.extend(shape.left_out(tables, table))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    return shape.with_excluded(draft, {"duplicate": copies})


def _heading(rows: Sequence[tuple[str, ...]]) -> _Heading | None:
    if not rows:
        return None
    names = [without_markup(name) for name in rows[0]]
    codes = _own_columns(names)
    second = [without_markup(name) for name in rows[1]] if len(rows) > 1 else []
    has_id = "id" in codes.values()
    if second and _is_second_heading(names, second, codes):
        return _expanded(names, second, codes, 0.9 if has_id else 0.75)
    filled = [name for name in names if name]
    coded = sum(1 for name in filled if _CODE.match(name))
    numbered = sum(1 for name in filled if _NUMBERED.match(name))
    own = "a column " + next((names[p] for p, code in codes.items() if code == "id"), "")
    if len(filled) >= 3 and coded > len(filled) / 2:
        groups = [name[:5] if _CODE.match(name) else "" for name in names]
        words = own if has_id else "columns like q0004_0001"
        return _one_row("codes", 0.9 if has_id else 0.8, names, (names, groups), codes, words)
    if len(filled) >= 3 and numbered > len(filled) / 2:
        matches = [_NUMBERED.match(name) for name in names]
        texts = [m["text"] if m else name for m, name in zip(matches, names, strict=True)]
        groups = [match["number"] if match else "" for match in matches]
        words = own if has_id else "numbered questions as headers"
        return _one_row("numbered", 0.9 if has_id else 0.6, names, (texts, groups), codes, words)
    if has_id:
        return _one_row("condensed", 0.9, names, (names, _stems(names, codes)), codes, own)
    return None


def _own_columns(names: Sequence[str]) -> dict[int, str]:
    """The tool's own columns; they come in one block at the left, before the questions."""
    known = {}
    taken: set[str] = set()
    for place, name in enumerate(names):
        word = fold(name).replace(" ", "")
        code = _CODES.get(word) or _CODES.get(word.rstrip("0123456789"), "")
        once = code not in ("personal", "collector")
        if code and not (once and code in taken):
            known[place] = code
            taken.add(code)
    if "id" in taken:
        return known
    # without the number of the respondent a heading such as "Language" is a question
    strong = {"collector", "started", "submitted"} & taken
    return known if len(strong) >= 2 else {}


def _is_second_heading(
    names: Sequence[str], second: Sequence[str], codes: Mapping[int, str]
) -> bool:
    """Whether the second row names options: nothing stands under the tool's own columns."""
    if any(second[place] for place in codes) or not any(second):
        return False
    if codes:
        return True
    single = sum(1 for text in second if fold(text).replace(" ", "") in _SINGLE)
    spread = sum(1 for name, text in zip(names, second, strict=True) if text and not name)
    return single >= 2 and (spread >= 1 or single >= 0.5 * len(second))


def _expanded(
    names: Sequence[str], second: Sequence[str], codes: Mapping[int, str], confidence: float
) -> _Heading:
    numbers: list[int] = []
    question = -1
    for place, name in enumerate(names):
        if name or question < 0 or place - 1 in codes:
            question += 1
        numbers.append(question)
    widths = Counter(numbers)
    alone = Counter(second[place] for place, one in enumerate(numbers)
                    if widths[one] == 1 and place not in codes)  # fmt: skip
    single = {text for text, count in alone.items() if count > 1}
    stem = ""
    titles: dict[int, str] = {}
    shown: list[str] = []
    groups: list[str] = []
    for place, (name, option) in enumerate(zip(names, second, strict=True)):
        if place in codes:
            shown.append(name)
            groups.append("")
            continue
        stem = name or (stem if place and numbers[place] == numbers[place - 1] else "")
        if numbers[place] not in titles:
            again = Counter(titles.values())
            titles[numbers[place]] = stem
            stem_seen = again[stem]
            if stem_seen and stem:
                titles[numbers[place]] = f"{stem} ({stem_seen + 1})"
        title = titles[numbers[place]]
        plain = fold(option).replace(" ", "") in _SINGLE or not option
        if widths[numbers[place]] == 1 and (plain or option in single):
            shown.append(title)
        else:
            shown.append(f"{title} [{option}]" if title and option else title or option)
        groups.append(title if widths[numbers[place]] > 1 else "")
    orphan = next(
        (p for p, (n, o) in enumerate(zip(names, second, strict=True))
         if o and not n and (p == 0 or p - 1 in codes)), None
    )  # fmt: skip
    return _Heading(
        variant="2row",
        confidence=confidence,
        rows=2,
        names=tuple(shown),
        questions=tuple(shown),
        groups=tuple(groups),
        codes=codes,
        evidence="questions in the first row, options or “Response” in the second",
        orphan=orphan,
    )


def _one_row(
    variant: str,
    confidence: float,
    names: Sequence[str],
    texts: tuple[Sequence[str], Sequence[str]],
    codes: Mapping[int, str],
    evidence: str,
) -> _Heading:
    often = Counter(texts[1])
    return _Heading(
        variant=variant,
        confidence=confidence,
        rows=1,
        names=tuple(names),
        questions=tuple(texts[0]),
        groups=tuple(group if often[group] > 1 else "" for group in texts[1]),
        codes=codes,
        evidence=evidence,
    )


def _stems(names: Sequence[str], codes: Mapping[int, str]) -> list[str]:
    """``Q`` for ``Q - option``: the longest beginning that another column has too."""
    beginnings: list[list[str]] = []
    for place, name in enumerate(names):
        parts = name.split(" - ") if place not in codes else [""]
        beginnings.append([" - ".join(parts[:end]) for end in range(len(parts), 0, -1)])
    often = Counter(stem for stems in beginnings for stem in set(stems) if stem)
    return [
        next((stem for stem in (stems[1:] or stems) if stem and often[stem] > 1), "")
        or (stems[0] if stems[0] and often[stems[0]] > 1 else "")
        for stems in beginnings
    ]


def _mode(rows: shape.Rows, heading: _Heading) -> str:
    """Numbers or wordings in most answer columns."""
    numeric = worded = 0
    for place in range(len(heading.names)):
        if place in heading.codes:
            continue
        seen = {row[place].strip() for row in rows[:_SAMPLE]} - {""}
        if seen and all(map(_NUMBER.match, seen)):
            numeric += 1
        elif seen:
            worded += 1
    if not numeric and not worded:
        return ""
    return "code" if numeric > worded else "label"


def _roles(heading: _Heading, rows: shape.Rows) -> dict[int, str]:
    """Roles of the tool's own columns, of consent, and of fields for contact data."""
    roles = {place: _ROLES[code] for place, code in heading.codes.items()}
    for place, name in enumerate(heading.questions):
        if place in roles:
            continue
        field = _FIELD.search(name)
        words = (field["row"] or field["option"]) if field else name
        if fold(name) == "consent":
            roles[place] = "consent"
        elif personal_by_name(words) and personal_field(words, shape.column_cells(rows, place)):
            roles[place] = "personal"
    return roles


def _without_unasked(rows: shape.Rows, columns: Sequence[DraftColumn]) -> shape.Rows:
    """“Not selected” in every box of a question says nothing: it may never have been asked."""
    groups: dict[str, list[int]] = {}
    for column in columns:
        if column.role == "question":
            groups.setdefault(column.group or column.key, []).append(column.position)
    result = []
    for row in rows:
        if any(cell.casefold() in _NOT_SELECTED for cell in row):
            blank = {
                place
                for places in groups.values()
                if all(not row[p] or row[p].casefold() in _NOT_SELECTED for p in places)
                for place in places
            }
            row = tuple("" if place in blank else cell for place, cell in enumerate(row))
        result.append(row)
    return result


def _row(
    row: tuple[str, ...],
    number: int,
    known: tuple[str, str],
    heading: _Heading,
    answers: Sequence[int],
) -> DraftRow:
    place, spoken = heading.place("status"), heading.place("language")
    status = row[place].casefold() if place is not None else ""
    done = status not in _INCOMPLETE and any(row[at] for at in answers)
    state = "complete" if done else "partial"
    return DraftRow(
        number=number,
        response_id=known[0],
        state="rejected" if status in _DISQUALIFIED else state,
        submitted=known[1],
        language=row[spoken] if spoken is not None else "",
        token="",
        cells=row,
        finished=done,
    )
