from dataclasses import replace

import pikepdf
import pytest
import typst
from report_samples import ALT, DRAWN, GLYPHS, HOSTILE, document

from twinimpact.errors import RunError
from twinimpact.language import translator
from twinimpact.report import pdf as module
from twinimpact.report.pdf import FONT, FONTS, first_page, write_pdf
from twinimpact.report.text import clean_text

EN = translator("en")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "a.pdf"
    write_pdf(document(), DRAWN, EN, path)
    return path


def elements(node):
    """Every structure element below ``node``."""
    children = node.get("/K")
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def tree(path):
    with pikepdf.open(path) as file:
        return [
            (str(node.S), str(node.get("/Alt", "")), _scope(node))
            for node in elements(file.Root.StructTreeRoot)
        ]


def _scope(node):
    attributes = node.get("/A")
    listed = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    return [str(a.Scope) for a in listed if isinstance(a, pikepdf.Dictionary) and "/Scope" in a]


def test_the_file_is_tagged_and_named(sample):
    with pikepdf.open(sample) as file:
        assert bool(file.Root.MarkInfo.Marked)
        assert str(file.Root.Lang) == "en"
        assert str(file.docinfo["/Title"]) == "Linz – Morlaàs"
        assert bool(file.Root.ViewerPreferences.DisplayDocTitle)


def test_pictures_have_words_and_header_cells_a_scope(sample):
    nodes = tree(sample)
    figures = [alt for kind, alt, _ in nodes if kind == "/Figure"]
    assert figures == [ALT]
    headers = [scope for kind, _, scope in nodes if kind == "/TH"]
    assert len(headers) == 6 and all(headers)
    assert {"/H1", "/H2", "/H3", "/L", "/LI", "/Caption", "/Table"} <= {
        kind for kind, _, _ in nodes
    }


def test_all_fonts_are_the_bundled_one_and_embedded(sample):
    with pikepdf.open(sample) as file:
        fonts = {
            str(font.BaseFont): font
            for page in file.pages
            for font in page.Resources.get("/Font", {}).values()
        }
        assert fonts
        for name, font in fonts.items():
            assert "SourceSans3" in name
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_the_bundled_font_has_every_letter_of_the_report_languages():
    source = f'#set text(font: "{FONT}", fallback: false)\n{GLYPHS} áéíóúůąęśźżňľřßäöüőűșț«»„”'
    _, warnings = typst.Compiler(
        source.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True
    ).compile_with_warnings(format="pdf")
    assert warnings == []


def test_two_builds_are_equal(sample, tmp_path):
    again = tmp_path / "b.pdf"
    write_pdf(document(), DRAWN, EN, again)
    assert again.read_bytes() == sample.read_bytes()


def test_hostile_text_is_never_read_as_markup(tmp_path):
    text = clean_text(HOSTILE)
    path = tmp_path / "h.pdf"
    write_pdf(document(text), DRAWN, EN, path)
    with pikepdf.open(path) as file:
        assert str(file.docinfo["/Title"]) == text
        assert "/OpenAction" not in file.Root and "/Names" not in file.Root
        for page in file.pages:
            assert "/Annots" not in page  # the hostile link is no link


def test_without_a_picture_the_table_stands_in_its_place(tmp_path):
    path = tmp_path / "t.pdf"
    write_pdf(document(), {}, EN, path)
    kinds = [kind for kind, _, _ in tree(path)]
    assert "/Figure" not in kinds
    assert kinds.count("/Table") == 2


def test_safe_links_are_links(sample):
    with pikepdf.open(sample) as file:
        targets = [
            str(note.A.URI)
            for page in file.pages
            for note in page.get("/Annots", [])
            if "/A" in note
        ]
    assert targets == ["https://example.org/guide"]


def test_a_report_without_a_date_has_a_fixed_one(tmp_path):
    made = document()
    undated = replace(made, stamp=replace(made.stamp, as_of=""))
    for name in ("a.pdf", "b.pdf"):
        write_pdf(undated, DRAWN, EN, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_what_typst_refuses_is_a_clear_error(tmp_path, monkeypatch):
    broken = tmp_path / "report.typ"
    broken.write_text('#heading(level: 3, "x")', encoding="utf-8")
    monkeypatch.setattr(module, "TEMPLATE", broken)
    with pytest.raises(RunError, match=r"The PDF could not be made\."):
        write_pdf(document(), DRAWN, EN, tmp_path / "x.pdf")


def test_the_first_page_can_be_had_as_a_picture():
    made = first_page(document(), DRAWN, EN, resolution=20)
    assert made.startswith(b"\x89PNG")
    assert made == first_page(document(), DRAWN, EN, resolution=20)
