"""Charts drawn by the real browser."""

from __future__ import annotations

import pytest
from report_samples import document

from twinimpact.language import translator
from twinimpact.report.html import html_page
from twinimpact.report.pictures import Pictures

pytestmark = pytest.mark.browser


def test_drawn_charts_give_equal_pages_each_time(browser_program):
    pytest.importorskip("kaleido")
    made = document()
    pages = []
    with Pictures(browser=browser_program) as pictures:
        for _ in range(2):
            drawn = {c.id: pictures.draw(c.figure, c.width, c.height) for c in made.charts()}
            pages.append(html_page(made, drawn, translator("en")))
    assert pictures.message == ""
    assert pages[0] == pages[1]
    assert "<svg" in pages[0]
    assert drawn["fig-participation"].png.startswith(b"\x89PNG")


def test_a_program_that_is_no_browser_gives_a_message_instead_of_waiting(tmp_path):
    pytest.importorskip("kaleido")
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    program.chmod(0o700)
    with Pictures(browser=str(program)) as pictures:
        assert pictures.draw({"data": [], "layout": {}}, 100, 100) is None
    assert pictures.message == "browser_failed"
