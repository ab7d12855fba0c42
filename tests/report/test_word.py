from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from report_samples import ALT, DRAWN, HOSTILE, document

from twinimpact.language import translator
from twinimpact.report.text import clean_text
from twinimpact.report.word import write_word
from twinimpact.report.word_styles import TEXT_WIDTH

EN = translator("en")


def write(path, text="", drawn=DRAWN):
    write_word(document(text), drawn, EN, path)
    return docx.Document(str(path))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write(tmp_path_factory.mktemp("word") / "a.docx")


def test_headings_are_real_ones_in_order(sample):
    names = [p.style.name for p in sample.paragraphs if p.style.name.startswith("Heading")]
    assert names == ["Heading 1", "Heading 2", "Heading 3"]


def test_pictures_have_words_and_keep_their_caption(sample):
    pictures = sample.element.body.findall(".//" + qn("wp:docPr"))
    assert [picture.get("descr") for picture in pictures] == [ALT]
    listed = [p for p in sample.paragraphs if p.style.name in ("Picture", "Caption")]
    assert [p.style.name for p in listed] == ["Caption", "Picture", "Caption"]
    assert sample.styles["Picture"].paragraph_format.keep_with_next
    assert listed[2].text.startswith("Figure 1. The length")


def test_tables_repeat_their_header_and_have_grid_widths(sample):
    table = sample.tables[0]
    assert table.rows[0]._tr.find(".//" + qn("w:tblHeader")) is not None
    grid = [int(column.w) for column in table._tbl.tblGrid.gridCol_lst]
    assert grid == [int(cell.width) for cell in table.rows[1].cells]
    assert sum(grid) <= TEXT_WIDTH
    assert [cell.text for cell in table.rows[1].cells] == [
        "Events", "1,234", "49.2%", "−0.4", "<\u00a00.001", "May 14, 2026",
    ]  # fmt: skip
    assert table.rows[2].cells[1].text == "hidden"


def test_cell_borders_and_margins_stand_in_schema_order(sample):
    order = [qn(f"w:{name}") for name in ("tcW", "tcBorders", "tcMar")]
    first = sample.tables[0].rows[0].cells[0]._tc.tcPr
    assert [child.tag for child in first] == order
    names = [child.tag.rpartition("}")[2] for child in sample.tables[0]._tbl.tblPr]
    assert names.index("tblInd") < names.index("tblBorders") < names.index("tblLayout")
    assert names.index("tblLayout") < names.index("tblCellMar") < names.index("tblLook")


def test_language_paper_title_and_page_numbers(sample):
    language = sample.styles["Normal"].element.find(".//" + qn("w:lang"))
    assert language.get(qn("w:val")) == "en"
    assert sample.core_properties.language == "en"
    assert sample.core_properties.title == "Linz – Morlaàs"
    assert sample.sections[0].page_width.mm == pytest.approx(210, abs=0.1)
    codes = [
        node.text.strip() for node in sample.sections[0].footer._element.iter(qn("w:instrText"))
    ]
    assert codes == ["PAGE", "NUMPAGES"]


def test_every_numbered_list_starts_at_one(sample, tmp_path):
    made = document()
    blocks = (*made.blocks, made.blocks[4])
    path = tmp_path / "l.docx"
    write_word(replace(made, blocks=blocks), DRAWN, EN, path)
    items = [p for p in docx.Document(str(path)).paragraphs if p.style.name == "List Number"]
    ids = [p._p.pPr.numPr.numId.val for p in items]
    assert len(ids) == 2 and ids[0] != ids[1]


def test_links_are_links_and_hostile_ones_are_text(sample, tmp_path):
    def targets(file):
        return [r.target_ref for r in file.part.rels.values() if r.is_external]

    assert targets(sample) == ["https://example.org/guide"]
    hostile = write(tmp_path / "h.docx", clean_text(HOSTILE))
    assert targets(hostile) == []
    assert clean_text(HOSTILE) in [p.text for p in hostile.paragraphs]
    assert {node.text.strip() for node in hostile.element.iter(qn("w:instrText"))} == set()


def test_without_a_picture_the_table_is_written(tmp_path):
    made = write(tmp_path / "t.docx", drawn={})
    assert len(made.tables) == 2
    assert len(made.inline_shapes) == 0
    assert any("Shown as a table." in p.text for p in made.paragraphs)


def test_two_builds_are_equal(tmp_path):
    for name in ("a.docx", "b.docx"):
        write(tmp_path / name)
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_a_report_of_one_page_is_set_smaller(sample, tmp_path):
    made = document()
    path = tmp_path / "c.docx"
    write_word(replace(made, stamp=replace(made.stamp, report="council_onepager")), DRAWN, EN, path)
    compact = docx.Document(str(path))
    assert compact.styles["Normal"].font.size < sample.styles["Normal"].font.size
    assert compact.sections[0].top_margin < sample.sections[0].top_margin
