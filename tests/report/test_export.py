from dataclasses import replace

import pandas as pd
import pytest
from report_samples import DRAWN, chart, code_cell, document, notebook

from twinimpact.bundle import ACTIVITY_COLUMNS, Bundle, write_bundle
from twinimpact.errors import DisclosureError, RunError
from twinimpact.report import export as door
from twinimpact.report import page_picture
from twinimpact.report.pictures import Pictures
from twinimpact.schema import TEXT_RESULT_COLUMNS, result_frame

BLANK = {**dict.fromkeys(TEXT_RESULT_COLUMNS, ""), "confirmatory": False}
ALL = ("html", "pdf", "docx", "xlsx", "json", "csv")


class Painter(Pictures):
    """Draws without a browser."""

    def draw(self, figure, width, height, *, png=True):
        return DRAWN["fig-participation"]


@pytest.fixture
def painter():
    return Painter(browser="")


def test_all_formats_come_from_one_document(tmp_path, painter):
    folder = tmp_path / "reports" / "linz"
    made = door(
        document(),
        folder,
        basename="linz",
        formats=ALL,
        pictures=painter,
        results=result_frame([BLANK]),
    )
    assert list(made) == list(ALL)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"linz.{form}" for form in ALL)
    assert all(path.stat().st_size for path in made.values())
    assert [path.name for path in folder.parent.iterdir()] == ["linz"]


def test_without_pictures_word_and_pdf_are_written_with_tables(tmp_path):
    pictures = Pictures(browser="")
    made = door(
        document(), tmp_path / "r", basename="a", formats=("pdf", "docx"), pictures=pictures
    )
    assert pictures.message == "no_browser"
    assert all(path.is_file() for path in made.values())


def test_a_fault_stops_every_format_and_leaves_the_old_report_alone(tmp_path, painter):
    folder = tmp_path / "r"
    door(document(), folder, basename="a", formats=("html",), pictures=painter)
    before = (folder / "a.html").read_bytes()
    made = document()
    shown = replace(chart(), figure={"data": [{"type": "box", "y": [1] * 99}], "layout": {}})
    faulty = replace(made, blocks=(made.blocks[0], shown))
    for form in ("html", "pdf", "docx", "xlsx"):
        with pytest.raises(DisclosureError):
            door(faulty, folder, basename="a", formats=(form,), pictures=painter)
    assert [path.name for path in folder.iterdir()] == ["a.html"]
    assert (folder / "a.html").read_bytes() == before


def test_a_writer_that_fails_half_way_leaves_nothing(tmp_path, painter, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("twinimpact.report.workbook.write_workbook", fail)
    with pytest.raises(RunError, match="disk full"):
        door(document(), tmp_path / "r", basename="a", pictures=painter)
    assert list(tmp_path.iterdir()) == []


def test_a_second_report_in_the_same_folder_keeps_the_first(tmp_path, painter):
    for name in ("a", "b"):
        door(document(), tmp_path / "r", basename=name, formats=("html",), pictures=painter)
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["a.html", "b.html"]


def test_unknown_formats_missing_results_and_bad_names_are_refused(tmp_path):
    with pytest.raises(RunError, match="'odt' is not known"):
        door(document(), tmp_path, basename="a", formats=("odt",))
    with pytest.raises(RunError, match="need the results"):
        door(document(), tmp_path, basename="a", formats=("csv",))
    for name in ("", "../a", ".a", "a/b"):
        with pytest.raises(RunError, match="file name"):
            door(document(), tmp_path, basename=name, formats=("html",))


def test_a_page_picture_comes_from_a_notebook_and_its_bundle(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINIMPACT_BROWSER", "no-such-program")
    bundle = tmp_path / "bundle.json"
    write_bundle(
        Bundle(
            report="partnership_report", language="en", evaluation={}, partnerships=(), waves=(),
            scales=(), items={}, results=result_frame([BLANK]),
            activities=pd.DataFrame(columns=list(ACTIVITY_COLUMNS)), imports=(), problems=(),
            disclosure={}, stamp={},
        ),
        bundle,
    )  # fmt: skip
    executed = notebook(tmp_path, code_cell(chart()))
    assert page_picture(executed, bundle).startswith(b"\x89PNG")


def test_two_builds_of_a_page_are_equal(tmp_path, painter):
    for name in ("a", "b"):
        door(document(), tmp_path / name, basename="r", formats=("html", "pdf"), pictures=painter)
    for form in ("html", "pdf"):
        first, second = ((tmp_path / name / f"r.{form}").read_bytes() for name in ("a", "b"))
        assert first == second
