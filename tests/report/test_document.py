import nbformat
import pytest
from report_samples import HOSTILE, chart, code_cell, notebook, stamp, table

from twinimpact.bundle import Bundle
from twinimpact.errors import DisclosureError, RunError
from twinimpact.language import Translator
from twinimpact.report import document as module
from twinimpact.report.blocks import Heading, ListBlock, Notice, PageBreak, Paragraph, plain
from twinimpact.report.content import Chart, Span, Table, Text, bullet, heading, notice, paragraph
from twinimpact.report.document import read_document, stamp_of
from twinimpact.report.show import FIGURE, PLOTLY, TABLE, TEXT

markdown = nbformat.v4.new_markdown_cell


def read(tmp_path, *cells, title="# A report", language="en"):
    return read_document(notebook(tmp_path, *cells, title=title), language, stamp())


def output_cell(data, kind="display_data"):
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output(kind, data=data)]
    return cell


def test_markdown_and_the_three_outputs_become_blocks(tmp_path):
    text = Text(blocks=(heading("Reach", 2), paragraph("P"), bullet("a"), bullet("b"), notice("N")))
    made = read(tmp_path, code_cell(text, table()), code_cell(chart()), markdown("---"))
    kinds = [type(block) for block in made.blocks]
    assert kinds == [Heading, Heading, Paragraph, ListBlock, Notice, Table, Chart, PageBreak]
    assert made.title == "A report"
    assert len(made.blocks[3].items) == 2
    assert made.charts()[0].figure["data"][0]["x"] == [812, 356]


def test_the_title_may_come_from_a_shown_text(tmp_path):
    made = read(tmp_path, code_cell(Text(blocks=(heading("Linz", 1),))), title="")
    assert made.title == "Linz"


def test_tagged_cells_sources_and_other_outputs_never_reach_a_reader(tmp_path):
    cells = [code_cell(table(), tags=(tag,)) for tag in ("parameters", "setup", "hide")]
    stream = nbformat.v4.new_code_cell("print(1)")
    stream.outputs = [nbformat.v4.new_output("stream", text="SECRET")]
    html = output_cell({"text/html": "<script>SECRET</script>", "text/plain": "SECRET"})
    marked = output_cell({"text/markdown": "SECRET"}, kind="display_data")
    made = read(tmp_path, *cells, stream, html, marked)
    assert len(made.blocks) == 1
    assert "SECRET" not in str(made.to_dict())
    assert "secret_source" not in str(made.to_dict())
    assert made.ignored == (
        "cell 5: stream",
        "cell 6: text/html, text/plain",
        "cell 7: text/markdown",
    )


def test_an_error_output_names_its_cell_even_when_the_cell_is_hidden(tmp_path):
    cell = nbformat.v4.new_code_cell("1/0", metadata={"tags": ["setup"]})
    cell.outputs = [
        nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="x", traceback=[])
    ]
    with pytest.raises(RunError, match=r"executed\.ipynb, cell 2.*ZeroDivisionError") as caught:
        read(tmp_path, cell)
    assert caught.value.cell == 2


def test_missing_words_or_data_stop_the_report_and_name_the_cell(tmp_path):
    for key, value in (("alt", ""), ("caption", " ")):
        cell = code_cell(chart())
        cell.outputs[0].data[FIGURE][key] = value
        with pytest.raises(RunError, match=f"cell 2: fig-participation needs {key}"):
            read(tmp_path, cell)
    cell = code_cell(chart())
    del cell.outputs[0].data[FIGURE]["data"]
    with pytest.raises(RunError, match="cell 2"):
        read(tmp_path, cell)
    cell = code_cell(chart())
    del cell.outputs[0].data[PLOTLY]
    with pytest.raises(RunError, match="no drawing"):
        read(tmp_path, cell)


def test_a_newer_schema_is_refused(tmp_path):
    cell = code_cell(table())
    cell.outputs[0].data[TABLE]["schema"] = 2
    with pytest.raises(RunError, match="schema 2"):
        read(tmp_path, cell)


def test_an_unknown_text_block_is_refused(tmp_path):
    content = {"schema": 1, "blocks": [{"kind": "video", "spans": [{"t": "x"}]}]}
    with pytest.raises(RunError, match="'video' is not known"):
        read(tmp_path, output_cell({TEXT: content}))


def test_raw_html_pictures_and_code_in_markdown_are_refused(tmp_path):
    for source in ("<div>x</div>", "a <b>x</b>", "![a](b.png)", "```\ncode\n```"):
        with pytest.raises(RunError, match="cell 2"):
            read(tmp_path, markdown(source))


def test_markdown_lists_links_quotes_and_tables(tmp_path):
    source = (
        "Some *i* and **b** [l](https://example.org) [bad](javascript:x)\n\n1. one\n2. two\n"
        "   - inner\n\n> quoted\n\nTowns:\n\n| A | B |\n|---|---|\n| 1 | <2 |\n"
    )
    made = read(tmp_path, markdown(source)).blocks[1:]
    words = {span.text: span for span in made[0].spans}
    assert words["i"].italic and words["b"].bold
    assert words["l"].link == "https://example.org"
    assert all("javascript" not in span.link for span in made[0].spans)
    assert made[1].ordered
    assert [plain(nested) for nested in made[1].items[1].nested] == ["inner"]
    assert made[2] == Notice(kind="info", spans=(Span(text="quoted"),))
    assert made[4].id == "tab-cell-2-1"
    assert made[4].caption == "Towns"
    assert made[4].rows == ({"c0": "1", "c1": "<2"},)


def test_a_list_nested_twice_is_refused(tmp_path):
    with pytest.raises(RunError, match="one nested list"):
        read(tmp_path, markdown("- a\n  - b\n    - c\n"))


def test_each_heading_and_paragraph_of_markdown_is_one_message(tmp_path, monkeypatch):
    messages = {"Summary": "Zusammenfassung", "Text with **weight**.": "Text mit **Gewicht**."}
    monkeypatch.setattr(module, "translator", lambda code: Translator(code, messages))
    made = read(tmp_path, markdown("## Summary\n\nText with **weight**."), language="de")
    assert plain(made.blocks[1].spans) == "Zusammenfassung"
    assert Span(text="Gewicht", bold=True) in made.blocks[2].spans


def test_right_to_left_languages_are_marked(tmp_path):
    assert read(tmp_path, language="ar").direction == "rtl"
    assert read(tmp_path, language="de").direction == "ltr"


def test_control_and_direction_characters_are_gone_and_links_are_dropped(tmp_path):
    text = Text(blocks=(heading(HOSTILE, 2), paragraph("x")))
    cell = code_cell(text, table(HOSTILE), chart(HOSTILE))
    cell.outputs[0].data[TEXT]["blocks"][1]["spans"][0]["link"] = "javascript:alert(1)"
    made = read(tmp_path, cell)
    flat = str(made.to_dict())
    assert "\\x07" not in flat and "\u202e" not in flat and "\\u202e" not in flat
    assert made.blocks[2].spans[0].link == ""
    assert "cell 2: a link that is not https:, mailto: or #id" in made.ignored
    assert "<script" not in str(made.charts()[0].figure)


def test_a_chart_with_single_answers_is_refused(tmp_path):
    figure = {"data": [{"type": "box", "y": list(range(50))}], "layout": {}}
    with pytest.raises(DisclosureError, match="50 values"):
        read(tmp_path, code_cell(chart(figure=figure)))


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(RunError, match="not a notebook"):
        read_document(path, "en", stamp())


def test_the_stamp_comes_from_the_bundle():
    bundle = Bundle(
        report="partnership_report",
        language="en",
        evaluation={"title": "Demo", "as_of": "2026-06-30"},
        partnerships=(), waves=(), scales=(), items={},
        results=None, activities=None, imports=(), problems=(),
        disclosure={"suppressed": 4},
        stamp={"snapshot": "s1", "template": "t1", "versions": {"twinimpact": "0.1.0"}},
    )  # fmt: skip
    made = stamp_of(bundle, "funder")
    assert (made.evaluation, made.as_of, made.snapshot) == ("Demo", "2026-06-30", "s1")
    assert (made.suppressed, made.publication) == (4, "funder")
