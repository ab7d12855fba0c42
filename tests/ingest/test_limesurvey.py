"""LimeSurvey: every heading, R, VV, archives, code books; one survey in all its exports."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from shared_files import SHARED, fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.codebooks import codebook_of
from twinimpact.ingest.draft import Draft, draft_of
from twinimpact.ingest.limesurvey_files import read_structure
from twinimpact.ingest.source import ReadOptions

# --- real definition files ---------------------------------------------------------------


def expected(kind: str) -> list[dict[str, Any]]:
    path = SHARED / "fixtures" / "EXPECTED.json"
    if not path.exists():
        return [{"path": "EXPECTED.json"}]  # skips visibly below
    entries = json.loads(path.read_text(encoding="utf-8"))
    return [e for e in entries if e["path"].startswith("limesurvey/") and e["kind"] == kind]


@pytest.mark.parametrize("entry", expected("xml"), ids=lambda entry: str(entry["path"]))
def test_a_survey_file_gives_its_sections_and_a_code_book(entry: dict[str, Any]) -> None:
    path = fixture(entry["path"])
    found = read_structure(path.read_text(encoding="utf-8"), path.name)
    assert (found.doctype, found.version) == (entry["doctype"], entry["dbversion"])
    assert list(found.languages) == entry["languages"]
    for section in ("groups", "questions", "subquestions", "answers"):
        assert len(found.rows(section)) == entry[section]
    book = codebook_of(path)
    assert book.platform == "limesurvey"
    assert book.questions
    assert all(question.text for question in book.questions)
    assert not any("<" in text for q in book.questions for text in q.text.values())


def test_wordings_and_options_come_in_every_language() -> None:
    book = codebook_of(fixture("limesurvey/multilingual_ls191.lss"))
    languages = {language for question in book.questions for language in question.text}
    assert languages == {"fr", "de-informal", "en"}
    columns = {m[1] for name in book.fields if (m := re.match(r"\d+X\d+X(\d{3})", name))}
    assert len(columns) == 162 / 3  # each question once, not once for each language
    listed = [q for q in book.questions if any(len(t) == 3 for t in q.options.values())]
    assert listed
    assert book.comma_languages == ("fr",)
    assert codebook_of(fixture("limesurvey/comma_as_radix.lss")).comma_languages == ("en",)


def test_a_structure_table_is_the_same_as_a_survey_file() -> None:
    book = codebook_of(fixture("limesurvey/testing-multilingual-export.tsv"))
    (question,) = book.questions
    assert (question.key, question.kind, set(question.text)) == ("onlyQuestion", "single",
                                                                 {"en", "nl"})  # fmt: skip
    assert {code: set(texts) for code, texts in question.options.items()} == {
        "1": {"en", "nl"}, "2": {"en", "nl"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "what"),
    [
        *[(entry["path"], "This is a LimeSurvey survey file") for entry in expected("xml")],
        ("limesurvey/testing-checkbox-autofix-export.tsv", "structure of a LimeSurvey survey"),
        ("limesurvey/testing-multilingual-export.tsv", "structure of a LimeSurvey survey"),
        ("limesurvey/survey_100001_codebook.tsv", "code book of a LimeSurvey export"),
    ],
)
def test_a_questionnaire_is_refused_as_answers(name: str, what: str) -> None:
    with pytest.raises(IngestError, match=what) as caught:
        draft_of(fixture(name))
    assert "In LimeSurvey use Responses > Export > CSV." in caught.value.hint


def test_the_export_for_r_gets_its_codes_by_position() -> None:
    entry = next(e for e in expected("responses") if "R_data" in e["path"])
    path, meaning = fixture(entry["path"]), entry["semantics"]
    book = codebook_of(fixture("limesurvey/survey_100001_codebook.tsv"))
    assert len(book.questions) == meaning["answer_columns"]
    draft = draft_of(path, options=ReadOptions(codebook=book))
    assert {place: draft.columns[int(place) - 1].key for place in meaning["code_of_column"]} == (
        meaning["code_of_column"]
    )
    roles = [column.role for column in draft.columns]
    assert roles.count("timing") == meaning["timing_columns"]
    assert [row.state for row in draft.rows].count("complete") == meaning["complete"]
    assert [row.state for row in draft.rows].count("partial") == meaning["partial"]
    gender = draft.asked(9)
    assert gender is not None and "unknw" in gender.options
    assert not [problem for problem in draft.problems if problem.code == "codebook_misfit"]


# --- one survey in all its exports ---------------------------------------------------------

S = "12X3X"
SURVEY_ROWS = {
    "groups": [{"gid": "3", "sid": "12", "group_order": "0"}],
    "questions": [
        {"qid": str(qid), "parent_qid": "0", "sid": "12", "gid": "3", "type": kind, "title": code,
         "other": other, "question_order": str(order)}
        for order, (qid, kind, code, other) in enumerate(
            [(4, "L", "town", "Y"), (5, "M", "tick", "N"), (6, "F", "trust", "N"),
             (7, "1", "dual", "N"), (8, "N", "hours", "N"), (9, "Y", "vote", "N"),
             (10, "T", "why", "N"), (11, "G", "sex", "N")]
        )
    ],
    "subquestions": [
        {"qid": str(qid), "parent_qid": str(parent), "sid": "12", "gid": "3", "title": code,
         "scale_id": "0"}
        for qid, parent, code in
        [(20, 5, "a"), (21, 5, "b"), (22, 6, "SQ1"), (23, 6, "SQ2"), (24, 7, "SQ1")]
    ],
    "question_l10ns": [
        {"qid": str(qid), "question": text, "language": tongue}
        for qid, english, german in
        [(4, "Which <b>town</b>?", "Welche Stadt?"), (5, "What did you visit?", "Was besucht?"),
         (6, "How much trust?", "Wie viel Vertrauen?"), (7, "Two scales", "Zwei Skalen"),
         (8, "Hours a week", "Stunden pro Woche"), (9, "Do you vote?", "Wählen Sie?"),
         (10, "Why?", "Warum?"), (11, "You are", "Sie sind"), (20, "Market", "Markt"),
         (21, "Concert", "Konzert"), (22, "the council", "dem Rat"),
         (23, "the mayor", "dem Bürgermeister"), (24, "Row", "Zeile")]
        for tongue, text in (("en", english), ("de", german))
    ],
    "answers": [
        {"aid": str(aid), "qid": str(qid), "code": code, "scale_id": scale, "sortorder": str(aid)}
        for aid, qid, code, scale in
        [(1, 4, "A1", "0"), (2, 4, "A2", "0"), (3, 6, "A1", "0"), (4, 6, "A2", "0"),
         (5, 7, "A1", "0"), (6, 7, "B1", "1")]
    ],
    "answer_l10ns": [
        {"aid": str(aid), "answer": text, "language": tongue}
        for aid, english, german in
        [(1, "Bergen", "Bergen"), (2, "Aarhus", "Aarhus"), (3, "None", "Keines"),
         (4, "Much", "Viel"), (5, "Left", "Links"), (6, "Right", "Rechts")]
        for tongue, text in (("en", english), ("de", german))
    ],
    "surveys_languagesettings": [
        {"surveyls_language": "en", "surveyls_numberformat": "0"},
        {"surveyls_language": "de", "surveyls_numberformat": "1"},
    ],
}  # fmt: skip
KEYS = ("town", "town[other]", "tick[a]", "tick[b]", "trust[SQ1]", "trust[SQ2]", "dual[SQ1][1]",
        "dual[SQ1][2]", "hours", "vote", "why", "sex")  # fmt: skip
FIELDS = (f"{S}4", f"{S}4other", f"{S}5a", f"{S}5b", f"{S}6SQ1", f"{S}6SQ2", f"{S}7SQ1#0",
          f"{S}7SQ1#1", f"{S}8", f"{S}9", f"{S}10", f"{S}11")  # fmt: skip
CODES = (
    ("A1", "", "Y", "N", "A1", "A2", "A1", "B1", "3.5", "Y", "No", "F"),
    ("-oth-", "Oslo", "N", "Y", "A2", "A2", "A1", "B1", "4", "N", "say, \"why\"", "M"),
    ("A2", "", "N", "N", "", "", "", "", "", "", "", ""),
)  # fmt: skip
META = (
    ("1", "2025-05-02 10:00:00", "3", "en"), ("2", "2025-05-03 10:00:00", "3", "de"),
    ("3", "", "1", "en"),
)  # fmt: skip
META_NAMES = ("id", "submitdate", "lastpage", "startlanguage")
TEXTS_EN = ("Which town?", "Which town? [Other]", "What did you visit? [Market]",
            "What did you visit? [Concert]", "How much trust? [the council]",
            "How much trust? [the mayor]", "Two scales [Row][Scale 1]",
            "Two scales [Row][Scale 2]", "Hours a week", "Do you vote?", "Why?",
            "You are")  # fmt: skip
LABELS = {
    "town": {"A1": "Bergen", "A2": "Aarhus", "-oth-": "Other", "": "N/A"},
    "tick[a]": {"Y": "Yes", "N": "No"}, "tick[b]": {"Y": "Yes", "N": "Not selected"},
    "trust[SQ1]": {"A1": "None", "A2": "Much", "": "N/A"},
    "trust[SQ2]": {"A1": "None", "A2": "Much", "": "N/A"},
    "dual[SQ1][1]": {"A1": "Left", "": "N/A"}, "dual[SQ1][2]": {"B1": "Right", "": "N/A"},
    "vote": {"Y": "Yes", "N": "No", "": "N/A"}, "sex": {"F": "Female", "M": "Male", "": "N/A"},
}  # fmt: skip
R_CODES = {
    "tick[a]": {"Y": "1", "N": "0"}, "tick[b]": {"Y": "1", "N": "0"},
    "vote": {"Y": "1", "N": "2"}, "sex": {"F": "1", "M": "2"},
}  # fmt: skip


def section(name: str, rows: list[dict[str, str]]) -> str:
    fields = dict.fromkeys(key for row in rows for key in row)
    listed = "".join(f"<fieldname>{key}</fieldname>" for key in fields)
    body = "".join(
        "<row>" + "".join(f"<{key}><![CDATA[{text}]]></{key}>" for key, text in row.items())
        + "</row>" for row in rows
    )  # fmt: skip
    return f"<{name}><fields>{listed}</fields><rows>{body}</rows></{name}>"


def document(doctype: str, sections: dict[str, list[dict[str, str]]]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document>\n'
        f" <LimeSurveyDocType>{doctype}</LimeSurveyDocType>\n <DBVersion>641</DBVersion>\n"
        " <languages><language>en</language><language>de</language></languages>\n"
        + "".join(section(name, rows) for name, rows in sections.items())
        + "</document>"
    )


def survey_file(folder: Path) -> Path:
    path = folder / "survey_12.lss"
    path.write_text(document("Survey", SURVEY_ROWS), encoding="utf-8")
    return path


def csv_text(header: tuple[str, ...], rows: list[tuple[str, ...]], mark: str = ",") -> str:
    def line(cells: tuple[str, ...]) -> str:
        return mark.join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n"

    return "\ufeff" + line(header) + "".join(map(line, rows)) + "\r\n"


def written(words: dict[str, dict[str, str]]) -> list[tuple[str, ...]]:
    """The answers with these words in the place of codes."""
    return [
        meta
        + tuple(words.get(key, {}).get(cell, cell) for key, cell in zip(KEYS, row, strict=True))
        for meta, row in zip(META, CODES, strict=True)
    ]


def exports() -> dict[str, str]:
    codes = written({})
    text_names = ("Response ID", "Date submitted", "Last page", "Start language", *TEXTS_EN)
    short = ("Response ID", "Date submitted", "Last page", "Start language",
             *(shortened(text) for text in TEXTS_EN))  # fmt: skip
    em = ("town", "town_other", "tick_a", "tick_b", "trust_SQ1", "trust_SQ2", "dual_SQ1_0",
          "dual_SQ1_1", "hours", "vote", "why", "sex")  # fmt: skip
    scaled = tuple(key.replace("][", "][Scale ") for key in KEYS)
    pairs = zip(META_NAMES + KEYS, text_names, strict=True)
    both = tuple(f"{code}. {text}" for code, text in pairs)
    r_rows = [
        tuple(r_date(cell) for cell in row) for row in written(R_CODES)
    ]  # fmt: skip
    return {
        "code": csv_text(META_NAMES + KEYS, codes),
        "code with spaces and words": csv_text(
            META_NAMES + tuple(name.replace("[", " [", 1) for name in scaled), codes, ";"
        ),
        "underscores": csv_text(META_NAMES + em, codes, ";"),
        "text": csv_text(text_names, codes),
        "abbreviated": csv_text(short, codes),
        "spaces as underscores": csv_text(
            tuple(name.replace(" ", "_") for name in text_names), codes
        ),
        "code and text": csv_text(both, codes),
        "labels": csv_text(text_names, written(LABELS), ";"),
        "labels and codes": csv_text(both, written(LABELS)),
        "R": csv_text(tuple(name.upper() for name in META_NAMES + FIELDS), r_rows),
    }


def shortened(text: str) -> str:
    pieces = text.replace("]", "").split("[")
    cut = [piece.strip() if len(piece.strip()) <= 15 else piece.strip()[:15] + ".."
           for piece in pieces]  # fmt: skip
    return cut[0] + (" " if cut[1:] else "") + "".join(f"[{piece}]" for piece in cut[1:])


def r_date(cell: str) -> str:
    if cell.startswith("2025-"):
        return f"{cell[8:10]}-{cell[5:7]}-{cell[:4]}{cell[10:]}"
    return cell


def draft_text(folder: Path, text: str | bytes, book: CodeBook | None = None) -> Draft:
    path = folder / "export.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return draft_of(path, options=ReadOptions(codebook=book))


def answers(draft: Draft) -> list[tuple[str, ...]]:
    places = {column.key: column.position for column in draft.columns}
    return [tuple(row.cells[places[key]] for key in KEYS) for row in draft.rows]


@pytest.mark.parametrize("name", exports())
def test_all_exports_of_one_survey_are_the_same_table(name: str, tmp_path: Path) -> None:
    book = codebook_of(survey_file(tmp_path))
    draft = draft_text(tmp_path, exports()[name], book)
    assert draft.platform == "limesurvey" and draft.mode == "code"
    assert answers(draft) == list(CODES)
    assert [(r.response_id, r.state, r.submitted, r.language) for r in draft.rows] == [
        ("1", "complete", "2025-05-02T10:00:00", "en"),
        ("2", "complete", "2025-05-03T10:00:00", "de"), ("3", "partial", "", "en"),
    ]  # fmt: skip
    assert draft.asked(4) == book.question("town")
    assert "codebook_misfit" not in told(draft)


def told(draft: Draft) -> list[str]:
    return [problem.code for problem in draft.problems]


def test_german_labels_give_the_same_codes(tmp_path: Path) -> None:
    book = codebook_of(survey_file(tmp_path))
    german = {
        "town": {"A1": "Bergen", "A2": "Aarhus", "-oth-": "Sonstiges", "": "N/A"},
        "tick[a]": {"Y": "Ja", "N": "Nein"}, "tick[b]": {"Y": "Ja", "N": "Nein"},
        "trust[SQ1]": {"A1": "Keines", "A2": "Viel"}, "trust[SQ2]": {"A1": "Keines", "A2": "Viel"},
        "dual[SQ1][1]": {"A1": "Links"}, "dual[SQ1][2]": {"B1": "Rechts"},
        "vote": {"Y": "Ja", "N": "Nein"}, "sex": {"F": "weiblich", "M": "männlich"},
        "hours": {"3.5": "3,5"},
    }  # fmt: skip
    header = ("Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache")
    keys = tuple(key.replace("][", "][Skala ") for key in KEYS)
    draft = draft_text(tmp_path, csv_text(header + keys, written(german), ";"), book)
    assert answers(draft) == list(CODES)
    assert "decimal_commas" in told(draft)


def test_an_answer_the_code_book_does_not_know_is_kept_and_told(tmp_path: Path) -> None:
    book = codebook_of(survey_file(tmp_path))
    rows = [(*META[0], "A1", "", "Y", "N", "A9", *CODES[0][5:])]
    draft = draft_text(tmp_path, csv_text(META_NAMES + KEYS, rows), book)
    assert answers(draft)[0][4] == "A9"
    problem = next(p for p in draft.problems if p.code == "answers_not_in_codebook")
    assert (problem.column, problem.got) == ("I", "1") and problem.what() and problem.hint()


def test_a_code_book_of_another_survey_is_not_used(tmp_path: Path) -> None:
    book = codebook_of(survey_file(tmp_path))
    text = csv_text((*META_NAMES, "q1", "q2"), [(*META[0], "A1", "A2")])
    draft = draft_text(tmp_path, text, book)
    assert "codebook_misfit" in told(draft)
    assert [column.key for column in draft.columns[4:]] == ["q1", "q2"]


def test_without_a_code_book_codes_stay_and_labels_lose_their_marks(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, exports()["labels"])
    assert draft.mode == "label"
    texts = {column.name: column.position for column in draft.columns}
    assert [row.cells[texts["Which town?"]] for row in draft.rows] == ["Bergen", "Other", "Aarhus"]
    assert [row.cells[texts[TEXTS_EN[3]]] for row in draft.rows] == ["No", "Yes", "No"]
    assert [row.cells[texts["Do you vote?"]] for row in draft.rows] == ["Yes", "No", ""]
    assert draft_text(tmp_path, exports()["code"]).mode == "code"


# --- VV files and archives -----------------------------------------------------------------

HIDDEN = "{question_not_shown}"


def vv_text(names: tuple[str, ...], quoted: bool = False) -> str:
    texts = ("id", "submitdate", "lastpage", "startlanguage", *TEXTS_EN)
    rows = [meta + row for meta, row in zip(META, CODES, strict=True)]
    rows[1] = (*rows[1][:14], 'say, "why"{newline}{lbrace}x}{tab}', rows[1][15])
    rows[2] = ("3", "NULL", "1", "en", "A2", "", "", "", *([HIDDEN] * 8))
    if quoted:
        lines = ["\t".join(f'"{cell}"' for cell in line) for line in (texts, names)]
    else:
        lines = ["\t".join(line) + "\t" for line in (texts, names)]
    return "\n".join([*lines, *("\t".join(row) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    ("names", "quoted"),
    [
        ((*META_NAMES, *FIELDS), False),
        ((*META_NAMES, *("_".join(k.replace("]", "").split("[")) for k in KEYS)), False),
        ((*META_NAMES, *FIELDS), True),
    ],
)
def test_vv_tells_not_shown_from_blank(
    names: tuple[str, ...], quoted: bool, tmp_path: Path
) -> None:
    draft = draft_text(tmp_path, vv_text(names, quoted))
    assert (draft.platform, draft.variant, draft.mode) == ("limesurvey", "vv", "code")
    assert [row.number for row in draft.rows] == [3, 4, 5]
    assert [row.state for row in draft.rows] == ["complete", "complete", "partial"]
    assert draft.rows[1].cells[14] == 'say, "why"\n{x}\t'
    assert draft.rows[2].reasons == dict.fromkeys(range(8, 16), "not_shown")
    assert draft.rows[2].cells[8:] == ("",) * 8
    assert draft.columns[4].question == "Which town?"
    assert draft.rows[0].reasons == {}


def test_vv_with_the_questionnaire_is_the_same_table(tmp_path: Path) -> None:
    book = codebook_of(survey_file(tmp_path))
    draft = draft_text(tmp_path, vv_text((*META_NAMES, *FIELDS)), book)
    found = answers(draft)
    assert found[0] == CODES[0]
    assert found[1][:10] == CODES[1][:10]
    assert found[2] == CODES[2]  # a box that was shown and not ticked is a No


def responses_file(masked: bool = False) -> str:
    def tag(name: str) -> str:
        return "_" + name.replace("#", "-") if name[0].isdigit() else name

    raw = {"tick[a]": {"N": ""}, "tick[b]": {"N": ""}, "hours": {"3.5": "3.5000000000",
                                                                "4": "4.0000000000"}}  # fmt: skip
    rows = []
    for number, row in enumerate(written(raw)):
        cells = dict(zip((*META_NAMES, *FIELDS), row, strict=True))
        if number == 2:  # left after the first page: later columns are NULL, so absent
            cells = {n: c for n, c in cells.items() if n in (*META_NAMES, *FIELDS[:4])}
            del cells["submitdate"]
        rows.append({tag(name): cell for name, cell in cells.items()})
    body = "".join(
        "<row>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" if v else f"<{k}/>" for k, v in r.items())
        + "</row>" for r in rows
    )  # fmt: skip
    names = [tag(name) if masked else name for name in (*META_NAMES, *FIELDS)]
    fields = "".join(f"<fieldname>{name}</fieldname>" for name in names)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document>\n'
        " <LimeSurveyDocType>Responses</LimeSurveyDocType>\n"
        f" <responses><fields>{fields}</fields><rows>{body}</rows></responses>\n</document>"
    )


def archive(folder: Path, members: dict[str, str], name: str = "survey_archive_12.lsa") -> Path:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for member, text in members.items():
            packed.writestr(member, text)
    path = folder / name
    path.write_bytes(target.getvalue())
    return path


@pytest.mark.parametrize("masked", [False, True])
def test_an_archive_is_answers_and_code_book_in_one(masked: bool, tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        {
            "survey_12.lss": document("Survey", SURVEY_ROWS),
            "survey_12_responses.lsr": responses_file(masked),
            "survey_12_tokens.lst": document("Tokens", {"tokens": [{"email": "a@b.example"}]}),
            "survey_12_timings.lsi": document("Timings", {"timings": [{"id": "1"}]}),
        },
    )
    draft = draft_of(path)
    assert (draft.platform, draft.variant, draft.mode) == ("limesurvey", "archive", "code")
    assert answers(draft) == list(CODES)
    assert [row.state for row in draft.rows] == ["complete", "complete", "partial"]
    assert draft.rows[2].reasons == dict.fromkeys(range(8, 16), "not_shown")
    assert [row.number for row in draft.rows] == [1, 2, 3]
    assert "a@b.example" not in repr(draft)
    assert codebook_of(path).questions == codebook_of(survey_file(tmp_path)).questions


def test_responses_alone_are_read_with_the_names_of_the_data_base(tmp_path: Path) -> None:
    path = tmp_path / "survey_12_responses.lsr"
    path.write_text(responses_file(), encoding="utf-8")
    draft = draft_of(path)
    assert [column.key for column in draft.columns[4:6]] == [f"{S}4", f"{S}4other"]
    assert draft.rows[0].cells[12] == "3.5"


def test_an_archive_without_responses_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"survey_12.lss": document("Survey", SURVEY_ROWS)})
    with pytest.raises(IngestError, match="archive without responses") as caught:
        draft_of(path)
    assert "Responses > Export > CSV" in caught.value.hint
    assert len(codebook_of(path).questions) == len(KEYS)


# --- the exports for R ---------------------------------------------------------------------

SYNTAX = """data <- read.csv("survey_12_R_data_file.csv", quote = "'\\"", na.strings=c(""))
# LimeSurvey Field type: F
data[, 1] <- as.numeric(data[, 1])
attributes(data)$variable.labels[1] <- "id"
names(data)[1] <- "id"
attributes(data)$variable.labels[2] <- "submitdate"
names(data)[2] <- "submitdate"
attributes(data)$variable.labels[3] <- "lastpage"
names(data)[3] <- "lastpage"
attributes(data)$variable.labels[4] <- "startlanguage"
names(data)[4] <- "startlanguage"
data[, 5] <- as.character(data[, 5])
data[, 5] <- factor(data[, 5], levels=c("fem","male"),labels=c("Female (\\"f\\")", "Male"))
attributes(data)$variable.labels[5] <- "What is your <b>gender</b>?"
names(data)[5] <- "gender"
data[, 6] <- factor(data[, 6], levels=c(1,0),labels=c("Yes", "Not selected"))
attributes(data)$variable.labels[6] <- "[Market] What did you visit?"
names(data)[6] <- "visit_a"
attributes(data)$variable.labels[7] <- "Why?"
names(data)[7] <- "why"
"""
OLD_R = (
    "'1','02-05-2025 10:00:00','3','en','fem','1','it''s near, and \"good\"'\n"
    "'2',,'1','de','male','0',\n"
    "'3','03-05-2025 11:30:00','3','en',,,'fine'\n"
)


def test_the_old_export_for_r_has_no_header(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, OLD_R)
    assert (draft.variant, draft.mode, draft.delimiter) == ("r_old", "code", ",")
    assert [(r.number, r.response_id, r.state, r.submitted, r.language) for r in draft.rows] == [
        (1, "1", "complete", "2025-05-02T10:00:00", "en"), (2, "2", "partial", "", "de"),
        (3, "3", "complete", "2025-05-03T11:30:00", "en"),
    ]  # fmt: skip
    assert draft.rows[0].cells[6] == 'it\'s near, and "good"'
    assert "names_in_syntax" in told(draft)
    assert [column.role for column in draft.columns] == [
        "id", "submitted", "ignore", "language", "question", "question", "question",
    ]  # fmt: skip


def test_names_and_labels_stand_in_the_syntax(tmp_path: Path) -> None:
    (tmp_path / "survey_12_R_syntax_file.R").write_text(SYNTAX, encoding="utf-8")
    book = codebook_of(tmp_path / "survey_12_R_syntax_file.R")
    gender = book.question("gender")
    assert gender is not None and gender.text == {"": "What is your gender ?"}
    assert gender.options == {"fem": {"": 'Female ("f")'}, "male": {"": "Male"}}
    apart = draft_text(tmp_path, OLD_R, book)
    packed = draft_of(
        archive(tmp_path, {"survey_12_R_data_file.csv": OLD_R, "syntax.R": SYNTAX}, "r.zip")
    )
    for draft in (apart, packed):
        assert [column.key for column in draft.columns] == [
            "id", "submitdate", "lastpage", "startlanguage", "gender", "visit_a", "why",
        ]  # fmt: skip
        assert draft.columns[4].name == "gender"
        assert draft.rows[0].submitted == "2025-05-02T10:00:00"
        assert "names_in_syntax" not in told(draft)
    assert apart.rows == packed.rows
    with pytest.raises(IngestError, match="syntax file"):
        draft_of(tmp_path / "survey_12_R_syntax_file.R")


def test_a_syntax_of_another_length_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "s.R").write_text(SYNTAX, encoding="utf-8")
    text = csv_text((*META_NAMES, "q1"), [(*META[0], "x")])
    assert "codebook_misfit" in told(draft_text(tmp_path, text, codebook_of(tmp_path / "s.R")))


def test_apostrophes_quote_only_where_every_line_begins_with_a_number(tmp_path: Path) -> None:
    text = "name,q\n'1',x\n'2',y\n"
    draft = draft_text(tmp_path, text)
    assert draft.platform == "spreadsheet"
    assert [row.cells[0] for row in draft.rows] == ["'1'", "'2'"]


# --- headings ------------------------------------------------------------------------------

LANGUAGES = {
    "fr": ("ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ",
           "Tête de série", "Date de lancement", "Date de la dernière action"),
    "it": ("ID risposta", "Data invio", "Ultima pagina", "Lingua iniziale", "Seme",
           "Data di inizio", "Data dell'ultima azione"),
    "es": ("ID de respuesta", "Fecha de envío", "Última página", "Lenguaje inicial", "Semilla",
           "Fecha de inicio", "Fecha de la última acción"),
    "pl": ("ID odpowiedzi", "Data wysłania", "Ostatnia strona", "Język początkowy", "Ziarno",
           "Data rozpoczęcia", "Data ostatniej akcji"),
    "en, cut": ("Response ID", "Date submitt..", "Last page", "Start langua..", "Seed",
                "Date started", "Date last act.."),
    "en, joined": ("Response_ID", "Date_submitted", "Last_page", "Start_language", "Seed",
                   "Date_started", "Date_last_action"),
}  # fmt: skip
UNKNOWN = ("Svaro-ID", "Ensendodato", "Lasta paĝo", "Komenca lingvo", "Semo", "Komencodato",
           "Dato de lasta ago")  # fmt: skip
BODY = [
    ("1", "2025-05-02 10:00:00", "3", "en", "991234567", "2025-05-02 09:50:00",
     "2025-05-02 10:00:00", "A1", "x"),
    ("2", "", "1", "de", "881234567", "2025-05-03 09:50:00", "2025-05-03 10:00:00", "", ""),
]  # fmt: skip
ROLES = ["id", "submitted", "ignore", "language", "ignore", "started", "ignore"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_full_headings_in_other_languages(language: str, tmp_path: Path) -> None:
    draft = draft_text(tmp_path, csv_text((*LANGUAGES[language], "Q", "Why?"), BODY, ";"))
    assert [column.role for column in draft.columns[:7]] == ROLES
    assert [row.state for row in draft.rows] == ["complete", "partial"]
    assert "metadata_guessed" not in told(draft)


def test_a_language_that_is_not_listed_is_told_by_what_the_columns_hold(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, csv_text((*UNKNOWN, "Q", "Why?"), BODY, ";"))
    assert draft.platform == "limesurvey"
    roles = [column.role for column in draft.columns]
    assert roles[:4] == ROLES[:4] and roles[5] == "started"
    assert [row.response_id for row in draft.rows] == ["1", "2"]
    assert [row.state for row in draft.rows] == ["complete", "partial"]
    guessed = [p for p in draft.problems if p.code == "metadata_guessed"]
    assert [p.column for p in guessed][:4] == ["A", "B", "C", "D"]
    assert all(p.what() and p.hint() for p in guessed)


def test_odd_headings_keep_their_columns(tmp_path: Path) -> None:
    header = (
        *META_NAMES, "eq. {if(age &lt; 18, &quot;minor&quot;, &quot;adult&quot;)}",
        "agree. I have read\tthis\tand agree", "", "Q1 [other]. Which? [Other]",
        "Q2[a][Skala 2]. Two [Row][Skala 2]", "Q3._.How <b>often</b>?",
    )  # fmt: skip
    rows = [(*META[0], "minor", "Yes", "x", "mine", "A1", "often")]
    draft = draft_text(tmp_path, csv_text(header, rows))
    assert [(c.key, c.question) for c in draft.columns[4:]] == [
        ("eq", '{if(age < 18, "minor", "adult")}'), ("agree", "I have read this and agree"),
        ("column G", ""), ("Q1[other]", "Which? [Other]"), ("Q2[a][2]", "Two [Row][Skala 2]"),
        ("Q3", "How often ?"),
    ]  # fmt: skip


def test_timings_in_any_language_and_order_are_no_questions(tmp_path: Path) -> None:
    names = ("Tempo totale", "Tempo per il gruppo di domande: Uno", "Lasted over all: two",
             "Q1", "Note: how many hours?")  # fmt: skip
    rows = [(*META[0], "60.5", "30.2", "12,5", "A1", "often")]
    draft = draft_text(tmp_path, csv_text(META_NAMES + names, rows))
    assert [c.role for c in draft.columns[4:]] == ["timing"] * 3 + ["question"] * 2
    turned = tuple(reversed(META_NAMES + names))
    other = draft_text(tmp_path, csv_text(turned, [tuple(reversed(rows[0]))]))
    assert {c.name: c.role for c in other.columns} == {c.name: c.role for c in draft.columns}


def test_1980_means_submitted_without_a_date(tmp_path: Path) -> None:
    rows = [("1", "1980-01-01 00:00:00", "3", "en", "A1")]
    draft = draft_text(tmp_path, csv_text((*META_NAMES, "Q1"), rows))
    assert [(row.state, row.submitted) for row in draft.rows] == [("complete", "")]


def test_an_empty_survey_has_no_responses(tmp_path: Path) -> None:
    text = csv_text((*META_NAMES, "Q1"), [("", "", "", "", "")])
    assert draft_text(tmp_path, text).rows == ()


@pytest.mark.parametrize("seed", range(4))
def test_rewritten_copies_give_the_same_table(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    header = (*META_NAMES, *KEYS)
    rows = [meta + row for meta, row in zip(META, CODES, strict=True)]
    one = draft_text(tmp_path, csv_text(header, rows))
    order = list(range(len(header)))
    dice.shuffle(order)
    mixed = dice.sample(rows, len(rows))
    text = csv_text(
        tuple(header[p] for p in order), [tuple(r[p] for p in order) for r in mixed],
        dice.choice(",;\t"),
    )  # fmt: skip
    data = text.replace("\r\n", dice.choice(("\n", "\r\n", "\r"))).lstrip("\ufeff")
    other = draft_text(tmp_path, data.encode(dice.choice(("utf-8", "utf-16", "utf-8-sig"))))

    def table(draft: Draft) -> dict[str, dict[str, str]]:
        return {r.response_id: {c.key: r.cells[c.position] for c in draft.columns}
                | {"": f"{r.state} {r.submitted} {r.language}"} for r in draft.rows}  # fmt: skip

    assert table(one) == table(other)
    assert {c.key: c.role for c in one.columns} == {c.key: c.role for c in other.columns}


# --- safety --------------------------------------------------------------------------------


@pytest.mark.parametrize("doctype", ["Responses", "Survey"])
def test_entities_are_never_unfolded(doctype: str, tmp_path: Path) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        f"<document><LimeSurveyDocType>{doctype}</LimeSurveyDocType><x>&b;</x></document>"
    )
    path = tmp_path / "survey.lss"
    path.write_text(bomb, encoding="utf-8")
    with pytest.raises(IngestError):
        draft_of(path)
    with pytest.raises(IngestError):
        codebook_of(path)


@pytest.mark.parametrize("kind", ["lsa", "lsr", "vv", "r_old", "lss", "r"])
def test_broken_bytes_give_a_result_or_a_sentence(kind: str, tmp_path: Path) -> None:
    whole = archive(tmp_path, {"a.lss": document("Survey", SURVEY_ROWS), "b.lsr": responses_file()})
    data = {
        "lsa": whole.read_bytes(), "lsr": responses_file().encode(),
        "vv": vv_text((*META_NAMES, *FIELDS)).encode(), "r_old": OLD_R.encode(),
        "lss": document("Survey", SURVEY_ROWS).encode(), "r": SYNTAX.encode(),
    }[kind]  # fmt: skip
    dice = random.Random(kind)
    for turn in range(40):
        broken = bytearray(data)
        if turn % 2:
            broken = broken[: dice.randrange(1, len(broken))]
        for _ in range(dice.choice((0, 1, 5, 50))):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        path = tmp_path / f"broken.{kind if kind in ('lsa', 'lsr', 'lss', 'r') else 'csv'}"
        path.write_bytes(broken)
        for read in (draft_of, codebook_of):
            try:
                read(path)
            except IngestError as error:
                assert error.what.endswith((".", "?"))
