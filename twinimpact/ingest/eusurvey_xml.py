"""EUSurvey results as XML: the most complete export, with all languages and short names.

Every question becomes one column. With short names in the file, columns and answers carry
them; without, answers carry their wording in one language, whatever language was answered in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from twinimpact.ingest.codebook import CodeBook, Kind, Question
from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.xml_text import content

# attribute of an answer set to the heading the tool writes in workbooks
_META: Mapping[str, str] = {
    "invitation": "Invitation Number", "id": "Contribution Id", "user": "User Name",
    "userlogin": "User Login", "create": "Creation Date", "last": "Last Update",
    "lang": "Languages", "totalscore": "Total Score",
}  # fmt: skip
_TITLES = frozenset(("MatrixTitle", "TableTitle", "ComplexTableTitle"))
_OPTIONS = frozenset(("Answer", "MatrixAnswer", "RankingItem"))
_KINDS: Mapping[str, Kind] = {
    "single choice": "single", "single choice matrix question": "single", "date": "date",
    "multiple choice": "multi", "multiple choice matrix question": "multi", "number": "number",
    "rating": "number", "formula": "number", "singlechoice": "single", "multiplechoice": "multi",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlTable:
    """Answers of an XML file: the first row names the columns, ``numbers`` count the answers."""

    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    codebook: CodeBook | None = None


@dataclass(slots=True)
class _Asked:
    """A column in the making."""

    uid: str
    code: str
    kind: Kind
    texts: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)


class _Survey:
    """The questions of a file, their options, and the short names of both."""

    def __init__(self, root: Element) -> None:
        self.asked: dict[str, _Asked] = {}
        self.short: dict[str, str] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self._table_columns: dict[str, tuple[str, ...]] = {}
        self._table_rows: list[tuple[str, str]] = []
        for elements in root.iterfind("Survey/Elements"):
            self._read(elements, elements.get("lang", ""))
        self.coded = bool(self.short)

    def _read(self, elements: Element, tongue: str) -> None:
        title = ""
        owner: list[_Asked] = []
        rows: list[Element] = []
        for one in elements:
            text = without_markup(content(one))
            if one.tag in _TITLES:
                title, owner, rows = text, [], []
            elif one.tag == "Question":
                title, owner = text, [self._add(one, tongue, text)]
            elif one.tag == "MatrixQuestion":
                owner.append(self._add(one, tongue, f"{title} [{text}]"))
            elif one.tag == "RatingQuestion":
                row = text.removeprefix(title).removeprefix(":").strip()
                self.asked.pop(owner[0].uid, None) if owner and not owner[0].options else None
                self._add(one, tongue, f"{title} [{row}]")
            elif one.tag == "TableQuestion":
                rows.append(one)
            elif one.tag == "TableAnswer":
                self._table_column(rows, one, tongue, title)
            elif one.tag == "Cell":
                self._cell(one, tongue)
            elif one.tag in _OPTIONS:
                self._option(one, tongue, text, owner)

    def _add(self, one: Element, tongue: str, text: str) -> _Asked:
        uid = one.get("id", "")
        kind = _KINDS.get(one.get("type", "").casefold(), "text")
        if bid := one.get("bid", ""):
            self.short[uid] = bid
        asked = self.asked.setdefault(uid, _Asked(uid=uid, code=bid or uid, kind=kind))
        asked.texts[tongue] = text
        return asked

    def _option(self, one: Element, tongue: str, text: str, owner: Iterable[_Asked]) -> None:
        uid = one.get("id", "")
        if bid := one.get("bid", ""):
            self.short[uid] = bid
        self.labels.setdefault(uid, {})[tongue] = text
        for asked in owner:
            asked.options.setdefault(uid, {})[tongue] = text

    def _table_column(self, rows: list[Element], one: Element, tongue: str, title: str) -> None:
        column, ends = one.get("id", ""), without_markup(content(one))
        for row in rows:
            uid = f"{row.get('id', '')}:{column}"
            codes = (row.get("bid", ""), one.get("bid", ""))
            code = ":".join(codes) if all(codes) else uid
            asked = self.asked.setdefault(uid, _Asked(uid=uid, code=code, kind="text"))
            asked.texts[tongue] = f"{title} [{without_markup(content(row))}][{ends}]"
            if all(codes):
                self.short[uid] = code

    def _cell(self, one: Element, tongue: str) -> None:
        shown = one.find("ResultText")
        title = one.find("CellTitle")
        text = content(shown) if shown is not None else ""
        text = text or (content(title) if title is not None else "")
        if one.get("type", "").casefold() in ("empty", "statictext"):
            return
        asked = self._add(one, tongue, without_markup(text))
        for answer in one.iterfind("Answer"):
            self._option(answer, tongue, without_markup(content(answer)), [asked])

    def code(self, uid: str) -> str:
        """An answer's short name, else its wording in the first language, else its id."""
        if uid in self.short:
            return self.short[uid]
        texts = self.labels.get(uid, {})
        return next(iter(texts.values()), uid)


def read_results(root: Element, file: str = "") -> XmlTable | None:
    """One row per answer set, ``None`` if the file holds no results."""
    answers = root.find("Answers")
    if answers is None and root.find("Survey") is None:
        return None
    survey = _Survey(root)
    sets = list(answers.iterfind("AnswerSet")) if answers is not None else []
    rows = [_answers(one, survey) for one in sets]
    remarks = [f"{uid}/{mark}" for mark in ("explanation", "discussion") for uid in survey.asked
               if any(f"{uid}/{mark}" in row for row in rows)]  # fmt: skip
    shown = [*survey.asked, *remarks]
    unknown = [uid for row in rows for uid in row if uid not in survey.asked and "/" not in uid]
    shown += list(dict.fromkeys(unknown))
    meta = [name for name in _META if any(name in one.attrib for one in sets)]
    header = [_heading(uid, survey) for uid in shown] + [_META[name] for name in meta]
    table = [tuple(header)]
    for one, row in zip(sets, rows, strict=True):
        cells = [row.get(uid, "") for uid in shown]
        table.append((*cells, *(_moment(name, one.get(name, "")) for name in meta)))
    return XmlTable(
        rows=tuple(table),
        numbers=tuple(range(len(table))),
        codebook=CodeBook(
            platform="eusurvey",
            file=file,
            questions=tuple(_question(asked, survey) for asked in survey.asked.values()),
        ),
    )


def _answers(one: Element, survey: _Survey) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for answer in one.iterfind("Answer"):
        uid, option = answer.get("qid", ""), answer.get("aid", "")
        text = content(answer)
        if f"{uid}:{option}" in survey.asked:
            found.setdefault(f"{uid}:{option}", []).append(text)
        elif option:
            found.setdefault(uid, []).append(survey.code(option))
        elif text:
            asked = survey.asked.get(uid)
            pieces = [piece.strip() for piece in text.split(";")]
            # a ranking is written as the ids of its items in the order chosen
            if asked and asked.options and all(piece in asked.options for piece in pieces):
                text = ";".join(survey.code(piece) for piece in pieces)
            found.setdefault(uid, []).append(text)
    for tag, inner in (("Explanation", "ExplanationText"), ("Discussion", "")):
        for remark in one.iterfind(tag):
            said = remark.find(inner) if inner else remark
            if said is not None and content(said):
                found[f"{remark.get('qid', '')}/{tag.casefold()}"] = [content(said)]
    return {uid: ";".join(filter(None, texts)) for uid, texts in found.items()}


def _heading(uid: str, survey: _Survey) -> str:
    base, slash, remark = uid.partition("/")
    asked = survey.asked.get(base)
    if asked is None:
        return uid
    if survey.coded:
        return f"{asked.code}{slash}{remark}"
    text = next(iter(asked.texts.values()), "") or asked.code
    return f"{text} [{remark}]" if slash else text


def _question(asked: _Asked, survey: _Survey) -> Question:
    return Question(
        key=_heading(asked.uid, survey),
        text=dict(asked.texts),
        kind=asked.kind,
        options={survey.code(uid): dict(texts) for uid, texts in asked.options.items()},
    )


def _moment(name: str, text: str) -> str:
    """``2025-05-02_10-00-00`` as ISO text; other cells stay."""
    if name not in ("create", "last") or "_" not in text:
        return text
    day, _, clock = text.partition("_")
    return f"{day}T{clock.replace('-', ':')}"
