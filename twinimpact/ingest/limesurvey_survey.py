"""What a LimeSurvey questionnaire says about the columns of its exports.

The survey file (.lss, .lsg) and the structure as TSV describe the same things; both become
one list of questions, and the list becomes a code book with one entry per column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from twinimpact.ingest.codebook import AnswerSet, CodeBook, Kind, Question
from twinimpact.ingest.markup import without_markup

Texts = Mapping[str, str]
Rows = tuple[Mapping[str, str], ...]
OTHER = "-oth-"
_INLINE = re.compile(
    r"</?(?:a|b|em|font|i|small|span|strong|sub|sup|u)\b[^<>]{0,500}>", re.IGNORECASE
)

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys("L!ZWOYG5IFABCEH1R", "single"), **dict.fromkeys("MP", "multi"),
    **dict.fromkeys("NK", "number"), **dict.fromkeys("STUQ;*|", "text"), "D": "date", "X": "note",
    ":": "number",
}  # fmt: skip
_WITH_ROWS = frozenset("FABCEH1KQMP:;")
_WITH_OTHER = frozenset("L!ZWMP")
_BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "Y": ("Y", "N"), "G": ("F", "M"), "C": ("Y", "U", "N"), "E": ("I", "S", "D"),
    "5": tuple("12345"), "A": tuple("12345"), "B": tuple(map(str, range(1, 11))), "M": ("Y", "N"),
    "P": ("Y", "N"),
}  # fmt: skip
_WORDS: Mapping[str, Texts] = {
    "yes": {"en": "Yes", "de": "Ja", "fr": "Oui", "it": "Sì", "es": "Sí", "pl": "Tak", "nl": "Ja",
            "cs": "Ano", "sk": "Áno", "hu": "Igen", "pt": "Sim", "sv": "Ja", "ro": "Da"},
    "no": {"en": "No", "de": "Nein", "fr": "Non", "it": "No", "es": "No", "pl": "Nie",
           "nl": "Nee", "cs": "Ne", "sk": "Nie", "hu": "Nem", "pt": "Não", "sv": "Nej",
           "ro": "Nu"},
    "uncertain": {"en": "Uncertain", "de": "Unsicher", "fr": "Sans opinion", "it": "Incerto",
                  "es": "Dudoso", "pl": "Niepewny", "nl": "Onzeker"},
    "female": {"en": "Female", "de": "weiblich", "fr": "Féminin", "it": "Femminile",
               "es": "Femenino", "pl": "Kobieta", "nl": "Vrouw"},
    "male": {"en": "Male", "de": "männlich", "fr": "Masculin", "it": "Maschile",
             "es": "Masculino", "pl": "Mężczyzna", "nl": "Man"},
    "increase": {"en": "Increase", "de": "Zunahme", "fr": "Augmenter", "es": "Aumentar"},
    "same": {"en": "Same", "de": "Gleichbleibend", "fr": "Sans changement", "es": "Igual"},
    "decrease": {"en": "Decrease", "de": "Abnahme", "fr": "Diminuer", "es": "Disminuir"},
    "other": {"en": "Other", "de": "Sonstiges", "fr": "Autre", "it": "Altro", "es": "Otro",
              "pl": "Inne", "nl": "Anders", "cs": "Jiné", "sk": "Iné", "hu": "Egyéb"},
}  # fmt: skip
_LABELS: Mapping[tuple[str, str], str] = {
    ("Y", "Y"): "yes", ("Y", "N"): "no", ("M", "Y"): "yes", ("M", "N"): "no", ("P", "Y"): "yes",
    ("P", "N"): "no", ("C", "Y"): "yes", ("C", "U"): "uncertain", ("C", "N"): "no",
    ("G", "F"): "female", ("G", "M"): "male", ("E", "I"): "increase", ("E", "S"): "same",
    ("E", "D"): "decrease",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A row or column of a question, or an option; ``scale`` tells the axes apart."""

    code: str
    texts: Texts
    scale: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of the survey; ``base`` is its column in the data base."""

    code: str
    type: str
    texts: Texts
    base: str = ""
    other: bool = False
    rows: tuple[Part, ...] = ()
    options: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A survey file as its sections of rows."""

    doctype: str
    version: str
    languages: tuple[str, ...]
    sections: Mapping[str, Rows] = field(default_factory=dict)

    def rows(self, name: str) -> Rows:
        """The rows of one section."""
        return self.sections.get(name, ())


def structure_of(root: Element) -> Structure:
    """The sections of a survey, group or question file."""
    sections: dict[str, Rows] = {}
    for section in root:
        listed = section.find("rows")
        if listed is not None:
            sections[section.tag] = tuple(
                {cell.tag: "".join(cell.itertext()) for cell in row} for row in listed
            )
    return Structure(
        doctype=(root.findtext("LimeSurveyDocType") or "").strip(),
        version=(root.findtext("DBVersion") or "").strip(),
        languages=tuple(
            (one.text or "").strip() for one in root.iterfind("languages/language") if one.text
        ),
        sections=sections,
    )


def codebook_of_structure(found: Structure, file: str) -> CodeBook:
    """One question per column of the export, with wordings in all languages."""
    texts = _texts(found.rows("question_l10ns"), "qid", "question")
    labels = _texts(found.rows("answer_l10ns"), "aid", "answer")
    questions = _merged(found.rows("questions"), texts, "qid", "question")
    parts = _merged(found.rows("subquestions"), texts, "qid", "question")
    options: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for row in sorted(found.rows("answers"), key=lambda one: _number(one.get("sortorder", ""))):
        key = (row.get("scale_id") or "0", row.get("code", ""))
        known = options.setdefault(row.get("qid", ""), {}).setdefault(key, {})
        known.update(labels.get(row.get("aid", ""), {}))
        if row.get("answer"):
            known[row.get("language", "")] = _wording(row["answer"])
    groups = {row.get("gid"): _number(row.get("group_order", "")) for row in found.rows("groups")}
    asked = [
        Asked(
            code=row.get("title", ""),
            type=row.get("type", ""),
            texts=words,
            base="X".join((row.get("sid", ""), row.get("gid", ""), row.get("qid", ""))),
            other=row.get("other") == "Y",
            rows=tuple(
                Part(code=part.get("title", ""), texts=said, scale=part.get("scale_id") or "0")
                for part, said in parts
                if part.get("parent_qid") == row.get("qid")
            ),
            options=tuple(
                Part(code=code, texts=said, scale=scale)
                for (scale, code), said in options.get(row.get("qid", ""), {}).items()
            ),
        )
        for row, words in sorted(
            questions,
            key=lambda one: (
                groups.get(one[0].get("gid"), 0), _number(one[0].get("question_order", "")),
            ),
        )
        if (row.get("parent_qid") or "0") == "0"
    ]  # fmt: skip
    commas = tuple(
        row.get("surveyls_language", "")
        for row in found.rows("surveys_languagesettings")
        if row.get("surveyls_numberformat") == "1"
    )
    return codebook_of_questions(asked, file, commas)


def codebook_of_table(rows: Sequence[tuple[str, ...]], file: str) -> CodeBook:
    """The same from the structure as TSV; the first row names the columns."""
    names = [name.strip().casefold() for name in rows[0]]
    questions: dict[str, dict[str, str]] = {}
    texts: dict[str, dict[str, str]] = {}
    parts: dict[tuple[str, str], dict[tuple[str, str], dict[str, str]]] = {}
    commas: list[str] = []
    current = ""
    for cells in rows[1:]:
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        kind, code, language = row.get("class", ""), row.get("name", ""), row.get("language", "")
        words = {language: _wording(row["text"])} if row.get("text") else {}
        if kind == "Q":
            current = code
            known = questions.setdefault(code, {})
            known.setdefault("type", row.get("type/scale", ""))
            known["other"] = row.get("other") or known.get("other", "")
            texts.setdefault(code, {}).update(words)
        elif kind in ("SQ", "A"):
            key = (row.get("type/scale") or "0", code)
            parts.setdefault((current, kind), {}).setdefault(key, {}).update(words)
        elif code == "surveyls_numberformat" and row.get("text") == "1":
            commas.append(language)
    asked = [
        Asked(
            code=code,
            type=known["type"],
            texts=texts[code],
            other=known["other"] == "Y",
            rows=_parts(parts.get((code, "SQ"), {})),
            options=_parts(parts.get((code, "A"), {})),
        )
        for code, known in questions.items()
    ]
    return codebook_of_questions(asked, file, tuple(commas))


def codebook_of_questions(
    asked: Iterable[Asked], file: str, comma_languages: tuple[str, ...] = ()
) -> CodeBook:
    """Every column of every question."""
    questions: list[Question] = []
    fields: dict[str, str] = {}
    sets: list[AnswerSet] = []
    for one in asked:
        own = list(_columns(one))
        for question, names in own:
            questions.append(question)
            fields.update(dict.fromkeys(names, question.key))
        boxes = tuple(question.key for question, _ in own if question.kind == "multi")
        if boxes:
            label = next(iter(one.texts.values()), "")
            sets.append(
                AnswerSet(key=one.code, label=label, kind="dichotomy", counted="Y", columns=boxes)
            )
    keys = {question.key for question in questions}
    return CodeBook(
        platform="limesurvey",
        file=file,
        questions=tuple(questions),
        sets=tuple(sets),
        fields={name: key for name, key in fields.items() if name not in keys},
        comma_languages=comma_languages,
    )


def _columns(one: Asked) -> Iterable[tuple[Question, tuple[str, ...]]]:
    """The columns of one question, each with its other names."""
    kind = _KINDS.get(one.type, "text")
    options = _options(one)
    if one.type == "R":
        for place in range(1, max(len(one.options), len(one.rows)) + 1):
            yield _column(one, (str(place),), {}, kind, options)
        return
    if one.type not in _WITH_ROWS:
        yield _column(one, (), {}, kind, options)
        if one.type == "O":
            yield _column(one, ("comment",), {}, "text", {})
        if one.type == "|":
            yield _column(one, ("filecount",), {}, "number", {})
    for row in (part for part in one.rows if part.scale == "0" and one.type in _WITH_ROWS):
        if one.type in (":", ";"):
            for column in (part for part in one.rows if part.scale == "1"):
                texts = _beside(row.texts, column.texts, "][")
                yield _column(one, (f"{row.code}_{column.code}",), texts, kind, options)
        elif one.type == "1":
            for scale in ("0", "1"):
                texts = _beside(row.texts, dict.fromkeys(row.texts, str(int(scale) + 1)), "][")
                yield _column(one, (row.code, scale), texts, kind, _options(one, scale))
        else:
            yield _column(one, (row.code,), row.texts, kind, options)
            if one.type == "P":
                yield _column(one, (f"{row.code}comment",), row.texts, "text", {})
    if one.other and one.type in _WITH_OTHER:
        yield _column(one, ("other",), _WORDS["other"], "text", {})
        if one.type == "P":
            yield _column(one, ("othercomment",), _WORDS["other"], "text", {})


def _column(
    one: Asked,
    codes: tuple[str, ...],
    row: Texts,
    kind: Kind,
    options: Mapping[str, Texts],
) -> tuple[Question, tuple[str, ...]]:
    scale = len(codes) > 1
    shown = (codes[0], str(int(codes[1]) + 1)) if scale else codes
    key = one.code + "".join(f"[{code}]" for code in shown)
    names = ["_".join((one.code, *codes))]
    if one.base:
        base = one.base + ("#" if scale else "_" if codes == ("filecount",) else "").join(
            ("", *codes) if codes == ("filecount",) else codes
        )
        # the archive writes names that begin with a digit, and hashes, in its own way
        names += [base, "_" + base.replace("#", "-")]
    question = Question(
        key=key,
        text=_beside(one.texts, row, "") if row else one.texts,
        kind=kind,
        options=options,
    )
    return question, tuple(dict.fromkeys(names))


def _options(one: Asked, scale: str = "0") -> dict[str, Texts]:
    found: dict[str, Texts] = {
        part.code: part.texts for part in one.options if part.scale == scale or one.type == "R"
    }
    for code in _BUILT_IN.get(one.type, ()):
        word = _LABELS.get((one.type, code), "")
        found.setdefault(code, _WORDS[word] if word else {"": code})
    if one.other and one.type in "L!ZW":
        found[OTHER] = _WORDS["other"]
    return found


def _beside(stem: Texts, row: Texts, mark: str) -> dict[str, str]:
    """Both wordings in each language: ``stem [row]``, or ``stem][row`` inside brackets."""
    if mark:
        return {tongue: text + mark + row.get(tongue, "") for tongue, text in stem.items()}
    return {
        tongue: f"{text} [{row[tongue]}]" if row.get(tongue) else text
        for tongue, text in stem.items()
    }


def _merged(
    rows: Rows, texts: Mapping[str, Texts], key: str, text: str
) -> list[tuple[Mapping[str, str], dict[str, str]]]:
    """Rows without their repetition for every language, with the wordings of all."""
    found: dict[str, tuple[Mapping[str, str], dict[str, str]]] = {}
    for row in rows:
        _, words = found.setdefault(row.get(key, ""), (row, dict(texts.get(row.get(key, ""), {}))))
        if row.get(text):
            words[row.get("language", "")] = _wording(row[text])
    return list(found.values())


def _texts(rows: Rows, key: str, text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.get(text):
            words = found.setdefault(row.get(key, ""), {})
            words[row.get("language", "")] = _wording(row[text])
    return found


def _parts(found: Mapping[tuple[str, str], Texts]) -> tuple[Part, ...]:
    return tuple(Part(code=code, texts=said, scale=scale) for (scale, code), said in found.items())


def _wording(text: str) -> str:
    """Text without markup; a tag inside a sentence leaves no space, as in the exports."""
    return without_markup(_INLINE.sub("", text))


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0
