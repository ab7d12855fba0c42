"""A first mapping for a person to review: what each column could be, and why.

Only what fits exactly is proposed as an active line. A similar wording is a suggestion with
its score; nothing here decides what a question measures.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from twinimpact.ingest.answers import read_answer, vocabulary
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.columns import Places, find_columns
from twinimpact.ingest.draft import Draft
from twinimpact.ingest.headers import header_of
from twinimpact.ingest.kinds import QuestionSeen, questions_of
from twinimpact.ingest.ladders import steps
from twinimpact.ingest.mapping import Answers, ColumnMapping
from twinimpact.ingest.synonyms import header, option
from twinimpact.ingest.table_proposal import order_of
from twinimpact.ingest.values import fold
from twinimpact.instruments import Catalogue, Item

ALIKE = 0.6
LIKE_ID = 0.9
MOST_ALIKE = 0.99
CANDIDATES = 5
Known = Mapping[str, Mapping[str, str]]
"""Role to folded name to id."""
VALUE_ROLES = ("wave", "partnership", "town", "arm", "gender", "age_band", "role")

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_LEADING = re.compile(r"^([+-]?\d+)(?!\d)")
_ELEMENT = re.compile(
    r"\b(?:first|second|third|last) letter|letter of|buchstabe|\blettre\b|\blettera\b|\bletra\b"
    r"|\blitera\b|pismeno|\bbetuje\b|\bbetu\b|(?:day|month) .*\bborn|(?:tag|monat) .*gebor"
    r"|(?:jour|mois) .*naissance|(?:giorno|mese) .*nascita|(?:dia|mes) .*nacimiento"
    r"|older (?:brothers|siblings|sisters)|altere geschwister|altere bruder"
)
_AGREES = re.compile(r"\bconsent|\bi agree|einwillig|einverstanden|\bstimme .* zu|j accepte|consens"
                     r"|souhlas|suhlas|zgod|hozzajarul|de acuerdo")  # fmt: skip
_ELEMENT_LENGTH = 3
STEPS = 5
"""Steps of every ladder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGuess:
    """A column taken for a part of the person; ``values`` maps seen labels, "" where unknown."""

    role: str
    columns: tuple[str, ...]
    evidence: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGuess:
    """Codes of an item's labels; ``evidence`` is empty when their order is not known."""

    name: str
    codes: Mapping[str, int | None]
    missing: Mapping[str, str]
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGuess:
    """One question and the item it may be; ``score`` is 1 for an exact match."""

    column: str
    item: str
    score: float
    evidence: str
    answers: AnswerGuess | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything a proposed mapping says."""

    file: str
    platform: str
    header: tuple[str, ...]
    roles: tuple[RoleGuess, ...]
    items: tuple[ItemGuess, ...]
    personal: tuple[str, ...]
    unmatched: tuple[QuestionSeen, ...]
    consent: RoleGuess | None
    date_order: str
    date_evidence: str
    own: tuple[tuple[str, str], ...]
    codebook: str = ""


def propose(
    draft: Draft,
    catalogue: Catalogue,
    known: Known,
    codebook: CodeBook | None = None,
) -> Proposal:
    """Guess the meaning of every column.

    Parameters
    ----------
    known
        Ids by the names they go by, for ``wave``, ``partnership`` and ``town``.
    codebook
        What a definition file says about the questions.
    """
    seen = {question.position: question for question in questions_of(draft)}
    places = find_columns(draft, ColumnMapping(), catalogue)
    roles, consent = _roles(draft, places, seen, known)
    taken = {name for guess in (*roles, *([consent] if consent else [])) for name in guess.columns}
    items = _items(draft, places, catalogue, seen, codebook)
    asked = {guess.column for guess in items}
    order, evidence = _dates(draft, roles)
    return Proposal(
        file=draft.file,
        platform=draft.platform,
        header=header_of(draft),
        roles=tuple(roles),
        items=tuple(items),
        personal=tuple(c.name for c in draft.columns if c.role == "personal"),
        unmatched=tuple(q for q in seen.values() if q.name not in taken | asked),
        consent=consent,
        date_order=order,
        date_evidence=evidence,
        own=tuple(
            (c.role, c.name)
            for c in draft.columns
            if c.role in ("id", "submitted", "token", "language", "status")
        ),
        codebook=codebook.file if codebook is not None else "",
    )


def _roles(
    draft: Draft, places: Places, seen: Mapping[int, QuestionSeen], known: Known
) -> tuple[list[RoleGuess], RoleGuess | None]:
    usual = "the header is a usual name for it"
    items = {place for item in places.items for place in item.positions}
    named: dict[str, tuple[list[int], str]] = {}
    for column in draft.columns:
        role = header("responses", column.key) or header("responses", column.question)
        free = column.role in ("question", "ignore", "personal") and column.position not in items
        if role and free and (role == "code" or role not in named):
            named.setdefault(role, ([], usual))[0].append(column.position)
    for role, positions in places.roles.items():
        found = [place for place in positions if place >= 0]
        if role not in named and found and draft.columns[found[0]].role != "language":
            named[role] = (found, usual)
    if len(named.get("code", ((), ""))[0]) < 2 and (elements := _elements(draft)):
        named["code"] = (elements, "short answers to the usual questions of a personal code")
    taken = items | {place for positions, _ in named.values() for place in positions}
    for place, question in seen.items():
        role = _by_content(question, known)
        if role and role not in named and place not in taken:
            named[role] = ([place], "its answers are words for it")
    consent = named.pop("consent", None) or _consent(draft, seen)
    guesses = [
        RoleGuess(
            role=role,
            columns=tuple(draft.columns[place].name for place in positions),
            evidence=evidence,
            values=_values(role, seen.get(positions[0]), known),
        )
        for role, (positions, evidence) in named.items()
    ]
    return guesses, _consent_guess(draft, seen, consent)


def _by_content(question: QuestionSeen, known: Known) -> str:
    """The role most of a closed question's answers are words for."""
    if question.kind != "single" or len(question.options) < 2:
        return ""
    # numbers alone say nothing: 1 and 2 may be codes of anything
    if all(label.strip().isdigit() for label in question.options):
        return ""
    for role in VALUE_ROLES:
        understood = [label for label in question.options if _understood(role, label, known)]
        if len(understood) >= max(2, 0.6 * len(question.options)):
            return role
    return ""


def _understood(role: str, label: str, known: Known) -> bool:
    return fold(label) in known[role] if role in known else bool(option(role, label))


def _elements(draft: Draft) -> list[int]:
    found = []
    for column in draft.columns:
        if column.role not in ("question", "personal") or not _ELEMENT.search(fold(column.name)):
            continue
        cells = [row.cells[column.position] for row in draft.rows if row.cells[column.position]]
        if cells and sum(len(cell) <= _ELEMENT_LENGTH for cell in cells) >= 0.8 * len(cells):
            found.append(column.position)
    return found if len(found) >= 2 else []


def _consent(draft: Draft, seen: Mapping[int, QuestionSeen]) -> tuple[list[int], str] | None:
    for column in draft.columns:
        question = seen.get(column.position)
        closed = question is not None and question.kind in ("single", "multi")
        if closed and _AGREES.search(fold(column.name)):
            return [column.position], "the header asks for agreement"
    return None


def _consent_guess(
    draft: Draft,
    seen: Mapping[int, QuestionSeen],
    found: tuple[list[int], str] | None,
) -> RoleGuess | None:
    if found is None:
        return None
    place = found[0][0]
    column = draft.columns[place]
    words = {row.cells[place] for row in draft.rows if option("flag", row.cells[place])}
    labels = sorted({*words, *(seen[place].options if place in seen else ())})
    values = {label: option("flag", label) for label in labels}
    return RoleGuess(role="consent", columns=(column.name,), evidence=found[1], values=values)


def _values(role: str, question: QuestionSeen | None, known: Known) -> dict[str, str]:
    """Seen labels that are not understood as they are."""
    if role not in VALUE_ROLES or question is None:
        return {}
    return {label: "" for label in question.options if not _understood(role, label, known)}


def _dates(draft: Draft, roles: Sequence[RoleGuess]) -> tuple[str, str]:
    dated = next((guess.columns[0] for guess in roles if guess.role == "date"), "")
    column = next((c for c in draft.columns if c.name == dated), None)
    if column is None:
        return "", ""
    return order_of(row.cells[column.position] for row in draft.rows)


def _items(
    draft: Draft,
    places: Places,
    catalogue: Catalogue,
    seen: Mapping[int, QuestionSeen],
    codebook: CodeBook | None,
) -> list[ItemGuess]:
    exact = {place: found.item for found in places.items for place in found.positions}
    guesses = []
    for place, question in seen.items():
        item, score = exact.get(place), 1.0
        evidence = "the same id or the same words"
        if item is None:
            if question.kind not in ("single", "grid", "number"):
                continue
            free = [one for one in catalogue.items.values() if one not in exact.values()]
            item, score, evidence = _alike(question, free)
        if item is not None:
            asked = codebook.question(question.key) if codebook else None
            guesses.append(
                ItemGuess(
                    column=question.name,
                    item=item.id,
                    score=score,
                    evidence=evidence,
                    answers=_answers(question, item, asked),
                )
            )
    return guesses


def _alike(question: QuestionSeen, items: Sequence[Item]) -> tuple[Item | None, float, str]:
    """The item whose id or wording, in any language, is most like the question's."""
    code = fold(question.key)
    ends = [item for item in items if fold(item.id).endswith(f" {code}")]
    if len(ends) == 1 and " " in code:
        return ends[0], LIKE_ID, "the code ends like the item's id"
    row = question.text.rsplit("[", 1)[-1].rstrip("] ") if "[" in question.text else ""
    found: Item | None = None
    best = ALIKE
    for asked in filter(None, (fold(question.text), fold(row))):
        words = set(asked.split())
        ranked = [
            (len(words & set(text.split())) / len(words | set(text.split())), item, text)
            for item in items
            for text in _wordings(item)
        ]
        ranked.sort(key=lambda one: (-one[0], one[1].id, one[2]))
        for _, item, text in ranked[:CANDIDATES]:
            score = difflib.SequenceMatcher(None, asked, text, autojunk=False).ratio()
            if score > best:
                found, best = item, min(round(score, 2), MOST_ALIKE)
    return found, best, "similar words"


def _wordings(item: Item) -> set[str]:
    return {fold(_PLACEHOLDER.sub(" ", text)) for text in item.text.values()}


def _answers(question: QuestionSeen, item: Item, asked: Question | None) -> AnswerGuess | None:
    """Codes for labels the instrument does not know, when their number fits its range."""
    words = vocabulary(item, Answers())
    missing = {label: why for label in question.options if (why := option("missing", label))}
    coded = _from_codebook(asked, question.options) if asked else {}
    if asked:
        missing.update(_missing_of(asked))
    labels = [label for label in (coded or question.options) if label not in missing]
    if all(read_answer(label, item, words)[0] is not None for label in labels):
        return None
    codes, evidence = _ordered(labels, item, coded)
    if not codes and len(labels) != (len(item.recode) or item.hi - item.lo + 1):
        return None
    return AnswerGuess(
        name=f"for_{item.id}",
        codes=codes or dict.fromkeys(labels),
        missing=missing,
        evidence=evidence if codes else "",
    )


def _ordered(
    labels: Sequence[str], item: Item, coded: Mapping[str, int]
) -> tuple[dict[str, int | None], str]:
    size = item.hi - item.lo + 1
    if coded and all(item.accepts(coded[label]) for label in labels):
        return {label: coded[label] for label in labels}, "codes of the code book"
    ranks = (
        {code: place for place, code in enumerate(sorted({coded[one] for one in labels}))}
        if (coded)
        else {}
    )
    if len(ranks) == size and not item.recode:
        return {label: item.lo + ranks[coded[label]] for label in labels}, "order of the code book"
    leading = {label: int(m[1]) for label in labels if (m := _LEADING.match(label))}
    if len(leading) == len(labels) and all(item.accepts(code) for code in leading.values()):
        return dict(leading), "the labels begin with their codes"
    ladder = steps(labels)
    if ladder and size == STEPS and not item.recode:
        return {label: item.lo + ladder[label] for label in labels}, "a usual ladder of answers"
    return {}, ""


def _from_codebook(asked: Question, seen: Sequence[str]) -> dict[str, int]:
    """Each option as the file writes it (code or wording) to its number or its place."""
    codes = [code for code in asked.options if not asked.reason(code)]
    numeric = all(re.fullmatch(r"-?\d+", code) for code in codes)
    in_codes = bool(set(seen) & set(codes))
    found: dict[str, int] = {}
    for place, code in enumerate(codes):
        texts = (code,) if in_codes else tuple(asked.options[code].values()) or (code,)
        for text in texts:
            found.setdefault(text, int(code) if numeric else place)
    return found


def _missing_of(asked: Question) -> dict[str, str]:
    found = {}
    for code, reason in asked.missing.items():
        for text in (code, *asked.options.get(code, {}).values()):
            found[text] = reason
    return found
