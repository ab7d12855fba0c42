"""Definition files as code books: REDCap dictionaries, XLSForms, the script of SoSci Survey."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.codebooks import READERS, codebook_of
from twinimpact.ingest.codebooks.common import missing_reason
from twinimpact.ingest.codebooks.redcap import box_column, choices_of
from twinimpact.ingest.draft import draft_of


def asked(book: CodeBook, key: str) -> Question:
    found = book.question(key)
    assert found is not None, key
    return found


def form(folder: Path, sheets: dict[str, list[list[str]]]) -> Path:
    path = folder / "form.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


# --- REDCap ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"),
    [("checkboxes-1", 4), ("dag", 15), ("decimal-comma", 5), ("longitudinal", 95),
     ("nonnumeric-record-id", 2), ("potentially-problematic-values", 4),
     ("repeating-instruments", 11), ("validation-types-1", 50)],
)  # fmt: skip
def test_a_real_dictionary_is_refused_as_answers_and_read_as_a_code_book(
    name: str, count: int
) -> None:
    path = fixture(f"redcap/{name}_dictionary.csv")
    with pytest.raises(IngestError, match="REDCap data dictionary"):
        draft_of(path)
    book = codebook_of(path)
    assert (book.platform, book.file, len(book.questions)) == ("redcap", path.name, count)


@pytest.mark.parametrize("name", ["checkboxes-1", "longitudinal", "validation-types-1"])
def test_boxes_of_a_dictionary_are_the_columns_of_its_export(name: str) -> None:
    book = codebook_of(fixture(f"redcap/{name}_dictionary.csv"))
    keys = {one.key for one in draft_of(fixture(f"redcap/{name}_data.csv")).columns}
    assert book.sets
    for boxes in book.sets:
        assert (boxes.kind, boxes.counted) == ("dichotomy", "1")
        assert set(boxes.columns) <= keys
    fields = {question.key for question in book.questions if question.kind not in ("multi", "note")}
    assert fields <= keys


def test_kinds_options_and_missing_codes_of_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(
        "field_name,form_name,field_type,field_label,select_choices_or_calculations,"
        "text_validation_type_or_show_slider_number\n"
        'trust,pre,radio,"How <b>much</b>?","1, Not, really | 2, A lot | 98, Don\'t know | '
        '-99, Refused | 99, Other",\n'
        "agree,pre,yesno,Agree?,,\nold,pre,text,Age,,integer\nborn,pre,text,Born,,date_dmy\n"
        'seen,pre,checkbox,Seen?,"A, Concert | -1, None",\ninfo,pre,descriptive,Hello,,\n'
        "sum,pre,calc,Sum,[a]+[b],\n,pre,text,no name,,\n",
        encoding="utf-8",
    )
    book = codebook_of(path)
    assert [question.kind for question in book.questions] == [
        "single", "single", "number", "date", "multi", "note", "number",
    ]  # fmt: skip
    trust = asked(book, "trust")
    assert trust.text == {"": "How much ?"}
    assert trust.options == {
        "1": {"": "Not, really"}, "2": {"": "A lot"}, "99": {"": "Other"},
    }  # fmt: skip
    assert trust.missing == {"98": "dont_know", "-99": "refused"}
    assert asked(book, "agree").options == {"1": {"": "Yes"}, "0": {"": "No"}}
    assert book.sets[0].columns == ("seen___a", "seen____1")


def test_choices_and_box_names() -> None:
    assert choices_of("0, No | 1,Yes | 2 | -1 , n, a") == {"0": "No", "1": "Yes", "-1": "n, a"}
    assert box_column("q", "A-2") == "q___a_2"


# --- XLSForm ---------------------------------------------------------------------------------


def test_the_real_form_of_surveycto_is_refused_as_answers_and_read_as_a_code_book() -> None:
    path = fixture("surveycto/Household_Back_Check_Survey.xlsx")
    with pytest.raises(IngestError, match="form definition") as caught:
        draft_of(path)
    assert "SurveyCTO" in caught.value.hint
    book = codebook_of(path)
    assert book.platform == "surveycto"
    native = asked(book, "e_hhh_native")
    assert native.kind == "single"
    assert native.options == {"1": {"en": "Yes"}, "0": {"en": "No"}}
    assert native.missing == {"-999": "dont_know"}
    assert asked(book, "h_rooms").kind == "number"
    assert asked(book, "h_toilet").options["-666"] == {"en": "Other (specify)"}
    assert book.question("deviceid") is None


def test_a_form_in_two_languages_with_groups(tmp_path: Path) -> None:
    path = form(
        tmp_path,
        {
            "survey": [
                ["type", "name", "label::English (en)", "label::Français (fr)", "disabled"],
                ["begin_group", "grp", "Group", "", ""],
                ["select_one yn", "likes", "Do you like it?", "Aimez-vous ?", ""],
                ["select_multiple places or_other", "seen", "Where?", "Où ?", ""],
                ["integer", "note_it", "How many?", "Combien ?", ""],
                ["end_group", "", "", "", ""],
                ["begin_repeat", "child", "Child", "", ""],
                ["text", "note_it", "Name", "Nom", ""],
                ["end_repeat", "", "", "", ""],
                ["datetime", "when", "When?", "Quand ?", ""],
                ["text", "off", "Off", "", "yes"],
                ["start", "start", "", "", ""],
            ],
            "choices": [
                ["list_name", "name", "label::English (en)", "label::Français (fr)"],
                ["yn", "1", "Yes", "Oui"],
                ["yn", "0", "No", "Non"],
                ["yn", "98", "Don't know", "Je ne sais pas"],
                ["places", "market", "Market", "Marché"],
            ],
        },
    )
    book = codebook_of(path)
    assert [(one.key, one.kind) for one in book.questions] == [
        ("likes", "single"), ("seen", "multi"), ("grp/note_it", "number"),
        ("child/note_it", "text"), ("when", "date"),
    ]  # fmt: skip
    likes = asked(book, "likes")
    assert likes.text == {"en": "Do you like it?", "fr": "Aimez-vous ?"}
    assert likes.options["0"] == {"en": "No", "fr": "Non"}
    assert likes.missing == {"98": "dont_know"}
    assert asked(book, "seen").options["other"] == {"en": "Other"}


def test_a_form_without_choices_is_read(tmp_path: Path) -> None:
    path = form(tmp_path, {"survey": [["type", "name", "label"], ["text", "a", "A?"]]})
    assert [one.text for one in codebook_of(path).questions] == [{"": "A?"}]


# --- SoSci Survey ----------------------------------------------------------------------------

SCRIPT = """# This script reads a CSV file in GNU R.
ds_file = file.choose()
ds = read.delim(
  file=ds_file, encoding="UTF-8", header = FALSE, sep = "\\t", quote = "\\"",
  col.names = c("CASE","QUESTNNR","TR01","AG01_01","TX01","DD02","DD02_01","DD02_02"),
  colClasses = c(CASE="numeric", QUESTNNR="character", TR01="numeric", AG01_01="numeric",
    TX01="character", DD02="numeric", DD02_01="numeric", DD02_02="numeric"),
  skip = 1
)
ds$TR01 = factor(ds$TR01, levels=c("1","2","-9"),
  labels=c("Ja, \\"sehr\\"","Nein (gar nicht)","[NA] nicht beantwortet"), ordered=FALSE)
attr(ds$AG01_01,"1") = "stimme nicht zu"
attr(ds$AG01_01,"5") = "stimme zu"
attr(ds$AG01_01,"-1") = "kann ich nicht beurteilen"
attr(ds$DD02_01,"1") = "nicht gew\\u00e4hlt"
attr(ds$DD02_01,"2") = "ausgew\\u00e4hlt"
attr(ds$DD02_02,"1") = "nicht gew\\u00e4hlt"
attr(ds$DD02_02,"2") = "ausgew\\u00e4hlt"
comment(ds$QUESTNNR) = "Questionnaire"
comment(ds$TR01) = "Vertrauen"
comment(ds$AG01_01) = "Aussagen: Ich mag die Stadt"
comment(ds$TX01) = "Was noch?"
comment(ds$DD02) = "Besucht: number of selected options"
comment(ds$DD02_01) = "Besucht: Konzert"
comment(ds$DD02_02) = "Besucht: Markt"
comment(ds$TIME001) = "Time spent on page 1"
comment(ds$FINISHED) = "Finished"
"""


@pytest.mark.parametrize("old", [False, True], ids=["equals sign", "arrow"])
def test_the_script_of_sosci_is_refused_as_answers_and_read_as_text(
    old: bool, tmp_path: Path
) -> None:
    path = tmp_path / "import.r"
    text = SCRIPT.replace(") = ", ")<-").replace("ds", "data") if old else SCRIPT
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IngestError, match="syntax file"):
        draft_of(path)
    book = codebook_of(path)
    assert [(one.key, one.kind) for one in book.questions] == [
        ("TR01", "single"), ("AG01_01", "single"), ("TX01", "text"), ("DD02", "number"),
        ("DD02_01", "single"), ("DD02_02", "single"),
    ]  # fmt: skip
    trust = asked(book, "TR01")
    assert trust.options == {"1": {"": 'Ja, "sehr"'}, "2": {"": "Nein (gar nicht)"}}
    assert trust.missing == {"-9": "blank"}
    assert asked(book, "AG01_01").missing == {"-1": "dont_know"}
    boxes = book.sets[0]
    assert (boxes.key, boxes.label, boxes.counted) == ("DD02", "Besucht", "2")
    assert boxes.columns == ("DD02_01", "DD02_02")


# --- the door --------------------------------------------------------------------------------


def test_what_is_no_definition_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(IngestError, match="no definition file"):
        codebook_of(path)
    for kind in ("redcap_dictionary", "sosci_script"):
        with pytest.raises(IngestError, match="This is no"):
            READERS[kind](path)
    with pytest.raises(IngestError, match="no form definition"):
        READERS["xlsform"](form(tmp_path, {"x": [["a", "b"], ["1", "2"]]}))
    with pytest.raises(IngestError, match="cannot be opened"):
        READERS["sosci_script"](tmp_path / "absent.r")


@pytest.mark.parametrize(
    ("code", "label", "reason"),
    [
        ("7", "Don't know", "dont_know"),
        ("-777", "Has not yet had a report card", "not_applicable"),
        ("-888", "Refuses to answer", "refused"),
        ("99", "Other (specify)", ""),
        ("2", "Unknown / Not Reported", ""),
        ("99", "Unknown", "dont_know"),
        ("-666", "Other (specify)", ""),
    ],
)
def test_missing_codes_need_their_wording(code: str, label: str, reason: str) -> None:
    assert missing_reason(code, label) == reason
