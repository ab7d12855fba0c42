"""The printable questionnaire, its pictures and the code book."""

from __future__ import annotations

import csv
import io
import math
import zipfile
import zlib
from pathlib import Path

import docx
import numpy as np
import pytest
from questionnaire_data import FORMS, catalogue_of, plan_of

from twinimpact.instruments import Catalogue
from twinimpact.questionnaire import form_version
from twinimpact.questionnaire.codebook import codebook_rows, write_codebook
from twinimpact.questionnaire.paper import paper_content
from twinimpact.questionnaire.pdf import write_pdf
from twinimpact.questionnaire.pictures import (
    SHARES,
    centre_distance,
    png_picture,
    shared_area,
    svg_picture,
    write_pictures,
)
from twinimpact.questionnaire.word import write_word


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of()


def test_centre_distances_are_those_of_the_specification() -> None:
    wanted = (2.0, 1.4865, 1.1703, 0.8948, 0.6394, 0.3953, 0.1572)
    assert [round(centre_distance(share), 4) for share in SHARES] == list(wanted)
    for share in SHARES:
        assert shared_area(centre_distance(share)) == pytest.approx(share, abs=1e-9)


def pixels(png: bytes) -> np.ndarray:
    """Grey values of an unfiltered 8-bit PNG."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    at, data = 8, b""
    while at < len(png):
        size, name = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        if name == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    lines = np.frombuffer(zlib.decompress(data), dtype="uint8").reshape(height, width + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


@pytest.mark.parametrize("position", range(len(SHARES)))
def test_the_drawn_shared_area_is_the_declared_one(position: int) -> None:
    scale = 3.0
    grey = pixels(png_picture(position, scale)).astype(int)
    dark = np.count_nonzero(np.abs(grey - 0x8C) < 12) / scale**2
    circle = math.pi * 50**2
    # the outline (3 wide) covers the rim of the shared part
    rim = 0.0 if not SHARES[position] else 3.0 * 2 * math.pi * 50 * 0.5
    assert dark / circle == pytest.approx(SHARES[position], abs=rim / circle + 0.02)
    assert {0xDD, 0xFF, 0x22} <= set(np.unique(grey))  # told apart without colour


def test_pictures_carry_their_alternative_text(tmp_path: Path) -> None:
    svg = svg_picture(2, 'Picture 3: "half" & more')
    assert "&quot;half&quot; &amp; more" in svg
    assert "#" in svg
    files = write_pictures(tmp_path, tuple(f"alt {n}" for n in range(7)))
    assert len(files) == 14
    assert png_picture(3) == png_picture(3)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_printed_with_every_question_once(
    form: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    from twinimpact.instruments import load_form
    from twinimpact.resources import surveys_dir

    wave = load_form(surveys_dir() / "forms" / f"{form}.toml", catalogue).wave_kinds()[-1]
    plan = plan_of(form, wave, catalogue)
    content = paper_content(plan, "en")
    numbers = [block["n"] for block in content["gates"]]
    for section in content["sections"]:
        for block in section["blocks"]:
            numbers += [row["n"] for row in block["rows"]] if "rows" in block else [block["n"]]
    assert numbers == [ask.number for ask in plan.asks() if ask.number]
    write_pdf(content, tmp_path / "form.pdf")
    assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF")
    write_word(content, tmp_path / "form.docx")
    words = (zipfile.ZipFile(tmp_path / "form.docx").read("word/document.xml")).decode("utf-8")
    for ask in plan.asks():
        assert ask.text["en"].replace("'", "'") in words.replace("&apos;", "'"), ask.id


def test_equal_questionnaires_are_equal_files(catalogue: Catalogue, tmp_path: Path) -> None:
    content = paper_content(plan_of("core_participant", "pre", catalogue), "en")
    for name in ("a", "b"):
        write_pdf(content, tmp_path / f"{name}.pdf")
        write_word(content, tmp_path / f"{name}.docx")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_the_pdf_is_tagged_and_its_pages_are_numbered(catalogue: Catalogue, tmp_path: Path) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    path = tmp_path / "form.pdf"
    write_pdf(paper_content(plan_of("core_participant", "pre", catalogue), "en"), path)
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en"
        assert 3 <= len(pdf.pages) <= 6


def test_the_word_file_has_headings_a_repeated_header_and_described_pictures(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "form.docx"
    write_word(paper_content(plan_of("core_participant", "pre", catalogue), "en"), path)
    file = docx.Document(str(path))
    styles = [paragraph.style.name for paragraph in file.paragraphs]
    assert styles.count("Heading 1") == 1
    assert styles.count("Heading 2") >= 12
    xml = zipfile.ZipFile(path).read("word/document.xml").decode("utf-8")
    assert xml.count('descr="Picture ') == 7
    assert "w:tblHeader" in xml
    footer = "".join(
        zipfile.ZipFile(path).read(name).decode("utf-8")
        for name in zipfile.ZipFile(path).namelist()
        if name.startswith("word/footer")
    )
    assert " PAGE " in footer
    assert " NUMPAGES " in footer
    assert "[draft: en]" in footer


def test_long_answer_lists_and_grids_are_laid_out_by_what_they_share(
    catalogue: Catalogue,
) -> None:
    content = paper_content(plan_of("core_participant", "pre", catalogue), "en")
    kinds = {
        section["title"]: [block["type"] for block in section["blocks"]]
        for section in content["sections"]
    }
    assert kinds["Contact with the partner town"] == ["grid", "scale", "scale"]
    assert kinds["What you have done in the last 12 months"] == ["grid"]
    assert kinds["Closeness"] == ["pictures"]
    assert kinds["The partner country"] == ["thermometer"]
    assert kinds["Your personal code"] == ["code"]
    assert content["page"] == ["Page ", " of ", ""]


def test_the_code_book_says_what_each_column_means(catalogue: Catalogue, tmp_path: Path) -> None:
    plan = plan_of("organiser", "single", catalogue)
    table, page = write_codebook(plan, tmp_path / "book")
    text = table.read_text(encoding="utf-8-sig")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    item = rows["tw_health_a4"]
    assert (item["reverse"], item["lowest"], item["highest"], item["missing"]) == (
        "yes", "1", "5", "88",
    )  # fmt: skip
    assert item["answers"].startswith("1 = strongly disagree; 2 = disagree")
    assert item["scales"] == "tw_health_mutual tw_health_total"
    assert item["definition_sha256"] == plan.sha256
    assert rows["tw_exch_k1"]["highest"] == "999"
    words = page.read_text(encoding="utf-8")
    assert form_version(plan) in words
    assert "new, not validated" in words
    assert len(codebook_rows(plan)) == len(plan.asks()) + 1
