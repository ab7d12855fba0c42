from dataclasses import replace

from report_samples import chart, document, table

from twinimpact.language import translator
from twinimpact.report import furniture as f

EN, DE = translator("en"), translator("de")


def test_figures_and_tables_are_counted_apart_in_reading_order():
    made = document()
    again = (replace(chart(), id="fig-second"), replace(table(), id="tab-second"))
    numbers = f.numbering(replace(made, blocks=(*made.blocks, *again)))
    assert numbers == {
        "fig-participation": 1, "fig-second": 2, "tab-reach": 1, "tab-second": 2,
    }  # fmt: skip


def test_every_kind_of_box_and_publication_has_a_word():
    for kind in ("info", "caution", "not_consistent", "draft", "example"):
        assert f.notice_word(kind, EN)
    made = document()
    for kind in ("internal", "funder", "public"):
        assert f.publication(replace(made, stamp=replace(made.stamp, publication=kind)), EN)


def test_the_day_of_the_data_is_written_in_the_language_or_said_to_be_missing():
    made = document()
    assert "30. Juni 2026" in f.as_of_sentence(made, DE)
    undated = replace(made, stamp=replace(made.stamp, as_of=""))
    assert f.as_of_sentence(undated, EN) == "No dated data"
    assert "Data as of" not in dict(f.origin_rows(undated, EN))


def test_one_hidden_number_is_singular():
    made = document()
    rows = dict(f.origin_rows(replace(made, stamp=replace(made.stamp, suppressed=1)), EN))
    assert rows["Hidden to protect people"] == "1 number"


def test_the_origin_names_the_report_in_words_and_few_versions():
    made = document()
    versions = {"twinimpact": "0.1.0", "python": "3.11.7", "papermill": "2.7.0", "scipy": "1.17.1"}
    stamp = replace(made.stamp, report="council_onepager", template="ab12cd34", versions=versions)
    rows = dict(f.origin_rows(replace(made, stamp=stamp), EN))
    assert rows["Report template"] == "Summary for the council, version ab12cd34"
    assert rows["Software"] == "twinimpact 0.1.0, Python 3.11.7, scipy 1.17.1"
